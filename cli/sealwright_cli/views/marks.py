"""How the items of a SealedSecret stand in the text that a person edits.

password: <sealed>        the ciphertext that the item has
passphrase: <sealed old>  the ciphertext of the item old
logo: <base64 AAEC>       bytes that are no text; several lines are one
token: anything else      a value, which is sealed
"""

import base64
import binascii
import re

from sealwright_cli.messages.errors import InputError
from sealwright_conventions.records import field, record

NAME = "the edited text"
"""What messages call the whole text."""

_SEALED = re.compile(r"<sealed(?:\s+([^\s<>]+))?\s*>")
_BASE64 = re.compile(r"<base64\s([A-Za-z0-9+/=\s]*)>\s*")
_LIKE_ONE = re.compile(r"<(?:sealed|base64)\b")
_IN_BRACKETS = re.compile(r"\s*<\s*([A-Za-z0-9]{1,12})(?:\s[^<>]*)?>\s*")
_MARKS = ("sealed", "base64")
_ALIKE = 0.7  # of difflib's ratio: <seald>, <selaed> and <Sealed> are, <secret> and <name> are not
_LINE = 76  # characters, as in PEM and MIME
_ALSO_TEXT = str.maketrans("", "", "\n\r\t")


@record
class Kept:
    """A ciphertext that stays: of the item `of`, or of the item itself if that is empty."""

    of: str = ""


@record
class Typed:
    """A value that was typed."""

    value: bytes = field(repr=False)


def shown(value: bytes) -> str:
    """Return a value as text that `read` reads as the same bytes."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return _in_base64(value)
    return text if text.translate(_ALSO_TEXT).isprintable() and not _is_like_one(text) else _in_base64(value)


def read(text: str, called: str) -> Kept | Typed:
    """Return what a text asks for; `called` is what messages call its place. Raises InputError."""
    if found := _SEALED.fullmatch(text):
        return Kept(found[1] or "")
    if found := _BASE64.fullmatch(text):
        return Typed(_decoded(found[1], called))
    if _is_like_one(text):
        raise InputError(
            f"{called}: looks like a mark and is none",
            hint="write <sealed>, <sealed NAME> or <base64 TEXT>; a value that looks so goes in base64",
        )
    return Typed(text.encode())


def _is_like_one(text: str) -> bool:
    """Tell whether a text begins as a mark does, or is one with a typing mistake in its word or beside it."""
    if _LIKE_ONE.match(text):
        return True
    found = _IN_BRACKETS.fullmatch(text)
    if found is None:
        return False
    from difflib import get_close_matches  # noqa: PLC0415 - needed for mistakes only

    return bool(get_close_matches(found[1].lower(), _MARKS, n=1, cutoff=_ALIKE))


def _in_base64(value: bytes) -> str:
    text = base64.b64encode(value).decode("ascii")
    if len(text) <= _LINE:
        return f"<base64 {text}>"
    return "\n".join(["<base64", *(text[at : at + _LINE] for at in range(0, len(text), _LINE)), ">"])


def _decoded(text: str, called: str) -> bytes:
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError:
        raise InputError(f"{called}: not base64 in <base64 …>", hint="correct it, or write the value as text") from None
