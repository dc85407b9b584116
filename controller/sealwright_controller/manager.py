"""Starts and stops the controller's threads in order, and keeps one object's failure from affecting the others.

Order of starting: web servers (so that probes are answered), keys, workers, and then, for each namespace separately,
Secrets before SealedSecrets, because decisions need them. A namespace that cannot be listed does not delay the others.
If there is no key, one is made at once, so that a certificate is available whatever else is missing. While the API
server is away, the controller waits. Order of stopping: no new work, running work ends, servers last.
"""

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import structlog

from sealwright_controller.gateway import (
    Event,
    Gateway,
    GatewayError,
    NotFoundError,
    NotSeenGoneError,
    ObjectKey,
    Resource,
)
from sealwright_controller.keys.admission import admission_of
from sealwright_controller.keys.keykeeper import KeyKeeper
from sealwright_controller.keys.keystore import Keys, KeyStore
from sealwright_controller.leadership.election import Alone, Leadership
from sealwright_controller.memory.inventory import SealedSecretInventory
from sealwright_controller.memory.othercontroller import EventKind, OtherController
from sealwright_controller.metrics.contention import ContentionMetrics
from sealwright_controller.metrics.leadership import LeadershipMetrics
from sealwright_controller.metrics.missingkeys import MissingKeyMetrics
from sealwright_controller.metrics.othercontroller import OtherControllerMetrics
from sealwright_controller.metrics.queue import QueueMetrics
from sealwright_controller.metrics.registry import Metrics, Outcome
from sealwright_controller.metrics.watches import WatchMetrics
from sealwright_controller.objects.decide import MakeRendering
from sealwright_controller.objects.reasons import EventReason
from sealwright_controller.pacing.saidbefore import SaidBefore
from sealwright_controller.process.logs import defect
from sealwright_controller.queue.recovery import PROBE_SECONDS, Recovery
from sealwright_controller.queue.workqueue import WorkQueue
from sealwright_controller.reconciler import RETRY, Reconciler, Result
from sealwright_controller.renderer.service import RendererUnavailableError
from sealwright_controller.settings import Settings
from sealwright_controller.watcher import Shown, Watched, Watcher
from sealwright_controller.web.server import Server
from sealwright_controller.wiring import reconciler_over

DRAIN_SECONDS = 20.0
"""How long running work may take to end; less than the Deployment's terminationGracePeriodSeconds."""
SIGNAL_SECONDS = 0.5
"""How often the main thread wakes up. Python runs signal handlers only there, and a signal that arrives in the moment
before the thread begins to wait, or in another thread, does not wake it."""

_STILL = "still"

_log = structlog.get_logger()


