"""Names of new key Secrets. Pure.

Sealed-secrets lets the API server choose five characters after the prefix. Here they are derived from known facts, so
that controllers that make a key at the same moment choose the same name, and the API server accepts one of the two.
These facts must be unique: a backup of another cluster's keys, or of an earlier time, must not replace another key of
the same name when it is applied here.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from sealwright_crypto import Fingerprint

MAX_NAMES = 8
"""How many names are tried for the successor of one key on one day."""
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # as in Kubernetes' generated names
_CHARACTERS = 5


def successor_names(prefix: str, cluster: str, newest: Fingerprint | None, now: datetime) -> Iterator[str]:
    """Yield names for the key that follows `newest` in a cluster, or for the first one there; the best comes first.

    `cluster` identifies the cluster; only the day of `now` (aware) is used.
    """
    day = f"{now.astimezone(UTC):%Y-%m-%d}"
    for attempt in range(MAX_NAMES):
        origin = "\0".join((prefix, cluster, newest or "", day, str(attempt)))
        number = int.from_bytes(hashlib.sha256(origin.encode()).digest())
        yield prefix + _letters(number)


def _letters(number: int) -> str:
    letters = ""
    for _ in range(_CHARACTERS):
        number, index = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[index]
    return letters
