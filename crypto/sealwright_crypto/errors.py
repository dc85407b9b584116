"""Every exception that leaves this package; foreign ones are turned into these at the border.

    SealwrightCryptoError            root: catch this to catch all
    ├── ScopeError                   the caller must say a name or a namespace
    ├── ManifestError                a field of the document has to be corrected
    ├── FormatError                  a ciphertext is damaged and has to be sealed anew
    ├── KeyMaterialError             another certificate or private key is needed
    │   └── CertificateExpiredError  …a newer one
    ├── PausedError                  the same call goes on, some time later
    └── DecryptionError              another key, or the right name and namespace, is needed
        └── UnsealError              …for the items that it names

No message holds plaintext or key material. `DecryptionError` gives no cause: a wrong key, a wrong label and a
flipped bit cannot be told apart, so nobody can learn from the difference.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum, auto

MAX_SHOWN_CHARACTERS = 253
"""Of a name within a message: the longest item name that Kubernetes takes."""


class SealwrightCryptoError(Exception):
    """Root of everything that this package raises."""


class ScopeError(SealwrightCryptoError):
    """The scope needs a name or a namespace that was not given."""


class FieldProblem(Enum):
    """What kind of mistake a field holds, for whoever tells people what to do about it."""

    COLLECTION_FOR_TEXT = auto()
    """A list or a map stands where text is expected."""
    NO_TEXT = auto()
    """A number, true, false or null stands there."""
    NO_MAP = auto()
    NOT_BASE64 = auto()
    NO_SECRET = auto()
    """The object is no v1 Secret."""
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
    """A ciphertext is not in the wire format (docs/concepts/format.md); its form is public, so the reason is told."""


class KeyMaterialError(SealwrightCryptoError):
    """A certificate or private key cannot be used."""


class CertificateExpiredError(KeyMaterialError):
    """The certificate's validity has ended; `not_after` is when (aware, UTC)."""

    def __init__(self, not_after: datetime) -> None:
        super().__init__(f"the certificate expired on {not_after:%Y-%m-%d %H:%M} UTC")
        self.not_after = not_after


class DecryptionError(SealwrightCryptoError):
    """The ciphertext could not be opened; deliberately says no more."""

    def __init__(self, message: str = "could not be decrypted") -> None:
        super().__init__(message)


class UnsealError(DecryptionError):
    """These items could not be opened.

    `items` names all of them, sorted, but for the `untried` ones, which are so many; `damaged` tells for those that are
    not in the wire format why. The text begins with the words that upstream uses and that its users' tools look for.
    """

    def __init__(self, items: Iterable[str], damaged: Mapping[str, str] | None = None, *, untried: int = 0) -> None:
        self.items = tuple(sorted(items))
        self.damaged = dict(sorted((damaged or {}).items()))
        self.untried = untried
        reasons = "".join(f"; {shown(item)}: {reason}" for item, reason in self.damaged.items())
        more = f"; {untried} more were not tried" if untried else ""
        super().__init__(f"no key could decrypt secret ({', '.join(map(shown, self.items))}){more}{reasons}")


class PausedError(SealwrightCryptoError):
    """There was no time for all items; those that are open are kept in the `Pace`, for the next time."""

    def __init__(self) -> None:
        super().__init__("not all items are open yet")


def shown(name: str) -> str:
    """Return a name that anybody may have chosen as it may be shown: short, in one line, without terminal escapes."""
    cut = name if len(name) <= MAX_SHOWN_CHARACTERS else f"{name[:MAX_SHOWN_CHARACTERS]}…"
    return cut if cut.isprintable() else ascii(cut)[1:-1]