@dataclass
class Manager:
    """The controller as a whole: `run` blocks until `stop` is called, from a signal handler or another thread."""

    settings: Settings
    gateway: Gateway
    metrics: Metrics
    rendering: MakeRendering
    servers: Callable[["Manager"], Sequence[Server]]
    leadership: Leadership = field(default_factory=Alone)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.queue: WorkQueue[ObjectKey] = WorkQueue(
            clock=time.monotonic, group_of=lambda key: key.namespace, workers=self.settings.workers
        )
        self.metrics.register(QueueMetrics(self.queue))
        guards = self.settings.objects.guards(self.gateway.key_guard)
        self.sealed_secrets = SealedSecretInventory(
            self.queue, self.metrics, self.settings.objects, guards, forget_shown=self.gateway.forget_shown
        )
        self.metrics.register(ContentionMetrics(self.sealed_secrets.contention))
        self.metrics.register(MissingKeyMetrics(self.sealed_secrets.missing_keys.count))
        self.metrics.register(LeadershipMetrics(self.leadership.leads, self.leadership.shards))
        self._other = OtherController(self._tell_of_other, self._speaks, now=self.now)
        self.metrics.register(OtherControllerMetrics(self._other.is_there))
        self._admission = admission_of(self.settings.keys)
        self.keystore = KeyStore(
            self.gateway,
            self.metrics.private_key_operations,
            self._keys_changed,
            order=self.settings.keys.order,
            metrics=self.metrics.keys,
            admission=self._admission,
            now=self.now,
            leads=self.leadership.leads,
        )
        self._keeper = KeyKeeper(
            self.keystore,
            self.settings.keys,
            self.now,
            self._stopping,
            on_doubt=self._list_keys_again,
            leads=self.leadership.leads,
        )
        self._key_watcher = Watcher(
            self.gateway, Resource.SEALING_KEYS, Shown(self.keystore, self._other.saw_key), self._stopping
        )
        self._reconciler = reconciler_over(
            self.gateway, self.keystore, self.sealed_secrets, self.metrics, self.rendering, now=self.now
        )
        self._patient_reconciler = replace(self._reconciler, patient=True)
        self._recovery: Recovery[ObjectKey] = Recovery(group_of=lambda key: key.namespace)
        self._troubles = SaidBefore()
        self._watches = WatchMetrics()
        self.metrics.register(self._watches)
        self._threads: list[threading.Thread] = []

    def run(self) -> None:
        """Work until stopped. Raises ServerError when a port cannot be used."""
        servers = self.servers(self)
        try:
            for server in servers:
                server.start()
            self.queue.hand_out(self._serves)
            self._start(
                "leadership", partial(self.leadership.run, self._leadership_changed, self._stopping, self._is_busy)
            )
            self._start("keys", self._keeper.run)
            if self._admission.trust.prepare(self.gateway, self._stopping) and self._follow(self._key_watcher):
                self._start_work()
                if self.keystore.look_after_trust():
                    self._list_keys_again()
            while not self._stopping.wait(SIGNAL_SECONDS):
                pass  # a signal handler may have run
        finally:
            self._drain(servers)

    def stop(self) -> None:
        """Ask `run` to end; returns at once."""
        self._stopping.set()
        self._keeper.look()

    def renew_now(self) -> None:
        """Ask for a new sealing key; returns at once and may be called from a signal handler (see KeyKeeper)."""
        self._keeper.renew_now()

    def why_not_ready(self) -> str | None:
        """Return None when the keys are loaded and a certificate is available, else what is missing."""
        if self._stopping.is_set():
            return "stopping"
        if not self.keystore.is_ready:
            return "the sealing keys are not loaded yet"
        if not self._keeper.has_looked:
            return "a new sealing key is being made"
        return self.leadership.why_not_ready()

    def certificate(self) -> str | None:
        """Return the newest certificate in PEM, or None while there is none or the newest is not known yet."""
        keys = self.keys()
        return keys.newest.pem if keys and keys.newest else None

    def keys(self) -> Keys | None:
        """Return the sealing keys, or None while they are not loaded or there are none.

        If a key is due at the start, None until it is made: no client may seal with a key from before the cutoff time.
        """
        return self.keystore.keys if self.keystore.is_ready and self._keeper.has_looked else None

    def _start_work(self) -> None:
        for number in range(self.settings.workers):
            self._start(f"worker-{number}", partial(self._work, self._reconciler))
        self._start("worker-patient", partial(self._work, self._patient_reconciler, long=True))
        for namespace in self.gateway.namespaces:
            self._start(f"namespace {namespace or 'any'}", partial(self._watch_namespace, namespace))

    def _watch_namespace(self, namespace: str | None) -> None:
        """Watch the SealedSecrets of a namespace as soon as its Secrets are known."""
        follow_secrets = self.settings.objects.follow_secrets
        secrets = Shown(self.sealed_secrets.secrets, self._other.saw_secret)
        if not follow_secrets or self._watch(Resource.SECRETS, secrets, namespace):
            shown = Shown(self.sealed_secrets, self._other.saw_sealed_secret)
            self._watch(Resource.SEALED_SECRETS, shown, namespace)

    def _watch(self, resource: Resource, watched: Watched, namespace: str | None = None) -> bool:
        """Start a watcher and wait for its first complete list; False when the controller is stopped before that."""
        return self._follow(Watcher(self.gateway, resource, watched, self._stopping, namespace=namespace))

    def _follow(self, watcher: Watcher) -> bool:
        """Start a watcher and wait for its list, as `_watch` does."""
        self._watches.show(watcher)
        self._start(f"watch {watcher.collection}", watcher.run)
        while not watcher.wait_until_listed(timeout_seconds=0.1):
            if self._stopping.is_set():
                return False
        return True

    def _leadership_changed(self) -> None:
        """Begin or cease to write. Everything is watched in any case, so a replica that takes over knows it."""
        self.queue.hand_out(self._serves)
        self._keeper.look()

    def _serves(self, namespace: Hashable) -> bool:
        return self.leadership.serves(str(namespace))

    def _is_busy(self, where: Callable[[str], bool]) -> bool:
        """Tell whether workers work on objects of these namespaces."""
        return self.queue.is_working(lambda key: where(key.namespace))

    def _speaks(self, key: ObjectKey, kind: EventKind) -> bool:
        """Tell whether this replica reports what is seen of an object."""
        return self.leadership.leads() if kind == "Secret" else self.leadership.serves(key.namespace)

    def _tell_of_other(self, key: ObjectKey, uid: str, kind: EventKind) -> None:
        message = (
            "sealed-secrets' controller wrote this, or its Secret, while Sealwright is running: both write Secrets and "
            "make keys, so stop one of the two (kubectl get deployments -A shows both)"
        )
        self.gateway.record_event(Event(key, uid, "Warning", EventReason.OTHER_CONTROLLER.value, message, kind))

    def _list_keys_again(self) -> None:
        self._key_watcher.list_again()

    def _keys_changed(self) -> None:
        self.queue.wake_failed()
        for key in self.sealed_secrets.missing_keys.keys_are(self.keystore.keys.keyring.fingerprints):
            self.queue.add(key, backlog=True)
        self._keeper.look()

    def _work(self, reconciler: Reconciler, *, long: bool = False) -> None:
        while (key := self.queue.get(long=long)) is not None:
            reconciler.effort.begin()
            try:
                self._work_on(key, reconciler)
            finally:
                self.queue.done(key, reconciler.effort.seconds())

    def _work_on(self, key: ObjectKey, reconciler: Reconciler) -> None:
        """Reconcile one object, and schedule a retry if it needs one."""
        started = time.monotonic()
        outcome, result = self._outcome_of(key, reconciler, started)
        if not result.long:
            self.metrics.observe_reconcile(outcome, time.monotonic() - started)
        if key not in self.sealed_secrets:
            self.sealed_secrets.forget(key)  # its deletion was seen before its last result was shown
        if result.long:
            self.queue.add_long(key)
        elif result.unfinished:
            self.queue.add_again(key)
        elif result.wait_seconds:
            self.queue.add_after(key, result.wait_seconds)
        elif result.retry:
            self.queue.retry(key, result.backoff)
        else:
            self.queue.forget(key)
        self._try_troubled(key, is_well=outcome != "trouble")

    def _try_troubled(self, key: ObjectKey, *, is_well: bool) -> None:
        """Retry objects that failed because of the API server, once one of them succeeds."""
        retries = self._recovery.well(key) if is_well else self._recovery.troubled(key)
        for ready in retries.now:
            self.queue.add(ready, backlog=True)
        if retries.soon is not None:
            self.queue.add_after(retries.soon, PROBE_SECONDS)

    def _outcome_of(self, key: ObjectKey, reconciler: Reconciler, started: float) -> tuple[Outcome, Result]:
        """Reconcile one object; its errors are reported and do not affect other objects."""
        try:
            result = reconciler.reconcile(key)
        except GatewayError as error:
            tell = _log.warning if self._is_news(key, error) else _log.debug
            seconds = round(time.monotonic() - started, 3)
            tell("trouble with the API server", object=str(key), error=str(error), seconds=seconds)
            return "trouble", RETRY
        except RendererUnavailableError as error:
            _log.warning("templates not rendered, trying again", object=str(key), error=str(error))
            return "trouble", RETRY
        except Exception as error:  # noqa: BLE001 - one object must not end a worker
            seconds = round(time.monotonic() - started, 3)
            _log.error("defect in the controller", object=str(key), **defect(error), seconds=seconds)
            return "defect", RETRY
        self._troubles.forget(key)
        self._troubles.forget((key, _STILL))
        if result.wait_seconds:
            return "paced", result
        if result.troubled:
            return "trouble", result
        return ("failed" if result.retry else "done"), result

    def _is_news(self, key: ObjectKey, error: GatewayError) -> bool:
        """Tell whether to report a failure: once, and one about a missing object only if it repeats."""
        is_new = self._troubles.is_news(key, str(error))
        if not isinstance(error, NotFoundError | NotSeenGoneError):
            return is_new
        return not is_new and self._troubles.is_news((key, _STILL), str(error))

    def _start(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _drain(self, servers: Sequence[Server]) -> None:
        _log.info("stopping")
        self.stop()
        self.queue.close()
        deadline = time.monotonic() + DRAIN_SECONDS
        for thread in self._threads:
            if thread.name.startswith("worker"):
                thread.join(max(0.0, deadline - time.monotonic()))
        self.leadership.resign()
        self.gateway.close()
        for thread in tuple(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))
        for server in servers:
            server.stop()
        _log.info("stopped")
