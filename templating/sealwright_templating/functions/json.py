"""JSON. At an error, functions without `must` return an empty text or nil, except for `toRawJson`."""

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.go.json import decode_json, encode_json
from sealwright_templating.values.objects import Value
from sealwright_templating.values.registry import function

_BYTES_PER_STEP = 32
"""How much of a text that is not UTF-8 is read in a microsecond."""

_INDENT = b"  "


@function("fromJson", signature="func(string) interface {}", bytes_per_step=_BYTES_PER_STEP)
def from_json(context: Context, text: bytes) -> Value:
    """Return the value of a JSON text; nil if it is invalid."""
    try:
        value, _ = decode_json(context, text)
    except FunctionError:
        return None
    return value


@function("mustFromJson", signature="func(string) (interface {}, error)", bytes_per_step=_BYTES_PER_STEP)
def must_from_json(context: Context, text: bytes) -> Value:
    """Return the value of a JSON text."""
    value, complete = decode_json(context, text)
    if not complete:
        raise FunctionError("a number is too large")
    return value


@function("toJson", signature="func(interface {}) string")
def to_json(context: Context, value: Value) -> bytes:
    """Return a value as JSON on one line, safe for HTML; an empty text if JSON cannot represent it."""
    try:
        return encode_json(context, value)
    except FunctionError:
        return b""


@function("mustToJson", signature="func(interface {}) (string, error)")
def must_to_json(context: Context, value: Value) -> bytes:
    """Return a value as JSON on one line, safe for HTML."""
    return encode_json(context, value)


@function("toPrettyJson", signature="func(interface {}) string")
def to_pretty_json(context: Context, value: Value) -> bytes:
    """Return a value as indented JSON; an empty text if JSON cannot represent it."""
    try:
        return encode_json(context, value, indent=_INDENT)
    except FunctionError:
        return b""


@function("mustToPrettyJson", signature="func(interface {}) (string, error)")
def must_to_pretty_json(context: Context, value: Value) -> bytes:
    """Return a value as indented JSON."""
    return encode_json(context, value, indent=_INDENT)


@function("toRawJson", signature="func(interface {}) string")
@function("mustToRawJson", signature="func(interface {}) (string, error)")
def to_raw_json(context: Context, value: Value) -> bytes:
    """Return a value as JSON on one line, with `<`, `>` and `&` unescaped."""
    return encode_json(context, value, escape_html=False)
