"""The Leases of the leader and of shards, read from and written to an API server."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sealwright_controller.gateway import NotFoundError, UnavailableError
from sealwright_controller.kube.transport import Request, Transport, resource_path
from sealwright_controller.leadership.lease import Lease

NAME = "sealwright-controller"
PROCESS_ANNOTATION = "sealwright.dev/process"
SHARDS_ANNOTATION = "sealwright.dev/shards"
UNSETTLED_ANNOTATION = "sealwright.dev/shards-unsettled"
WANTED_ANNOTATION = "sealwright.dev/wanted-by"
REQUEST_SECONDS = 4.0
"""Less than a leader may write without a renewal, so that there is time for a second try."""
_API = "coordination.k8s.io/v1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def lease_name(namespaces: Sequence[str], selector: str) -> str:
    """Return the name of the Lease of all controllers that serve the same objects.

    `namespaces` are those that are served besides the controller's own, `selector` the labels.
    """
    if not namespaces and not selector:
        return NAME
    served = "\n".join([*sorted(set(namespaces)), "", selector])
    return f"{NAME}-{hashlib.sha256(served.encode()).hexdigest()[:8]}"


def shard_lease_names(leader: str, shards: int) -> list[str]:
    """Return the names of the Leases of so many shards; shard 0 has that of the leader."""
    return [leader, *(f"{leader}-shard-{shard}" for shard in range(1, shards))]


class KubeLeases:
    """Fulfils `leadership.lease.LeaseStore` with a Lease of a namespace."""

    def __init__(self, api_client: Any, namespace: str, name: str, now: Callable[[], datetime]) -> None:
        """`now` gives the time of renewals, for people: nobody compares it."""
        self._transport = Transport(api_client, request_timeout_seconds=REQUEST_SECONDS)
        self._namespace = namespace
        self._now = now
        self._name = name
        self._about = f"Lease {namespace}/{name}"

    def read(self) -> Lease | None:
        """See LeaseStore."""
        try:
            found = self._transport.call(Request("GET", self._path(self._name), self._about))
        except NotFoundError:
            return None
        return self._lease(found)

    def write(self, lease: Lease, *, renew: bool = True) -> None:
        """See LeaseStore."""
        request = ("PUT", self._path(self._name)) if lease.version else ("POST", self._path())
        manifest = self._manifest(lease, self._renewal(lease.renewed) if renew else lease.renewed)
        self._transport.call(Request(*request, self._about, body=manifest))

    def _path(self, name: str = "") -> str:
        return resource_path(_API, "leases", self._namespace, name)

    def _lease(self, found: dict[str, Any]) -> Lease:
        metadata, spec = found.get("metadata"), found.get("spec") or {}
        if not isinstance(metadata, dict) or not isinstance(spec, dict):
            raise UnavailableError(f"{self._about}: the API server's answer is not a Lease")
        annotations = metadata.get("annotations") or {}
        return Lease(
            holder=str(spec.get("holderIdentity") or ""),
            process=str(annotations.get(PROCESS_ANNOTATION) or ""),
            seconds=_whole(spec.get("leaseDurationSeconds")),
            transitions=_whole(spec.get("leaseTransitions")),
            acquired=_time(spec.get("acquireTime")),
            version=str(metadata.get("resourceVersion") or ""),
            renewed=str(spec.get("renewTime") or ""),
            shards=_shards(annotations.get(SHARDS_ANNOTATION)),
            is_settled=annotations.get(UNSETTLED_ANNOTATION) != "true",
            wanted_by=str(annotations.get(WANTED_ANNOTATION) or ""),
        )

    def _renewal(self, last: str) -> str:
        """Return the time as text, other than that of the last renewal."""
        now = self._now().astimezone(UTC)
        text = _micro_time(now)
        return text if text != last else _micro_time(now + timedelta(microseconds=1))

    def _manifest(self, lease: Lease, renewed: str) -> dict[str, Any]:
        metadata = {"name": self._name, "namespace": self._namespace, "annotations": _annotations(lease)}
        return {
            "apiVersion": _API,
            "kind": "Lease",
            "metadata": metadata | ({"resourceVersion": lease.version} if lease.version else {}),
            "spec": {
                "holderIdentity": lease.holder,
                "leaseDurationSeconds": lease.seconds,
                "leaseTransitions": lease.transitions,
                "acquireTime": _micro_time(lease.acquired),
                "renewTime": renewed or None,
            },
        }


def _annotations(lease: Lease) -> dict[str, str]:
    """Return the annotations; with one shard only that of the process."""
    found = {PROCESS_ANNOTATION: lease.process}
    if lease.shards > 1:
        found[SHARDS_ANNOTATION] = str(lease.shards)
    if not lease.is_settled:
        found[UNSETTLED_ANNOTATION] = "true"
    if lease.wanted_by:
        found[WANTED_ANNOTATION] = lease.wanted_by
    return found


def _shards(text: Any) -> int:
    """Return the number of shards that a Lease says; one if it does not, 0 if it cannot be read."""
    if text is None:
        return 1
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 10 else 0


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _micro_time(moment: datetime) -> str:
    """Return a time as the API wants it: with microseconds, and with four digits for each year."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _time(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        return _EPOCH
