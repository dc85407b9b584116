"""Renders the templates of one object within limits, and notes which of them depend on the time or on randomness.

This runs in the renderer processes, or in the controller itself if the operating system cannot confine a process. It
imports few modules, because a renderer has to start quickly.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sealwright_templating import (
    OUTPUT_LIMIT_BYTES,
    Limits,
    Template,
    TemplateError,
    TemplateExecutionError,
    TemplateLimitError,
    parse,
)
from sealwright_templating.context import Zones
from sealwright_templating.zones import find_zone

MAX_SECONDS = 0.4
"""Processor time for all templates of an object together, without slow work (keys, password hashes). The renderer
renders no other templates meanwhile."""
MAX_SLOW_SECONDS = 5.0
"""Processor time for all templates of an object together, each from its first slow work to its end."""


class SlowWorkError(Exception):
    """A template has slow work to do, which is not allowed here."""


class ExhaustedError(TemplateLimitError):
    """The templates have used up their time or memory in this process; another one may allow more."""


OnDefect = Callable[[str, Exception], None]
"""(key, exception): called for an unexpected exception."""


class TemplateRendering:
    """The rendering of one object's `spec.template.data`, for one decision in one thread.

    `sealwright_templating` has limits for each template; here are those for all templates of an object together.
    """

    def __init__(
        self,
        timer: Callable[[], float] = time.thread_time,
        *,
        max_seconds: float = MAX_SECONDS,
        zones: Zones = find_zone,
        before_slow_work: Callable[[], None] = lambda: None,
        on_defect: OnDefect | None = None,
    ) -> None:
        """`timer` returns this thread's seconds of processor time, so that templates do not fail on a busy machine.

        All templates together have `max_seconds`, slow work excluded. `before_slow_work` is called before slow work
        begins. Without `on_defect`, defects are logged.
        """
        self.varying: set[str] = set()
        """Keys whose value may differ in another rendering."""
        self.waited_seconds = 0.0
        """Always zero, because nothing is waited for here."""
        self._timer = timer
        self._max_seconds = max_seconds
        self._zones = zones
        self._before_slow_work = before_slow_work
        self._on_defect = on_defect or _log_defect
        self._seconds = self._slow_seconds = 0.0
        self._slow_since: float | None = None
        self._bytes = 0
        self._parsed: dict[str, Template] = {}

    def expect(self, namespace: str, texts: Mapping[str, str]) -> None:
        """Do nothing, because each template is rendered when it is needed."""

    def prepare(self, key: str, text: str) -> None:
        """Parse a template before it is rendered. Raises TemplateError."""
        with self._timed(key), self._guarded(key):
            template = parse(text, name=key, limits=self._limits(), timer=self._timer)
        # Noted before any template is rendered, because values decide which templates are reached.
        if template.varies:
            self.varying.add(key)
        self._parsed[key] = template

    def __call__(self, key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        """Return the value of a key. Raises TemplateError, whose message never contains a value.

        A SlowWorkError that `before_slow_work` raises is passed on.
        """
        if key not in self._parsed:
            self.prepare(key, text)
        template = self._parsed.pop(key)
        with self._timed(key), self._guarded(key):
            value = template.render(
                data,
                limits=self._limits(),
                zones=self._zones,
                timer=self._timer,
                before_slow_work=self._note_slow_work,
            )
        self._bytes += len(value)
        if self._bytes > OUTPUT_LIMIT_BYTES:
            raise too_much(key, f"make more than {OUTPUT_LIMIT_BYTES} bytes")
        return value

    @contextmanager
    def _timed(self, key: str) -> Iterator[None]:
        """Count the time of the work for a key. Raises TemplateLimitError if no time is left."""
        self._check_time(key)
        started = self._timer()
        try:
            yield
        except TemplateLimitError:
            self._count_time(started)
            self._check_time(key)
            raise
        except (TemplateError, SlowWorkError):
            self._count_time(started)
            raise
        self._count_time(started)

    @contextmanager
    def _guarded(self, key: str) -> Iterator[None]:
        """Turn every failure of a template into a TemplateError."""
        try:
            yield
        except (TemplateError, SlowWorkError):
            raise
        except MemoryError:
            failure: TemplateError = ExhaustedError(key, 1, 1, _together("take more memory than there is"))
        except Exception as error:  # noqa: BLE001 - a template's defect is not a temporary failure
            self._on_defect(key, error)
            reason = f"a defect in the template engine ({type(error).__name__})"
            failure = TemplateExecutionError(key, 1, 1, reason)
        else:
            return
        raise failure from None

    def _limits(self) -> Limits:
        return Limits(
            wall_seconds=self._max_seconds - self._seconds, slow_wall_seconds=MAX_SLOW_SECONDS - self._slow_seconds
        )

    def _note_slow_work(self) -> None:
        self._slow_since = self._timer()
        self._before_slow_work()

    def _count_time(self, started: float) -> None:
        now = self._timer()
        slow_since = now if self._slow_since is None else self._slow_since
        self._seconds += slow_since - started
        self._slow_seconds += now - slow_since
        self._slow_since = None

    def _check_time(self, key: str) -> None:
        """Raise TemplateLimitError if no time is left; its text does not depend on how much was left before."""
        if self._seconds > self._max_seconds:
            raise too_slow(key, self._max_seconds)
        if self._slow_seconds > MAX_SLOW_SECONDS:
            raise too_slow(key, MAX_SLOW_SECONDS)


def rendering_here(*, patient: bool) -> TemplateRendering:  # noqa: ARG001 - this process also does long work
    """Return the rendering of one object in this process."""
    return TemplateRendering()


def too_slow(key: str, seconds: float = MAX_SECONDS) -> ExhaustedError:
    """Return the error for an object whose templates, up to that of `key`, take too long."""
    return ExhaustedError(key, 1, 1, _together(f"take more than {seconds:g} seconds"))


def too_much(key: str, what: str) -> TemplateLimitError:
    """Return the error for an object whose templates, up to that of `key`, exceed a common limit."""
    return TemplateLimitError(key, 1, 1, _together(what))


def _together(what: str) -> str:
    return f"the templates of this object {what} together"


def _log_defect(key: str, error: Exception) -> None:
    # Imported here because a renderer has no log, and would start later.
    import structlog  # noqa: PLC0415

    from sealwright_controller.process.logs import defect  # noqa: PLC0415

    structlog.get_logger().error("defect in the template engine", key=key, **defect(error))
