"""Registers functions and methods, each once, with its Go signature.

`functions/index.py` lists the functions and the module of each family.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sealwright_templating.context import Context
from sealwright_templating.values.objects import Map, Slice, Value, typed_int, uint8, wrap
from sealwright_templating.values.signatures import Signature, parse_signature
from sealwright_templating.values.types import BYTES, INT, SIGNED_BITS, UNSIGNED_BITS, GoType, Kind

Implementation = TypeVar("Implementation", bound=Callable[..., Any])


BYTES_READ_PER_STEP = 1024
"""How many bytes a function that reads its texts sequentially reads in a microsecond of a slow machine, at least."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method: `call(context, arguments)` runs it with arguments that already fit the signature.

    `summary` is the first sentence of the implementation's docstring, for the page of all functions. One step is
    charged for this many bytes of text among the arguments: what the function reads within a microsecond.
    """

    name: str
    signature: Signature
    call: Callable[[Context, list[Value]], Value]
    summary: str = ""
    bytes_per_step: int = BYTES_READ_PER_STEP


registered: dict[str, Function] = {}
"""The functions of the imported families, by name."""

_methods: dict[tuple[GoType, str], Function] = {}


def function(
    *names: str, signature: str, bytes_per_step: int = BYTES_READ_PER_STEP
) -> Callable[[Implementation], Implementation]:
    """Register the decorated function under these names; `functions/__init__.py` says how to write one."""

    def register(implementation: Implementation) -> Implementation:
        for name in names:
            if name in registered:
                raise ValueError(f"function {name} is registered already")
            registered[name] = replace(_function(name, signature, implementation), bytes_per_step=bytes_per_step)
        return implementation

    return register


def method(type_: GoType, *names: str, signature: str) -> Callable[[Implementation], Implementation]:
    """Register the decorated function as a method of a type; it receives the receiver before the arguments.

    The signature omits the receiver, as in `func(string) string` for time.Time's Format.
    """

    def register(implementation: Implementation) -> Implementation:
        for name in names:
            _methods[type_, name] = _function(name, signature, implementation)
        return implementation

    return register


def method_of(type_: GoType, name: str) -> Function | None:
    """Return a type's method of a name, None if it has none; a pointer also has the methods of its target."""
    found = _methods.get((type_, name))
    if found is None and type_.kind is Kind.POINTER and type_.element is not None:
        return _methods.get((type_.element, name))
    return found


def _function(name: str, signature: str, implementation: Callable[..., Any]) -> Function:
    parsed = parse_signature(signature)
    summary = (implementation.__doc__ or "").partition("\n")[0]
    return Function(name, parsed, _call(implementation, parsed), summary)


def _call(implementation: Callable[..., Any], signature: Signature) -> Callable[[Context, list[Value]], Value]:
    adapt = _adapter(signature.results[0]) if signature.results else None
    code = implementation.__code__
    if code.co_varnames[: code.co_argcount][:1] == ("context",):
        if adapt is None:
            return lambda context, arguments: implementation(context, *arguments)
        return lambda context, arguments: adapt(implementation(context, *arguments))
    if adapt is None:
        return lambda _, arguments: implementation(*arguments)
    return lambda _, arguments: adapt(implementation(*arguments))


def _adapter(result: GoType) -> Callable[[Any], Value] | None:
    """Return the conversion of the plain Python object that a function returns to its result type."""
    if result is INT:
        return wrap
    if result is BYTES:
        return lambda data: Slice(BYTES, [uint8(byte) for byte in data]) if isinstance(data, bytes) else data
    if result.kind in SIGNED_BITS or result.kind in UNSIGNED_BITS:
        return lambda number: typed_int(result, number)
    if result.kind is Kind.SLICE:
        return lambda items: Slice(result, items) if isinstance(items, list) else items
    if result.kind is Kind.MAP:
        return lambda items: Map(result, items) if isinstance(items, dict) else items
    return None
