"""How Sprig converts values to texts, for several families; registers nothing."""

from collections.abc import Callable, Collection

from sealwright_templating.context import Context
from sealwright_templating.go import fmt
from sealwright_templating.values.objects import NO_VALUE, Slice, Value, byte_string
from sealwright_templating.values.types import BYTES, STRINGS


def text_of(context: Context, value: Value) -> bytes:
    """Return a string unchanged, bytes as a string, any other value as `%v` prints it."""
    if isinstance(value, bytes):
        return value
    if type(value) is int:
        return b"%d" % value
    if isinstance(value, Slice) and value.go_type is BYTES:
        return byte_string(value)
    return fmt.sprint(context, value)


def texts_of(context: Context, value: Value) -> list[bytes]:
    """Return a list's elements as texts, without nil; another value counts as a list of one, and nil as an empty list.

    A []string is returned itself, not a copy.
    """
    if isinstance(value, Slice):
        if value.go_type is STRINGS:
            return value.items
        return made_of(context, value.items, text_of)
    return made_of(context, [value], text_of)


def made_of(context: Context, values: Collection[Value], convert: Callable[[Context, Value], bytes]) -> list[bytes]:
    """Return the texts that a function makes of values, without nil; together they are limited like one value."""
    context.budget.items(len(values))
    texts, made = list[bytes](), 0
    for value in values:
        if value is not None and value is not NO_VALUE:
            texts.append(convert(context, value))
            if texts[-1] is not value:
                made += len(texts[-1])
                context.budget.size(made)
    return texts
