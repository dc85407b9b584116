"""Sets off bombs before a controller that has 256 MiB, and measures what a calm tenant and a kubelet notice of them.

    python -m tools.checks.bomb_run [--only NAME,...] [--alone] [--herd] [--rounds N]

It prints figures, and fails if a promise is broken.
"""

import argparse
import contextlib
import http.client
import json
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.bombs import BOMBS, NAME, Bomb, named
from tests.support.cages import Cage, cpu_seconds, resident_bytes
from tests.support.controlplane import PROJECT_CRD, ControlPlane
from tests.support.installation import SEALED_SECRET, Installation
from tests.support.kubeapi import ApiError
from tests.support.processes import ComponentDiedError
from tests.support.wait import eventually

from sealwright_crypto import Certificate, Secret, load_certificate, seal
from tools.building.make_apiserver import build

MEMORY_BYTES = 256 * 1024 * 1024
MAX_RESIDENT_MIB = 200.0
MAX_CALM_SECONDS = 2.0
MAX_LIVE_SECONDS = 1.0
API_REQUESTS = 3
"""How many of the API server's small writes, as slow as they are then, a new object may wait for: the API server
delivers the object, takes the Secret, and shows it to us, which the controller cannot speed up."""
AT_ONCE = 8
HERD = ["text", "emoji", "many-values"]
CALM = "calm"
SETTLE_SECONDS = 60.0
"""How long a bomb is given: if nothing was reported of it until then, it is queued, or stuck."""
PATIENCE_SECONDS = 20.0


_CALM_AND_NEW = re.compile(rb'\{"type":"ADDED",.*"name":"(calm-[0-9]+-[0-9]+)"')


@dataclass
class Figures:
    """The measurements while something was set off."""

    what: str
    calm: list[float] = field(default_factory=list)
    api: list[float] = field(default_factory=list)
    live: list[float] = field(default_factory=list)
    resident: list[list[float]] = field(default_factory=list)
    deaths: int = 0
    cpu_seconds: float = 0.0
    seconds: float = 0.0
    unsettled: int = 0
    unseen: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def most_resident(self) -> list[float]:
        """The largest total memory of the controller and its renderers, in MiB."""
        return max(self.resident, key=sum, default=[0.0])

    def broken(self) -> list[str]:
        """Return the broken promises."""
        found = [f"not set off: {text}" for text in self.refused[:1]]
        if self.unseen == len(self.calm) > 3:
            found.append("nothing was seen of the calm tenant's objects")
        if self.deaths:
            found.append(f"the controller ended {self.deaths} times")
        if sum(self.most_resident) > MAX_RESIDENT_MIB:
            found.append(f"{sum(self.most_resident):.0f} MiB resident")
        if max(self.live, default=0.0) > MAX_LIVE_SECONDS:
            found.append(f"/livez took {max(self.live):.2f} s")
        if max(self.calm, default=0.0) > MAX_CALM_SECONDS + API_REQUESTS * max(self.api, default=0.0):
            found.append(f"the calm tenant waited {max(self.calm):.2f} s")
        return found

    def __str__(self) -> str:
        calm = f"{statistics.median(self.calm):.3f} / {max(self.calm):.3f}" if self.calm else "none"
        parts = " + ".join(f"{size:.0f}" for size in self.most_resident)
        return "   ".join(
            [
                f"{self.what:32} {sum(self.most_resident):6.0f} MiB ({parts})",
                f"livez {max(self.live, default=0.0):6.3f} s",
                f"calm {calm} s ({len(self.calm)}), api {max(self.api, default=0.0):.3f} s",
                f"{self.cpu_seconds:.1f} CPU-s",
                f"settled in {self.seconds:5.1f} s, all but {self.unsettled}",
                "; ".join(self.broken()) or "held",
            ]
        )


