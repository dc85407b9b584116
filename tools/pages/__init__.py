"""Writes the generated pages of docs/reference from the program itself; tests compare the pages with the program."""
