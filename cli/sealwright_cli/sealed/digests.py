"""Keyed digests of values that were sealed, in the user's own state folder: whether a value has changed since.

For each ciphertext of an item, the file holds what HMAC-SHA256 makes of the ciphertext and the item's name, and of
these with the key's fingerprint, the label and the value, both cut to 128 bits; the random key of the HMAC is in the
same file. Who lacks the file learns nothing. Who has it can try out guesses of a value: so it is for its owner only,
and only `seal --update` writes it. The digests are a convenience: a file that is missing, broken or another user's
costs a new ciphertext, and no more.
"""

import hmac
import json
import secrets
from collections.abc import Callable
from pathlib import Path

from sealwright_cli.certificates.ownfiles import NotOursError, check_own_folder, read_own_file
from sealwright_cli.files.disk import reason, write_file
from sealwright_cli.messages.errors import CliError
from sealwright_crypto import Fingerprint, Label

FILE = "digests.json"
MOST = 20_000
"""How many ciphertexts are remembered; the oldest go first."""
_VERSION = 1
_OWN = 0o700
_MAX_BYTES = 8 * 1024 * 1024
_KEY_BYTES = 32
_DIGITS = 32  # of a digest: 128 bits


class Digests:
    """The digests of one run: read when it begins, written by `save`."""

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        """Read the digests in a folder, which need not exist.

        `warn` is called with the reason if a file that exists is not used.
        """
        self._path = folder / FILE
        self._warn = warn
        self._key = b""
        self._known: dict[str, str] = {}
        self._is_usable = True
        self._read()
        self._key = self._key or secrets.token_bytes(_KEY_BYTES)

    def has(self, ciphertext: str, item: str) -> bool:
        """Tell whether it is known which value a ciphertext of this item holds."""
        return self._name(ciphertext, item) in self._known

    def is_of(self, ciphertext: str, key: Fingerprint, label: Label, item: str, value: bytes) -> bool:
        """Tell whether a ciphertext is known to hold this value of this item, sealed to this key, under this label."""
        return self._known.get(self._name(ciphertext, item)) == self._digest(ciphertext, key, label, item, value)

    def remember(self, ciphertext: str, key: Fingerprint, label: Label, item: str, value: bytes) -> None:
        """Remember what a ciphertext holds, as the newest."""
        name = self._name(ciphertext, item)
        self._known.pop(name, None)
        self._known[name] = self._digest(ciphertext, key, label, item, value)

    def save(self) -> None:
        """Write the file; a failure is a warning."""
        if not self._is_usable:
            return
        newest = dict(list(self._known.items())[-MOST:])
        content = json.dumps({"version": _VERSION, "key": self._key.hex(), "digests": newest}, indent=0) + "\n"
        try:
            self._path.parent.mkdir(mode=_OWN, parents=True, exist_ok=True)
            check_own_folder(self._path.parent)
            self._path.parent.chmod(_OWN)  # it may be older; others could not write to it
            write_file(self._path, content.encode(), private=True)
        except CliError as error:
            self._warn(f"what was sealed could not be remembered: {error.message}")
        except OSError as error:
            self._warn(f"what was sealed could not be remembered: {self._path}: {reason(error)}")
        except NotOursError as error:
            self._warn(f"what was sealed could not be remembered: {error}")

    def _read(self) -> None:
        try:
            self._key, self._known = _parsed(read_own_file(self._path, _MAX_BYTES))
        except FileNotFoundError:
            return
        except (NotOursError, OSError) as error:
            words = error if isinstance(error, NotOursError) else f"{self._path}: {reason(error)}"
            self._is_usable = False
            self._warn(f"the remembered digests are not used: {words}")
        except (ValueError, LookupError, TypeError, RecursionError):
            self._warn(f"the remembered digests are not used, and made anew: {self._path}: not a file of digests")

    def _name(self, ciphertext: str, item: str) -> str:
        return self._hmac(b"ciphertext", _plain(ciphertext), _bytes(item))

    def _digest(self, ciphertext: str, key: Fingerprint, label: Label, item: str, value: bytes) -> str:
        return self._hmac(b"value", _plain(ciphertext), key.encode(), label, _bytes(item), value)

    def _hmac(self, *parts: bytes) -> str:
        """Return the digest of a list of parts; each stands behind its length."""
        text = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.digest(self._key, text, "sha256").hex()[:_DIGITS]


def _plain(ciphertext: str) -> bytes:
    """Return a ciphertext without the line breaks that a file may have put into it."""
    return _bytes("".join(ciphertext.split()))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _parsed(content: bytes) -> tuple[bytes, dict[str, str]]:
    """Return key and digests. Raises ValueError, LookupError, TypeError or RecursionError for other content."""
    found = json.loads(content)
    key, known = bytes.fromhex(found["key"]), found["digests"]
    if found["version"] != _VERSION or len(key) != _KEY_BYTES or not _is_texts(known):
        raise ValueError
    return key, known


def _is_texts(found: object) -> bool:
    return isinstance(found, dict) and all(isinstance(one, str) for pair in found.items() for one in pair)
