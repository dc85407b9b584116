"""Renders the templates of one object, in bounds, and keeps count of those that chance or time had a part in."""

import time
from collections.abc import Callable, Mapping

import structlog

from sealwright_controller.logs import defect
from sealwright_templating import OUTPUT_LIMIT_BYTES, TemplateError, TemplateExecutionError, TemplateLimitError, parse

MAX_SECONDS = 5.0
"""Of a processor for all templates of an object together, with the last of them as much again: a worker that renders
works on nothing else."""

_log = structlog.get_logger()


class TemplateRendering:
    """The rendering of one object's `spec.template.data`: made for one decision, in one thread, then thrown away.

    The library has bounds for each template; here are those for as many as an author puts into one object.
    """

    def __init__(self, timer: Callable[[], float] = time.thread_time) -> None:
        """`timer` gives seconds; those of this thread alone, so that a busy machine fails nobody's templates."""
        self.varying: set[str] = set()
        """Keys of which another rendering might give another value."""
        self._timer = timer
        self._seconds = 0.0
        self._bytes = 0

    def __call__(self, key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        """Return the value of a key. Raises TemplateError, whose message never holds a value."""
        if self._seconds > MAX_SECONDS:
            raise _too_much(key, f"take more than {MAX_SECONDS:g} seconds")
        started = self._timer()
        try:
            value = self._render(key, text, data)
        finally:
            self._seconds += self._timer() - started
        self._bytes += len(value)
        if self._bytes > OUTPUT_LIMIT_BYTES:
            raise _too_much(key, f"make more than {OUTPUT_LIMIT_BYTES} bytes")
        return value

    def _render(self, key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        try:
            template = parse(text, name=key)
            if template.varies:
                self.varying.add(key)
            return template.render(data, timer=self._timer)
        except TemplateError:
            raise
        except Exception as error:  # noqa: BLE001 - one object's template must not look like passing trouble for ever
            _log.error("defect in the template engine", key=key, **defect(error))
            reason = f"a defect in the template engine ({type(error).__name__})"
        raise TemplateExecutionError(key, 1, 1, reason) from None


def _too_much(key: str, what: str) -> TemplateLimitError:
    return TemplateLimitError(key, 1, 1, f"the templates of this object {what} together")
