"""Objects per second from SealedSecret to Secret, on a real kube-apiserver, beside the floor of the same machine.

The floor is what no controller can avoid: the private-key operations of the items, and a write for each Secret. The
product of the rate and of the time of one private-key operation hardly depends on the machine.
"""

import argparse
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.cluster import (
    MIB,
    NAMESPACE,
    api_server,
    count,
    make_keys,
    make_objects,
    metric,
    private_key_seconds,
    write_seconds,
)
from benchmarks.rows import Row
from tests.support.installation import Installation
from tests.support.processes import cpu_seconds

DEADLINE_SECONDS = 600
OLDEST_READY = "sealwright_queue_oldest_seconds"


class Aim(NamedTuple):
    """The least product of objects/s and the milliseconds of one operation, and sealed-secrets' objects/s."""

    product: int
    upstream: str


AIMS = {
    (12, True): Aim(200, "4.7 objects/s"),
    (12, False): Aim(114, "4.7 objects/s"),
    (1, True): Aim(200, "16.5 objects/s"),
}
"""By the number of keys and whether objects name theirs."""


def measure(installation: Installation, objects: int, items: int, keys: int, *, hints: bool) -> None:
    """Run the controller over a backlog and print the figures."""
    installation.install()
    installation.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    certificates = make_keys(installation, keys)
    operation, write = private_key_seconds(), write_seconds(installation)
    make_objects(installation, objects, certificates, items=items, hints=hints)
    controller = installation.controller
    start, others = time.perf_counter(), installation.cluster.cpu_seconds()
    controller.start()
    while (done := count(installation, "v1/Secret")) < objects:
        if time.perf_counter() - start > DEADLINE_SECONDS:
            sys.exit(f"only {done} of {objects} after {DEADLINE_SECONDS} s")
        threading.Event().wait(0.25)
    seconds = time.perf_counter() - start
    spent = cpu_seconds(controller.pid)
    others = installation.cluster.cpu_seconds() - others
    all_told = time.perf_counter() - start + wait_until_told(installation, objects)
    operation = operation.mean(private_key_seconds())
    operations = metric(controller.metrics(), "sealwright_private_key_operations_total")
    floor = 1 / (items * operation.clock / 2 + write)
    rate = objects / seconds
    aim = AIMS.get((keys, hints))
    product = 1000 * rate * operation.clock
    beside = spent - operations * operation.cpu
    print(f"one private-key operation {1000 * operation.clock:.2f} ms; processor time {1000 * operation.cpu:.2f} ms")
    print(f"one API write {1000 * write:.2f} ms; private-key operations per item {operations / objects / items:.2f}")
    print(
        f"processor time per object: controller {1000 * spent / objects:.1f} ms, "
        f"{1000 * beside / objects:.1f} ms beside the operations; API server and etcd {1000 * others / objects:.1f} ms"
    )
    print(f"resident memory {controller.resident_bytes() / MIB:.1f} MiB")
    Row(
        f"converge {objects:,} objects of {items} items, {keys} {'key' if keys == 1 else 'keys'}"
        f"{'' if hints else ', without hints'}",
        f"{rate:.1f} objects/s x {1000 * operation.clock:.2f} ms = {product:.0f}; all Secrets after {seconds:.1f} s, "
        f"all statuses and Events after {all_told:.1f} s",
        floor=f"{floor:.0f} objects/s",
        reach=f"product ≥ {aim.product}" if aim else "",
        is_reached=product >= aim.product if aim else None,
        upstream=aim.upstream if aim else "",
    ).show()


def wait_until_told(installation: Installation, objects: int) -> float:
    """Wait until each object has its Event, and no status is owed; returns how long that took in seconds."""
    start = time.perf_counter()
    while count(installation, "v1/Event") < objects or metric(installation.controller.metrics(), OLDEST_READY):
        if time.perf_counter() - start > DEADLINE_SECONDS:
            sys.exit(f"statuses or Events are missing after {DEADLINE_SECONDS} s")
        threading.Event().wait(0.25)
    return time.perf_counter() - start


def main() -> None:
    """Start an API server, install, measure, clean up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=1000)
    parser.add_argument("--items", type=int, default=3)
    parser.add_argument("--keys", type=int, default=12)
    parser.add_argument("--no-hints", action="store_true")
    arguments = parser.parse_args()
    with api_server() as installation:
        measure(installation, arguments.objects, arguments.items, arguments.keys, hints=not arguments.no_hints)


if __name__ == "__main__":
    main()
