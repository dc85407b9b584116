"""The renderer processes: one that is kept running, and one that is started for long work; their turns and failures.

A template can make only its own object fail. A failure that no template caused is temporary, and the object is tried
again.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self

import structlog

from sealwright_controller.renderer import process
from sealwright_controller.renderer.frames import Answer, FrameError, Request, most_bytes, read_answer, request_frame
from sealwright_controller.renderer.process import Cause, RendererEndedError, RendererProcess
from sealwright_controller.renderer.rendering import IsolatedRendering
from sealwright_controller.renderer.templates import too_slow
from sealwright_controller.renderer.turns import Turns
from sealwright_templating import TemplateLimitError

QUICK_MEMORY_BYTES = 16 * 1024 * 1024
"""How much memory the templates of one object may take beyond what an idle renderer has, in the quick renderer."""
MEMORY_BYTES = 40 * 1024 * 1024
"""The same for the patient renderer: the budgets allow 16 MiB, parsing takes some memory, and scrypt 32 MiB."""
QUICK_ANSWER_SECONDS = 30.0
"""How long the quick renderer may take to answer. It may use a tenth of a second of processor time, for which a busy
machine may need this long."""
ANSWER_SECONDS = 180.0
"""The same for the patient renderer, which also makes keys and hashes."""
START_COST_SECONDS = 0.3
"""Processor time for starting a renderer. The start of the kept renderer counts as work of the namespace whose object
ended the previous one; the start of the patient renderer, as work of the namespace that needs it."""
RESTART_SECONDS = 1.0
"""The pause after a renderer failed to start."""
_ATTEMPTS = 2
_BLAMED = {Cause.TIME, Cause.CRASH, Cause.GARBAGE}
"""Causes for which the templates that were being rendered are responsible."""
_TROUBLE = {Cause.START, Cause.STUCK, Cause.KILLED}
"""Causes for which no template is responsible: when memory runs out, the kernel may kill any process."""

_log = structlog.get_logger()


class RendererUnavailableError(Exception):
    """No renderer is available at this moment: a temporary failure, independent of the templates."""


class Renderers:
    """Renders the templates of objects in separate processes. May be used from any thread; close it at the end."""

    def __init__(
        self, command: Callable[[int], Sequence[str]] = process.command, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`command` returns a renderer's command line for a memory limit in bytes; `clock`, monotonic seconds."""
        self._clock = clock
        self._closed = threading.Event()
        self._counts: Counter[Cause] = Counter()
        self._lock = threading.Lock()
        # The only thread that starts renderers. It lives as long as this object, because the kernel ends them with it.
        self._keeper = ThreadPoolExecutor(1, thread_name_prefix="renderer-keeper")
        make = partial(_Lane, self._keeper, clock, self._note)
        self._quick = make(command(QUICK_MEMORY_BYTES), QUICK_ANSWER_SECONDS, kept=True)
        self._patient = make(command(MEMORY_BYTES), ANSWER_SECONDS, kept=False)

    def __enter__(self) -> Self:
        """Begin to start the kept renderer."""
        self._quick.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End all renderers."""
        self.close()

    def rendering(self, *, patient: bool) -> IsolatedRendering:
        """Return the rendering of one object."""
        return IsolatedRendering(self.ask, patient=patient)

    def ask(self, namespace: str, request: Request) -> Answer:
        """Return a renderer's answer to a request of a namespace.

        Raises FrameError if the request is too large for a renderer, and RendererUnavailableError.
        """
        lane, asked = self._patient if request.patient else self._quick, self._clock()
        with lane.turns.turn(namespace) as turn:
            try:
                # Made only now, so that waiting requests do not hold a copy of all their templates and data.
                frame = request_frame(request)
                answer = self._ask(lane, request, frame)
                turn.cost_seconds = answer.worked_seconds
                # Turns of others, the start of a renderer that others ended, and time when others used the processor.
                waited_seconds = max(0.0, self._clock() - asked - answer.worked_seconds)
                return replace(answer, waited_seconds=waited_seconds)
            finally:
                if request.patient and not lane.turns.waiting():
                    lane.end()

    def counts(self) -> Mapping[Cause, int]:
        """Return how many renderers ended early, by cause."""
        with self._lock:
            return {cause: self._counts[cause] for cause in Cause}

    def pids(self) -> list[int]:
        """Return the process ids of the running renderers."""
        return [lane.pid for lane in (self._quick, self._patient) if lane.pid]

    def close(self) -> None:
        """End all renderers; later requests raise RendererUnavailableError."""
        self._closed.set()
        for lane in (self._quick, self._patient):
            lane.interrupt()
            with lane.turns.turn(""):
                lane.end()
        self._keeper.shutdown()

    def _ask(self, lane: "_Lane", request: Request, frame: bytes) -> Answer:
        first, ended, worked_seconds = next(iter(request.texts)), RendererEndedError(Cause.START, ""), 0.0
        for _ in range(_ATTEMPTS):
            if self._closed.is_set():
                raise RendererUnavailableError("the controller is stopping")
            try:
                answer = lane.ask(request, frame)
                return replace(answer, worked_seconds=worked_seconds + answer.worked_seconds)
            except RendererEndedError as error:
                ended = error
                worked_seconds += ended.worked_seconds
                if ended.cause in _BLAMED and not request.patient:
                    return Answer({}, long=True, worked_seconds=worked_seconds)
                if ended.cause is Cause.TIME:
                    return Answer({}, failure=too_slow(first), worked_seconds=worked_seconds)
                if ended.cause in {Cause.START, Cause.STUCK}:
                    break
        if ended.cause in _TROUBLE:
            raise RendererUnavailableError(ended.text)
        # One crash may be a coincidence. A second one is caused by these templates.
        reason = "the templates of this object end the process that renders them, perhaps by needing too much memory"
        return Answer({}, failure=TemplateLimitError(first, 1, 1, reason), worked_seconds=worked_seconds)

    def _note(self, cause: Cause, text: str) -> None:
        if self._closed.is_set():
            return
        with self._lock:
            self._counts[cause] += 1
            first = self._counts[cause] == 1
        if first:
            _log.warning("a renderer ended and is replaced", cause=cause.value, error=text)


class _Lane:
    """One renderer: starts it if it is not running, and replaces it after a failure.

    Only the thread that has the turn may use anything but `start`, `interrupt` and `pid`.
    """

    def __init__(
        self,
        keeper: ThreadPoolExecutor,
        clock: Callable[[], float],
        note: Callable[[Cause, str], None],
        arguments: Sequence[str],
        seconds: float,
        *,
        kept: bool,
    ) -> None:
        self.turns = Turns(clock)
        self.pid = 0
        self._clock = clock
        self._not_before = float("-inf")
        self._arguments = arguments
        self._keeper = keeper
        self._seconds = seconds
        self._kept = kept
        self._end_cost_seconds = START_COST_SECONDS if kept else 0.0
        self._note = note
        self._process: Future[RendererProcess] | None = None

    def start(self) -> "Future[RendererProcess]":
        """Begin to start a renderer if none is running."""
        if self._process is None:
            self._process = self._keeper.submit(RendererProcess, self._arguments)
        return self._process

    def ask(self, request: Request, frame: bytes) -> Answer:
        """Return the answer to a request. Raises RendererEndedError; a kept renderer is then already being replaced."""
        began = self._clock()
        start_seconds = 0.0 if self._kept or self._process is not None else START_COST_SECONDS
        try:
            renderer = self._ready()
            began, work = self._clock(), _Work(renderer, self._clock)
            answer = read_answer(request, renderer.ask(frame, most_bytes(request), self._seconds))
        except FrameError as error:
            renderer.kill()
            ended = RendererEndedError(Cause.GARBAGE, f"the renderer's answer is invalid: {error}")
        except RendererEndedError as error:
            ended = error
        else:
            worked_seconds = start_seconds + work.seconds()
            if answer.worn:
                worked_seconds += self._end_cost_seconds
                renderer.end()
                self._replace(Cause.MEMORY, "the renderer had too little memory left")
            return replace(answer, worked_seconds=worked_seconds)
        if ended.cause in _BLAMED:
            ended.worked_seconds = start_seconds + self._clock() - began + self._end_cost_seconds
        self._replace(ended.cause, ended.text)
        raise ended

    def interrupt(self) -> None:
        """End the renderer's work; may be called without having the turn."""
        future = self._process
        if future is not None and future.exception() is None:
            future.result().interrupt()

    def end(self) -> None:
        """End the renderer if it is running."""
        future, self._process, self.pid = self._process, None, 0
        if future is not None and future.exception() is None:
            future.result().end()

    def _ready(self) -> RendererProcess:
        if self._clock() < self._not_before:
            raise RendererEndedError(Cause.START, "a renderer failed to start a moment ago")
        future = self.start()
        try:
            renderer = future.result()
        except OSError as error:
            raise RendererEndedError(Cause.START, f"a renderer cannot be started: {error.strerror}") from None
        renderer.wait_until_ready()
        self.pid = renderer.pid
        return renderer

    def _replace(self, cause: Cause, text: str) -> None:
        self._process, self.pid = None, 0
        self._note(cause, text)
        if cause is Cause.START:
            self._not_before = self._clock() + RESTART_SECONDS
        elif self._kept:
            self.start()


class _Work:
    """Measures a renderer's work from now on: processor time, or the time that passes if processor time is unknown."""

    def __init__(self, renderer: RendererProcess, clock: Callable[[], float]) -> None:
        self._renderer = renderer
        self._clock = clock
        self._began = clock()
        try:
            self._processed: float | None = renderer.processor_seconds()
        except OSError:
            self._processed = None

    def seconds(self) -> float:
        """Return how many seconds it has worked."""
        passed = self._clock() - self._began
        try:
            return passed if self._processed is None else self._renderer.processor_seconds() - self._processed
        except OSError:
            return passed
