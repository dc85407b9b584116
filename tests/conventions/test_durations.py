"""Go's durations: which texts are some, how long, and how they are printed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_conventions.durations import (
    DAY,
    HOUR,
    LONGEST,
    MINUTE,
    SECOND,
    DurationTooLongError,
    parse_duration,
    print_duration,
)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("1ns", 1),
        ("1.9ns", 1),
        ("1us", 1_000),
        ("1\N{MICRO SIGN}s", 1_000),
        ("1\N{GREEK SMALL LETTER MU}s", 1_000),
        ("1h30m", 90 * MINUTE),
        ("30m1h", 90 * MINUTE),
        (".5s", SECOND // 2),
        ("5.s", 5 * SECOND),
        ("+5s", 5 * SECOND),
        ("-1.5h", -90 * MINUTE),
        ("2562047h47m16.854775807s", LONGEST),
        ("-2562047h47m16.854775808s", -LONGEST - 1),
    ],
)
def test_a_text_is_as_long_as_in_go(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    "text", ["", "-", "3", "s", ".s", "1 h", "1h ", "1H", "1w", "1h-1m", "--1h", "1e3s", "1_0s", "1d", "\u0661s"]
)
def test_what_go_does_not_take_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["2562048h", "2562047h47m16.854775808s", "9" * 60 + "h", "1h" * 3_000_000])
def test_what_go_cannot_hold_is_told_apart(text: str) -> None:
    with pytest.raises(DurationTooLongError):
        parse_duration(text)


def test_days_are_taken_where_they_are_asked_for() -> None:
    assert parse_duration("1d12h", with_days=True) == DAY + 12 * HOUR


@given(st.integers(-LONGEST, LONGEST))
def test_what_is_printed_reads_back_as_closely_as_go_reads_it(nanoseconds: int) -> None:
    read = parse_duration(print_duration(nanoseconds))
    assert abs(Fraction(read - nanoseconds)) <= 1
