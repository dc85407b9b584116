"""The command line of `sealwright-controller`: settings → wiring → run. The only module that reads the environment."""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from sealwright_controller.directory.gateway import DirGateway
from sealwright_controller.gateway import Gateway, GatewayError, RefusedError
from sealwright_controller.leadership.election import Alone, Election, Leadership
from sealwright_controller.leadership.identity import own_identity
from sealwright_controller.manager import Manager
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.metrics.renderers import RendererMetrics
from sealwright_controller.objects.decide import MakeRendering
from sealwright_controller.pacing.ratelimit import KeyWorkLimit, TokenBucket
from sealwright_controller.process import allocator, logs
from sealwright_controller.renderer.service import Renderers
from sealwright_controller.renderer.templates import rendering_here
from sealwright_controller.settings import ClusterSettings, Settings, effective, parse_settings
from sealwright_controller.web.endpoints import SWITCHED_OFF, App, Handler, controller_app, metrics_app, probes_app
from sealwright_controller.web.keyservice import KeyService
from sealwright_controller.web.server import Server, ServerError
from sealwright_conventions import coredumps
from sealwright_crypto import __version__

DEFAULT_NAMESPACE = "kube-system"
"""Where the keys are by default: the namespace in which upstream is installed."""
SWITCH_SECONDS = 0.001
"""After this time a thread lets another one run."""
METRICS_THREADS = 2
"""How many clients can get the metrics at the same time."""
_ADDRESSES = "--listen-addr, --listen-metrics-addr, --listen-probe-addr"
_OWN_NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")

_log = structlog.get_logger()


def main() -> None:
    """Run the controller until SIGTERM or SIGINT; exit status 0 then, 2 for invalid flags, 1 if it cannot start."""
    coredumps.switch_off()
    allocator.keep_little()
    # A thread that answers a probe waits this long for each busy thread, several times; Python's default is 5 ms.
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        sys.exit(run(sys.argv[1:], os.environ))
    finally:
        logs.drop_unwritten()


