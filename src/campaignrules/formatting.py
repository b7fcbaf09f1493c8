"""A campaign file → the same file in one order and style, comments kept."""
