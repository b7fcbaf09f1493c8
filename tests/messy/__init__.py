"""A campaign, its clean tables, and the messy reports that ten counties make of them."""
