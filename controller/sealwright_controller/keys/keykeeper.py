"""Makes sealing keys when they are due or requested, retries when that fails, and checks the served one.

`renewal` decides when a key is due; `keystore` makes and stores it.
"""

import queue
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from sealwright_controller.gateway import GatewayError
from sealwright_controller.keys import renewal
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.process.logs import defect
from sealwright_controller.settings import KeySettings
from sealwright_crypto import KeyMaterialError

LOOK_INTERVAL = timedelta(minutes=1)
"""How often to check that the Secret of the served key exists, and which key is now the newest."""
LOOKS_PER_LIST = 10
"""The keys are listed again at one look in this many, and at each of this many looks after one that found the served
key gone. That corrects whatever a watch or a list got wrong."""
_RENEW, _LOOK = True, False

_log = structlog.get_logger()


class KeyKeeper:
    """Maintains the keys in one thread (`run`); the other methods may be called from any thread."""

    def __init__(
        self,
        keystore: KeyStore,
        settings: KeySettings,
        now: Callable[[], datetime],
        stopping: threading.Event,
        *,
        on_doubt: Callable[[], None] = lambda: None,
        leads: Callable[[], bool] = lambda: True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now` gives the time (aware), `monotonic` seconds; `on_doubt` is called when the keys must be listed again.

        Keys are made only while `leads` says that this replica leads.

        `stopping` ends `run` at its next look; call `look` to wake it.
        """
        self._keystore = keystore
        self._settings = settings
        self._now = now
        self._stopping = stopping
        # A SimpleQueue, because its `put` is reentrant: a signal handler may interrupt another one inside it, where an
        # Event would deadlock.
        self._calls: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._on_doubt = on_doubt
        self._leads = leads
        self._monotonic = monotonic
        self._wanted = False
        self._awaits_leader = False  # a key is due, and another replica makes it
        self._failures = 0
        self._checked_at = monotonic()
        self._looks_until_list = LOOKS_PER_LIST
        self._doubtful_looks = 0
        self._looked = threading.Event()

    @property
    def has_looked(self) -> bool:
        """Whether a key that was due at the start was made, or failed; until then the newest key is unknown."""
        return self._looked.is_set()

    def renew_now(self) -> None:
        """Ask for a new key, whatever the age of the others; returns at once, also in a signal handler.

        It is made as soon as the keys are loaded, and retried until it is stored. A key that is made at that moment
        because it is due fulfils the request.
        """
        self._calls.put(_RENEW)

    def look(self) -> None:
        """Make `run` check now whether a key is due; returns at once, also in a signal handler."""
        self._calls.put(_LOOK)

    def run(self) -> None:
        """Make a key whenever one is due; a failed attempt is repeated within a minute, not within a period."""
        while not self._keystore.wait_until_loaded(timeout_seconds=0.1):
            if self._stopping.is_set():
                return
        wait = timedelta(0)
        while not self._is_stopping_after(wait):
            wait = self._attempt()
            if not self._awaits_leader:
                self._looked.set()

    def _is_stopping_after(self, wait: timedelta) -> bool:
        """Wait, or until called, and consume all calls; returns whether to stop."""
        try:
            self._wanted |= self._calls.get(timeout=wait.total_seconds())
            while True:
                self._wanted |= self._calls.get_nowait()
        except queue.Empty:
            return self._stopping.is_set()

    def _attempt(self) -> timedelta:
        """Make a key if one is due or requested; returns after how long to look again."""
        try:
            self._keystore.tell_waiting()
            self._look_after_served()
            wait = min(self._make_if_due(), self._until_next_look())
        except (GatewayError, KeyMaterialError) as error:
            wait = self._after_failure()
            _log.error("cannot make a sealing key, trying again", error=str(error), seconds=wait.total_seconds())
        except Exception as error:  # noqa: BLE001 - without this thread keys would never be renewed
            wait = self._after_failure()
            _log.error("defect in the controller", **defect(error))
        else:
            self._failures = 0
        return wait

    def _look_after_served(self) -> None:
        """From time to time, check that the served key exists, and decide by the clock which key is the newest."""
        if self._until_next_look():
            return
        try:
            self._keystore.refresh()
            if not self._keystore.check_served():
                self._doubtful_looks = LOOKS_PER_LIST
            self._doubt_now_and_then()
        except GatewayError as error:
            _log.warning("cannot check the served sealing key", error=str(error))
        finally:
            self._checked_at = self._monotonic()

    def _doubt_now_and_then(self) -> None:
        self._looks_until_list -= 1
        if self._doubtful_looks or not self._looks_until_list:
            self._doubtful_looks = max(0, self._doubtful_looks - 1)
            self._looks_until_list = LOOKS_PER_LIST
            self._on_doubt()

    def _until_next_look(self) -> timedelta:
        since = timedelta(seconds=self._monotonic() - self._checked_at)
        return max(LOOK_INTERVAL - since, timedelta(0))

    def _after_failure(self) -> timedelta:
        self._failures += 1
        return renewal.retry_delay(self._failures)

    def _make_if_due(self) -> timedelta:
        due = renewal.next_key(
            self._keystore.keys.made,
            now=self._now(),
            period=self._settings.renew_period,
            cutoff=self._settings.cutoff,
        )
        leads = self._leads()
        if self._wanted and not leads:
            _log.warning("no new sealing key made: another replica leads, send SIGUSR1 to it")
            self._wanted = False
        self._awaits_leader = due.due and not leads
        if self._awaits_leader:
            return LOOK_INTERVAL
        if not due.due and not self._wanted:
            return due.next_check
        _log.info("making a new sealing key", reason=due.reason if due.due else "SIGUSR1")
        self._keystore.create(self._settings, self._now())
        self._wanted = False
        return timedelta(0)
