"""The text of a document and a campaign → which number stands where, and which nowhere."""
