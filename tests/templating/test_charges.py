"""Every function charges for the work that it does: a megabyte in, in whatever form, and the steps fit the time.

The table is over all functions that are registered, so one that is added without a charge fails here.
"""

import contextlib
import itertools
import secrets
import time
from collections.abc import Iterator

import pytest
from tests.support.costs import cpu_seconds

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError, LimitExceeded
from sealwright_templating.functions.index import lookup, names
from sealwright_templating.go.time.types import of_clock
from sealwright_templating.limits import DEFAULT_LIMITS, Budget
from sealwright_templating.machine.steps import run_function
from sealwright_templating.values.objects import Map, Slice, Value
from sealwright_templating.values.registry import Function
from sealwright_templating.values.types import ANY_DICT, ANY_LIST, STRINGS, GoType, Kind
from sealwright_templating.zones import find_zone

SECONDS_PER_STEP = 2e-5
"""A step takes a microsecond, or a few; the rest is for a machine that is slow, or busy."""
STEPS_FOR_FREE = 600
TRIES = 5

MEGABYTE = 1_000_000
TEXTS = {
    "letters": b"x" * MEGABYTE,
    "spaces": b" " * MEGABYTE,
    "zeros": b"0" * MEGABYTE + b"1",
    "lines": b"a\n" * (MEGABYTE // 2),
    "no UTF-8": b"\xff" * MEGABYTE,
    "two-byte letters": "é".encode() * (MEGABYTE // 2),
    "base64": b"QUJD" * (MEGABYTE // 4),
    "JSON": b"[" + b"1," * (MEGABYTE // 2) + b"1]",
    "quotes": b'"' * MEGABYTE,
}
TEXTS |= {f"fewer {name}": TEXTS[name][: MEGABYTE // 10] for name in ("letters", "quotes", "two-byte letters")}
"""Of a megabyte, some functions make more than a value may be, and so do nothing."""

LONG_TEXTS = Slice(ANY_LIST, [b"x" * MEGABYTE + b"%d" % number for number in (1, 2)] * 2)
LISTS = {
    "of short texts": Slice(ANY_LIST, [b"a%d" % number for number in range(20_000)]),
    "of the same long text": Slice(ANY_LIST, [TEXTS["letters"]] * 500),
    "of long texts that end differently": LONG_TEXTS,
    "of many of these": Slice(STRINGS, LONG_TEXTS.items * 100),
    "of lists": Slice(ANY_LIST, [Slice(ANY_LIST, [number]) for number in range(5_000)]),
}
NOW = of_clock(0, 0)
MANY = {b"k%d" % number: number for number in range(10_000)}
NEEDLES = (b"a" * 1000 + b"b", b"a" * MEGABYTE)


def large(type_: GoType) -> dict[str, Value]:
    """Return large values for a parameter."""
    if type_.name == "string":
        return dict(TEXTS)
    if type_.name == "[]interface {}":
        return dict(LISTS)
    if type_.name == "map[string]interface {}":
        return {"many keys": Map(ANY_DICT, dict(MANY))}
    if type_.name in {"interface {}", "reflect.Value"}:
        return TEXTS | LISTS | {"many keys": Map(ANY_DICT, dict(MANY))}
    return {"a large number": 900_000} if type_.kind is Kind.INT else {}


def small(type_: GoType) -> Value:
    """Return a small value for a parameter."""
    if type_.name == "[]interface {}":
        return Slice(ANY_LIST, [1])
    if type_.name == "map[string]interface {}":
        return Map(ANY_DICT, {b"a": 1})
    if type_.name == "time.Time":
        return NOW
    return {Kind.STRING: b"x", Kind.BOOL: True, Kind.FLOAT64: 2.0}.get(type_.kind, 3)


def calls(function: Function) -> Iterator[tuple[str, list[Value]]]:
    """Yield calls, each with one large argument, and some with two."""
    signature = function.signature
    parameters = [*signature.parameters, *([signature.parameters[-1]] if signature.variadic else [])]
    texts = [at for at, type_ in enumerate(parameters) if type_.name in {"string", "interface {}", "reflect.Value"}]
    for at, type_ in enumerate(parameters):
        for label, value in large(type_).items():
            given = list(map(small, parameters))
            given[at] = value
            yield f"{label} as argument {at + 1}", given
    for one, other in itertools.permutations(texts[:2]) if len(texts) > 1 else ():
        given = list(map(small, parameters))
        given[one], given[other] = NEEDLES
        yield "a needle and a haystack", given
        if parameters[other].name == "string":
            continue
        given = list(map(small, parameters))
        given[one], given[other] = LONG_TEXTS.items[0], LONG_TEXTS
        yield "a long text and a list of such", given


def cost(function: Function, arguments: list[Value]) -> tuple[float, int]:
    """Return seconds of CPU and steps of a call."""
    budget = Budget(DEFAULT_LIMITS, lambda: 0.0)
    context = Context(budget, time.time_ns, secrets.token_bytes, find_zone, 0, rehearsal=True)
    given = [Map(value.go_type, dict(value.items)) if isinstance(value, Map) else value for value in arguments]

    def call() -> None:
        with contextlib.suppress(FunctionError, LimitExceeded):
            run_function(context, function, given)

    return cpu_seconds(call), DEFAULT_LIMITS.steps - budget.left


def is_fair(function: Function, arguments: list[Value]) -> bool:
    for _ in range(TRIES):
        seconds, steps = cost(function, arguments)
        if seconds <= SECONDS_PER_STEP * (steps + STEPS_FOR_FREE):
            return True
    return False


@pytest.mark.parametrize("name", names())
def test_the_steps_of_a_function_fit_the_time_that_it_takes(name: str) -> None:
    function = lookup(name)
    assert function is not None
    run_function_once_to_load_what_it_needs(function)
    assert [label for label, arguments in calls(function) if not is_fair(function, arguments)] == []


def run_function_once_to_load_what_it_needs(function: Function) -> None:
    cost(function, [small(type_) for type_ in function.signature.parameters])
