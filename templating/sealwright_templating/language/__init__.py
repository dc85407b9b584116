"""Go's template language: text becomes tokens, and tokens become steps for the machine."""
