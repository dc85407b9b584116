"""Values → JSON texts, as Go's json.Marshal writes them: keys sorted, floats in Go's form, HTML escaped."""

import base64
import math
import re
from collections.abc import Iterable

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError, LimitExceeded
from sealwright_templating.go.fmt.floats import format_float
from sealwright_templating.go.runes import decode
from sealwright_templating.values.objects import Map, Pointer, Slice, Struct, TypedInt, Value, byte_string, type_name
from sealwright_templating.values.registry import method_of
from sealwright_templating.values.types import BYTES

_ESCAPED = '"\\\\\x00-\x1f\u2028\u2029\udc80-\udcff'
_RAW = re.compile(f"[{_ESCAPED}]")
_HTML = re.compile(f"[{_ESCAPED}<>&]")
_SHORT_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}
_STRAY_BYTE = "\\ufffd"
_SMALLEST_PLAIN = 1e-6
_SMALLEST_WITH_EXPONENT = 1e21
_CHUNK_CHARACTERS = 65536

_STEPS_PER_VALUE = 2
_ESCAPES_PER_STEP = 2
_BYTES_PER_STEP = 128


def encode_json(context: Context, value: Value, *, escape_html: bool = True, indent: bytes | None = None) -> bytes:
    """Return a value as a JSON text; with an indent, which must not be empty, each item is on its own line.

    Raises FunctionError for values without a JSON form: NaN, infinities, complex numbers, cyclic values.
    """
    encoder = _Encoder(context, escape_html=escape_html, indent=indent)
    encoder.value(value, 0)
    context.budget.memory(len(encoder.out))
    return bytes(encoder.out)


class _Encoder:
    def __init__(self, context: Context, *, escape_html: bool, indent: bytes | None) -> None:
        self.out = bytearray()
        self._context = context
        self._limit = context.budget.limits.value_bytes
        self._special = _HTML if escape_html else _RAW
        self._indent = indent
        self._open: set[int] = set()

    def value(self, value: Value, level: int) -> None:
        self._context.budget.steps(_STEPS_PER_VALUE)
        if isinstance(value, bytes):
            self._string(value)
        elif isinstance(value, Slice | Map | Struct | Pointer):
            self._composed(value, level)
        else:
            self._write(_scalar(value))

    def _write(self, text: bytes) -> None:
        if len(self.out) + len(text) > self._limit:
            raise LimitExceeded(f"one value would take more than {self._limit} bytes")
        self.out += text

    def _string(self, text: bytes) -> None:
        self._write(b'"')
        self._context.budget.steps(len(text) // _BYTES_PER_STEP)
        characters = decode(text)
        for start in range(0, len(characters), _CHUNK_CHARACTERS):
            chunk, count = self._special.subn(_escape, characters[start : start + _CHUNK_CHARACTERS])
            self._context.budget.steps(count // _ESCAPES_PER_STEP)
            self._write(chunk.encode())
        self._write(b'"')

    def _composed(self, value: Slice | Map | Struct | Pointer, level: int) -> None:
        self._context.budget.depth(level)
        if id(value) in self._open:
            raise FunctionError("the value lies in itself")
        self._open.add(id(value))
        if isinstance(value, Slice):
            self._slice(value, level)
        elif isinstance(value, Map):
            self._map(value, level)
        else:
            self._struct_or_pointer(value, level)
        self._open.remove(id(value))

    def _slice(self, value: Slice, level: int) -> None:
        if value.nil:
            self._write(b"null")
        elif value.go_type is BYTES:
            self._write(b'"' + base64.b64encode(byte_string(value)) + b'"')
        else:
            self._container(b"[", ((None, item) for item in value.items), b"]", level)

    def _map(self, value: Map, level: int) -> None:
        if value.nil:
            self._write(b"null")
        else:
            self._container(b"{", ((key, value.items[key]) for key in sorted(value.items)), b"}", level)

    def _struct_or_pointer(self, value: Struct | Pointer, level: int) -> None:
        target = value.target if isinstance(value, Pointer) else value
        if target is None:
            self._write(b"null")
        elif method := method_of(value.go_type, "MarshalJSON"):
            self._write(byte_string(method.call(self._context, [target])))
        else:
            named = zip(target.go_type.fields, target.field_values(), strict=True)
            exported = ((name.encode(), item) for (name, _), item in named if name[0].isupper())
            self._container(b"{", exported, b"}", level)

    def _container(
        self, opening: bytes, items: Iterable[tuple[bytes | None, Value]], closing: bytes, level: int
    ) -> None:
        self._write(opening)
        empty = True
        for key, item in items:
            self._write(b"" if empty else b",")
            self._new_line(level + 1)
            if key is not None:
                self._string(key)
                self._write(b":" if self._indent is None else b": ")
            self.value(item, level + 1)
            empty = False
        if not empty:
            self._new_line(level)
        self._write(closing)

    def _new_line(self, level: int) -> None:
        if self._indent is not None:
            self._write(b"\n" + self._indent * level)


def _scalar(value: Value) -> bytes:
    if value is None:
        return b"null"
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, TypedInt):
        return b"%d" % value.value
    if isinstance(value, float):
        return _float(value)
    raise FunctionError(f"JSON has no form for values of type {type_name(value)}")


def _float(number: float) -> bytes:
    if not math.isfinite(number):
        raise FunctionError("JSON has no form for NaN and infinities")
    size = abs(number)
    if size and not _SMALLEST_PLAIN <= size < _SMALLEST_WITH_EXPONENT:
        return format_float(number, "e").replace("e-0", "e-").encode()
    return format_float(number, "f").encode()


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if "\udc80" <= character <= "\udcff":
        return _STRAY_BYTE
    return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"
