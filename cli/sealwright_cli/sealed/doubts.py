"""Doubts about the values of a Secret before they are sealed, since nobody can look at them later. Pure.

A doubt names the item and never quotes its value. Callers decide whether it is a warning or, with --strict, an error.
Nothing slow is imported before a value needs it.
"""

import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sealwright_cli.messages.errors import InputError
from sealwright_cli.messages.ui import Console, visible
from sealwright_conventions.patterns import pattern

_TLS, _SSH = "kubernetes.io/tls", "kubernetes.io/ssh-auth"
_CERTIFICATE, _PRIVATE_KEY = "tls.crt", "tls.key"
_DOCKER, _OLD_DOCKER = ".dockerconfigjson", ".dockercfg"
_SECRET_NAME = pattern(
    r"(?:\A|-)(?:pass(?:word|wd|phrase)?|pwd|secret|tokens?|credentials?|auth|pin|dsn|(?:api|access|secret|license)-?key"
    r"|(?:client|user|account)-?(?:id|name))(?:-|\Z)",
    re.IGNORECASE,
)
"""The name of an item, its parts joined by `-`, that holds one word or line."""
_PARTS = pattern(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_ONE_WORD = pattern(rb"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[!-~]{12,}\Z")
_BASE64 = pattern(rb"[A-Za-z0-9+/]+={0,2}\Z")
_SHORTEST_BASE64 = 12
_SSH_NAME = pattern(r"ssh|id_(?:rsa|ed25519|ecdsa|dsa)", re.IGNORECASE)
_SSH_KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_ANY_KEY = pattern(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_MOST_BYTES = 256 * 1024
"""Longer values are files, which no rule here is about."""

_MARKERS = (b"<<<<<<< ", b"=======", b">>>>>>> ")
"""Git's, in their order. In a YAML text in quotes, blanks stand in the place of line breaks."""

STRICT_HINT = "correct the value, or leave out --strict if it is meant so"


def doubts_of(items: Mapping[str, bytes], kind: str | None) -> list[str]:
    """Return what is doubtful about the values of a Secret of this type, each with the item's name in front."""
    found = [f"item {visible(name)} {words}" for name, value in items.items() for words in of_value(name, value, kind)]
    return [*found, *_of_pair(items, kind)]


def of_value(name: str, value: bytes, kind: str | None = None) -> Iterator[str]:
    """Yield what is doubtful about one value, in words that follow the item's name; an empty `name` is no hint."""
    if not value or len(value) > _MOST_BYTES:
        return
    if _holds_conflict(value):
        yield "holds conflict markers of Git, so it is not merged yet"
    if name == _DOCKER or (name == _OLD_DOCKER and kind):
        if fault := _docker_fault(name, value):
            yield f"is no such JSON as the kubelet reads: {fault}"
        return
    if _is_ssh_key(name, value, kind):
        if b"\r" in value:
            yield "is an SSH key with Windows line ends (CRLF), which OpenSSH refuses"
        elif not value.endswith(b"\n"):
            yield "is an SSH key without a line break at its end, which OpenSSH refuses"
        return
    if _is_base64_of_text(value):
        yield "looks like base64 of a text, so it may be encoded twice; plain text belongs under stringData"
    elif _ends_by_mistake(name, value):
        yield "ends with a line break, which becomes a part of it; printf writes none, nor does echo -n"


def tell(doubts: list[str], place: str, console: Console, *, is_strict: bool) -> None:
    """Warn about doubts. Raises InputError instead if `is_strict`; `place` is the Secret in messages, or empty."""
    if doubts and is_strict:
        raise refusal(doubts, place)
    for words in doubts:
        console.warn(f"{place}: {words}" if place else words)


def refusal(doubts: list[str], place: str) -> InputError:
    """Return the error about doubts of one Secret, for --strict."""
    words = "; ".join(doubts)
    return InputError(f"{place}: {words}" if place else words, hint=STRICT_HINT)


def _ends_by_mistake(name: str, value: bytes) -> bool:
    """Tell whether a value is one line with its line break, and a password or token by its name or look."""
    line = value.rstrip(b"\r\n")
    if line == value or not line or b"\n" in line or b"\r" in line:
        return False
    is_named_so = _SECRET_NAME.search("-".join(_PARTS.split(name))) is not None
    is_file = "." in name.strip(".")
    return is_named_so or (not is_file and bool(_ONE_WORD.match(line)))


def _holds_conflict(value: bytes) -> bool:
    at = 0
    for marker in _MARKERS:
        at = value.find(marker, at)
        if at < 0:
            return False
        at += len(marker)
    return True


def _is_base64_of_text(value: bytes) -> bool:
    text = value.strip()
    if len(text) < _SHORTEST_BASE64 or len(text) % 4 or not _BASE64.match(text):
        return False
    try:
        decoded = binascii.a2b_base64(text, strict_mode=True).decode()
    except ValueError:  # binascii.Error and UnicodeDecodeError
        return False
    return all(char.isprintable() or char in "\t\r\n" for char in decoded)


def _is_ssh_key(name: str, value: bytes, kind: str | None) -> bool:
    if _SSH_KEY in value:
        return True
    return bool(_ANY_KEY.search(value)) and (kind == _SSH or _SSH_NAME.search(name) is not None)


def _docker_fault(name: str, value: bytes) -> str:
    """Return what is wrong with the credentials of registries; empty if nothing is."""
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        return "it is not JSON"
    if not isinstance(data, dict):
        return "it is not an object"
    auths = data.get("auths") if name == _DOCKER else data
    if name == _DOCKER and "auths" not in data:
        return "it has no auths"
    if not isinstance(auths, dict) or not auths:
        return "auths names no registry"
    return next(filter(None, map(_registry_fault, auths.values())), "")


def _registry_fault(entry: Any) -> str:
    if not isinstance(entry, dict):
        return "a registry's entry is not an object"
    if auth := entry.get("auth"):
        try:
            is_pair = isinstance(auth, str) and b":" in binascii.a2b_base64(auth, strict_mode=True)
        except ValueError:
            is_pair = False
        return "" if is_pair else "auth is not base64 of user:password"
    return "" if entry.keys() & {"username", "password", "identitytoken", "registrytoken"} else "a registry has no auth"


def _of_pair(items: Mapping[str, bytes], kind: str | None) -> Iterator[str]:
    """Yield what is doubtful about a TLS certificate and its private key."""
    certificate, key = items.get(_CERTIFICATE, b""), items.get(_PRIVATE_KEY, b"")
    if not certificate or not key or max(len(certificate), len(key)) > _MOST_BYTES:
        return
    of_certificate, of_key = _key_in_certificate(certificate), _key_of(key)
    if kind == _TLS and of_certificate is None:
        yield f"item {_CERTIFICATE} is no certificate in PEM, or a damaged one"
    elif kind == _TLS and of_key == b"":
        yield f"item {_PRIVATE_KEY} is no private key in PEM, or a damaged one"
    elif of_certificate and of_key and of_certificate != of_key:
        yield f"items {_CERTIFICATE} and {_PRIVATE_KEY} do not belong together: the private key is another one"


def _key_in_certificate(pem: bytes) -> bytes | None:
    """Return the public key (DER) of the first certificate; None if there is none."""
    from cryptography import x509  # noqa: PLC0415 - sealing has imported it; lint of other values does without
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - as above

    try:
        key = x509.load_pem_x509_certificate(pem).public_key()
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    except Exception:  # noqa: BLE001 - versions of the library differ in what they raise; its text may quote the value
        return None


def _key_of(pem: bytes) -> bytes | None:
    """Return the public key (DER) of a private key; None if it needs a passphrase, and nothing if it is none."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - as above

    if b"ENCRYPTED" in pem:
        return None
    try:
        key = serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True).public_key()
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    except Exception:  # noqa: BLE001 - as above
        return b""
