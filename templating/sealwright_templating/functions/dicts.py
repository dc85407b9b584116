"""Making dicts, looking into them, and putting them together."""

from itertools import islice

from sealwright_templating.context import Context
from sealwright_templating.functions.texts import text_of
from sealwright_templating.registry import function
from sealwright_templating.values import Value


@function("dict", signature="func(...interface {}) map[string]interface {}")
def make_dict(context: Context, *keys_and_values: Value) -> dict[bytes, Value]:
    """Return a dict of keys and values in turn; a last key without a value gets an empty text."""
    context.budget.items(len(keys_and_values) // 2)
    keys = [text_of(context, key) for key in islice(keys_and_values, 0, None, 2)]
    values = list(islice(keys_and_values, 1, None, 2))
    return dict(zip(keys, [*values, b""] if len(values) < len(keys) else values, strict=True))
