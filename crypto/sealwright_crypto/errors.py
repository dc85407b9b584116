"""Every exception that leaves this package; exceptions of other libraries are turned into these.

    SealwrightCryptoError            root: catch this to catch all
    ├── ScopeError                   a name or a namespace is missing
    ├── ManifestError                a field of the document has to be corrected
    ├── FormatError                  a ciphertext is damaged and has to be sealed again
    ├── KeyMaterialError             another certificate or private key is needed
    │   └── CertificateExpiredError  …a newer one
    ├── PausedError                  time is up; the same call continues later
    └── DecryptionError              another key, or the right name and namespace, is needed
        └── UnsealError              …for the items that it names

No message holds plaintext or key material. `DecryptionError` gives no cause: it does not distinguish a wrong key, a
wrong label and a flipped bit, so an attacker learns nothing from it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum, auto

MAX_SHOWN_CHARACTERS = 253
"""The longest item name that Kubernetes accepts; longer names are cut in messages."""


class SealwrightCryptoError(Exception):
    """Root of everything that this package raises."""


class ScopeError(SealwrightCryptoError):
    """The scope needs a name or a namespace that was not given."""


class FieldProblem(Enum):
    """What is wrong with a field, for callers that choose advice."""

    COLLECTION_FOR_TEXT = auto()
    """A list or a map stands where text is expected."""
    NO_TEXT = auto()
    """A number, true, false or null stands where text is expected."""
    NO_MAP = auto()
    NOT_BASE64 = auto()
    NO_SECRET = auto()
    """The object is not a v1 Secret."""
    HALF_CHARACTER = auto()
    """Half a surrogate pair, which UTF-8 cannot carry."""
    UNKNOWN_FIELD = auto()
    OTHER = auto()


class ManifestError(SealwrightCryptoError):
    """A Secret or SealedSecret has a field of the wrong shape.

    `path` is the field as a person would write it (`spec.encryptedData.password`), `reason` what is wrong with it.
    """

    def __init__(self, path: str, reason: str, problem: FieldProblem = FieldProblem.OTHER) -> None:
        super().__init__(f"{shown(path)}: {reason}")
        self.path = path
        self.reason = reason
        self.problem = problem


class FormatError(SealwrightCryptoError):
    """A ciphertext is not in the wire format (docs/concepts/format.md); that is public, so the reason is given."""


class KeyMaterialError(SealwrightCryptoError):
    """A certificate or private key cannot be used."""


class CertificateExpiredError(KeyMaterialError):
    """The certificate's validity has ended; `not_after` is when (aware, UTC)."""

    def __init__(self, not_after: datetime) -> None:
        super().__init__(f"the certificate expired on {not_after:%Y-%m-%d %H:%M} UTC")
        self.not_after = not_after


class DecryptionError(SealwrightCryptoError):
    """The ciphertext could not be opened; the reason is deliberately not given."""

    def __init__(self, message: str = "could not be decrypted") -> None:
        super().__init__(message)


class UnsealError(DecryptionError):
    """These items could not be opened.

    `items` names those that were tried, sorted; `untried` counts the others. `damaged` gives the reason for each item
    that is not in the wire format. The text begins with upstream's words, which users' tools look for.
    """

    def __init__(self, items: Iterable[str], damaged: Mapping[str, str] | None = None, *, untried: int = 0) -> None:
        self.items = tuple(sorted(items))
        self.damaged = dict(sorted((damaged or {}).items()))
        self.untried = untried
        reasons = "".join(f"; {shown(item)}: {reason}" for item, reason in self.damaged.items())
        more = f"; {untried} more were not tried" if untried else ""
        super().__init__(f"no key could decrypt secret ({', '.join(map(shown, self.items))}){more}{reasons}")


class PausedError(SealwrightCryptoError):
    """Time ran out before all items were open; the items opened so far are kept in the `Pace` for the next call."""

    def __init__(self) -> None:
        super().__init__("not all items are open yet")


def shown(name: str) -> str:
    """Return a name from untrusted input in a form that is safe to show: short, one line, no terminal escapes."""
    cut = name if len(name) <= MAX_SHOWN_CHARACTERS else f"{name[:MAX_SHOWN_CHARACTERS]}…"
    return cut if cut.isprintable() else ascii(cut)[1:-1]
