"""The controller's settings: frozen values with their units in their names, read from flags and the environment."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal

from sealwright_controller.objects.guards import Guards, KeyGuard
from sealwright_controller.options.addresses import ListenAddress
from sealwright_controller.options.durations import format_duration
from sealwright_controller.options.selectors import LabelSelector
from sealwright_controller.options.table import CLUSTER, FLAGS
from sealwright_controller.options.values import Span
from sealwright_crypto import Fingerprint

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
DirectoryLayout = Literal["manifests", "files"]
KeyOrder = Literal["CertNotBefore", "SecretCreationTimestamp"]
Drift = Literal["revert", "report", "off"]
KeyTrust = Literal["labelled", "controller"]


@dataclass(frozen=True)
class KeySettings:
    """How sealing keys are made, when, and which is the newest.

    `bits` is the length of the modulus; a `renew_period` of zero means never; `labels` and `annotations` go onto new
    key Secrets. Existing keys are used if their length is `bits` or within `accepted_bits`, and if `trust` covers their
    origin or their fingerprint is in `acknowledged`.
    """

    bits: int = 4096
    lifetime: timedelta = timedelta(days=3650)
    common_name: str = ""
    name_prefix: str = "sealed-secrets-key"
    renew_period: timedelta = timedelta(days=30)
    cutoff: datetime | None = None
    order: KeyOrder = "CertNotBefore"
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    accepted_bits: Span = Span(2048, 8192)  # noqa: RUF009 - frozen
    trust: KeyTrust = "labelled"
    acknowledged: tuple[Fingerprint, ...] = ()

    def accepts(self, bits: int) -> bool:
        """Tell whether a key with a modulus of this length is used."""
        return bits == self.bits or bits in self.accepted_bits


@dataclass(frozen=True)
class ObjectSettings:
    """Which SealedSecrets are served, and how.

    `follow_secrets`: watch the Secrets, and look at changes by others; `drift` says what becomes of these.
    `delete_secrets`: delete the Secret of a deleted
    SealedSecret, as early sealed-secrets did, instead of leaving it to Kubernetes. `pace_edits`: delay changes of an
    object that are frequent or fail, see `pacing.edits`. The last three allow what `guards` refuses: types that
    Kubernetes acts on, other controllers' key Secrets in these namespaces, finalizers.
    """

    selector: LabelSelector = LabelSelector()  # noqa: RUF009 - frozen
    accept_legacy_data: bool = True
    update_status: bool = True
    follow_secrets: bool = True
    drift: Drift = "revert"
    delete_secrets: bool = False
    pace_edits: bool = True
    allowed_secret_types: tuple[str, ...] = ()
    key_secrets_in: tuple[str, ...] = ()
    allow_finalizers: bool = False

    def guards(self, keys: KeyGuard) -> Guards:
        """Return the rules about what a SealedSecret must not make; `keys` is the gateway's rule for sealing keys."""
        return Guards(keys, frozenset(self.allowed_secret_types), self.allow_finalizers)


@dataclass(frozen=True)
class HttpSettings:
    """Where and how HTTP is served. `key_endpoints` are verify and rotate; `probe_address` None means no probe port.

    A client has `read_timeout_seconds` to send a whole request and `write_timeout_seconds` to receive an answer.
    """

    address: ListenAddress = field(default=ListenAddress("", 8080))
    metrics_address: ListenAddress = field(default=ListenAddress("", 8081))
    probe_address: ListenAddress | None = None
    key_endpoints: bool = True
    rate_limit_per_second: int = 2
    rate_limit_burst: int = 2
    read_timeout_seconds: float = 120.0
    write_timeout_seconds: float = 120.0


