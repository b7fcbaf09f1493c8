"""Workbooks that we write: the template to fill in. Read they are by `intake`."""
