"""The form of a file of tests: attrs classes whose field names are the YAML keys."""