@dataclass(frozen=True)
class ClusterSettings:
    """How to reach a cluster's API server, and which namespaces are served there.

    Without `kubeconfigs`, the cluster in which it runs; without `controller_namespace`, the ServiceAccount's.
    `additional_namespaces` are served besides the controller's own and override `all_namespaces`. A rate of zero means
    no limit.
    """

    kubeconfigs: tuple[Path, ...] = ()
    controller_namespace: str | None = None
    all_namespaces: bool = True
    additional_namespaces: tuple[str, ...] = ()
    requests_per_second: float = 0.0
    requests_burst: int = 0
    elect_leader: bool = True
    shards: int = 1

    def served_namespaces(self, own: str) -> tuple[str, ...] | None:
        """Return the namespaces to serve, None for all. `own` is the controller's."""
        if self.additional_namespaces:
            return tuple(dict.fromkeys((own, *self.additional_namespaces)))
        return None if self.all_namespaces else (own,)


@dataclass(frozen=True)
class Settings:
    """All settings of a controller. With a `directory` it works on that; without, in a cluster."""

    directory: Path | None
    directory_layout: DirectoryLayout
    default_namespace: str
    poll_interval_seconds: float
    workers: int
    cluster: ClusterSettings
    objects: ObjectSettings
    keys: KeySettings
    http: HttpSettings
    metrics_omit_names: bool
    log_format: LogFormat
    log_level: LogLevel
    log_info_stdout: bool


