"""What a template prints for a value, before Go's fmt formats it: text/template's own rule."""

from sealwright_templating.values.objects import NO_VALUE, Pointer, Value
from sealwright_templating.values.registry import method_of


def printable(value: Value) -> Value:
    """Return what is printed for a value: the text <no value> for NO_VALUE, the struct for a pointer to it."""
    if value is None or value is NO_VALUE:
        return b"<no value>"
    if isinstance(value, Pointer) and value.target is not None and method_of(value.go_type, "String") is None:
        return value.target
    return value
