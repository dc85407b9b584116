"""AES, where no recorded vector goes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render

SECRET = "correct horse battery staple"

REFUSED = [
    ("no base64", "no base64!"),
    ("no block", base64.b64encode(b"x" * 15).decode()),
    ("only the first block", base64.b64encode(b"x" * 16).decode()),
    ("half a block at the end", base64.b64encode(b"x" * 40).decode()),
]


@pytest.mark.parametrize("text", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_was_never_encrypted_is_refused(text: str) -> None:
    with pytest.raises(TemplateExecutionError, match='function "decryptAES" failed: the encrypted text is'):
        render("{{ decryptAES .key .text }}", {"key": "k", "text": text})


@given(st.binary(), st.binary(min_size=1))
def test_what_was_encrypted_is_decrypted_under_the_same_password(password: bytes, text: bytes) -> None:
    data = {"password": password, "text": text}
    assert render("{{ encryptAES .password .text | decryptAES .password }}", data) == text


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(min_size=1))
def test_another_password_never_gives_the_text(password: bytes, other: bytes, text: bytes) -> None:
    if password[:32].ljust(32, b"\0") == other[:32].ljust(32, b"\0"):
        return
    assert decrypted_otherwise(password, other, text) != text


def decrypted_otherwise(password: bytes, other: bytes, text: bytes) -> bytes | None:
    """Return what comes of a text that is encrypted under one password and decrypted under another, None for an error."""
    try:
        return render("{{ encryptAES .a .text | decryptAES .b }}", {"a": password, "b": other, "text": text})
    except TemplateExecutionError:
        return None


def test_the_first_block_is_what_the_callers_randomness_gives() -> None:
    rendered = render('{{ encryptAES "k" "text" }}', {}, randomness=lambda count: b"r" * count)
    assert base64.b64decode(rendered)[:16] == b"r" * 16


def test_much_text_is_bounded() -> None:
    with pytest.raises(TemplateLimitError):
        render('{{ encryptAES "k" (repeat 1500000 "x") }}', {})


def test_no_error_shows_the_password_or_the_text() -> None:
    with pytest.raises(TemplateExecutionError) as caught:
        render("{{ decryptAES .secret .secret }}", {"secret": SECRET})
    assert SECRET not in str(caught.value) + repr(caught.value)
