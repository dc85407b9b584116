"""How long a new object takes: alone, while others of its namespace wait, and while another tenant misbehaves.

The other tenant has thousands of objects that no key opens, or creates thousands at once. For the former, the writes of
the controller are counted too: they are what fills etcd. The floor is one private-key operation and one API write on
the same machine; the Secret is seen on a watch.
"""

import argparse
import contextlib
import http.client
import json
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.cluster import NAMESPACE, api_server, make_objects, private_key_seconds, write_seconds
from benchmarks.rows import Row
from tests.support.apiwrites import writes, writes_since
from tests.support.builders import other_sealing_key
from tests.support.installation import Installation

from sealwright_crypto import Certificate, Secret, load_certificate, seal

CALM, NOISY = "calm", NAMESPACE
PER_SECOND = 10
STORM_PER_SECOND = 1
"""Fewer in a storm: half of what a busy machine can do may be less than ten objects a second."""


class Tenant:
    """Makes new objects, ten in a second or as many as it is told, and notes when each is there as a Secret."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._seen: dict[str, float] = {}
        self._number = 0
        self._certificate: Certificate = load_certificate(installation.certificate.read_bytes())
        threading.Thread(target=self._follow, daemon=True).start()

    def measure(self, count: int, namespace: str = CALM, per_second: float = PER_SECOND) -> list[float]:
        """Return in how many seconds each of so many new objects was there."""
        made = {}
        for _ in range(count):
            self._number += 1
            name = f"new-{self._number}"
            sealed = seal(Secret(name, namespace, {"password": b"hunter2"}), self._certificate).to_dict()
            made[name] = time.monotonic()
            self._installation.kube.create(sealed)
            threading.Event().wait(max(0.0, 1 / per_second - (time.monotonic() - made[name])))
        deadline = time.monotonic() + 120
        while set(made) - set(self._seen) and time.monotonic() < deadline:
            threading.Event().wait(0.05)
        return [self._seen.get(name, deadline) - began for name, began in made.items()]

    def _follow(self) -> None:
        kube = self._installation.kube
        while True:
            # Begun anew when nothing was said for a while: what is there already is shown at the beginning.
            with contextlib.suppress(OSError, http.client.HTTPException):
                for line in kube.lines(f"{kube.path('v1/Secret')}?watch=true"):
                    name = json.loads(line)["object"]["metadata"].get("name", "")
                    self._seen.setdefault(name, time.monotonic())


class Aim(NamedTuple):
    """The longest times in seconds where an operation takes `reference` of them; None where that does not matter."""

    p50: float | None
    p99: float
    reference: float | None = None
    upstream: str = ""

    def of(self, operation: float) -> "Aim":
        """Return the aim where an operation takes so long: a new object of these benchmarks needs one."""
        more = operation - self.reference if self.reference else 0.0
        return self._replace(p50=None if self.p50 is None else self.p50 + more, p99=self.p99 + more)


IDLE = Aim(0.030, 0.080, reference=0.0057, upstream="p50 34 ms, p99 87 ms; p50 19 s with its default limiter")
BEHIND = Aim(0.100, 1.0, upstream="p50 25 s behind 400")
BESIDE = Aim(None, 1.0)


def show(what: str, seconds: list[float], aim: Aim) -> None:
    """Show median and 99th percentile."""
    ordered = sorted(seconds)
    p50, p99 = statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    Row(
        f"a new object {what}",
        f"p50 {1000 * p50:.0f} ms, p99 {1000 * p99:.0f} ms",
        reach=(f"p50 ≤ {1000 * aim.p50:.0f} ms, " if aim.p50 else "") + f"p99 ≤ {1000 * aim.p99:.0f} ms",
        is_reached=(aim.p50 is None or p50 <= aim.p50) and p99 <= aim.p99,
        upstream=aim.upstream,
    ).show()


def clear(installation: Installation) -> None:
    """Take away the noisy tenant's objects, with the controller."""
    installation.kube.request("DELETE", installation.kube.path("bitnami.com/v1alpha1/SealedSecret", NOISY))
    installation.controller.kill()


