"""Reads each pair of certificate and private key once, because checking that they match costs a private-key operation.

Anyone who may create Secrets can copy a large pair many times. For a pair that is no longer used, only a hash is kept;
for an unreadable one, the reason.
"""

import hashlib
import threading
from collections import OrderedDict
from weakref import WeakValueDictionary

from sealwright_crypto import KeyMaterialError, SealingKey, load_sealing_key

MAX_FAILURES = 4096
"""How many are remembered; beyond that, the oldest are forgotten."""


class Pairs:
    """Loads pairs; may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: WeakValueDictionary[bytes, SealingKey] = WeakValueDictionary()
        self._failed: OrderedDict[bytes, str] = OrderedDict()

    def load(self, certificate_pem: bytes, key_pem: bytes) -> SealingKey:
        """Return a pair, as `load_sealing_key` does. Raises KeyMaterialError."""
        parts = hashlib.sha256(certificate_pem).digest(), hashlib.sha256(key_pem).digest()
        pair = b"".join(parts)
        with self._lock:
            found, failure = self._loaded.get(pair), self._failed.get(pair)
        if found is not None:
            return found
        if failure is not None:
            raise KeyMaterialError(failure)
        try:
            loaded = load_sealing_key(certificate_pem, key_pem)
        except KeyMaterialError as error:
            with self._lock:
                self._failed[pair] = str(error)
                while len(self._failed) > MAX_FAILURES:
                    self._failed.popitem(last=False)
            raise
        with self._lock:
            return self._loaded.setdefault(pair, loaded)
