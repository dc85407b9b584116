"""The processes at work, one for each core, and a watch over them: one that hangs or dies is told, and replaced."""

import multiprocessing
import multiprocessing.connection
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tools.fuzz.findings import Finding
from tools.fuzz.working import Note, Share, Tally, work

STUCK_SECONDS = 20.0
"""Of a core, for one input that Python cannot interrupt; one that it can ends after judging.MAX_SECONDS."""
_LOOK_SECONDS = 0.5
_SKIPPED = 100_000
"""A process that replaces one goes on so far behind it that it does not meet the same inputs."""
_FORK = multiprocessing.get_context("fork")
_TICKS = 100.0  # of a second, in /proc


@dataclass
class _Place:
    """One process, and what is known of it."""

    share: Share
    note: Note = field(default_factory=Note)
    process: BaseProcess | None = None
    results: Connection | None = None
    seen: int = -1
    busy_since: float = 0.0


class Watch:
    """Runs the shares of all processes to their end. `told` is called for each new finding."""

    def __init__(self, share: Share, told: Callable[[Finding], None]) -> None:
        self.tallies = {name: Tally() for name in share.names}
        self._places = [_Place(replace(share, number=number)) for number in range(share.workers)]
        self._told = told
        self._known: set[tuple[str, str, str]] = set()

    def run(self) -> None:
        """Start, watch, and return when all have ended."""
        for place in self._places:
            _start(place)
        while alive := [place for place in self._places if place.process is not None]:
            links: list[Any] = [place.results for place in alive]
            multiprocessing.connection.wait(links, _LOOK_SECONDS)
            for place in alive:
                self._look(place)

    def _look(self, place: _Place) -> None:
        assert place.process is not None
        assert place.results is not None
        is_alive = place.process.is_alive()  # asked first: what it sent before its end is there then
        try:
            while place.results.poll():
                name, tally = place.results.recv()
                self._add(name, tally)
        except EOFError:
            is_alive = False
        if not is_alive:
            self._end(place, "died", f"the process ended with {place.process.exitcode}")
        elif self._is_stuck(place):
            where = place.note.ask_stack(place.process.pid or 0)
            place.process.kill()
            self._end(place, "stuck", f"no end after {STUCK_SECONDS:.0f} s of a core\n{where}".rstrip())

    def _end(self, place: _Place, kind: str, about: str) -> None:
        """Take a process away; if it did not end by itself in good order, tell, and start another."""
        assert place.process is not None
        place.process.join()
        status, place.process = place.process.exitcode, None
        if status == 0:
            return
        _, target, data = place.note.read()
        self._add(target, Tally(found=[Finding(target, kind, f"seed {place.share.seed}", data, about, kind)]))
        if time.monotonic() < place.share.deadline and place.share.inputs == 0:
            place.share = replace(place.share, start=place.share.start + _SKIPPED)
            _start(place)

    def _is_stuck(self, place: _Place) -> bool:
        assert place.process is not None
        count, busy = place.note.read()[0], _busy_seconds(place.process.pid or 0)
        if count != place.seen:
            place.seen, place.busy_since = count, busy
        return busy - place.busy_since > STUCK_SECONDS

    def _add(self, name: str, tally: Tally) -> None:
        new = [one for one in tally.found if (one.target, one.kind, one.same) not in self._known]
        self._known |= {(one.target, one.kind, one.same) for one in new}
        self.tallies[name].add(replace(tally, found=new))
        for one in new:
            self._told(one)


def _start(place: _Place) -> None:
    ours, theirs = _FORK.Pipe(duplex=False)
    place.process = _FORK.Process(target=work, args=(place.share, place.note, theirs), daemon=True)
    place.process.start()
    theirs.close()
    place.results = ours


def _busy_seconds(pid: int) -> float:
    """Return the processor time of a process (Linux)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS
