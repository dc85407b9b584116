"""The renderers as a whole: one that is kept, one that comes for long work; who is next, and what goes wrong with them.

No template can do more than fail its own object. What is not a template's fault is passing trouble, and tried again.
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
"""For the templates of one object, beyond what a renderer has before; both have their share of a container's memory."""
MEMORY_BYTES = 40 * 1024 * 1024
"""The same where there is patience: budgets allow for 16 MiB, parsing takes some, scrypt 32."""
QUICK_ANSWER_SECONDS = 30.0
"""How long a renderer may take on a machine that is so busy that a tenth of a second of a processor lasts so long."""
ANSWER_SECONDS = 180.0
"""The same for the seconds that keys and hashes take."""
START_COST_SECONDS = 0.3
"""Of a processor: what it costs to start a renderer. Where one is kept, it counts as the work of whoever ended the one
before; where none is, of whoever needed it."""
RESTART_SECONDS = 1.0
"""How long nothing is tried after a renderer did not start."""
_ATTEMPTS = 2
_BLAMED = {Cause.TIME, Cause.CRASH, Cause.GARBAGE}
"""What the templates are to blame for that were being rendered."""
_TROUBLE = {Cause.START, Cause.STUCK, Cause.KILLED}
"""What no template is to blame for: whoever is next when memory runs out may be killed for what others have."""

_log = structlog.get_logger()


class RendererUnavailableError(Exception):
    """There is no renderer at this moment: passing trouble, to be tried again. Says nothing of the templates."""


class Renderers:
    """Renders the templates of objects in processes of their own. May be used from any thread; close it in the end."""

    def __init__(
        self, command: Callable[[int], Sequence[str]] = process.command, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`command` gives the command line of a renderer with so many bytes, `clock` seconds that only ever grow."""
        self._clock = clock
        self._closed = threading.Event()
        self._counts: Counter[Cause] = Counter()
        self._lock = threading.Lock()
        # The one thread that starts renderers. It lives until the end, since they end when it does.
        self._keeper = ThreadPoolExecutor(1, thread_name_prefix="renderer-keeper")
        make = partial(_Lane, self._keeper, clock, self._note)
        self._quick = make(command(QUICK_MEMORY_BYTES), QUICK_ANSWER_SECONDS, kept=True)
        self._patient = make(command(MEMORY_BYTES), ANSWER_SECONDS, kept=False)

    def __enter__(self) -> Self:
        """Begin to start the renderer that is kept."""
        self._quick.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End all renderers."""
        self.close()

    def rendering(self, *, patient: bool) -> IsolatedRendering:
        """Return the rendering of one object."""
        return IsolatedRendering(self.ask, patient=patient)

    def ask(self, namespace: str, request: Request) -> Answer:
        """Return what a renderer makes of a request on behalf of a namespace.

        Raises FrameError when the request is too large for any renderer, and RendererUnavailableError.
        """
        lane, asked = self._patient if request.patient else self._quick, self._clock()
        with lane.turns.turn(namespace) as turn:
            try:
                # Made only now: of those who wait, none has a copy of all its templates and data.
                frame = request_frame(request)
                answer = self._ask(lane, request, frame)
                turn.cost_seconds = answer.worked_seconds
                # Others' turns, the start of a renderer that they ended, and a processor that others had.
                waited_seconds = max(0.0, self._clock() - asked - answer.worked_seconds)
                return replace(answer, waited_seconds=waited_seconds)
            finally:
                if request.patient and not lane.turns.waiting():
                    lane.end()

    def counts(self) -> Mapping[Cause, int]:
        """Return how many renderers have ended before their time, by cause."""
        with self._lock:
            return {cause: self._counts[cause] for cause in Cause}

    def pids(self) -> list[int]:
        """Return the process ids of the renderers that there are."""
        return [lane.pid for lane in (self._quick, self._patient) if lane.pid]

    def close(self) -> None:
        """End all renderers; whoever asks from now on is told that there is none."""
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
        # Once may have been chance. Twice is these templates.
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
    """The place of one renderer: starts it when there is none, and does away with one that is of no use any more.

    All but `start`, `interrupt` and `pid` is for whoever has the turn.
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
        """Begin to start a renderer if there is none."""
        if self._process is None:
            self._process = self._keeper.submit(RendererProcess, self._arguments)
        return self._process

    def ask(self, request: Request, frame: bytes) -> Answer:
        """Have a request answered. Raises RendererEndedError; where one is kept, the next is being started then."""
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
        """End the renderer's work, whoever has the turn."""
        future = self._process
        if future is not None and future.exception() is None:
            future.result().interrupt()

    def end(self) -> None:
        """End the renderer if there is one."""
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
    """What a renderer does from now on: the time of a processor, or all that passes where nobody can say."""

    def __init__(self, renderer: RendererProcess, clock: Callable[[], float]) -> None:
        self._renderer = renderer
        self._clock = clock
        self._began = clock()
        try:
            self._processed: float | None = renderer.processor_seconds()
        except OSError:
            self._processed = None

    def seconds(self) -> float:
        """Return how long it has worked."""
        passed = self._clock() - self._began
        try:
            return passed if self._processed is None else self._renderer.processor_seconds() - self._processed
        except OSError:
            return passed
