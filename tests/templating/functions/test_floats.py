"""Floating-point numbers where no recorded vector goes: infinity, NaN, signed zeros, and decimals. By Go."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render

DATA: dict[str, str | bytes] = {"long": "1" * 400, "small": "0." + "0" * 400 + "1", "inf": "inf"}

TABLE = [
    ("hexadecimal needs an exponent", '{{ float64 "0x1p4" }} {{ float64 "0x1.8" }} {{ float64 "0X.8P-1" }}', "16 0 0.25"),
    ("underscores are allowed between digits", '{{ float64 "1_0.5" }} {{ float64 "1e1_0" }} {{ float64 "1_.5" }}', "10.5 1e+10 0"),
    ("a hexadecimal exponent that is too large", '{{ float64 "0x1p9999" }} {{ float64 "0x1p-9999" }}', "0 0"),
    ("infinity has two names and a sign", '{{ float64 "INFINITY" }} {{ float64 "-inf" }} {{ float64 "infin" }}', "+Inf -Inf 0"),
    ("NaN has no sign", '{{ float64 "nAn" }} {{ float64 "+nan" }}', "NaN 0"),
    ("too many digits are out of range", "{{ float64 .long }} {{ float64 .small }}", "0 0"),
    ("zero keeps its sign", '{{ float64 "-0" }} {{ float64 "-1e-999" }}', "-0 -0"),
    ("a point needs digits on one side", '{{ float64 "5." }} {{ float64 ".5" }} {{ float64 "." }}', "5 0.5 0"),
    ("decimals are not binary", "{{ addf 0.1 0.2 }} {{ subf 1 0.9 }} {{ mulf 1.1 1.1 }}", "0.3 0.1 1.21"),
    ("a quotient has 16 places", "{{ divf 1 3 }} {{ divf 2 3 1e-10 }}", "0.3333333333333333 6.666666666666667e+09"),
    ("halves are rounded away from zero", "{{ divf 1 2e16 }} {{ divf -1 2e16 }}", "1e-16 -1e-16"),
    ("less than half of the last place is lost", "{{ divf 1 3e16 }}", "0"),
    ("a product may be too large or too small", "{{ mulf 1e308 1e308 }} {{ mulf -1e308 1e308 }} {{ mulf 1e-300 1e-300 }}", "+Inf -Inf 0"),
    ("a small negative one keeps its sign", "{{ mulf -1e-300 1e-300 }}", "-0"),
    ("zero is zero whatever it is multiplied with", "{{ mulf 0 1e308 1e308 }} {{ mulf -0.0 1 }}", "0 0"),
    ("a product may come back into range", "{{ mulf 1e308 1e308 1e-308 }}", "1e+308"),
    ("just past the largest float", "{{ mulf 1.7976931348623157e308 1.00000000000000001 }} {{ addf 1.7976931348623157e308 2e292 }}", "1.7976931348623157e+308 +Inf"),
    ("far past the largest float", "{{ divf -2.5 5e-324 }}", "-Inf"),
    ("the smallest float", "{{ addf 5e-324 0 }} {{ addf 1e308 5e-324 }}", "5e-324 1e+308"),
    ("rounding keeps the sign of zero", "{{ ceil -0.5 }} {{ floor -0.0 }} {{ round -0.2 0 }}", "-0 -0 -1"),
    ("infinity stays", "{{ floor .inf }} {{ ceil .inf }} {{ round .inf 2 }}", "+Inf +Inf +Inf"),
    ("NaN stays", '{{ floor "nan" }} {{ round "nan" 1 }}', "NaN NaN"),
    ("places that no float has", "{{ round 1.5 309 }} {{ round 1.5 -400 }} {{ round 0 400 }}", "NaN NaN NaN"),
    ("places beyond all sense", "{{ round 1.5 9223372036854775807 }} {{ round 1.5 -5000 }}", "NaN NaN"),
    ("places before the point", "{{ round 1555 -2 }} {{ round -1555 -2 }}", "1600 -1600"),
    ("a place of choice to round up from", "{{ round 1.25 1 0.6 }} {{ round 1.25 1 0.0 }} {{ round -1.25 1 -0.6 }}", "1.2 1.3 -1.2"),
    ("powers of ten as Go has them", "{{ round 1.2345678901234567 15 }} {{ round 1e-20 25 }}", "1.234567890123457 1e-20"),
    ("infinity is more than NaN", '{{ maxf "nan" .inf }} {{ maxf .inf "nan" }} {{ minf "nan" "-inf" }}', "+Inf +Inf -Inf"),
    ("NaN is more than numbers", '{{ maxf 1 "nan" }} {{ minf "nan" 1 }}', "NaN NaN"),
    ("0 is more than -0", "{{ maxf -0.0 0.0 }} {{ maxf 0.0 -0.0 }} {{ minf 0.0 -0.0 }} {{ minf -0.0 -0.0 }}", "0 0 -0 -0"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_floats_as_by_go(template: str, expected: str) -> None:
    assert render(template, DATA).decode() == expected


@pytest.mark.parametrize("call", ["addf .inf", 'mulf 1 "nan"', 'divf 1 "-inf"', "add1f .inf"])
def test_infinity_is_no_decimal(call: str) -> None:
    with pytest.raises(TemplateExecutionError, match="it cannot calculate with infinity or NaN"):
        render(f"{{{{ {call} }}}}", DATA)


def test_dividing_by_zero_is_an_error() -> None:
    with pytest.raises(TemplateExecutionError, match="it divides by zero"):
        render("{{ divf 1 2 0 }}", {})


def test_long_products_cost_steps() -> None:
    with pytest.raises(TemplateLimitError, match="it takes more than"):
        render("{{ mulf " + "1.2345678901234567 " * 20_000 + "}}", {})


plain_floats = st.floats(allow_nan=False, allow_infinity=False)


@given(plain_floats)
def test_what_is_printed_is_read_again(number: float) -> None:
    assert render("{{ float64 .n }}", {"n": repr(number)}) == render(f"{{{{ float64 {number!r} }}}}", {})


@given(plain_floats, plain_floats)
def test_a_sum_is_the_nearest_float_to_that_of_the_decimals(one: float, other: float) -> None:
    exact = Fraction(repr(one)) + Fraction(repr(other))
    if abs(exact) < Fraction(2) ** 1023:
        assert float(render("{{ addf .a .b }}", {"a": repr(one), "b": repr(other)})) == float(exact)
