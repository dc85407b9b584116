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
    return text if text.translate(_ALSO_TEXT).isprintable() and not _LIKE_ONE.match(text) else _in_base64(value)


def read(text: str, called: str) -> Kept | Typed:
    """Return what a text asks for; `called` is what messages call its place. Raises InputError."""
    if found := _SEALED.fullmatch(text):
        return Kept(found[1] or "")
    if found := _BASE64.fullmatch(text):
        return Typed(_decoded(found[1], called))
    if _LIKE_ONE.match(text):
        raise InputError(
            f"{called}: begins like a mark and is none",
            hint="write <sealed>, <sealed NAME> or <base64 TEXT>; a value that begins so goes in base64",
        )
    return Typed(text.encode())


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
