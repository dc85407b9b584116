"""PEM blocks, as Go finds them in whatever stands around."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating.go.x509.pem import Block, encode_block, first_block

BLOCK = b"-----BEGIN X-----\nYWJj\n-----END X-----\n"
ABC = Block(b"X", b"abc")

FOUND = [
    ("alone", BLOCK),
    ("without a line break at the end", BLOCK.rstrip()),
    ("with carriage returns", BLOCK.replace(b"\n", b"\r\n")),
    ("with spaces at the ends of lines", BLOCK.replace(b"\n", b" \t\n")),
    ("with spaces and line breaks in the base64", BLOCK.replace(b"YWJj", b" YW\n\n\tJj")),
    ("behind other lines", b"junk\n" + BLOCK),
    ("behind a beginning without an end", b"-----BEGIN Y-----\n" + BLOCK),
    ("behind an end without a beginning", b"\n-----END Y-----\n" + BLOCK),
    ("behind a block that is damaged", BLOCK.replace(b"YWJj", b"!") + BLOCK),
    ("behind a block whose end has another name", BLOCK.replace(b"END X", b"END Y") + BLOCK),
    ("with headers", BLOCK.replace(b"YWJj", b"Proc-Type: 4\nName:value\n\nYWJj")),
    ("before another", BLOCK + BLOCK.replace(b"YWJj", b"ZGVm")),
]  # fmt: skip

NOT_FOUND = [
    ("nothing", b""),
    ("no block", b"abc\n"),
    ("behind text on the same line", b"x" + BLOCK),
    ("with text behind the end", BLOCK.rstrip() + b" x"),
    ("without the dashes of the first line", BLOCK.replace(b"X-----\nY", b"X\nY")),
    ("without an end", BLOCK[:-10]),
    ("with base64 that is none", BLOCK.replace(b"YWJj", b"YWJ")),
]


@pytest.mark.parametrize("text", [row[1] for row in FOUND], ids=[row[0] for row in FOUND])
def test_a_block_is_found(text: bytes) -> None:
    assert first_block(text) == ABC


@pytest.mark.parametrize("text", [row[1] for row in NOT_FOUND], ids=[row[0] for row in NOT_FOUND])
def test_what_is_no_block_is_not_found(text: bytes) -> None:
    assert first_block(text) is None


def test_a_block_may_be_empty() -> None:
    assert first_block(b"-----BEGIN X-----\n-----END X-----") == Block(b"X", b"")


@given(st.binary(max_size=300), st.sampled_from([b"CERTIFICATE", b"RSA PRIVATE KEY", b""]))
def test_what_is_encoded_is_found_again(content: bytes, kind: bytes) -> None:
    text = encode_block(Block(kind, content))
    assert first_block(b"before\n" + text + b"after") == Block(kind, content)
    assert max(map(len, text.splitlines())) <= 64


@given(
    st.lists(st.sampled_from([b"-----BEGIN X-----", b"-----END X-----", b"\n", b"YWJj", b"a: b", b" ", b"-----"])).map(
        b"".join
    )
)
def test_any_text_has_a_block_or_none(text: bytes) -> None:
    found = first_block(text)
    assert found is None or found.kind in text
