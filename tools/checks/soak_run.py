"""Creates, edits and deletes SealedSecrets for long, and tells whether what the controller takes stays flat.

    python -m tools.checks.soak_run [--minutes N] [--rate N] [--objects N] [--seed N]

A real kube-apiserver, a real controller with its default settings. Memory, threads and file descriptors, those of the
processes that render templates included, are noted every five seconds and printed every minute. In the end the Secrets
have to be what the objects say. The first quarter is for warming up; the medians of the second quarter and of the last
one are compared. Memory is flat if the last is above the second by at most 5 %, or 4 MiB if that is more; threads and
descriptors, if it is above by at most 2. Fails if one is not flat, or a Secret is wrong.
"""

import argparse
import base64
import itertools
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from tests.support.cages import resident_bytes
from tests.support.controlplane import PROJECT_CRD, ControlPlane
from tests.support.installation import SEALED_SECRET, Installation
from tests.support.kubeapi import ApiError
from tests.support.wait import eventually

from sealwright_crypto import Certificate, Secret, load_certificate, seal
from tools.building.make_apiserver import build

NAMESPACES = [f"soak-{number}" for number in range(5)]
SAMPLE_SECONDS = 5.0
START_SECONDS = 600.0
SETTLE_SECONDS = 180.0
CLIENTS = 4
MIB = 2**20
MORE_MEMORY, MORE_BYTES, MORE_OTHERS = 0.05, 4 * MIB, 2


@dataclass(frozen=True)
class Sample:
    """What the controller had at one moment. `seconds` are since the beginning."""

    seconds: float
    memory_bytes: int
    threads: int
    descriptors: int

    @classmethod
    def of(cls, pid: int, seconds: float) -> "Sample":
        """Look at a process and its children (Linux)."""
        family = [pid, *_children(pid)]
        status = [(Path("/proc") / str(one) / "status").read_text() for one in family[:1]]
        threads = sum(int(text.partition("Threads:")[2].split()[0]) for text in status)
        descriptors = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
        return cls(seconds, sum(resident_bytes(pid)), threads + len(family) - 1, descriptors)


class Churn:
    """Changes objects at a steady rate, from a seed, and knows what each should hold: by namespace and name.

    `done` counts what was done, and what was not: "met" another change of the same object, came too "late", "failed".
    """

    def __init__(self, installation: Installation, certificate: Certificate, objects: int, seed: int) -> None:
        self._installation = installation
        self._certificate = certificate
        self._random = Random(seed)
        self._most = objects
        self._numbers = itertools.count()
        self.wanted: dict[tuple[str, str], dict[str, bytes]] = {}
        self.done: Counter[str] = Counter()

    def run(self, rate: float, until: float) -> None:
        """Do so many changes a second until `until`, of time.monotonic(); what cannot be done in time is left out."""
        due = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as clients:
            waiting = threading.BoundedSemaphore(4 * CLIENTS)
            while (now := time.monotonic()) < until:
                threading.Event().wait(max(0.0, due - now))
                due += 1 / rate
                if due < now - 1:
                    self.done["late"] += 1
                    continue
                waiting.acquire()
                clients.submit(self._next()).add_done_callback(lambda done: self._count(done, waiting))

    def _count(self, done: Any, waiting: threading.BoundedSemaphore) -> None:
        waiting.release()
        error = done.exception()
        met = isinstance(error, ApiError) and error.status == 409  # two changes of one object at a time
        self.done[done.result() if error is None else "met" if met else f"failed: {type(error).__name__}"] += 1

    def _next(self) -> Any:
        """Return the next change, as something to call."""
        known = list(self.wanted)
        choice = self._random.random()
        if len(known) < 10 or (choice < 0.3 and len(known) < self._most):
            place = self._random.choice(NAMESPACES), f"object-{next(self._numbers)}"
            return self._apply("create", place)
        place = self._random.choice(known)
        if choice < 0.3 or choice > 0.75:
            del self.wanted[place]
            return lambda: self._delete(place)
        return self._apply("edit", place)

    def _apply(self, what: str, place: tuple[str, str]) -> Any:
        values = {f"item-{number}": self._random.randbytes(20).hex().encode() for number in range(3)}
        template = "{{ index . `item-0` | upper }}" if self._random.random() < 0.3 else None
        self.wanted[place] = values | ({"made": values["item-0"].upper()} if template else {})

        def change() -> str:
            namespace, name = place
            manifest = seal(Secret(name, namespace, values), self._certificate).to_dict()
            if template:
                manifest["spec"]["template"]["data"] = {"made": template}
            kube = self._installation.kube
            old = kube.find(SEALED_SECRET, name, namespace)
            if old is None:
                kube.create(manifest)
            else:
                manifest["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
                kube.replace(manifest)
            return what

        return change

    def _delete(self, place: tuple[str, str]) -> str:
        try:
            self._installation.kube.delete(SEALED_SECRET, place[1], place[0])
        except ApiError as error:
            if error.status != 404:
                raise
        return "delete"

    def put_right(self) -> None:
        """Bring the objects to what is wanted: two changes of one object may have met, and come in another order."""
        kube = self._installation.kube
        for namespace in NAMESPACES:
            for found in kube.list(SEALED_SECRET, namespace):
                if (place := (namespace, found["metadata"]["name"])) not in self.wanted:
                    self._delete(place)
        for place in list(self.wanted):
            self._apply("edit", place)()

    def differing(self) -> list[str]:
        """Return the Secrets that are not what was sealed last, those that are missing, and those left over."""
        kube, wrong = self._installation.kube, []
        for namespace in NAMESPACES:
            found = {one["metadata"]["name"]: one.get("data") or {} for one in kube.list("v1/Secret", namespace)}
            wanted = {name: items for (where, name), items in self.wanted.items() if where == namespace}
            for name in found.keys() | wanted.keys():
                items = {key: base64.b64decode(text) for key, text in found.get(name, {}).items()}
                if items != wanted.get(name, {}) or (name in found) != (name in wanted):
                    wrong.append(f"{namespace}/{name}")
        return wrong


def main() -> None:
    """Run, print, and judge."""
    parser = argparse.ArgumentParser(
        prog="soak_run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="for how long (30)")
    parser.add_argument("--rate", type=float, default=20.0, help="changes a second (20)")
    parser.add_argument("--objects", type=int, default=500, help="how many there are at most at a time (500)")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(2**31), help="of all random choices")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="sealwright-soak-") as folder,
        ControlPlane(build(), Path(folder), crds=[PROJECT_CRD]) as plane,
        tempfile.TemporaryDirectory(prefix="sealwright-soak-") as files,
    ):
        installation = Installation(plane, Path(files))
        try:
            sys.exit(0 if soak(installation, arguments) else 1)
        finally:
            installation.controller.stop()


