"""A receipt → the same evaluation once more, shown to be identical or not."""
