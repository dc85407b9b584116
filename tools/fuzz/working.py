"""One process: random inputs for one target after the other, and what it tells of them.

It shares a page of memory with the process that watches over it, in which the current input is written before it is
tried: when this process dies or hangs, the input is known.
"""

import contextlib
import faulthandler
import mmap
import os
import resource
import signal
import struct
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from tools.fuzz.findings import Finding
from tools.fuzz.judging import Judge, prepare
from tools.fuzz.mutating import MAX_BYTES
from tools.fuzz.targets.table import TARGETS
from tools.fuzz.targets.target import Target

SLICE_SECONDS = 2.0
"""For how long one target is tried before it is the next one's turn."""
MAKING = b"(while inputs were made)"
"""Noted in place of an input."""
BATCH = 100
DRAWN = 40
MAX_ADDRESS_BYTES = 6 * 2**30
"""What this process may map, so that no input takes the machine's memory."""
_STACK_SECONDS = 5.0
_STACK_LOOK_SECONDS = 0.2
_MAX_STACK_BYTES = 16 * 1024
_HEAD = struct.Struct("<QII")
PAGE_BYTES = _HEAD.size + 64 + 4 * MAX_BYTES


@dataclass
class Tally:
    """What was tried of one target: inputs by our own changes, by Hypothesis, and under atheris."""

    random: int = 0
    drawn: int = 0
    guided: int = 0
    slowest: float = 0.0
    most_bytes: int = 0
    found: list[Finding] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add what was tried elsewhere."""
        self.random += other.random
        self.drawn += other.drawn
        self.guided += other.guided
        self.slowest = max(self.slowest, other.slowest)
        self.most_bytes = max(self.most_bytes, other.most_bytes)
        self.found += other.found


class Note:
    """The current input, in memory that two processes share."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, PAGE_BYTES)
        self._stack = os.memfd_create("stack")  # open as long as this process is there
        self._count = 0

    def write(self, target: str, data: bytes) -> None:
        """Note an input before it is tried."""
        self._count += 1
        name, kept = target.encode(), data[: PAGE_BYTES - _HEAD.size - 64]
        self._page[: _HEAD.size + len(name) + len(kept)] = _HEAD.pack(self._count, len(name), len(kept)) + name + kept

    def show_stack_when_asked(self) -> None:
        """Have this process write down where it is when the other calls `ask_stack`."""
        faulthandler.register(signal.SIGUSR1, self._stack)

    def ask_stack(self, pid: int) -> str:
        """Return where the process is, the innermost call first; empty if it does not say so soon."""
        os.truncate(self._stack, 0)
        os.lseek(self._stack, 0, os.SEEK_SET)  # both processes share it
        os.kill(pid, signal.SIGUSR1)
        until, before, text = time.monotonic() + _STACK_SECONDS, b"", b""
        while time.monotonic() < until and not (text and text == before):  # it is written line by line
            time.sleep(_STACK_LOOK_SECONDS)
            before, text = text, os.pread(self._stack, _MAX_STACK_BYTES, 0)
        return text.decode(errors="replace").rstrip()

    def read(self) -> tuple[int, str, bytes]:
        """Return how many inputs were noted, and the last one with its target."""
        count, name_length, length = _HEAD.unpack_from(self._page)
        start = _HEAD.size + name_length
        return count, self._page[_HEAD.size : start].decode(), bytes(self._page[start : start + length])


@dataclass(frozen=True)
class Share:
    """Which inputs a process tries: those of `seed` whose number, divided by `workers`, leaves `number`.

    It ends at `deadline`, of time.monotonic(), or after `inputs` of each target, if that is not 0.
    """

    names: Sequence[str]
    seed: int
    number: int
    workers: int
    deadline: float
    inputs: int = 0
    start: int = 0


class Worker:
    """Tries the inputs of a share."""

    def __init__(self, share: Share, note: Note) -> None:
        self._share = share
        self._note = note
        self._next = dict.fromkeys(share.names, share.start)
        self._targets: dict[str, Target] = {}
        self._seen: set[tuple[str, str, str]] = set()

    def turn(self, name: str) -> Tally:
        """Try a target for one slice."""
        self._note.write(name, MAKING)
        target = self._targets.get(name) or self._targets.setdefault(name, TARGETS[name]())
        judge, tally, until = Judge(target), Tally(), time.monotonic() + SLICE_SECONDS
        while time.monotonic() < min(until, self._share.deadline) and not self.is_done(name):
            first = self._next[name]
            tally.found += self._tried(judge, name, self._batch(target, first))
            self._next[name] += BATCH
            tally.random += BATCH
            if target.drawn is not None and first // BATCH % 5 == 0:
                tally.drawn += self._draw(target, judge, tally, first)
        tally.slowest, tally.most_bytes = judge.slowest, judge.most_bytes
        return tally

    def is_done(self, name: str) -> bool:
        """Tell whether a target's inputs were all tried."""
        return 0 < self._share.inputs <= self._next[name] * self._share.workers

    def _batch(self, target: Target, first: int) -> list[tuple[str, bytes]]:
        self._note.write(target.name, MAKING)
        share, made = self._share, []
        for number in range(first, first + BATCH):
            origin = f"{share.seed}/{target.name}/{number * share.workers + share.number}"
            with contextlib.suppress(RecursionError):  # what is nested too deep for those who write it down
                made.append((f"seed {origin}", target.input(Random(origin))))
        return made

    def _draw(self, target: Target, judge: Judge, tally: Tally, first: int) -> int:
        """Try inputs that Hypothesis draws; returns how many."""
        assert target.drawn is not None
        self._note.write(target.name, MAKING)
        origin = f"{self._share.seed}/{target.name}/{first * self._share.workers + self._share.number}/drawn"
        drawn: list[bytes] = []

        @seeded(int.from_bytes(origin.encode(), "big"))
        @settings(
            max_examples=DRAWN,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(target.drawn)
        def collect(data: bytes) -> None:
            drawn.append(data)

        collect()
        inputs = [(f"seed {origin}", data) for data in drawn]
        tally.found += self._tried(judge, target.name, inputs)
        return len(drawn)

    def _tried(self, judge: Judge, name: str, inputs: Sequence[tuple[str, bytes]]) -> list[Finding]:
        """Try inputs; return the findings that are not like one before, each with the smallest input."""

        def note(data: bytes) -> None:
            self._note.write(name, data)

        new = []
        for one in judge.batch(inputs, note):
            key = (one.target, one.kind, one.same)
            if key not in self._seen:
                self._seen.add(key)
                new.append(judge.shrunk(one, note))
        return new


def work(share: Share, note: Note, results: Connection) -> None:
    """Try the inputs of a share, and send a name with its Tally after each turn: the body of a process."""
    prepare()
    note.show_stack_when_asked()
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_BYTES, MAX_ADDRESS_BYTES))
    warnings.simplefilter("ignore")
    worker = Worker(share, note)
    turn = share.number * len(share.names) // share.workers
    while time.monotonic() < share.deadline and not all(map(worker.is_done, share.names)):
        name = share.names[turn % len(share.names)]
        results.send((name, worker.turn(name)))
        turn += 1
    results.close()
