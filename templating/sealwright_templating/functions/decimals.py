"""Decimal numbers without limits, as Sprig's addf, mulf and the like calculate in them; registers nothing.

A float becomes a decimal by its shortest digits, so that 0.1 is one tenth. Only quotients are rounded.
"""

import math
from dataclasses import dataclass

from sealwright_templating.errors import FunctionError
from sealwright_templating.go.fmt.floats import shortest_digits
from sealwright_templating.limits import Budget

_QUOTIENT_PLACES = 16

_LARGEST_POINT = 310
"""A number with more digits than this before the point is not a float."""

_SMALLEST_POINT = -325
"""A number with more zeros than this behind the point is 0 as a float."""

_BITS_PER_STEP = 1000
_BITS_PER_DIGIT = math.log2(10)


@dataclass(frozen=True, slots=True)
class Decimal:
    """`value` times ten to the power of `exponent`. Every operation charges for the length of its numbers."""

    value: int
    exponent: int

    @classmethod
    def of(cls, number: float) -> "Decimal":
        """Return a float as a decimal; infinity and NaN are errors."""
        if not math.isfinite(number):
            raise FunctionError("it cannot calculate with infinity or NaN")
        digits, point = shortest_digits(abs(number))
        return cls(-int(digits) if number < 0 else int(digits), point - len(digits))

    def scaled(self, exponent: int, budget: Budget) -> int:
        """Return the value that goes with a lower exponent."""
        power = self.exponent - exponent
        _charge(budget, self.value.bit_length() + int(power * _BITS_PER_DIGIT))
        return int(self.value * 10**power)

    def add(self, other: "Decimal", budget: Budget) -> "Decimal":
        """Return the sum."""
        exponent = min(self.exponent, other.exponent)
        return Decimal(self.scaled(exponent, budget) + other.scaled(exponent, budget), exponent)

    def subtract(self, other: "Decimal", budget: Budget) -> "Decimal":
        """Return the difference."""
        return self.add(Decimal(-other.value, other.exponent), budget)

    def multiply(self, other: "Decimal", budget: Budget) -> "Decimal":
        """Return the product."""
        _charge(budget, self.value.bit_length() + other.value.bit_length())
        return Decimal(self.value * other.value, self.exponent + other.exponent)

    def divide(self, other: "Decimal", budget: Budget) -> "Decimal":
        """Return the quotient, rounded to 16 places, halves away from zero."""
        if other.value == 0:
            raise FunctionError("it divides by zero")
        shift = self.exponent - other.exponent + _QUOTIENT_PLACES
        dividend = Decimal(abs(self.value), max(shift, 0)).scaled(0, budget)
        divisor = Decimal(abs(other.value), max(-shift, 0)).scaled(0, budget)
        quotient = (2 * dividend + divisor) // (2 * divisor)
        negative = (self.value < 0) != (other.value < 0)
        return Decimal(-quotient if negative else quotient, -_QUOTIENT_PLACES)

    def as_float(self, budget: Budget) -> float:
        """Return the nearest float, infinity if the number is too large."""
        point = self.value.bit_length() / _BITS_PER_DIGIT + self.exponent
        if self.value == 0 or point < _SMALLEST_POINT - 1:
            return -0.0 if self.value < 0 else 0.0
        if point > _LARGEST_POINT + 1:
            return -math.inf if self.value < 0 else math.inf
        try:
            if self.exponent < 0:
                return self.value / Decimal(1, -self.exponent).scaled(0, budget)
            return float(self.scaled(0, budget))
        except OverflowError:
            return -math.inf if self.value < 0 else math.inf


def _charge(budget: Budget, bits: int) -> None:
    budget.steps(1 + bits // _BITS_PER_STEP)
