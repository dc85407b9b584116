"""Messages about key Secrets that do not count, or no longer count: in the log, as an Event, in the metrics.

Every replica logs and counts them; only the leader writes Events. At the start it is not known yet who leads, so an
Event waits for as long as that takes. If another replica led meanwhile, that one has written it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from sealwright_controller.gateway import Event, Gateway, ObjectKey
from sealwright_controller.keys.admission import Verdict
from sealwright_controller.keys.keysecrets import LAST_APPLIED
from sealwright_controller.leadership.times import LEASE_SECONDS
from sealwright_controller.metrics.keys import KeyMetrics, KeyState
from sealwright_controller.objects.reasons import EventReason
from sealwright_crypto import Fingerprint

MOST_A_MINUTE = 50
"""How many ignored key Secrets are reported per minute; the metrics count all of them."""
_A_MINUTE_SECONDS = 60.0

_log = structlog.get_logger()


@dataclass(frozen=True)
class LostKey:
    """A key that was in use and whose Secret is gone or holds another key; `uid` is that Secret's."""

    secret: ObjectKey
    uid: str
    fingerprint: Fingerprint


class KeyNews:
    """Reports to people; may be used from any thread."""

    def __init__(
        self,
        gateway: Gateway,
        metrics: KeyMetrics,
        *,
        leads: Callable[[], bool] = lambda: True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`leads` tells whether this replica leads now; `monotonic` gives seconds, for the limits of reports."""
        self._gateway = gateway
        self._metrics = metrics
        self._monotonic = monotonic
        self._told: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self._untold = 0
        self._leads = leads
        self._waiting: deque[tuple[float, Event]] = deque(maxlen=MOST_A_MINUTE)
        self._lock = threading.Lock()

    def tell_waiting(self) -> None:
        """Write the Events that waited until this replica leads, unless another one led meanwhile."""
        with self._lock:
            if not self._leads():
                return
            oldest = self._monotonic() - LEASE_SECONDS
            waiting = [event for since, event in self._waiting if since >= oldest]
            self._waiting.clear()
        for event in waiting:
            self._gateway.record_event(event)

    def passed_over(self, secret: ObjectKey, uid: str, verdict: Verdict) -> None:
        """Report a Secret that is labelled as an active key but does not count; a few per minute."""
        if not self._may_tell(secret):
            return
        if verdict.state is KeyState.UNREADABLE:
            _log.error("sealing key unreadable", secret=str(secret), error=verdict.reason)
            message, reason = f"this sealing key cannot be used: {verdict.reason}", EventReason.KEY_UNREADABLE
        else:
            _log.error("sealing key not trusted", secret=str(secret), reason=verdict.reason)
            message, reason = f"this sealing key is not used: {verdict.reason}", EventReason.KEY_NOT_TRUSTED
        self._tell(secret, uid, reason, message)

    def exposed(self, secret: ObjectKey, uid: str) -> None:
        """Report a key Secret that was written with `kubectl apply`, which left the private key in an annotation."""
        if not self._may_tell(secret):
            return
        _log.warning("an annotation of a key Secret holds the private key", secret=str(secret), annotation=LAST_APPLIED)
        message = (
            f"the annotation {LAST_APPLIED} of this Secret holds the private key, "
            "and everybody who may list metadata can read it: "
            f"remove it (kubectl -n {secret.namespace} annotate secret {secret.name} {LAST_APPLIED}-), "
            "and restore keys with kubectl create, not with kubectl apply"
        )
        self._tell(secret, uid, EventReason.KEY_EXPOSED, message)

    def lost(self, lost: LostKey, *, served: bool, left: int) -> None:
        """Report a key that is gone; `served`: its certificate was the one to seal with; `left` keys are in use.

        It is an error if SealedSecrets are known that were sealed to it, else a warning.
        """
        self._metrics.count_lost()
        opened = self._metrics.opened(lost.fingerprint)
        tell = _log.error if served or opened or not left else _log.warning
        tell(
            "sealing key lost",
            secret=str(lost.secret),
            fingerprint=lost.fingerprint,
            served=served,
            items_opened=opened,
            left=left,
        )
        message = (
            f"the sealing key {lost.fingerprint} is gone from this Secret: items that were sealed to it do not open any"
            " more; restore it from a backup, unless it was removed on purpose"
        )
        self._tell(lost.secret, lost.uid, EventReason.KEY_LOST, message)

    def _may_tell(self, secret: ObjectKey) -> bool:
        now = self._monotonic()
        if len(self._told) == MOST_A_MINUTE and now - self._told[0] < _A_MINUTE_SECONDS:
            if not self._untold:
                _log.error("too many unusable sealing keys, not all are reported", first=str(secret))
            self._untold += 1
            return False
        self._told.append(now)
        self._untold = 0
        return True

    def _tell(self, secret: ObjectKey, uid: str, reason: EventReason, message: str) -> None:
        event = Event(secret, uid, "Warning", reason.value, message, "Secret")
        with self._lock:
            if not self._leads():
                self._waiting.append((self._monotonic(), event))
                return
        self._gateway.record_event(event)
