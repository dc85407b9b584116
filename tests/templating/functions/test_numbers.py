"""Integers where no recorded vector goes: texts and values that are made numbers of, wrapping, and lists. By Go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render

DATA: dict[str, str | bytes] = {"long": "1" * 400, "zeros": "0" * 400 + "17", "bad": b"5\xff", "user": "hunter2"}
LARGEST, SMALLEST = 2**63 - 1, -(2**63)

CONVERTED = [
    ("an underscore may follow a prefix", '{{ int "0x_1F" }}', "31"),
    ("underscores stand between digits only", '{{ int "1__0" }} {{ int "_1" }} {{ int "1_" }}', "0 0 0"),
    ("a leading zero is octal, with an underscore too", '{{ int "0_17" }}', "15"),
    ("capital prefixes are prefixes", '{{ int "0XfF" }} {{ int "0B11" }} {{ int "0O17" }}', "255 3 15"),
    ("a prefix alone is no number", '{{ int "0x" }} {{ int "-" }} {{ int "+" }}', "0 0 0"),
    ("zeros behind the point are cut once", '{{ int "7.000" }} {{ int "7.0.0" }} {{ int "0x1F.0" }}', "7 0 31"),
    ("any number of digits is looked at", "{{ int .long }} {{ int .zeros }}", "0 15"),
    ("stray bytes are no digits", "{{ int .bad }} {{ float64 .bad }} {{ atoi .bad }}", "0 0 0"),
    ("digits of other scripts are none", '{{ int "٣" }} {{ float64 "٣" }}', "0 0"),
    ("the smallest number of all", '{{ int "-9223372036854775808" }}', str(SMALLEST)),
    ("one less is out of range", '{{ int "-9223372036854775809" }}', "0"),
    ("a month and a day of the week are numbers", '{{ int (toDate "2006" "2024").Month }}', "1"),
    ("a duration is none", '{{ $t := toDate "2006" "2024" }}{{ int ($t.Sub $t) }}{{ int64 (now.Sub $t) }}', "00"),
    ("an unsigned number is one", '{{ int64 (semver "7.8.9").Minor }}', "8"),
    ("a large one wraps", '{{ int (semver "18446744073709551615.0.0").Major }}', "-1"),
    (
        "a large one is a large float",
        '{{ float64 (semver "18446744073709551615.0.0").Major }}',
        "1.8446744073709552e+19",
    ),
    ("what has no number is 0", "{{ int 1i }}{{ int dict }}{{ float64 1i }}{{ float64 list }}", "0000"),
    ("true is 1", "{{ int true }} {{ float64 true }} {{ float64 false }}", "1 1 0"),
    ("NaN is the smallest int", '{{ int (float64 "nan") }}', str(SMALLEST)),
    ("2**63 is out of range", "{{ int 9223372036854775808.0 }}", str(SMALLEST)),
    (
        "atoi gives the nearest number",
        '{{ atoi "9223372036854775808" }} {{ atoi "-99999999999999999999" }}',
        f"{LARGEST} {SMALLEST}",
    ),
    ("and does not look behind too many digits", '{{ atoi "18446744073709551616x" }}', str(LARGEST)),
    ("but does as long as a uint64 has room", '{{ atoi "18446744073709551615x" }}', "0"),
    ("octal digits with a sign", '{{ toDecimal "+17" }} {{ toDecimal "-0017" }}', "15 -15"),
    ("nil and lists are no octal digits", '{{ toDecimal nil }}{{ toDecimal list }}{{ toDecimal "" }}', "000"),
    ("a name is no octal digit, though it stands for a number", '{{ toDecimal (toDate "2006" "2024").Month }}', "0"),
]
CALCULATED = [
    ("nothing adds up to nothing", "{{ add }}", "0"),
    ("a product wraps after each factor", "{{ mul 9223372036854775807 9223372036854775807 2 }}", "2"),
    ("a quotient is cut towards zero", "{{ div -7 2 }} {{ div 7 -2 }} {{ div -7 -2 }}", "-3 -3 3"),
    ("a rest has the sign of the number", "{{ mod -7 2 }} {{ mod 7 -2 }} {{ mod -7 -2 }}", "-1 1 -1"),
    ("the largest of texts", '{{ max "0x10" "9" }} {{ min "0x10" "9" }}', "16 9"),
    ("numbers are int64", '{{ printf "%T %T %T" (add 1) (max 1) (toDecimal 1) }}', "int64 int64 int64"),
]
LISTED = [
    ("downwards", "{{ until -3 }} {{ untilStep 3 -3 -2 }}", "[0 -1 -2] [3 1 -1]"),
    ("a step that leads away gives none", "{{ untilStep 0 -5 1 }}{{ untilStep 0 5 -1 }}", "[][]"),
    ("no step gives none", "{{ untilStep 0 5 0 }}{{ untilStep 5 0 0 }}", "[][]"),
    ("a step may go round and come back", f"{{{{ untilStep 5 {LARGEST - 1} {LARGEST} }}}}", f"[5 {SMALLEST + 4} 3 {SMALLEST + 2} 1 {SMALLEST} -1]"),
    ("a sequence to below 1 goes down", "{{ seq 0 }}|{{ seq -1 }}", "1 0|1 0 -1"),
    ("a sequence of four numbers is none", "[{{ seq 1 2 3 4 }}]", "[]"),
    ("a sequence to the largest int has no end to stop at", "[{{ seq 9223372036854775806 9223372036854775807 }}]", "[]"),
    ("steps that lead away give none", "[{{ seq 5 1 2 }}{{ seq 1 -1 3 }}]", "[]"),
]  # fmt: skip
TABLE = CONVERTED + CALCULATED + LISTED


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_numbers_as_by_go(template: str, expected: str) -> None:
    assert render(template, DATA).decode() == expected


@pytest.mark.parametrize("call", ["div 1 0", "mod 1 .user", "div .user nil"])
def test_dividing_by_zero_is_an_error_that_shows_no_value(call: str) -> None:
    with pytest.raises(TemplateExecutionError, match="it divides by zero") as caught:
        render(f"{{{{ {call} }}}}", DATA)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        "until 999999999",
        "seq 1 999999999",
        "untilStep 0 9223372036854775807 1",
        "untilStep 9223372036854775800 9223372036854775807 3",
        f"untilStep -5 {SMALLEST + 1} {SMALLEST}",
    ],
)
def test_lists_that_are_too_long_or_have_no_end_are_refused(call: str) -> None:
    with pytest.raises(TemplateLimitError, match="one value would take more than"):
        render(f"{{{{ {call} }}}}", {})


int64s = st.integers(SMALLEST, LARGEST)


@given(int64s)
def test_what_is_printed_is_read_again(number: int) -> None:
    rendered = render("{{ int .n }} {{ atoi .n }} {{ int64 .x }}", {"n": str(number), "x": hex(number)})
    assert rendered.decode() == f"{number} {number} {number}"


@given(int64s, int64s.filter(bool))
def test_quotient_and_rest_make_up_the_number(number: int, by: int) -> None:
    template = "{{ add (mul (div .a .b) .b) (mod .a .b) }}"
    assert render(template, {"a": str(number), "b": str(by)}).decode() == str(number)


@given(st.integers(-99, 99), st.integers(-99, 99), st.integers(-9, 9).filter(bool))
def test_steps_are_those_of_a_range(start: int, stop: int, step: int) -> None:
    numbers = " ".join(map(str, range(start, stop, step)))
    assert render(f"{{{{ untilStep {start} {stop} {step} }}}}", {}).decode() == f"[{numbers}]"
