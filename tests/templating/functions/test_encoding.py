"""Base64 and base32: where Go says that a text is damaged, and that what is encoded is decoded again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateLimitError, render

BASE64 = [
    ("no letters but line breaks are nothing", "\r\n\n", ""),
    ("padding may be broken over lines", "YQ=\n=\r\n", "a"),
    ("one letter too few, at the end", "YWJjYW", "illegal base64 data at input byte 4"),
    ("line breaks at the end count as bytes", "YWJjY\n\n", "illegal base64 data at input byte 6"),
    ("one letter is no quantum", "YWJjY", "illegal base64 data at input byte 4"),
    ("padding cannot stand at the front", "=", "illegal base64 data at input byte 0"),
    ("padding cannot follow one letter", "Y===", "illegal base64 data at input byte 1"),
    ("half of the padding is missing", "YQ=", "illegal base64 data at input byte 3"),
    ("half of the padding is missing before a line break", "YQ=\n", "illegal base64 data at input byte 4"),
    ("a letter stands in the padding", "YQ=a", "illegal base64 data at input byte 2"),
    ("something stands behind the padding", "YQ==\nYQ==", "illegal base64 data at input byte 5"),
    ("something stands behind three letters' padding", "YWI=YWI=", "illegal base64 data at input byte 4"),
    ("a foreign letter stands in the middle", "YWJj*WJj", "illegal base64 data at input byte 4"),
    ("the URL alphabet is another one", "YW-j", "illegal base64 data at input byte 2"),
    ("bits that are left over do not matter", "YR==", "a"),
]
BASE32 = [
    ("line breaks are taken out first, and do not count", "MFRGGZDF\nMFRGG\n1", "illegal base32 data at input byte 8"),
    ("a quantum is not filled", "MFRGGZDFM", "illegal base32 data at input byte 8"),
    ("three letters before the padding are impossible", "MFR=====", "illegal base32 data at input byte 0"),
    ("the padding is too short", "MF====", "illegal base32 data at input byte 0"),
    ("a letter stands in the padding", "MF==A===", "illegal base32 data at input byte 0"),
    ("padding cannot follow one letter", "M=======", "illegal base32 data at input byte 0"),
    ("far too much padding is no padding", "MF==========", "illegal base32 data at input byte 0"),
    ("something stands behind the padding", "ME======xx", "illegal base32 data at input byte 0"),
    ("several quanta", "MFRGGZDFMFRGGZDF", "abcdeabcde"),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in BASE64], ids=[row[0] for row in BASE64])
def test_damaged_base64_is_reported_as_by_go(text: str, expected: str) -> None:
    assert render("{{ b64dec .text }}", {"text": text}).decode() == expected


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in BASE32], ids=[row[0] for row in BASE32])
def test_damaged_base32_is_reported_as_by_go(text: str, expected: str) -> None:
    assert render("{{ b32dec .text }}", {"text": text}).decode() == expected


@given(st.binary(max_size=100))
def test_what_is_encoded_is_decoded_again(data: bytes) -> None:
    assert render("{{ .data | b64enc | b64dec }}", {"data": data}) == data
    assert render("{{ .data | b32enc | b32dec }}", {"data": data}) == data


@given(st.lists(st.sampled_from(["A", "b", "9", "/", "=", "\n", "é", "-", "ABCD"]), max_size=12).map("".join))
def test_any_text_is_decoded_or_called_illegal(text: str) -> None:
    for name, quantum in (("b64", 4), ("b32", 8)):
        decoded = render(f"{{{{ {name}dec .text }}}}", {"text": text})
        if not decoded.startswith(b"illegal"):
            encoded = render(f"{{{{ .data | {name}enc }}}}", {"data": decoded}).decode()
            assert text.replace("\n", "").startswith(encoded[: -quantum or None])


@pytest.mark.parametrize("name", ["b64enc", "b32enc"])
def test_what_would_be_too_large_encoded_is_refused(name: str) -> None:
    with pytest.raises(TemplateLimitError):
        render(f'{{{{ {name} (repeat 4000000 "a") }}}}', {})
