"""What constants mean: Go's untyped constants, by the type that is asked for."""

import pytest

from sealwright_templating.errors import ArgumentError
from sealwright_templating.language.literals import read_literal
from sealwright_templating.values.constants import FALSE, NIL, TRUE
from sealwright_templating.values.objects import Slice
from sealwright_templating.values.types import (
    ANY,
    BOOL,
    COMPLEX128,
    FLOAT64,
    INT,
    STRING,
    STRINGS,
    UINT8,
    UINT32,
    UINT64,
    GoType,
)

BY_ITSELF = [
    ("number", "0", 0), ("number", "-7", -7), ("number", "+7", 7), ("number", "007", 7), ("number", "0o17", 15),
    ("number", "0b101", 5), ("number", "0x_fF", 255), ("number", "1_000", 1000), ("number", "9223372036854775807", 2**63 - 1),
    ("number", "-9223372036854775808", -(2**63)), ("number", "1.5", 1.5), ("number", ".5", 0.5), ("number", "1.", 1.0),
    ("number", "1e3", 1000.0), ("number", "0x1p-2", 0.25), ("number", "0x1.8p1", 3.0), ("number", "1_0.2_5", 10.25),
    ("number", "0x1p-99999", 0.0), ("number", "-0x1e", -30.0), ("number", "0x1e", 30), ("number", "1e-400", 0.0),
    ("number", "2i", 2j), ("number", "0i", 0j), ("complex", "1+2i", 1 + 2j), ("complex", "1e+1-2.5e-1i", 10 - 0.25j),
    ("character", "'a'", 97), ("character", r"'\n'", 10), ("character", r"'\''", 39), ("character", r"'\xff'", 255),
    ("character", r"'\u4e16'", 0x4E16), ("character", "'世'", 0x4E16), ("character", r"'\U0001F600'", 0x1F600),
    ("string", r'"a\tb\\\""', b'a\tb\\"'), ("string", r'"\xff\101\u00e9\U0001F600"', b"\xffA" + "é😀".encode()),
    ("string", r'"\a\b\f\v\r"', b"\a\b\f\v\r"), ("raw", "`a\\n\r\nb`", b"a\\n\nb"),
]  # fmt: skip

MEANINGLESS = [
    ("number", "1_"), ("number", "_1_"), ("number", "1__0"), ("number", "0x"), ("number", "0b"), ("number", "0b2"),
    ("number", "08"), ("number", "1e400"), ("number", "0x1p99999"), ("number", "0x1.8"), ("number", "1e"), ("number", "-"),
    ("number", "."), ("number", "18446744073709551616"), ("number", "-9223372036854775809"), ("number", "1e_1"), ("number", "i"),
    ("number", "0xi"), ("complex", "1+i"), ("complex", "1e+1i"), ("character", "''"), ("character", "'ab'"),
    ("character", r"'\"'"), ("character", r"'\xf'"), ("string", r'"\z"'), ("string", r'"\u12"'), ("string", r'"\U00110000"'),
    ("string", r'"\ud800"'), ("string", r'"\400"'), ("string", r'"\'"'),
]  # fmt: skip

FITTING = [
    ("number", "300", UINT8, 44), ("number", "3", UINT32, 3), ("number", "3", FLOAT64, 3.0), ("number", "3.0", INT, 3),
    ("number", "1e3", INT, 1000), ("number", "18446744073709551615", UINT64, 2**64 - 1), ("number", "-0", UINT64, 0),
    ("number", "3.0", UINT64, 3), ("character", "'a'", FLOAT64, 97.0), ("number", "0i", INT, 0), ("number", "2i", COMPLEX128, 2j),
    ("complex", "3+0i", FLOAT64, 3.0), ("string", '"x"', STRING, b"x"),
]  # fmt: skip

UNFIT = [
    ("number", "1.5", INT), ("number", "-1", UINT32), ("number", "+1", UINT32), ("number", "18446744073709551615", INT),
    ("number", "2i", FLOAT64), ("number", "3", COMPLEX128), ("number", "1", STRING), ("string", '"1"', INT), ("number", "1", BOOL),
    ("string", '"x"', STRINGS), ("number", "18446744073709551615", ANY),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "expected"), BY_ITSELF)
def test_a_constant_by_itself(kind: str, text: str, expected: object) -> None:
    found = read_literal(kind, text).fit(ANY)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(("kind", "text"), MEANINGLESS)
def test_what_is_no_constant(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match="this "):
        read_literal(kind, text)


@pytest.mark.parametrize(("kind", "text", "wanted", "expected"), FITTING)
def test_a_constant_becomes_what_is_wanted(kind: str, text: str, wanted: GoType, expected: object) -> None:
    found = read_literal(kind, text).fit(wanted)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(("kind", "text", "wanted"), UNFIT)
def test_a_constant_that_does_not_fit(kind: str, text: str, wanted: GoType) -> None:
    literal = read_literal(kind, text)
    with pytest.raises(ArgumentError):
        literal.fit(wanted)


def test_the_words_that_are_constants() -> None:
    assert TRUE.fit(BOOL) is True
    assert FALSE.fit(ANY) is False
    assert NIL.fit(ANY) is None
    nil_list = NIL.fit(STRINGS)
    assert isinstance(nil_list, Slice)
    assert nil_list.nil
    with pytest.raises(ArgumentError, match="a value of type string cannot be nil"):
        NIL.fit(STRING)
