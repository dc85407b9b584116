"""Making dicts, reading them, and changing them in place.

Where Go's order of keys is random, the keys are in the order of their bytes, as when a dict is printed.
"""

from itertools import islice

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.functions.texts import made_of, text_of
from sealwright_templating.values.objects import Map, Value
from sealwright_templating.values.registry import function
from sealwright_templating.values.types import ANY_DICT


@function("dict", signature="func(...interface {}) map[string]interface {}")
def make_dict(context: Context, *keys_and_values: Value) -> dict[bytes, Value]:
    """Return a dict of alternating keys and values; a last key without a value gets an empty text."""
    keys = made_of(context, [_NIL_KEY if key is None else key for key in keys_and_values[::2]], text_of)
    values = list(islice(keys_and_values, 1, None, 2))
    return dict(zip(keys, [*values, b""] if len(values) < len(keys) else values, strict=True))


_NIL_KEY = b"<nil>"
"""The key that nil makes."""


@function("get", signature="func(map[string]interface {}, string) interface {}")
def get(dictionary: Map, key: bytes) -> Value:
    """Return the value of a key, or an empty text if the dict lacks the key."""
    return dictionary.items.get(key, b"")


@function("set", signature="func(map[string]interface {}, string, interface {}) map[string]interface {}")
def set_(context: Context, dictionary: Map, key: bytes, value: Value) -> Map:
    """Set a key of a dict, and return that dict."""
    if dictionary.nil:
        raise FunctionError("nil takes no keys")
    context.budget.items(1)
    context.budget.memory(len(key))
    dictionary.items[key] = value
    return dictionary


@function("unset", signature="func(map[string]interface {}, string) map[string]interface {}")
def unset(dictionary: Map, key: bytes) -> Map:
    """Remove a key from a dict, and return that dict."""
    dictionary.items.pop(key, None)
    return dictionary


@function("hasKey", signature="func(map[string]interface {}, string) bool")
def has_key(dictionary: Map, key: bytes) -> bool:
    """Tell whether a dict has a key."""
    return key in dictionary.items


@function("pluck", signature="func(string, ...map[string]interface {}) []interface {}")
def pluck(context: Context, key: bytes, *dictionaries: Map) -> list[Value]:
    """Return the values of a key in all dicts that have it."""
    context.budget.items(len(dictionaries))
    return [dictionary.items[key] for dictionary in dictionaries if key in dictionary.items]


@function("keys", signature="func(...map[string]interface {}) []string")
def keys(context: Context, *dictionaries: Map) -> list[bytes]:
    """Return the keys of all dicts, one dict after the other."""
    context.budget.items(sum(len(dictionary.items) for dictionary in dictionaries))
    return [key for dictionary in dictionaries for key in sorted(dictionary.items)]


@function("values", signature="func(map[string]interface {}) []interface {}")
def values(context: Context, dictionary: Map) -> list[Value]:
    """Return the values of a dict."""
    context.budget.items(len(dictionary.items))
    return [dictionary.items[key] for key in sorted(dictionary.items)]


@function("pick", signature="func(map[string]interface {}, ...string) map[string]interface {}")
def pick(context: Context, dictionary: Map, *picked: bytes) -> dict[bytes, Value]:
    """Return a new dict with only the given keys."""
    context.budget.items(len(picked))
    return {key: dictionary.items[key] for key in picked if key in dictionary.items}


@function("omit", signature="func(map[string]interface {}, ...string) map[string]interface {}")
def omit(context: Context, dictionary: Map, *omitted: bytes) -> dict[bytes, Value]:
    """Return a new dict without the given keys."""
    context.budget.items(len(dictionary.items))
    left_out = frozenset(omitted)
    return {key: value for key, value in dictionary.items.items() if key not in left_out}


@function("dig", signature="func(...interface {}) (interface {}, error)")
def dig(*path: Value) -> Value:
    """Return the value under a path of keys in nested dicts; the last argument but one if a key is missing."""
    if len(path) < 3:
        raise FunctionError("it takes at least three arguments: keys, a default and a dict")
    *names, otherwise, found = path
    if not all(isinstance(name, bytes) for name in names):
        raise FunctionError("a key is not a text")
    for name in names:
        if not isinstance(found, Map) or found.go_type is not ANY_DICT:
            raise FunctionError("a value on the path of keys is not a dict")
        if name not in found.items:
            return otherwise
        found = found.items[name]
    return found
