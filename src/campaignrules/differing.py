"""Two campaigns → what changed in meaning, and for given data in results."""
