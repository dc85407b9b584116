"""What the benchmarks over an API server share: an API server, keys, floors, and the processor time of processes."""

import base64
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.support.builders import NOW
from tests.support.controlplane import PROJECT_CRD, ControlPlane
from tests.support.installation import KEY_LABEL, Installation
from tools.building.make_apiserver import find_assets

from sealwright_crypto import (
    Certificate,
    Scope,
    Secret,
    generate_sealing_key,
    label_for,
    open_item,
    seal,
    seal_item,
)

NAMESPACE = "bench"
MIB = 2**20
CLIENTS = 4
"""How many connections make objects."""


class Seconds(NamedTuple):
    """How long something took: by the clock, and in processor time."""

    clock: float
    cpu: float

    def mean(self, other: "Seconds") -> "Seconds":
        """Return the mean of two measurements: a machine's speed changes within minutes."""
        return Seconds((self.clock + other.clock) / 2, (self.cpu + other.cpu) / 2)


def private_key_seconds() -> Seconds:
    """Return the time of one private-key operation with a key of the default size, on one thread."""
    key, label = generate_sealing_key(now=NOW), label_for(Scope.CLUSTER_WIDE, "", "")
    item = seal_item(b"x", key.certificate, label)
    start, start_cpu, rounds = time.perf_counter(), time.thread_time(), 50
    for _ in range(rounds):
        open_item(item, key.private_key, label)
    return Seconds((time.perf_counter() - start) / rounds, (time.thread_time() - start_cpu) / rounds)


def write_seconds(installation: Installation) -> float:
    """Return the time of one API write with nothing else going on, on four connections."""
    kube = installation.kube

    def write(number: int) -> None:
        metadata = {"name": f"floor-{number}", "namespace": NAMESPACE}
        kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b" * 1000}})

    rounds, start = 200, time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(write, range(rounds)))
    return (time.perf_counter() - start) / rounds


def make_keys(installation: Installation, count: int) -> list[Certificate]:
    """Store so many sealing keys, made a month apart; returns their certificates, oldest first."""
    begins = [NOW - timedelta(days=30 * ago) for ago in reversed(range(count))]
    keys = [generate_sealing_key(now=moment) for moment in begins]
    for number, key in enumerate(keys):
        data = {"tls.crt": key.certificate.pem.encode(), "tls.key": key.private_key.pem()}
        installation.kube.create(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {
                    "name": f"sealed-secrets-key{number:03}",
                    "namespace": installation.namespace,
                    "labels": {KEY_LABEL: "active"},
                },
                "type": "kubernetes.io/tls",
                "data": {name: base64.b64encode(value).decode() for name, value in data.items()},
            }
        )
    return [key.certificate for key in keys]


def make_objects(
    installation: Installation,
    count: int,
    certificates: Sequence[Certificate],
    *,
    items: int = 3,
    hints: bool = True,
    name: str = "object",
) -> None:
    """Create so many SealedSecrets `name`-N as fast as CLIENTS connections can, sealed to the certificates in turn."""

    def one(number: int) -> None:
        values = {f"item-{index}": b"a value of some length" for index in range(items)}
        certificate = certificates[number * 7 % len(certificates)]
        sealed = seal(Secret(f"{name}-{number}", NAMESPACE, values), certificate, hints=hints)
        installation.kube.create(sealed.to_dict())

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, range(count)))


def count(installation: Installation, kind: str, namespace: str = NAMESPACE) -> int:
    """Return how many objects of a kind a namespace has, at the least cost for the API server."""
    page = installation.kube.request("GET", f"{installation.kube.path(kind, namespace)}?limit=1")
    listed = json.loads(page)
    return len(listed["items"]) + listed["metadata"].get("remainingItemCount", 0)


def metric(text: str, name: str) -> float:
    """Return the value of a metric without labels."""
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))


@contextmanager
def api_server() -> Iterator[Installation]:
    """Give an installation on an API server of its own; whatever controller runs there is ended with the block."""
    assets = find_assets()
    if assets is None:
        sys.exit("no API server to measure on; 'make apiserver' builds one")
    with (
        tempfile.TemporaryDirectory(prefix="sw") as folder,
        ControlPlane(assets, Path(folder), crds=[PROJECT_CRD]) as plane,
        tempfile.TemporaryDirectory(prefix="sw") as files,
    ):
        installation = Installation(plane, Path(files))
        try:
            yield installation
        finally:
            installation.controller.kill()
