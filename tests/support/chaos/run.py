"""A run of chaos: people act, troubles come, everything heals, and the world is compared with what people wished.

The seed decides which acts and troubles come in which order, and what each request to the API server meets. What meets
what depends on threads and processes as well, so a seed that failed fails again often, not always; the steps that are
written to `steps.log` are the same.
"""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from tests.support.chaos.leaks import LeakSearch
from tests.support.chaos.people import People
from tests.support.chaos.replicas import LAUNCHER
from tests.support.chaos.stage import Stage
from tests.support.chaos.troubles import Troubles
from tests.support.chaos.truth import Key, Truth, complaints, is_failing
from tests.support.controlplane import ControlPlane
from tests.support.wait import eventually, stays_true
from tests.support.wire_faults import WireFaults

from sealwright_crypto import load_certificate

ACTS = {"edit": 10, "delete": 3, "strip": 3, "meddle": 4, "make_way": 2}
ACTS_PER_OBJECT = 3
QUICK = (
    "ask",
    "kill",
    "stop",
    "pause",
    "part",
    "jump",
    "renew_key",
    "restore_key",
    "remove_key",
    "add_odd_key",
    "forge_statuses",
)
DECK = (
    *QUICK * 2,
    "ask",
    "kill",
    "calm",
    "pause_for_long",
    "pause_apiserver",
    "kill_apiserver",
    "save_etcd",
    "restore_etcd",
)
"""The troubles, as often as they come before all come again."""
REPLICAS = 3
SETTLE_SECONDS = 400.0
"""An object that failed often is looked at only after minutes, and so is a Secret that others kept changing."""
QUIET_SECONDS = 5.0
START_SECONDS = 240.0
_FAILING = re.compile(r'condition_info\{(?=[^}]*\bname="([^"]*)")(?=[^}]*\bnamespace="([^"]*)")[^}]*\} -1\.0')
_DEFECT = re.compile(rb"^.*(?:defect in the controller|object skipped|Traceback).*$", re.MULTILINE)


@dataclass
class Report:
    """What a run came to: `failures` is empty if all is as it must be."""

    seed: int
    objects: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    wire_faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    settled_seconds: float = 0.0
    searched_bytes: int = 0
    secret_writes: int = 0
    told: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def faults(self) -> int:
        """How many faults there were."""
        return self.troubles.total() + self.wire_faults.total()

    def __str__(self) -> str:
        counted = [f"{name} {count}" for name, count in sorted((self.troubles + self.wire_faults).items())]
        head = (
            f"seed {self.seed}: {self.objects} objects, {self.acts.total()} acts, {self.faults} faults in "
            f"{self.seconds:.0f} s, settled after {self.settled_seconds:.0f} s more, "
            f"{self.searched_bytes / 2**20:.1f} MiB searched; {self.secret_writes} writes of Secrets, {self.told} Events"
        )
        lines = [
            head,
            "  " + ", ".join(counted),
            *(f"  FAILED: {text}" for text in self.failures),
        ]
        return "\n".join([*lines, "" if self.failures else "  the world is what the objects say"])