def parse_settings(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """Read the settings from the command line (without the program's name) and the environment.

    The environment is used where a flag is not given: SEALED_SECRETS_<FLAG>, KUBECONFIG and POD_NAMESPACE. `--help` and
    `--version` print and exit with status 0, mistakes exit with status 2 (SystemExit).
    """
    flags = FLAGS.parse(argv, environ)
    values = flags.values
    if values["directory"] is not None:
        FLAGS.refuse_beside("--directory", CLUSTER, flags)
    if values["shards"] > 1 and not values["leader-elect"]:
        FLAGS.refuse("--shards needs Leases, so it excludes --leader-elect=false")
    return Settings(
        directory=values["directory"],
        directory_layout=values["directory-layout"],
        default_namespace=values["default-namespace"],
        poll_interval_seconds=values["poll-interval"].total_seconds(),
        workers=values["workers"],
        cluster=_cluster(values, environ),
        objects=ObjectSettings(
            selector=values["label-selector"],
            accept_legacy_data=values["accept-deprecated-v1-data"],
            update_status=values["update-status"],
            follow_secrets=not values["skip-recreate"] and values["drift"] != "off",
            drift=values["drift"],
            delete_secrets=values["old-gc-behavior"],
            pace_edits=values["pace-edits"],
            allowed_secret_types=values["allow-secret-types"],
            key_secrets_in=values["allow-key-secrets-in"],
            allow_finalizers=values["allow-finalizers"],
        ),
        keys=_keys(values),
        http=_http(values),
        metrics_omit_names=values["metrics-omit-secret-labels"],
        log_format=values["log-format"],
        log_level=values["log-level"],
        log_info_stdout=values["log-info-stdout"],
    )


def _cluster(values: Mapping[str, Any], environ: Mapping[str, str]) -> ClusterSettings:
    kubeconfigs: tuple[Path, ...] = () if values["kubeconfig"] is None else (values["kubeconfig"],)
    if values["directory"] is None and not kubeconfigs:
        kubeconfigs = tuple(Path(name) for name in environ.get("KUBECONFIG", "").split(os.pathsep) if name)
    return ClusterSettings(
        kubeconfigs=kubeconfigs,
        controller_namespace=values["controller-namespace"] or environ.get("POD_NAMESPACE") or None,
        all_namespaces=values["all-namespaces"],
        additional_namespaces=values["additional-namespaces"],
        requests_per_second=values["kubeclient-qps"],
        requests_burst=values["kubeclient-burst"],
        elect_leader=values["leader-elect"],
        shards=values["shards"],
    )


def _keys(values: Mapping[str, Any]) -> KeySettings:
    return KeySettings(
        bits=values["key-size"],
        lifetime=values["key-ttl"],
        common_name=values["my-cn"],
        name_prefix=values["key-prefix"],
        renew_period=values["key-renew-period"],
        cutoff=values["key-cutoff-time"],
        order=values["key-order-priority"],
        labels=values["privatekey-labels"],
        annotations=values["privatekey-annotations"],
        accepted_bits=values["accept-key-sizes"],
        trust=values["key-trust"],
        acknowledged=values["acknowledged-keys"],
    )


def _http(values: Mapping[str, Any]) -> HttpSettings:
    return HttpSettings(
        address=values["listen-addr"],
        metrics_address=values["listen-metrics-addr"],
        probe_address=values["listen-probe-addr"],
        key_endpoints=values["key-endpoints"],
        rate_limit_per_second=values["rate-limit"],
        rate_limit_burst=values["rate-limit-burst"],
        read_timeout_seconds=values["read-timeout"].total_seconds(),
        write_timeout_seconds=values["write-timeout"].total_seconds(),
    )


def effective(settings: Settings) -> dict[str, str]:
    """Return the flags that give these settings, with their values, for people; they hold no secrets.

    Flags that are not set, or have no effect here, are left out.
    """
    keys, objects, http = settings.keys, settings.objects, settings.http
    values = {
        **_effective_place(settings),
        "label-selector": objects.selector,
        "workers": settings.workers,
        "accept-deprecated-v1-data": objects.accept_legacy_data,
        "update-status": objects.update_status,
        "skip-recreate": not objects.follow_secrets,
        "drift": objects.drift,
        "old-gc-behavior": objects.delete_secrets,
        "pace-edits": objects.pace_edits,
        "allow-secret-types": ",".join(objects.allowed_secret_types),
        "allow-key-secrets-in": ",".join(objects.key_secrets_in),
        "allow-finalizers": objects.allow_finalizers,
        "key-renew-period": keys.renew_period,
        "key-cutoff-time": keys.cutoff,
        "key-order-priority": keys.order,
        "key-size": keys.bits,
        "key-ttl": keys.lifetime,
        "my-cn": keys.common_name,
        "key-prefix": keys.name_prefix,
        "privatekey-labels": keys.labels,
        "privatekey-annotations": keys.annotations,
        "accept-key-sizes": keys.accepted_bits,
        "key-trust": keys.trust,
        "acknowledged-keys": ",".join(keys.acknowledged),
        "listen-addr": http.address,
        "listen-metrics-addr": http.metrics_address,
        "listen-probe-addr": http.probe_address,
        "key-endpoints": http.key_endpoints,
        "rate-limit": http.rate_limit_per_second,
        "rate-limit-burst": http.rate_limit_burst,
        "read-timeout": timedelta(seconds=http.read_timeout_seconds),
        "write-timeout": timedelta(seconds=http.write_timeout_seconds),
        "metrics-omit-secret-labels": settings.metrics_omit_names,
        "log-format": settings.log_format,
        "log-level": settings.log_level,
        "log-info-stdout": settings.log_info_stdout,
    }
    return {flag: text for flag, value in values.items() if (text := _text(value))}


def _effective_place(settings: Settings) -> dict[str, Any]:
    """Return the flags that apply where the controller works: those of a directory, or of a cluster."""
    if settings.directory is not None:
        return {
            "directory": settings.directory,
            "directory-layout": settings.directory_layout,
            "default-namespace": settings.default_namespace,
            "poll-interval": timedelta(seconds=settings.poll_interval_seconds),
        }
    cluster = settings.cluster
    return {
        "kubeconfig": os.pathsep.join(map(str, cluster.kubeconfigs)),
        "controller-namespace": cluster.controller_namespace,
        "all-namespaces": cluster.all_namespaces,
        "additional-namespaces": ",".join(cluster.additional_namespaces),
        "kubeclient-qps": f"{cluster.requests_per_second:g}",
        "kubeclient-burst": cluster.requests_burst,
        "leader-elect": cluster.elect_leader,
        "shards": cluster.shards,
    }


def _text(value: object) -> str:
    """Return a value as its flag takes it; an empty text means not set."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, datetime):
        return format_datetime(value)
    if isinstance(value, Mapping):
        return ",".join(f"{name}={entry}" for name, entry in value.items())
    return str(value)