class BombRun:
    """A memory-limited controller over a real API server, a calm tenant, and the threads that measure both."""

    def __init__(self, cluster: Any, folder: Path, *flags: str) -> None:
        self.installation = Installation(cluster, folder, arguments=flags)
        self.cage = Cage(MEMORY_BYTES)
        self._kube = cluster.kube()
        self._cluster = cluster
        self._figures = Figures("")
        self._stopping = threading.Event()
        self._number = 0
        self._shown: dict[bytes, float] = {}

    @contextlib.contextmanager
    def running(self) -> Iterator["BombRun"]:
        """Install and start the controller, and stop it at the end."""
        self.installation.install()
        try:
            self._start()
            self.installation.fetch_certificate()
            self.certificate: Certificate = load_certificate(self.installation.certificate.read_bytes())
            self._kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": CALM}})
            threading.Thread(target=self._follow, daemon=True).start()
            yield self
        finally:
            self._stopping.set()
            self.installation.controller.stop()
            eventually(self._cage_is_empty, timeout=30, what="the cage is empty")

    def set_off(self, bombs: Sequence[Bomb]) -> Figures:
        """Set bombs off at once, each in its own namespace; remove them when a result of each was reported."""
        names = sorted({bomb.name for bomb in bombs})
        self._figures = figures = Figures(names[0] + (f" and {len(bombs) - 1} more" if len(bombs) > 1 else ""))
        placed = [(self._namespace(), bomb) for bomb in bombs]
        bodies = [(namespace, bomb.manifest(namespace, self.certificate)) for namespace, bomb in placed]
        watching = [
            threading.Thread(target=run, daemon=True)
            for run in (self._ask, self._weigh, self._live_calmly, self._write)
        ]
        self._stopping.clear()
        for thread in watching:
            thread.start()
        began, cpu = time.monotonic(), cpu_seconds(self.installation.controller.pid)
        senders = [threading.Thread(target=self._send, args=body, daemon=True) for body in bodies]
        for thread in senders:
            thread.start()
        for thread in senders:
            thread.join(60)
        figures.unsettled = self._wait_for([namespace for namespace, _ in placed])
        figures.seconds = time.monotonic() - began
        figures.cpu_seconds = cpu_seconds(self.installation.controller.pid) - cpu
        self._stopping.set()
        for thread in watching:
            thread.join(2 * PATIENCE_SECONDS)
        self._clear([namespace for namespace, _ in placed])
        return figures

    def _start(self) -> None:
        controller = self.installation.controller
        controller.start(wait=False)
        self.cage.hold(controller.pid)
        controller.wait_until_ready()

    def _cage_is_empty(self) -> bool:
        try:
            self.cage.close()
        except OSError:  # a child of the controller is still exiting
            return False
        return True

    def _namespace(self) -> str:
        self._number += 1
        name = f"bomber-{self._number}"
        self._kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        return name

    def _send(self, namespace: str, body: bytes) -> None:
        kube = self._cluster.kube()
        try:
            kube.request("POST", kube.path(SEALED_SECRET, namespace), body)
        except (ApiError, OSError) as error:
            self._figures.refused.append(str(error)[:200])

    def _wait_for(self, namespaces: Sequence[str]) -> int:
        """Wait until a result of every bomb was reported; returns how many have none.

        It looks at their Events, since a status arrives with the whole object, which has megabytes.
        """
        kube, deadline, waiting = self._cluster.kube(), time.monotonic() + SETTLE_SECONDS, set(namespaces)
        while waiting and time.monotonic() < deadline:
            for namespace in sorted(waiting):
                if kube.list("v1/Event", namespace):
                    waiting.discard(namespace)
            self._stopping.wait(0.1)
        return len(waiting)

    def _clear(self, namespaces: Sequence[str]) -> None:
        for namespace in namespaces:
            with contextlib.suppress(ApiError, OSError):
                self._kube.delete(SEALED_SECRET, NAME, namespace)
        self._recover()

    def _recover(self) -> None:
        """Restart the controller if it ended."""
        try:
            self.installation.controller.check_running()
        except ComponentDiedError:
            self._figures.deaths += 1
            self.installation.controller.kill()
            self._start()

    def _ask(self) -> None:
        """Ask /livez as a kubelet does, with a new connection for each request, ten times a second."""
        controller, figures = self.installation.controller, self._figures
        while not self._stopping.wait(0.1):
            began = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", controller.port, timeout=PATIENCE_SECONDS)
            try:
                connection.request("GET", "/livez")
                connection.getresponse().read()
                figures.live.append(time.monotonic() - began)
            except OSError:
                figures.live.append(PATIENCE_SECONDS)
            finally:
                connection.close()

    def _weigh(self) -> None:
        pid, figures = self.installation.controller.pid, self._figures
        while not self._stopping.wait(0.02):
            figures.resident.append([size / 2**20 for size in resident_bytes(pid)])

    def _live_calmly(self) -> None:
        """Make new objects, one after another, each with a small template, and record how long each takes."""
        kube, figures, number = self._cluster.kube(), self._figures, 0
        while not self._stopping.wait(0.05):
            number += 1
            name = f"calm-{self._number}-{number}"
            made = seal(Secret(name, CALM, {"password": b"hunter2"}), self.certificate).to_dict()
            made["spec"]["template"]["data"] = {"url": "postgres://app:{{ .password }}@db/app"}
            with contextlib.suppress(ApiError, OSError):
                kube.create(made, CALM)
                there = self._until_there(kube, name)
                shown = self._shown.pop(name.encode(), None)
                figures.unseen += shown is None  # the controller may have been faster than the watch
                figures.calm.append(0.0 if shown is None else max(0.0, there - shown))
                kube.delete(SEALED_SECRET, name, CALM)

    def _write(self) -> None:
        """Record how long the API server takes meanwhile for a small unrelated Secret."""
        kube, figures = self._cluster.kube(), self._figures
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "of-nobodys-concern", "namespace": "default"},
        }
        while not self._stopping.wait(0.2):
            with contextlib.suppress(ApiError, OSError):
                began = time.monotonic()
                kube.create(secret, "default")
                figures.api.append(time.monotonic() - began)
                kube.delete("v1/Secret", "of-nobodys-concern", "default")

    def _until_there(self, kube: Any, name: str) -> float:
        """Return the time when the Secret appeared, or when waiting for it was given up."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_SECONDS:
            with contextlib.suppress(OSError):
                if kube.find("v1/Secret", name, CALM) is not None:
                    break
            threading.Event().wait(0.005)
        return time.monotonic()

    def _follow(self) -> None:
        """Record when the API server shows the calm tenant's objects to a watch of all objects, like the controller's.

        It delivers changes one after another, and large ones take long.
        """
        kube = self._cluster.kube()
        collection = kube.path(SEALED_SECRET)
        while True:
            with contextlib.suppress(ApiError, OSError, http.client.HTTPException):
                # The watch starts at the newest version each time: the API server forgets old ones after a while.
                version = json.loads(kube.request("GET", f"{collection}?limit=1"))["metadata"]["resourceVersion"]
                for line in kube.lines(f"{collection}?watch=true&resourceVersion={version}"):
                    if found := _CALM_AND_NEW.match(line):
                        self._shown.setdefault(found[1], time.monotonic())


def main(argv: Sequence[str]) -> int:
    """Set off the bombs; returns 0 if all promises were kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="names of bombs, with commas between them")
    parser.add_argument("--kind", choices=["all", "templates", "others"], default="all")
    parser.add_argument("--alone", action="store_true", help="not also eight at once")
    parser.add_argument(
        "--herd", action="store_true", help="nothing but sixty large objects at once, three kinds by turns"
    )
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args(argv)
    chosen = [named(name) for name in options.only.split(",")] if options.only else BOMBS
    chosen = [bomb for bomb in chosen if options.kind == "all" or bomb.is_template is (options.kind == "templates")]
    found: list[Figures] = []
    with (
        tempfile.TemporaryDirectory(prefix="sealwright-bombs-") as folder,
        ControlPlane(build(), Path(folder), crds=[PROJECT_CRD]) as plane,
        BombRun(plane, Path(folder)).running() as run,
    ):
        print(f"{len(chosen)} bombs, {MEMORY_BYTES // 2**20} MiB by {run.cage.kind}", flush=True)
        if options.herd:
            found.append(run.set_off([named(name) for name in HERD] * 20))
            print(found[-1], flush=True)
        for _ in range(0 if options.herd else options.rounds):
            for bomb in chosen:
                for count in (1,) if options.alone else (1, AT_ONCE):
                    found.append(run.set_off([bomb] * count))
                    print(found[-1], flush=True)
            if len(chosen) >= AT_ONCE and not options.alone:
                step = len(chosen) // AT_ONCE
                found.append(run.set_off(chosen[::step][:AT_ONCE]))
                print(found[-1], flush=True)
    calm = [seconds for figures in found for seconds in figures.calm] or [0.0]
    print(
        f"most: {max(sum(f.most_resident) for f in found):.0f} MiB resident, "
        f"/livez {max(max(f.live, default=0) for f in found):.3f} s, "
        f"calm tenant p50 {statistics.median(calm):.3f} s, most {max(calm):.3f} s, "
        f"{sum(f.deaths for f in found)} deaths, {sum(bool(f.broken()) for f in found)} of {len(found)} not held"
    )
    return int(any(figures.broken() for figures in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
