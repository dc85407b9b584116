"""How Sprig makes texts of values, for the families that do; registers nothing."""

from sealwright_templating import fmt
from sealwright_templating.context import Context
from sealwright_templating.gotypes import BYTES
from sealwright_templating.values import NO_VALUE, Slice, Value, byte_string


def text_of(context: Context, value: Value) -> bytes:
    """Return a string as it is, bytes as a string, anything else as `%v` prints it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, Slice) and value.go_type is BYTES:
        return byte_string(value)
    return fmt.sprint(context, value)


def texts_of(context: Context, value: Value) -> list[bytes]:
    """Return the texts of a list's elements, nil ones left out; no list at all is a list of itself, nil an empty one.

    A []string is returned itself, not a copy.
    """
    if isinstance(value, Slice):
        if value.go_type.name == "[]string":
            return value.items
        context.budget.items(len(value.items))
        return [text_of(context, item) for item in value.items if item is not None]
    return [] if value is None or value is NO_VALUE else [text_of(context, value)]
