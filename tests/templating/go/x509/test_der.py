"""DER, as far as certificates need it: against the well-known encodings of X.690."""

import pytest

from sealwright_templating.go.x509 import der

ENCODED = [
    ("zero", der.integer(0), "020100"),
    ("a number whose first bit is set gets a byte in front", der.integer(0x80), "02020080"),
    ("a number of two bytes", der.integer(0x1234), "02021234"),
    ("a name with one long part", der.object_identifier("1.2.840.113549"), "06062a864886f70d"),
    ("a name with a zero in it", der.object_identifier("2.5.29.0"), "0603551d00"),
    ("whole bytes as bits", der.bits(b"\xff"), "030200ff"),
    ("a value in the context's clothes", der.explicit(3, der.NULL), "a3020500"),
    ("a set", der.set_of_one(der.TRUE), "31030101ff"),
]


@pytest.mark.parametrize(("encoded", "expected"), [row[1:] for row in ENCODED], ids=[row[0] for row in ENCODED])
def test_values_are_encoded(encoded: bytes, expected: str) -> None:
    assert encoded.hex() == expected


@pytest.mark.parametrize(("length", "head"), [(0x7F, "307f"), (0x80, "308180"), (0x1234, "30821234")])
def test_long_values_have_long_lengths_and_come_apart_again(length: int, head: str) -> None:
    parts = [der.NULL] * 2 + [
        der.tagged(der.OCTET_STRING, b"x" * (length - 4 - (2 if length < 0x84 else 3 if length < 0x104 else 4)))
    ]
    encoded = der.sequence(*parts)
    assert encoded.hex().startswith(head)
    assert der.values(encoded) == parts


@pytest.mark.parametrize("text", ["", "30", "0500", "3001", "300005", "30020501", "3003050000", "308201"], ids=repr)
def test_what_is_no_sequence_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="this is not DER"):
        der.values(bytes.fromhex(text))
