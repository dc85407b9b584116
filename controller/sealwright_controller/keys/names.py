"""Names of new key Secrets. Pure.

Sealed-secrets lets the API server choose five characters behind the prefix. Here they follow from what is known, so
that controllers that make a key at the same moment choose the same name, and the API server takes one of the two. What
they follow from is not to be the same anywhere else: a backup of another cluster's keys, or of an earlier time, that
is applied here must not meet the name of another key and replace it.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from sealwright_crypto import Fingerprint

MAX_NAMES = 8
"""How many names there are for the successor of one key on one day."""
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # of Kubernetes' own generated names
_CHARACTERS = 5


def successor_names(prefix: str, cluster: str, newest: Fingerprint | None, now: datetime) -> Iterator[str]:
    """Yield names for the key that follows `newest` in a cluster, or for the first one there; the best comes first.

    `cluster` is what tells the cluster from others, of `now` (aware) the day counts.
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
