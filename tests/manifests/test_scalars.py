"""What bare YAML scalars mean: the table of upstream's YAML reader, and which of them keep their spelling."""

import math

import pytest

from sealwright_manifests.text.scalars import resolve
from sealwright_manifests.text.tree import text_of


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True), ("True", True), ("TRUE", True), ("yes", True), ("on", True), ("y", True), ("Y", True),
        ("false", False), ("No", False), ("off", False), ("n", False),
        ("", None), ("~", None), ("null", None), ("NULL", None),
        ("tRUE", "tRUE"), ("nil", "nil"), ("none", "none"),
        ("0", 0), ("-0", 0), ("+5", 5), ("-17", -17), ("1_000", 1000),
        ("0777", 511), ("-0777", -511), ("0o17", 15), ("0x1F", 31), ("0b101", 5), ("-0b11", -3),
        ("0089", 89), ("00", 0), ("0x", "0x"), ("0b2", "0b2"), ("0o8", "0o8"),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("-1.5E-7", -1.5e-7), ("1_0.5", 10.5),
        (".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf),
        ("12:30", "12:30"), ("1:20:30", "1:20:30"), ("2024-01-01", "2024-01-01"), ("1.2.3", "1.2.3"), ("-", "-"),
        ("+", "+"), (".", "."), ("...", "..."), ("1e", "1e"), ("_1", "_1"),
        ("10.0.0.1", "10.0.0.1"), ("9" * 2000, "9" * 2000), ("1e999", "1e999"),
    ],
)  # fmt: skip
def test_a_bare_scalar_means(written: str, value: object) -> None:
    resolved = resolve(written)
    assert (type(resolved), resolved) == (type(value), value)


def test_no_number_is_a_number() -> None:
    assert math.isnan(float(str(resolve(".nan"))))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("yes", "true"), ("Off", "false"), ("0777", "511"), ("1_000", "1000"), ("0089", "89"), ("+5", "5"),
        ("18446744073709551615", "18446744073709551615"), ("-9223372036854775808", "-9223372036854775808"),
        # Reading these as numbers would change them, so they stay as they are written.
        ("1.50", "1.50"), ("2.0", "2.0"), ("1e3", "1e3"), (".inf", ".inf"),
        ("0018446744073709551616", "0018446744073709551616"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ],
)  # fmt: skip
def test_its_text_where_kubernetes_wants_text(written: str, text: str) -> None:
    value = resolve(written)
    assert isinstance(value, bool | int | float)
    assert text_of(value, written) == text