def run(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the controller and return its exit status."""
    settings = parse_settings(argv, environ)
    logs.configure(settings.log_format, settings.log_level, info_stdout=settings.log_info_stdout)
    _log.info("starting", version=__version__, **effective(settings))
    try:
        metrics = metrics_of(settings)
        with renderers(metrics) as rendering:
            gateway, leadership = connect(settings, environ)
            manager = Manager(settings, gateway, metrics, rendering, servers, leadership)
            _obey_signals(manager)
            gc.freeze()  # a collection over all imported objects takes 40 ms, in which no other thread runs
            manager.run()
    except ServerError as error:
        _log.error("cannot start", error=str(error), hint=f"other addresses: {_ADDRESSES}")
        return 1
    except GatewayError as error:
        _log.error("cannot start", error=str(error))
        return 1
    return 0


def connect(settings: Settings, environ: Mapping[str, str]) -> tuple[Gateway, Leadership]:
    """Return the gateway that the settings ask for, and who leads there; a kubeconfig's plug-in runs in `environ`.

    Raises GatewayError if the configuration cannot be used.
    """
    if settings.directory is not None:
        directory = DirGateway(
            settings.directory,
            clock=_now,
            namespace=settings.default_namespace,
            layout=settings.directory_layout,
            poll_seconds=settings.poll_interval_seconds,
            selector=settings.objects.selector,
            key_secrets_in=settings.objects.key_secrets_in,
        )
        return directory, Alone()  # it is locked
    # Imported here because the import takes half a second, and directory mode does not need it.
    from sealwright_controller.kube.connecting import connect as connect_client  # noqa: PLC0415
    from sealwright_controller.kube.gateway import KubeGateway  # noqa: PLC0415
    from sealwright_controller.kube.leases import KubeLeases, lease_name, shard_lease_names  # noqa: PLC0415

    cluster = settings.cluster
    namespace = cluster.controller_namespace or _own_namespace()
    served = cluster.served_namespaces(namespace)
    try:
        client = connect_client(cluster.kubeconfigs, environ=environ, max_connections=32 + 2 * len(served or ()))
    except RefusedError as error:
        if cluster.kubeconfigs:
            raise
        hint = "outside of a cluster, give --kubeconfig FILE, or --directory DIR to work in a folder"
        raise RefusedError(f"{error}; {hint}") from None
    leadership: Leadership = Alone()
    if cluster.elect_leader:
        lease = lease_name(cluster.additional_namespaces, settings.objects.selector.text)
        names = shard_lease_names(lease, cluster.shards)
        leadership = Election([KubeLeases(client, namespace, name, _now) for name in names], own_identity(environ))
    gateway = KubeGateway(
        client,
        own_namespace=namespace,
        clock=_now,
        served_namespaces=served,
        selector=settings.objects.selector,
        key_secrets_in=settings.objects.key_secrets_in,
        pace=_pace(cluster),
        before_write=leadership.check,
    )
    return gateway, leadership


def metrics_of(settings: Settings) -> Metrics:
    """Return the metrics, with or without names, depending on the settings."""
    return Metrics(f"v{__version__}", omit_names=settings.metrics_omit_names)


@contextmanager
def renderers(metrics: Metrics) -> Iterator[MakeRendering]:
    """Yield what renders templates, until the block ends: separate processes where they can be confined.

    Elsewhere only the templates' own budgets protect the controller.
    """
    if not sys.platform.startswith("linux"):
        yield rendering_here
        return
    with Renderers() as made:
        metrics.register(RendererMetrics(made))
        yield made.rendering


def servers(manager: Manager) -> list[Server]:
    """Return the web servers, not started yet."""
    http = manager.settings.http
    serve = partial(Server, read_seconds=http.read_timeout_seconds, write_seconds=http.write_timeout_seconds)
    public, metrics = public_app(manager), metrics_app(manager.metrics.exposition)
    made = [
        serve(http.address, public, is_quick=public.is_quick),
        serve(http.metrics_address, metrics, is_quick=metrics.is_quick, name="metrics", threads=METRICS_THREADS),
    ]
    if http.probe_address is not None:
        probes = probes_app(why_not_ready=manager.why_not_ready)
        made.append(serve(http.probe_address, probes, is_quick=probes.is_quick, name="probes", threads=0))
    return made


def public_app(manager: Manager) -> App:
    """Return the app of the public port."""
    metrics = manager.metrics
    verify, rotate = _key_endpoints(manager)
    app = controller_app(
        certificate=manager.certificate,
        why_not_ready=manager.why_not_ready,
        verify=verify,
        rotate=rotate,
        observe=metrics.observe_request,
    )
    metrics.expect_requests(app.endpoints())
    return app


def _key_endpoints(manager: Manager) -> tuple[Handler, Handler]:
    """Return the handlers of verify and rotate."""
    http = manager.settings.http
    if not http.key_endpoints:
        return (lambda _: SWITCHED_OFF), (lambda _: SWITCHED_OFF)
    # Upstream's burst counts the requests beyond the one that the rate allows.
    bucket = TokenBucket(size=1 + http.rate_limit_burst, per_second=http.rate_limit_per_second, clock=time.monotonic)
    limit = KeyWorkLimit(bucket, manager.metrics.private_key_operations)
    service = KeyService(manager.keys, limit, accept_legacy_data=manager.settings.objects.accept_legacy_data)
    return service.verify, service.rotate


def _obey_signals(manager: Manager) -> None:
    """Stop on SIGTERM and SIGINT; renew the key on SIGUSR1 as upstream does, where the system has that signal."""
    # In a thread, because this thread may hold a lock of what `stop` wakes.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=manager.stop).start())
    if sys.platform != "win32":
        signal.signal(signal.SIGUSR1, lambda *_: manager.renew_now())


def _pace(cluster: ClusterSettings) -> TokenBucket | None:
    """Return the rate limit of requests to the API server, None for no limit."""
    if not cluster.requests_per_second:
        return None
    size = max(1, cluster.requests_burst)
    return TokenBucket(size=size, per_second=cluster.requests_per_second, clock=time.monotonic)


def _own_namespace() -> str:
    try:
        return _OWN_NAMESPACE_FILE.read_text().strip() or DEFAULT_NAMESPACE
    except OSError:
        return DEFAULT_NAMESPACE


def _now() -> datetime:
    return datetime.now(UTC)
