"""An immutable, ordered set of private keys and the rule that chooses keys for an item.

Private-key operations dominate the cost (milliseconds each). The keys that the caller prefers (a hint, the key of the
object's previous item) are tried first, then the rest, newest first. With a correct hint, one operation opens an item,
however many keys there are. A false hint costs at most one more operation and does not change the result.
"""

from _thread import allocate_lock
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from sealwright_conventions.records import field, record
from sealwright_crypto import envelope
from sealwright_crypto.errors import DecryptionError
from sealwright_crypto.keys import Fingerprint, PrivateKey
from sealwright_crypto.scope import Label


class OperationMeter(Protocol):
    """Is notified before each private-key operation, and may refuse it by raising; the exception reaches the caller."""

    def increment(self) -> None:
        """Record one operation that is about to happen."""
        ...


class OperationCounter:
    """A meter that counts and never refuses, for all threads and keyrings that share it.

    `total`, another meter, is notified of each operation too.
    """

    def __init__(self, total: OperationMeter | None = None) -> None:
        self._lock = allocate_lock()
        self._value = 0
        self._total = total

    @property
    def value(self) -> int:
        """The number of operations so far."""
        return self._value

    def increment(self) -> None:
        """Count one operation."""
        if self._total is not None:
            self._total.increment()
        with self._lock:
            self._value += 1


@record
class Opened:
    """A decrypted item and the key that opened it."""

    plaintext: bytes = field(repr=False)
    fingerprint: Fingerprint


class Keyring:
    """Private keys in the order in which they are tried, usually newest first. Immutable."""

    def __init__(self, keys: Iterable[PrivateKey] = (), meter: OperationMeter | None = None) -> None:
        self._keys = {key.fingerprint: key for key in keys}
        self.meter = meter or OperationCounter()

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[PrivateKey]:
        return iter(self._keys.values())

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._keys) or 'empty'})"

    @property
    def fingerprints(self) -> tuple[Fingerprint, ...]:
        """Fingerprints of the keys, in the order in which they are tried."""
        return tuple(self._keys)

    def in_order(self, first: Sequence[Fingerprint], meter: OperationMeter) -> "Keyring":
        """Return a keyring of the same keys that tries these first; `meter` is notified of its operations."""
        return Keyring(self._candidates(first), meter)

    def open(self, item: str, label: Label, prefer: Sequence[Fingerprint] = ()) -> Opened:
        """Decrypt an item, trying the preferred keys first; unknown fingerprints are ignored.

        Keys whose modulus has another length than the item's cost no operation. Raises FormatError when the item
        is not in the wire format and DecryptionError when no key opens it.
        """
        parsed = envelope.parse(item)
        for key in self._candidates(prefer):
            if not parsed.fits(key):
                continue
            self.meter.increment()
            try:
                return Opened(envelope.open_envelope(parsed, key, label), key.fingerprint)
            except DecryptionError:
                continue
        raise DecryptionError

    def unwraps(self, item: str, label: Label, prefer: Sequence[Fingerprint] = ()) -> Fingerprint | None:
        """Return the key that opens an item's session key under this label, even if the rest does not open.

        Only for holders of the private keys: `DecryptionError` tells nobody else so much. Raises FormatError.
        """
        parsed = envelope.parse(item)
        for key in self._candidates(prefer):
            if parsed.fits(key):
                self.meter.increment()
                if envelope.unwraps(parsed, key, label):
                    return key.fingerprint
        return None

    def _candidates(self, prefer: Sequence[Fingerprint]) -> Iterator[PrivateKey]:
        first = dict.fromkeys(fingerprint for fingerprint in prefer if fingerprint in self._keys)
        yield from (self._keys[fingerprint] for fingerprint in first)
        yield from (key for fingerprint, key in self._keys.items() if fingerprint not in first)
