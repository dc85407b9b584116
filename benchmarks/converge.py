"""Objects per second from SealedSecret to Secret, on a real kube-apiserver, beside the floor of the same machine.

The floor is what no controller can avoid: the private-key operations of the items, and two writes for each object. The
product of the rate and of the time of one private-key operation hardly depends on the machine.
"""

import argparse
import sys
import threading
import time
from pathlib import Path

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
from tests.support.installation import Installation
from tests.support.processes import cpu_seconds

DEADLINE_SECONDS = 600
REACH = {(12, True): 200, (12, False): 114, (1, True): 200}
"""The products that are to be reached, by the number of keys and whether objects name theirs."""


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
    operations = metric(controller.metrics(), "sealwright_private_key_operations_total")
    floor = items * operation.clock / 2 + 2 * write
    rate = objects / seconds
    print(f"{keys} keys, objects {'with' if hints else 'without'} hints")
    print(f"one private-key operation {1000 * operation.clock:.2f} ms; processor time {1000 * operation.cpu:.2f} ms")
    print(f"one API write {1000 * write:.2f} ms")
    print(f"{objects} objects x {items} items in {seconds:.1f} s: {rate:.1f} objects/s; floor {1 / floor:.1f}")
    print(
        f"objects/s x ms of one operation {1000 * rate * operation.clock:.0f}; to reach {REACH.get((keys, hints), '-')}"
    )
    print(f"private-key operations per item {operations / objects / items:.2f}")
    beside = spent - operations * operation.cpu
    print(
        f"processor time per object: controller {1000 * spent / objects:.1f} ms, "
        f"{1000 * beside / objects:.1f} ms beside the operations; API server and etcd {1000 * others / objects:.1f} ms"
    )
    print(f"resident memory {controller.resident_bytes() / MIB:.1f} MiB", flush=True)


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
