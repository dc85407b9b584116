"""The stack machine: the steps that a template is made of, and what carries them out over data."""