def measure_backlog(installation: Installation, tenant: Tenant, count: int) -> None:
    """Let objects of the same namespace wait."""
    installation.controller.kill()
    make_objects(installation, count, [load_certificate(installation.certificate.read_bytes())])
    installation.controller.start()
    tenant.measure(1)  # whatever is there before the controller has listed everything is a part of what waits
    show(f"while {count:,} of its namespace wait", tenant.measure(50, NOISY), BEHIND)
    clear(installation)


def measure_hopeless(installation: Installation, tenant: Tenant, count: int) -> None:
    """Let another tenant have objects that no key opens; count what is written about them."""
    installation.controller.kill()
    make_objects(installation, count, [other_sealing_key().certificate])
    before = writes(installation.kube)
    installation.controller.start()
    made = len(tenant.measure(1))
    seconds = tenant.measure(200)
    made += len(seconds)
    show(f"while another tenant has {count:,} hopeless ones", seconds, BESIDE)
    while failing(installation) < count:
        threading.Event().wait(1)
    wrote = writes_since(installation.kube, before)
    # Each of the new ones is written one status and one Event as well.
    statuses = (wrote["PUT sealedsecrets/status"] - made) / count
    events = (wrote["POST events"] + wrote.get("PATCH events", 0) - made) / count
    Row(
        f"writes for each of {count:,} objects that no key opens",
        f"{statuses:.2f} of the status, {events:.2f} of Events",
    ).show()
    clear(installation)


def failing(installation: Installation) -> int:
    """Return how many of the noisy tenant's objects have a status that says that they failed."""
    found = installation.kube.list("bitnami.com/v1alpha1/SealedSecret", NOISY)
    return sum(
        "observedGeneration" in one.get("status", {}) and one["status"]["observedGeneration"] > 0 for one in found
    )


def measure_storm(installation: Installation, tenant: Tenant, count: int) -> None:
    """Let another tenant create objects as fast as it can."""
    installation.controller.start()
    tenant.measure(1)
    certificate = load_certificate(installation.certificate.read_bytes())
    storm = threading.Thread(target=make_objects, args=(installation, count, [certificate]), kwargs={"name": "storm"})
    storm.start()
    seconds = tenant.measure(30, per_second=STORM_PER_SECOND)
    is_over = not storm.is_alive()
    storm.join()
    show(f"while another tenant creates {count:,}", seconds, BESIDE)
    show(f"while {count:,} of another tenant wait", tenant.measure(30, per_second=STORM_PER_SECOND), BESIDE)
    if is_over:
        print("the storm was over before the last of the former")


def measure(installation: Installation, backlog: int, hopeless: int, storm: int) -> None:
    """Print the figures of all situations; a count of 0 leaves one out."""
    installation.install()
    installation.controller.start()
    installation.fetch_certificate()
    for namespace in (CALM, NOISY):
        installation.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    operation, write = private_key_seconds(), write_seconds(installation)
    print(f"one private-key operation {1000 * operation.clock:.2f} ms, one API write {1000 * write:.2f} ms", flush=True)
    tenant = Tenant(installation)
    tenant.measure(10)
    show("while nothing else waits", tenant.measure(200), IDLE.of(operation.clock))
    for situation, count in ((measure_backlog, backlog), (measure_hopeless, hopeless), (measure_storm, storm)):
        if count:
            situation(installation, tenant, count)


def main() -> None:
    """Start an API server, install, measure, clean up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backlog", type=int, default=1000)
    parser.add_argument("--hopeless", type=int, default=5000)
    parser.add_argument("--storm", type=int, default=10_000)
    arguments = parser.parse_args()
    with api_server() as installation:
        measure(installation, arguments.backlog, arguments.hopeless, arguments.storm)


if __name__ == "__main__":
    main()
