"""Where functions and methods are registered, each once, with Go's signature for it.

Which functions there are, and in which module each family stands, is the business of `functions/index.py`.
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
"""What a function that reads its texts in one go reads in a microsecond of a slow machine, and more."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method: `call(context, arguments)` runs it with arguments that fit the signature already.

    `summary` is the first sentence of the implementation's docstring, for the page of all functions. One step is
    charged for so many bytes of the texts among the arguments: what the function looks at within a microsecond.
    """

    name: str
    signature: Signature
    call: Callable[[Context, list[Value]], Value]
    summary: str = ""
    bytes_per_step: int = BYTES_READ_PER_STEP


registered: dict[str, Function] = {}
"""The functions of the families that were imported, by name."""

_methods: dict[tuple[GoType, str], Function] = {}


def function(
    *names: str, signature: str, bytes_per_step: int = BYTES_READ_PER_STEP
) -> Callable[[Implementation], Implementation]:
    """Register the decorated function under these names; `functions/__init__.py` tells how to write one."""

    def register(implementation: Implementation) -> Implementation:
        for name in names:
            if name in registered:
                raise ValueError(f"function {name} is registered already")
            registered[name] = replace(_function(name, signature, implementation), bytes_per_step=bytes_per_step)
        return implementation

    return register


def method(type_: GoType, *names: str, signature: str) -> Callable[[Implementation], Implementation]:
    """Register the decorated function as a method of a type; it gets the receiver before the arguments.

    The signature is without the receiver, as in `func(string) string` for time.Time's Format.
    """

    def register(implementation: Implementation) -> Implementation:
        for name in names:
            _methods[type_, name] = _function(name, signature, implementation)
        return implementation

    return register


def method_of(type_: GoType, name: str) -> Function | None:
    """Return a type's method of a name, None if it has none; a pointer has those of what it points to as well."""
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
    """Return what makes a value of the result's type of the plain Python object that a function may return."""
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
