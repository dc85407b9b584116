"""What is wrong with a ciphertext that is not in the wire format, as far as it shows without a key.

A damaged ciphertext may be a plain value that stands in its place: no message repeats anything of it.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Iterator

from sealwright_conventions.records import record
from sealwright_crypto import FormatError, parse_item

SMALLEST_KEY_BYTES, LARGEST_KEY_BYTES = 64, 2048
_TAG_BYTES = 16
_LENGTH_BYTES = 2
_WHITESPACE = re.compile(r"\s+")
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")
_TOOLS = {
    "{{": "a placeholder of a template tool such as Helm",
    "${": "a placeholder of a tool that fills in variables",
    "ENC[": "a value that SOPS encrypted",
    "$ANSIBLE_VAULT": "a value that Ansible Vault encrypted",
    "-----BEGIN ": "a text in PEM",
    "<": "a placeholder",
}


@record
class Damage:
    """What is wrong with a ciphertext, in words; `whole` is the ciphertext without the damage, if that can be told."""

    words: str
    evidence: tuple[str, ...] = ()
    whole: str = ""
    is_plain: bool = False
    """Whether a value may stand there unencrypted."""


def joined(ciphertext: str) -> str:
    """Return a ciphertext on one line, without any blanks."""
    return _WHITESPACE.sub("", ciphertext)


def key_bytes(ciphertext: str) -> int | None:
    """Return how many bytes the modulus of a ciphertext's key has; None for a damaged ciphertext."""
    try:
        return len(parse_item(ciphertext).wrapped_key)
    except FormatError:
        return None


def value_bytes(ciphertext: str) -> int | None:
    """Return how long the sealed value is; None for a damaged ciphertext."""
    try:
        return len(parse_item(ciphertext).payload) - _TAG_BYTES
    except FormatError:
        return None


def damage_of(ciphertext: str) -> Damage | None:
    """Return what is wrong with a ciphertext; None if nothing shows without a key."""
    size = key_bytes(ciphertext)
    if size is not None:
        return None if SMALLEST_KEY_BYTES <= size <= LARGEST_KEY_BYTES else _no_ciphertext(ciphertext)
    if not ciphertext.strip():
        return Damage("is empty")
    return _repairable(ciphertext) or _cut(ciphertext) or _no_ciphertext(ciphertext)


def _repairable(text: str) -> Damage | None:
    """Return the damage if it can be undone: the same text without it is a whole ciphertext."""
    words: list[str] = []
    evidence: list[str] = []
    for change, what, of in _CHANGES:
        changed = change(text)
        if changed == text:
            continue
        words.append(what)
        evidence.append(of(text))
        text = changed
        if key_bytes(text):
            return Damage(" and ".join(words), (*evidence, "without that it is a whole ciphertext"), text)
    return None


def _cut(text: str) -> Damage | None:
    """Return the damage if the beginning is that of a ciphertext."""
    clean = joined(text).rstrip("=")
    raw = _decoded(clean)
    if raw is None or len(raw) < _LENGTH_BYTES:
        return None
    size = int.from_bytes(raw[:_LENGTH_BYTES])
    least = _LENGTH_BYTES + size + _TAG_BYTES
    if not _is_usual(size) or _is_text(raw):
        return None
    if len(raw) < least:
        return Damage(
            "is cut off",
            (f"{len(clean):,} characters, and one to a key of {size * 8} bits has at least {-(-least * 8 // 6):,}",),
        )
    return Damage("is cut off within its last characters", (f"{len(clean):,} characters are no whole base64",))


def _no_ciphertext(text: str) -> Damage:
    for sign, what in _TOOLS.items():
        if sign in text:
            return Damage(f"is no ciphertext, but {what}", is_plain=sign == "-----BEGIN ")
    raw = _decoded(joined(text).rstrip("="))
    if raw is None:
        count = len(_NO_BASE64.findall(joined(text)))
        what = f"{count:,} of its characters are" if count else "it is"
        return Damage(
            "is no ciphertext, but another text", (f"{len(text):,} characters; {what} not base64",), is_plain=True
        )
    if _is_text(raw):
        return Damage("is no ciphertext, but base64 of a text", (f"a text of {len(raw):,} bytes",), is_plain=True)
    return Damage("is base64, but no ciphertext", (f"{len(raw):,} bytes, which do not begin as sealing makes them",))


def _decoded(text: str) -> bytes | None:
    """Decode base64 without its padding, whole groups and what the last one holds; None for another text."""
    if _NO_BASE64.search(text) or "=" in text:
        return None
    text = text[:-1] if len(text) % 4 == 1 else text
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None


def _is_text(raw: bytes) -> bool:
    try:
        return all(char.isprintable() or char in "\r\n\t" for char in raw.decode())
    except UnicodeDecodeError:
        return False


def _is_usual(size: int) -> bool:
    return SMALLEST_KEY_BYTES <= size <= LARGEST_KEY_BYTES and size % 16 == 0


def _places(text: str, pattern: re.Pattern[str]) -> Iterator[int]:
    return (match.start() + 1 for match in pattern.finditer(text))


def _where(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def words(text: str) -> str:
        places = list(_places(text, pattern))
        more = f" and at {len(places) - 1:,} more" if len(places) > 1 else ""
        return f"{what} at character {places[0]:,}{more}" if places else what

    return words


def _without(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: pattern.sub("", text)


def _without_invisible(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cc", "Zs") or char in "\r\n")


def _to_standard(text: str) -> str:
    return text.replace("-", "+").replace("_", "/") if re.fullmatch(r"[\w=\s-]+", text) else text


def _padded(text: str) -> str:
    clean = joined(text).rstrip("=")
    padded = clean + "=" * (-len(clean) % 4)
    return padded if len(clean) % 4 != 1 else text


def _once(text: str) -> str:
    raw = _decoded(joined(text).rstrip("="))
    return raw.decode().strip() if raw and _is_text(raw) else text


_ESCAPES = re.compile(r"\\[nrt]")
_QUOTES = re.compile(r"""["'`]""")
_BLANKS = re.compile(r"[^\S\r\n]+")
_CHANGES: tuple[tuple[Callable[[str], str], str, Callable[[str], str]], ...] = (
    (_without(_ESCAPES), "has line breaks written as \\n", _where(_ESCAPES, "a backslash")),
    (_without(_QUOTES), "has quotes in it", _where(_QUOTES, "a quote")),
    (_without(_BLANKS), "is re-wrapped: blanks stand in it", _where(_BLANKS, "a blank")),
    (_without_invisible, "has invisible characters in it", lambda _: "characters that nobody sees"),
    (_to_standard, "is in the URL-safe alphabet", lambda _: "- and _ stand for + and /"),
    (_padded, "has lost its padding", lambda text: f"{len(joined(text)):,} characters, no multiple of 4"),
    (_once, "is encoded in base64 twice", lambda _: "its base64 decodes to base64"),
)
"""Each damage that can be undone: how, what it is, and the evidence for it."""
