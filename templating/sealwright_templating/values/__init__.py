"""Go's types and values as Python objects, and the functions and methods that take and return them."""
