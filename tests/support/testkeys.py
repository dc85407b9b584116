"""The fixed keys of tests/vectors/keys, by name: loaded once, for tests alone, and public."""

import functools
from pathlib import Path

from sealwright_crypto import Keyring, OperationCounter, SealingKey, load_sealing_key

FOLDER = Path(__file__).parents[1] / "vectors" / "keys"

NAMES = ("small-1024", "new-2048", "old-2048", "other-2048", "medium-3072", "large-4096")
ONE_OF_EACH_SIZE = ("small-1024", "new-2048", "medium-3072", "large-4096")


@functools.cache
def key(name: str = "new-2048") -> SealingKey:
    """Return a key by its name; the number in it is the length of its modulus in bits."""
    return load_sealing_key((FOLDER / f"{name}.crt.pem").read_bytes(), (FOLDER / f"{name}.key.pem").read_bytes())


def ring(*names: str, counter: OperationCounter | None = None) -> Keyring:
    """Return a keyring of the named keys, newest first."""
    return Keyring([key(name).private_key for name in names], counter)
