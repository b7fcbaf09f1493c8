"""What an evaluation rested on: hashes of campaign, overlays and data, versions, the day."""