def soak(installation: Installation, arguments: argparse.Namespace) -> bool:
    """Return whether all was flat and right."""
    installation.install()
    controller = installation.controller
    controller.start(wait=False)  # on a busy machine, making its first key takes minutes
    eventually(lambda: controller.get("/readyz")[0] == 200, timeout=START_SECONDS, what="the controller is ready")
    installation.fetch_certificate()
    for namespace in NAMESPACES:
        installation.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    certificate = load_certificate(installation.certificate.read_bytes())
    churn = Churn(installation, certificate, arguments.objects, arguments.seed)
    print(f"seed {arguments.seed}, {arguments.minutes:g} min at {arguments.rate:g} changes a second", flush=True)
    started = time.monotonic()
    until = started + 60 * arguments.minutes
    samples: list[Sample] = []
    watch = threading.Thread(target=_watch, args=(installation, churn, samples, started, until))
    watch.start()
    churn.run(arguments.rate, until)
    watch.join()
    wrong = _settled(churn)
    print(f"done: {dict(churn.done)}; {len(churn.wanted)} objects at the end, {len(wrong)} wrong {wrong[:5]}")
    return all([*_judged(samples), not wrong])


def _watch(installation: Installation, churn: Churn, samples: list[Sample], started: float, until: float) -> None:
    """Note what the controller has, and print it once a minute."""
    minute = 1
    while (now := time.monotonic()) < until:
        installation.controller.check_running()
        samples.append(Sample.of(installation.controller.pid, now - started))
        if samples[-1].seconds >= 60 * minute:
            _print(f"minute {minute}", samples[-1], f"{churn.done.total()} changes, {len(churn.wanted)} objects")
            minute += 1
        threading.Event().wait(min(SAMPLE_SECONDS, max(0.0, until - time.monotonic())))
    _print("the end", samples[-1], f"{churn.done.total()} changes")


def _print(when: str, sample: Sample, more: str) -> None:
    memory = f"{sample.memory_bytes / MIB:7.1f} MiB"
    print(f"{when:10} {memory}  {sample.threads} threads  {sample.descriptors} descriptors  {more}", flush=True)


def _settled(churn: Churn) -> list[str]:
    """Wait until the Secrets are what the objects say; returns those that are not after SETTLE_SECONDS."""
    churn.put_right()
    until = time.monotonic() + SETTLE_SECONDS
    while (wrong := churn.differing()) and time.monotonic() < until:
        threading.Event().wait(1.0)
    return wrong


def _judged(samples: Sequence[Sample]) -> list[bool]:
    """Compare the second quarter with the last one, print, and return what is flat."""
    quarter = max(1, len(samples) // 4)
    second, last = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    told = []
    for what in ("memory_bytes", "threads", "descriptors"):
        before, after = (statistics.median(getattr(one, what) for one in part) for part in (second, last))
        most = before + (max(MORE_BYTES, MORE_MEMORY * before) if what == "memory_bytes" else MORE_OTHERS)
        unit = MIB if what == "memory_bytes" else 1
        told.append(after <= most)
        verdict = "flat" if told[-1] else "NOT FLAT"
        print(f"{what.replace('_bytes', ''):12} {before / unit:8.1f} -> {after / unit:8.1f}  {verdict}")
    return told


def _children(pid: int) -> list[int]:
    found = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        found += [int(word) for word in (thread / "children").read_text().split()]
    return found


if __name__ == "__main__":
    main()
