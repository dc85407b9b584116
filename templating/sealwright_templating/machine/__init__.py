"""The stack machine: a template's steps, and their execution over data."""
