"""Objects that no key opened: looking at them again is of no use before they change, or a key comes.

Of each is kept, in less than two KiB, what was tried and what was said of it; so its next look costs no private-key
operation. What an object holds, `Content` tells; what no key of a set opens, no smaller set opens either.
"""

import threading
from dataclasses import replace
from typing import NamedTuple

from sealwright_controller.decide import Action, Decision
from sealwright_controller.events import Reason
from sealwright_controller.gateway import ObjectKey
from sealwright_controller.keywork import Content
from sealwright_crypto import Fingerprint, Keyring

MAX_MESSAGE_BYTES = 1_000
"""Kept of what was said, as UTF-8; an author chooses the names in it."""


class _Tried(NamedTuple):
    content: Content
    keys: frozenset[Fingerprint]
    message: bytes


class HopelessObjects:
    """What no key opened; may be used from several threads."""

    def __init__(self) -> None:
        self._tried: dict[ObjectKey, _Tried] = {}
        self._keys: frozenset[Fingerprint] = frozenset()  # the last set, which most objects share
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._tried)

    def recall(self, key: ObjectKey, content: Content, keyring: Keyring) -> Decision | None:
        """Return what was decided about an object that holds what it held, and that none of these keys opened."""
        tried = self._tried.get(key)
        if tried is None or tried.content != content or not tried.keys.issuperset(keyring.fingerprints):
            return None
        return Decision(Action.REFUSE, Reason.NO_KEY, tried.message.decode())

    def note(self, key: ObjectKey, content: Content, keyring: Keyring, decision: Decision) -> Decision:
        """Remember a decision if it is that no key opens the object; returns it, as it will be recalled."""
        if decision.action is not Action.REFUSE or decision.reason is not Reason.NO_KEY:
            self.forget(key)
            return decision
        message = decision.message.encode(errors="replace")
        if len(message) > MAX_MESSAGE_BYTES:
            message = message[:MAX_MESSAGE_BYTES].decode(errors="ignore").encode() + "…".encode()
        with self._lock:
            keys = frozenset(keyring.fingerprints)
            self._keys = self._keys if self._keys == keys else keys
            self._tried[key] = _Tried(content, self._keys, message)
        return replace(decision, message=message.decode())

    def forget(self, key: ObjectKey) -> None:
        """Forget an object that is gone, or opens."""
        with self._lock:
            self._tried.pop(key, None)
