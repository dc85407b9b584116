"""One input of a target: what it raised, how much processor time it took, and how much memory it needed.

Linux only: the kernel counts the time (ITIMER_PROF) and keeps the peak of the memory (/proc/self).
"""

import contextlib
import gc
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from tools.fuzz.findings import Finding, of_error
from tools.fuzz.targets.target import Target

MAX_SECONDS = 2.0
"""Of a core, for one input: time of others on a busy machine does not count."""
MAX_GROWTH_BYTES = 100 * 2**20
_MIN_LEFT_BYTES = 1
_SHRINKING_TRIES = 300


class TooSlowError(BaseException):
    """The time of an input is over. Not an Exception, so that nothing on the way handles it."""


class Judge:
    """Runs a target's inputs. `slowest` are seconds, `most_bytes` the largest growth of the memory in one batch."""

    def __init__(self, target: Target, seconds: float = MAX_SECONDS, growth_bytes: int = MAX_GROWTH_BYTES) -> None:
        self._target = target
        self._seconds = seconds
        self._growth_bytes = growth_bytes
        self.slowest = 0.0
        self.most_bytes = 0

    def batch(self, inputs: Sequence[tuple[str, bytes]], before: Callable[[bytes], None]) -> list[Finding]:
        """Run inputs, each with its origin; `before` is told of each. Memory is looked at once for all of them.

        If together they needed more than one may, each is run again by itself.
        """
        found = []
        with self._peak() as peak:
            for origin, data in inputs:
                before(data)
                found += self.run(origin, data)
        self.most_bytes = max(self.most_bytes, peak())
        if peak() > self._growth_bytes:
            for origin, data in inputs:
                before(data)
                found += self.memory(origin, data)
        return found

    def run(self, origin: str, data: bytes) -> list[Finding]:
        """Run one input, within its time."""
        started = time.process_time()
        try:
            with _alarm(self._seconds):
                self._target.check(data)
        except TooSlowError as error:
            about = of_error(self._target.name, origin, data, error)
            return [self._slow(origin, data, time.process_time() - started, about.about, about.same)]
        except BaseException as error:  # noqa: BLE001 - whatever leaves is a finding
            return [of_error(self._target.name, origin, data, error)]
        spent = time.process_time() - started
        self.slowest = max(self.slowest, spent)
        return [self._slow(origin, data, spent, "", "")] if spent > self._seconds else []

    def memory(self, origin: str, data: bytes) -> list[Finding]:
        """Run one input, and tell if the memory grew too much."""
        gc.collect()
        with self._peak() as peak, contextlib.suppress(BaseException):
            self._target.check(data)
        if peak() <= self._growth_bytes:
            return []
        about = f"the memory grew by {peak() / 2**20:.0f} MiB"
        return [Finding(self._target.name, "memory", origin, data, about, "memory")]

    def shrunk(self, finding: Finding, before: Callable[[bytes], None]) -> Finding:
        """Return the same finding for an input with as much as possible left out; `before` is told of each try."""
        size = len(finding.data) // 2
        tries = 0
        while size >= _MIN_LEFT_BYTES and tries < _SHRINKING_TRIES and finding.kind == "error":
            at = 0
            while at < len(finding.data) and tries < _SHRINKING_TRIES:
                tries += 1
                left = finding.data[:at] + finding.data[at + size :]
                before(left)
                again = [one for one in self.run(finding.origin, left) if one.same == finding.same]
                finding, at = (again[0], at) if again else (finding, at + size)
            size //= 2
        return finding

    def _slow(self, origin: str, data: bytes, spent: float, about: str, same: str) -> Finding:
        self.slowest = max(self.slowest, spent)
        return Finding(self._target.name, "slow", origin, data, f"{spent:.1f} s of a core\n{about}".rstrip(), same)

    @contextlib.contextmanager
    def _peak(self) -> Iterator[Callable[[], int]]:
        """Give the growth of the resident memory within the block, at its highest, to be asked behind it."""
        Path("/proc/self/clear_refs").write_text("5")
        before, growth = _status("VmRSS:"), 0

        def grown() -> int:
            return growth

        yield grown
        growth = max(0, _status("VmHWM:") - before)


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise TooSlowError in the block after so much processor time of this process."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def _ring(_: int, __: FrameType | None) -> None:
    raise TooSlowError


def prepare() -> None:
    """Make this process ready for judging; to be called once, by its main thread."""
    signal.signal(signal.SIGPROF, _ring)


def _status(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return 1024 * int(line.split()[1])
    raise LookupError(field)
