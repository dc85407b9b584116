"""The `sealwright` command: turns files, options and terminals into calls of the pure packages, and back."""
