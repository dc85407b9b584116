"""Integers: conversion, arithmetic that wraps at 64 bits as in Go, and lists of integers."""

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.functions.casts import BYTES_PER_STEP, parse_integer_clamped, parse_octal, to_integer
from sealwright_templating.go import fmt
from sealwright_templating.values.objects import Value, wrap
from sealwright_templating.values.registry import function

_LONGEST_INTEGER = 20
"""Characters of the longest int64, its sign included."""


@function("int", signature="func(interface {}) int", bytes_per_step=BYTES_PER_STEP)
def int_(value: Value) -> int:
    """Return a value as an int: a float without its fraction, a text as a literal ("0x1F"), 0 if it is not a number."""
    return to_integer(value)


@function("int64", signature="func(interface {}) int64", bytes_per_step=BYTES_PER_STEP)
def int64(value: Value) -> int:
    """Return a value as an int64; the rules are those of int."""
    return to_integer(value)


@function("atoi", signature="func(string) int", bytes_per_step=BYTES_PER_STEP)
def atoi(text: bytes) -> int:
    """Return the number of a text of decimal digits, 0 for any other text."""
    return parse_integer_clamped(text)


@function("toDecimal", signature="func(interface {}) int64", bytes_per_step=BYTES_PER_STEP)
def to_decimal(context: Context, value: Value) -> int:
    """Return a value's text read as an octal number, 0 if it is not one."""
    return parse_octal(fmt.sprint(context, value)) or 0


@function("add", signature="func(...interface {}) int64", bytes_per_step=BYTES_PER_STEP)
def add(*values: Value) -> int:
    """Return the sum of the arguments."""
    return sum(map(to_integer, values))


@function("add1", signature="func(interface {}) int64", bytes_per_step=BYTES_PER_STEP)
def add1(value: Value) -> int:
    """Return a number plus one."""
    return to_integer(value) + 1


@function("sub", signature="func(interface {}, interface {}) int64", bytes_per_step=BYTES_PER_STEP)
def sub(value: Value, less: Value) -> int:
    """Return the first number minus the second."""
    return to_integer(value) - to_integer(less)


@function("mul", signature="func(interface {}, ...interface {}) int64", bytes_per_step=BYTES_PER_STEP)
def mul(value: Value, *factors: Value) -> int:
    """Return the product of the arguments."""
    product = to_integer(value)
    for factor in factors:
        product = wrap(product * to_integer(factor))
    return product


@function("div", signature="func(interface {}, interface {}) int64", bytes_per_step=BYTES_PER_STEP)
def div(value: Value, divisor: Value) -> int:
    """Return the first number divided by the second, without the fraction."""
    return _divided(to_integer(value), to_integer(divisor))


@function("mod", signature="func(interface {}, interface {}) int64", bytes_per_step=BYTES_PER_STEP)
def mod(value: Value, divisor: Value) -> int:
    """Return the remainder of the division of the first number by the second; it has the sign of the first."""
    number, by = to_integer(value), to_integer(divisor)
    return number - by * _divided(number, by)


def _divided(number: int, by: int) -> int:
    if by == 0:
        raise FunctionError("it divides by zero")
    quotient = abs(number) // abs(by)
    return quotient if (number < 0) == (by < 0) else -quotient


@function("max", "biggest", signature="func(interface {}, ...interface {}) int64", bytes_per_step=BYTES_PER_STEP)
def largest(value: Value, *others: Value) -> int:
    """Return the largest of the arguments."""
    return max(map(to_integer, (value, *others)))


@function("min", signature="func(interface {}, ...interface {}) int64", bytes_per_step=BYTES_PER_STEP)
def smallest(value: Value, *others: Value) -> int:
    """Return the smallest of the arguments."""
    return min(map(to_integer, (value, *others)))


@function("until", signature="func(int) []int")
def until(context: Context, stop: int) -> list[int]:
    """Return the numbers from 0 up or down to `stop`, exclusive."""
    return _stepped(context, 0, stop, 1 if stop >= 0 else -1)


@function("untilStep", signature="func(int, int, int) []int")
def until_step(context: Context, start: int, stop: int, step: int) -> list[int]:
    """Return the numbers from `start` up or down to `stop`, exclusive, by steps."""
    return _stepped(context, start, stop, step)


@function("seq", signature="func(...int) string")
def seq(context: Context, *bounds: int) -> bytes:
    """Return numbers separated by spaces, like the shell's seq: LAST, FIRST LAST, or FIRST STEP LAST."""
    if not 1 <= len(bounds) <= 3:
        return b""
    first, last = bounds[0] if len(bounds) > 1 else 1, bounds[-1]
    direction = 1 if first <= last else -1
    step = bounds[1] if len(bounds) == 3 else direction
    numbers = _stepped(context, first, wrap(last + direction), step)
    context.budget.memory(len(numbers) * (_LONGEST_INTEGER + 1))
    return " ".join(map(str, numbers)).encode()


def _stepped(context: Context, start: int, stop: int, step: int) -> list[int]:
    """Return the numbers from start to stop, by a loop that wraps where Go's does (and then may have no end)."""
    if step == 0 or (start < stop) != (step > 0):
        return []
    numbers = range(start, stop, step)
    count = (stop - start - (1 if step > 0 else -1)) // step + 1
    context.budget.items(count)
    if wrap(start + count * step) == start + count * step:
        return list(numbers)
    return _stepped_round(context, start, stop, step)


def _stepped_round(context: Context, start: int, stop: int, step: int) -> list[int]:
    """Return the numbers where the last step goes past the largest or the smallest int, and the loop goes on."""
    numbers, number = list[int](), start
    while number < stop if step > 0 else number > stop:
        if len(numbers) & (len(numbers) - 1) == 0:
            context.budget.items(2 * len(numbers))
        numbers.append(number)
        number = wrap(number + step)
    return numbers
