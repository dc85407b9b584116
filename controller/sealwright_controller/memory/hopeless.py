"""Objects that no key opened: another look is useless until they change or a key is added.

For each, less than two KiB are kept: what was tried and what was reported. So its next look needs no private-key
operation, and most looks no request. `Form` identifies the content of an object. If no key of a set opens an object, no
smaller set does.
"""

import threading
from dataclasses import replace
from typing import NamedTuple

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.objects.decide import Action, Decision
from sealwright_controller.objects.forms import Form
from sealwright_controller.objects.reasons import Reason
from sealwright_crypto import Fingerprint, Keyring

CHECK_SECONDS = 1800.0
"""After this time a look asks the API server, in case a change was missed."""
MAX_MESSAGE_BYTES = 1_000
"""How much of a message is kept, as UTF-8; an author chooses the names in it."""


class _Tried(NamedTuple):
    form: Form
    keys: frozenset[Fingerprint]
    message: bytes


class HopelessObjects:
    """Remembers objects that no key opened; may be used from several threads."""

    def __init__(self) -> None:
        self._tried: dict[ObjectKey, _Tried] = {}
        self._told: dict[ObjectKey, float] = {}
        self._keys: frozenset[Fingerprint] = frozenset()  # the last set, which most objects share
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._tried)

    def recall(self, key: ObjectKey, form: Form, keyring: Keyring) -> Decision | None:
        """Return the decision about an object whose content is unchanged and that none of these keys opened."""
        tried = self._tried.get(key)
        if tried is None or tried.form != form or not tried.keys.issuperset(keyring.fingerprints):
            return None
        return Decision(Action.REFUSE, Reason.NO_KEY, tried.message.decode())

    def needs_no_look(self, key: ObjectKey, form: Form, keyring: Keyring, now: float) -> bool:
        """Tell whether an object, as last shown, was already looked at and reported, so reading it shows nothing new.

        `now` is in seconds, as for `told`.
        """
        is_recent = now - self._told.get(key, -CHECK_SECONDS) < CHECK_SECONDS
        return is_recent and self.recall(key, form, keyring) is not None

    def told(self, key: ObjectKey, now: float) -> None:
        """Note that status and Event of an object report the decision."""
        with self._lock:
            if key in self._tried:
                self._told[key] = now

    def doubt(self, key: ObjectKey) -> None:
        """Note that somebody wrote another status, which has to be read."""
        with self._lock:
            self._told.pop(key, None)

    def note(self, key: ObjectKey, form: Form, keyring: Keyring, decision: Decision) -> Decision:
        """Remember a decision if it says that no key opens the object; returns it as it will be recalled."""
        if decision.action is not Action.REFUSE or decision.reason is not Reason.NO_KEY:
            self.forget(key)
            return decision
        message = decision.message.encode(errors="replace")
        if len(message) > MAX_MESSAGE_BYTES:
            message = message[:MAX_MESSAGE_BYTES].decode(errors="ignore").encode() + "…".encode()
        with self._lock:
            keys = frozenset(keyring.fingerprints)
            self._keys = self._keys if self._keys == keys else keys
            self._told.pop(key, None)
            self._tried[key] = _Tried(form, self._keys, message)
        return replace(decision, message=message.decode())

    def forget(self, key: ObjectKey) -> None:
        """Forget an object that is gone, or opens."""
        with self._lock:
            self._tried.pop(key, None)
            self._told.pop(key, None)
