"""One renderer as the controller sees it: a process with two pipes, which may hang, end or send any bytes."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import IO

from sealwright_controller.renderer.frames import LENGTH, READY

START_SECONDS = 60.0
"""How long a renderer may take to become ready on a busy machine; 0.3 seconds are usual."""
END_SECONDS = 1.0
"""How long a renderer may take to end after its input was closed."""
_PROGRAM = "sealwright_controller.renderer.child"
_SCHEDULED = 2
"""From clock_getcpuclockid(3): the clock of a process that counts its processor time by the scheduler."""
_MAX_COMPLAINT_BYTES = 1_000
_CHUNK_BYTES = 256 * 1024


class Cause(Enum):
    """Why a renderer ended."""

    TIME = "time"
    """It took too much processor time."""
    MEMORY = "memory"
    """It has too little free memory left to render another object."""
    CRASH = "crash"
    """It crashed, or ended with an error status."""
    KILLED = "killed"
    """It was killed from outside, for example by the kernel when the container's memory ran out."""
    GARBAGE = "garbage"
    """It sent an invalid answer."""
    STUCK = "stuck"
    """It did not answer in time, although it had processor time left."""
    START = "start"
    """It did not become ready."""


class RendererEndedError(Exception):
    """The renderer ended; `cause` says why, and `text` is for the log and contains nothing of a request."""

    def __init__(self, cause: Cause, text: str) -> None:
        super().__init__(text)
        self.cause = cause
        self.text = text
        self.worked_seconds = 0.0
        """How many seconds of its work count as the object's."""


def command(memory_bytes: int) -> Sequence[str]:
    """Return the command line of a renderer; the templates of one object may take `memory_bytes`."""
    # -I: imports no modules from the environment or the working directory; -B: writes no bytecode, like this process.
    options = ["-I", "-B"] if sys.dont_write_bytecode else ["-I"]
    # The renderer imports the same modules as this process, however this one was started.
    places = [place for place in sys.path if Path(place).is_absolute()]
    program = f"import sys; sys.path[:] = {places!r}; from {_PROGRAM} import main; main()"
    return [sys.executable, *options, "-c", program, str(os.getpid()), str(memory_bytes)]


class RendererProcess:
    """A running renderer; used by one thread at a time.

    The kernel ends it when the thread that started it ends.
    """

    def __init__(self, arguments: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        """Start it with an empty environment. Raises OSError."""
        self._clock = clock
        self._ready = False
        # In its own session, so that signals from a terminal or supervisor to the controller's group do not reach it.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and a module of ours
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env={},
            start_new_session=True,
        )
        self._requests, self._answers = _pipe(self._process.stdin), _pipe(self._process.stdout)
        for pipe in (self._requests, self._answers):
            os.set_blocking(pipe.fileno(), False)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def processor_seconds(self) -> float:
        """Return its processor time in seconds. Raises OSError if it has ended or the system does not tell."""
        return time.clock_gettime((~self.pid << 3) | _SCHEDULED)

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until it accepts requests. Raises RendererEndedError (START)."""
        if self._ready:
            return
        try:
            said = self._read_frame(_MAX_COMPLAINT_BYTES, self._clock() + seconds)
        except RendererEndedError as error:
            reason = f"the renderer did not start: {error.text}"
        else:
            if said == READY:
                self._ready = True
                return
            self.end()
            reason = f"the renderer did not start: {said.decode('ascii', 'replace')}"
        raise RendererEndedError(Cause.START, reason) from None

    def ask(self, frame: bytes, most_bytes: int, seconds: float) -> bytes:
        """Send a request and return the body of the answer, of at most `most_bytes`. Raises RendererEndedError."""
        deadline = self._clock() + seconds
        self._write(frame, deadline)
        return self._read_frame(most_bytes, deadline)

    def end(self) -> None:
        """End it by closing its input; kill it if it does not end in time."""
        with contextlib.suppress(OSError):
            self._requests.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        self._requests.close()
        self._answers.close()

    def interrupt(self) -> None:
        """Kill it from another thread; the thread that uses it notices that, and cleans up."""
        self._process.kill()

    def _write(self, frame: bytes, deadline: float) -> None:
        rest = memoryview(frame)
        while rest:
            self._wait(self._requests, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._requests.fileno(), rest[:_CHUNK_BYTES]) :]
            except BlockingIOError:
                continue
            except OSError:  # it has closed its input
                raise self._ended() from None

    def _read_frame(self, most_bytes: int, deadline: float) -> bytes:
        (size,) = LENGTH.unpack(self._read(LENGTH.size, deadline))
        if size > most_bytes:
            self.kill()
            raise RendererEndedError(Cause.GARBAGE, "the renderer's answer was too long")
        return self._read(size, deadline)

    def _read(self, count: int, deadline: float) -> bytes:
        received = bytearray()
        while len(received) < count:
            self._wait(self._answers, select.POLLIN, deadline)
            try:
                chunk = os.read(self._answers.fileno(), min(count - len(received), _CHUNK_BYTES))
            except BlockingIOError:
                continue
            if not chunk:
                raise self._ended()
            received += chunk
        return bytes(received)

    def _wait(self, pipe: IO[bytes], event: int, deadline: float) -> None:
        """Wait until the pipe is ready or closed. Raises RendererEndedError after the deadline."""
        poll = select.poll()
        poll.register(pipe.fileno(), event)
        if not poll.poll(max(0.0, 1000 * (deadline - self._clock()))):
            self.kill()
            raise RendererEndedError(Cause.STUCK, "the renderer did not answer in time")

    def _ended(self) -> RendererEndedError:
        """Return the error for a pipe that the renderer has closed."""
        try:
            status = self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return RendererEndedError(Cause.GARBAGE, "the renderer closed a pipe")
        self._requests.close()
        self._answers.close()
        if status in {-signal.SIGPROF, -signal.SIGXCPU}:
            return RendererEndedError(Cause.TIME, "the renderer took too much of a processor's time")
        if status == -signal.SIGKILL:
            reason = "the renderer was killed from outside with SIGKILL, perhaps by the kernel because memory ran out"
            return RendererEndedError(Cause.KILLED, reason)
        how = f"status {status}" if status >= 0 else signal.Signals(-status).name
        return RendererEndedError(Cause.CRASH, f"the renderer ended by itself, with {how}")


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "a renderer is started with pipes"  # noqa: S101 - Popen's types do not know
    return stream
