"""Objects per second from `kubectl apply` to Secret, on a real kube-apiserver, beside the floor of the same machine.

The floor is what no controller can avoid: the private-key operations of the items, and two writes for each object.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.support.builders import NOW
from tests.support.controlplane import PROJECT_CRD, ControlPlane
from tests.support.installation import SEALED_SECRET, Installation
from tools.building.make_apiserver import find_assets

from sealwright_crypto import (
    Scope,
    Secret,
    generate_sealing_key,
    label_for,
    load_certificate,
    open_item,
    seal,
    seal_item,
)

NAMESPACE = "bench"
DEADLINE_SECONDS = 600
MIB = 2**20


def private_key_seconds() -> float:
    """Return the time of one private-key operation with a key of the default size, on one thread."""
    key, label = generate_sealing_key(now=NOW), label_for(Scope.CLUSTER_WIDE, "", "")
    item = seal_item(b"x", key.certificate, label)
    start, rounds = time.perf_counter(), 50
    for _ in range(rounds):
        open_item(item, key.private_key, label)
    return (time.perf_counter() - start) / rounds


def write_seconds(installation: Installation) -> float:
    """Return the time of one API write with nothing else going on, on four connections."""
    kube = installation.kube

    def write(number: int) -> None:
        metadata = {"name": f"floor-{number}", "namespace": NAMESPACE}
        kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b" * 1000}})

    rounds, start = 200, time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(rounds)))
    return (time.perf_counter() - start) / rounds


def unsealed(installation: Installation) -> int:
    """Return how many objects are in sync."""
    statuses = (found.get("status", {}) for found in installation.kube.list(SEALED_SECRET, NAMESPACE))
    return sum(any(c["status"] == "True" for c in status.get("conditions", [])) for status in statuses)


def create(installation: Installation, objects: int, items: int) -> None:
    """Create the SealedSecrets as fast as four connections can."""
    certificate = load_certificate(installation.certificate.read_bytes())

    def one(number: int) -> None:
        values = {f"item-{index}": b"a value of some length" for index in range(items)}
        sealed = seal(Secret(f"object-{number}", NAMESPACE, values), certificate)
        installation.kube.create(sealed.to_dict())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(objects)))


def measure(installation: Installation, objects: int, items: int) -> None:
    """Run the controller over a backlog and print the figures."""
    installation.install()
    installation.controller.start()
    installation.fetch_certificate()
    idle = installation.controller.resident_bytes()
    installation.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    operation, write = private_key_seconds(), write_seconds(installation)
    installation.controller.kill()
    create(installation, objects, items)
    installation.controller.start()
    start = time.perf_counter()
    while (done := unsealed(installation)) < objects:
        if time.perf_counter() - start > DEADLINE_SECONDS:
            sys.exit(f"only {done} of {objects} after {DEADLINE_SECONDS} s")
        threading.Event().wait(0.25)
    seconds = time.perf_counter() - start
    # OpenSSL releases the interpreter's lock, so the operations of several objects run on all cores.
    floor = items * operation / 2 + 2 * write
    print(f"one private-key operation   {1000 * operation:8.2f} ms")
    print(f"one API write               {1000 * write:8.2f} ms (four connections)")
    print(f"floor                       {1 / floor:8.1f} objects/s (two cores)")
    print(f"{objects} objects x {items} items       {objects / seconds:8.1f} objects/s, {seconds:.1f} s")
    print(f"ratio to the floor          {objects / seconds * floor:8.2f}")
    after = installation.controller.resident_bytes()
    print(f"resident memory             {idle / MIB:8.1f} MiB idle, {after / MIB:.1f} MiB after")


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


def main() -> None:
    """Start an API server, install, measure, clean up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=200)
    parser.add_argument("--items", type=int, default=3)
    arguments = parser.parse_args()
    with api_server() as installation:
        measure(installation, arguments.objects, arguments.items)


if __name__ == "__main__":
    main()
