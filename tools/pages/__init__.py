"""Writes the generated pages of docs/reference from the program itself; a test of each holds the page against it."""
