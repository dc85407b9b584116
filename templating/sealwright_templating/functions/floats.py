"""Floating-point numbers: conversion, rounding, and decimal arithmetic, so that 0.1 + 0.7 is 0.8."""

import math
from collections.abc import Callable, Iterable
from functools import reduce

from sealwright_templating.context import Context
from sealwright_templating.functions.casts import BYTES_PER_STEP, to_float
from sealwright_templating.functions.decimals import Decimal
from sealwright_templating.limits import Budget
from sealwright_templating.values.objects import Value
from sealwright_templating.values.registry import function

_EXPONENT_OUT_OF_RANGE = 4096
"""Go's math.Pow looks no further once its binary exponent is beyond this."""


@function("float64", signature="func(interface {}) float64", bytes_per_step=BYTES_PER_STEP)
def float64(value: Value) -> float:
    """Return a value as a float, 0 if it is not a number."""
    return to_float(value)


@function("addf", signature="func(...interface {}) float64", bytes_per_step=BYTES_PER_STEP)
def addf(context: Context, *values: Value) -> float:
    """Return the sum of the arguments."""
    return _folded(context, Decimal.add, 0.0, values)


@function("add1f", signature="func(interface {}) float64", bytes_per_step=BYTES_PER_STEP)
def add1f(context: Context, value: Value) -> float:
    """Return a number plus one."""
    return _folded(context, Decimal.add, value, (1,))


@function("subf", signature="func(interface {}, ...interface {}) float64", bytes_per_step=BYTES_PER_STEP)
def subf(context: Context, value: Value, *less: Value) -> float:
    """Return the first number minus all others."""
    return _folded(context, Decimal.subtract, value, less)


@function("mulf", signature="func(interface {}, ...interface {}) float64", bytes_per_step=BYTES_PER_STEP)
def mulf(context: Context, value: Value, *factors: Value) -> float:
    """Return the product of the arguments."""
    return _folded(context, Decimal.multiply, value, factors)


@function("divf", signature="func(interface {}, ...interface {}) float64", bytes_per_step=BYTES_PER_STEP)
def divf(context: Context, value: Value, *divisors: Value) -> float:
    """Return the first number divided by all others, each quotient rounded to 16 places."""
    return _folded(context, Decimal.divide, value, divisors)


def _folded(
    context: Context,
    operation: Callable[[Decimal, Decimal, Budget], Decimal],
    first: Value,
    others: Iterable[Value],
) -> float:
    """Return the result of an operation over the arguments from left to right, calculated in decimals."""
    result = Decimal.of(to_float(first))
    for other in others:
        result = operation(result, Decimal.of(to_float(other)), context.budget)
    return result.as_float(context.budget)


@function("maxf", signature="func(interface {}, ...interface {}) float64", bytes_per_step=BYTES_PER_STEP)
def maxf(value: Value, *others: Value) -> float:
    """Return the largest of the arguments; NaN if one is NaN, unless another is infinite."""
    return reduce(_larger, map(to_float, others), to_float(value))


@function("minf", signature="func(interface {}, ...interface {}) float64", bytes_per_step=BYTES_PER_STEP)
def minf(value: Value, *others: Value) -> float:
    """Return the smallest of the arguments; NaN if one is NaN, unless another is infinite."""
    return -reduce(_larger, (-to_float(other) for other in others), -to_float(value))


def _larger(one: float, other: float) -> float:
    """Return what math.Max does: infinity wins over NaN, and 0 over -0."""
    if math.inf in {one, other}:
        return math.inf
    if math.isnan(one) or math.isnan(other):
        return math.nan
    if one == other == 0:
        return one + other
    return max(one, other)


@function("ceil", signature="func(interface {}) float64", bytes_per_step=BYTES_PER_STEP)
def ceil(value: Value) -> float:
    """Return the number rounded up to a whole number."""
    return -_floor(-to_float(value))


@function("floor", signature="func(interface {}) float64", bytes_per_step=BYTES_PER_STEP)
def floor(value: Value) -> float:
    """Return the number rounded down to a whole number."""
    return _floor(to_float(value))


def _floor(number: float) -> float:
    """Return a float as math.Floor does: infinity, NaN and -0 stay unchanged."""
    if not math.isfinite(number) or number == 0:
        return number
    return float(math.floor(number))


@function("round", signature="func(interface {}, int, ...float64) float64", bytes_per_step=BYTES_PER_STEP)
def round_(value: Value, places: int, *round_on: float) -> float:
    """Return a number rounded to a number of places, up if the rest is at least a half (or the third argument)."""
    power = _power_of_ten(places)
    digits = power * to_float(value)
    rest = math.fmod(digits, 1) if math.isfinite(digits) else math.nan
    up = rest >= (round_on[0] if round_on else 0.5)
    whole = -_floor(-digits) if up else _floor(digits)
    return whole / power if power else math.nan


def _power_of_ten(exponent: int) -> float:
    """Return what math.Pow(10, exponent) does, whose last digits are not those of the nearest float."""
    mantissa, shift = 1.0, 0
    base, base_shift = math.frexp(10.0)
    left = abs(exponent)
    while left:
        if base_shift > _EXPONENT_OUT_OF_RANGE:
            return math.inf if exponent > 0 else 0.0
        if left & 1:
            mantissa *= base
            shift += base_shift
        base *= base
        base_shift *= 2
        if base < 0.5:
            base += base
            base_shift -= 1
        left >>= 1
    if exponent < 0:
        mantissa, shift = 1 / mantissa, -shift
    try:
        return math.ldexp(mantissa, shift)
    except OverflowError:
        return math.inf