class ChaosRun:
    """One run over a control plane of its own. `folder` is empty; `cards` are the troubles to draw from."""

    def __init__(
        self,
        plane: ControlPlane,
        folder: Path,
        seed: int,
        *,
        objects: int,
        acts_per_trouble: int = 20,
        pace_seconds: float = 0.02,
        cards: tuple[str, ...] = DECK,
        replicas: int = REPLICAS,
        harshness: float = 1.0,
        launcher: Path = LAUNCHER,
        team: str = "team",
    ) -> None:
        """`acts_per_trouble` and `pace_seconds`, between acts, say how densely the `cards` come; `team` names namespaces."""
        self.report = Report(seed)
        self.truth = Truth()
        self.leaks = LeakSearch()
        faults = WireFaults(seed, harshness=harshness)
        self.stage = Stage(plane, folder, faults, [f"{team}-{number}" for number in range(1, 7)], launcher)
        self.people = People(self.stage.kube, self.stage.namespaces, self.truth, self.leaks)
        self._folder = folder
        self._seed = seed
        self._objects = objects
        self._acts_per_trouble = acts_per_trouble
        self._pace_seconds = pace_seconds
        self._cards = cards
        self._replicas = replicas
        self._hand: list[str] = []
        self._due: list[tuple[int, Callable[[], None]]] = []
        self._number = 0
        self._waiting = threading.Event()
        self._steps: TextIO | None = None

    def run(self) -> Report:
        """Run it all; the report says what failed."""
        began = time.monotonic()
        with (self._folder / "steps.log").open("w") as self._steps, self.stage:
            self.begin()
            self.storm()
            self.report.seconds = time.monotonic() - began
            self.heal()
            self.judge()
            self.end()
        return self.report

    def begin(self) -> None:
        """Start the first controller, and take its certificate."""
        replica = self.stage.add_replica()
        eventually(lambda: replica.ask("/readyz")[0] == 200, timeout=START_SECONDS, what="the controller is ready")
        self.troubles = Troubles(self.stage, self.people, self._later, self._folder)
        pem = self.stage.replicas[0].ask("/v1/cert.pem")[1]
        self.people.certificates.insert(0, load_certificate(pem.encode()))
        self.stage.faults.resume()

    def storm(self) -> None:
        """Let people act and troubles come."""
        total = ACTS_PER_OBJECT * self._objects
        for number in range(total):
            self._number = number
            if len(self.stage.replicas) < min(self._replicas, 1 + number * self._replicas // total):
                self.stage.add_replica()
            self._run_due(until=number)
            is_new = number * self._objects // total != (number - 1) * self._objects // total or not self.truth.wishes
            self._act("create" if is_new else self._choices("which").choices(list(ACTS), list(ACTS.values()))[0])
            if number % self._acts_per_trouble == self._acts_per_trouble - 1:
                self._trouble()
            self._notice_deaths()
            self._waiting.wait(self._pace_seconds)

    def heal(self) -> None:
        """End all troubles, and wait until the world is what people wished."""
        self._run_due(until=None)
        self.stage.faults.heal()
        for replica in self.stage.replicas:
            replica.resume()
            replica.proxy.join()
            replica.jump(0)
            replica.start()
        began = time.monotonic()
        try:
            eventually(lambda: not self.different(), timeout=SETTLE_SECONDS, what="the world is right", interval=1)
        except AssertionError:
            self.report.failures += self.different()
        self.report.settled_seconds = time.monotonic() - began

    def judge(self) -> None:
        """Look for whatever is wrong although the world looks right."""
        self.report.wire_faults = self.stage.faults.struck
        self.report.secret_writes = self.stage.secret_writes.total()
        self.report.told = self.stage.events_told()
        self._number += 1
        self._act("create")
        self._expect("a new object is worked on", lambda: not self.different())
        self.report.objects = self.people.made
        self._expect("one replica leads", lambda: [each.leads for each in self.stage.replicas].count(True) == 1)
        self._expect("the metrics name what fails", lambda: self._failing_by_metrics() == self._failing())
        before = self.stage.versions()
        try:
            stays_true(lambda: self.stage.versions() == before, seconds=QUIET_SECONDS, what="quiet", interval=1)
        except AssertionError:
            changed = {key for key, version in self.stage.versions().items() if before.get(key) != version}
            self.report.failures.append(f"something is still written: {sorted(changed)[:5]}")
        for replica in self.stage.replicas:
            self.troubles.ask_all(replica)
        self._notice_deaths()
        self.search()

    def search(self) -> None:
        """Look for plaintexts, and for defects, in all that was said."""
        for place, text in self.stage.said():
            self.report.searched_bytes += len(text)
            self.report.failures += [f"LEAKED in {place}: {found}" for found in self.leaks.found_in(text)]
            if place.endswith("controller.log"):
                self.report.failures += [f"{place}: {line.decode()}" for line in sorted(set(_DEFECT.findall(text)))[:5]]

    def end(self) -> None:
        """Stop all controllers; they leave nothing behind."""
        for replica in self.stage.replicas:
            if replica.slow_ends:
                self.report.failures.append(f"{replica.folder.name} did not end in time {replica.slow_ends} times")
            if status := replica.stop():
                self.report.failures.append(f"{replica.folder.name} ended with {status}")
            try:
                replica.wait_until_nothing_runs()
            except AssertionError as error:
                self.report.failures.append(f"{replica.folder.name}: {error}")

    def _act(self, name: str) -> None:
        said = getattr(self.people, name)(self._choices(name))
        self.report.acts[name] += 1
        self._log(name, said)

    def _trouble(self) -> None:
        if not self._hand:
            self._hand = list(self._cards)
            self._choices("deck").shuffle(self._hand)
        name = self._hand.pop()
        self._log(name, "begins")
        said = getattr(self.troubles, name)(self._choices(name))
        self.report.troubles[name] += 1
        self._log(name, said)

    def _later(self, acts: int, act: Callable[[], None]) -> None:
        self._due.append((self._number + acts, act))

    def _run_due(self, *, until: int | None) -> None:
        due = [act for number, act in self._due if until is None or number <= until]
        self._due = [] if until is None else [each for each in self._due if each[0] > until]
        for act in due:
            act()

    def _choices(self, about: str) -> random.Random:
        return random.Random(f"{self._seed}/{self._number}/{about}")

    def _log(self, name: str, said: str) -> None:
        assert self._steps is not None
        self._steps.write(f"{time.strftime('%H:%M:%S')} {self._number} {name}: {said}\n")
        self._steps.flush()

    def different(self) -> list[str]:
        """Return every difference between the world and what people wished."""
        return complaints(self.truth, self.people.insist(self.stage.find))

    def _failing(self) -> set[Key]:
        return {key for key, sealed in self.stage.find().sealed.items() if is_failing(sealed)}

    def _failing_by_metrics(self) -> set[Key]:
        leader = next(each for each in self.stage.replicas if each.leads)
        found = _FAILING.findall(leader.metrics())
        return {(namespace, name) for name, namespace in found if namespace in self.stage.namespaces}

    def _expect(self, what: str, holds: Callable[[], bool]) -> None:
        try:
            eventually(holds, timeout=60, what=what, interval=1)
        except (AssertionError, StopIteration) as error:
            self.report.failures.append(str(error) or what)

    def _notice_deaths(self) -> None:
        for replica in self.stage.replicas:
            if death := replica.died():
                self.report.failures.append(f"{replica.folder.name} died: {death[:2000]}")
                replica.kill()
                replica.start()
