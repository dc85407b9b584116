"""The templates of one object, rendered by a renderer: what `decide` takes for a Rendering.

All of them go in one request, when the first is asked for, with the data of all.
"""

from collections.abc import Callable, Mapping

import structlog

from sealwright_controller.renderer.frames import Answer, FrameError, Request
from sealwright_controller.renderer.templates import too_much

Ask = Callable[[str, Request], Answer]
"""(namespace, request) → answer. May raise what stands for passing trouble."""

_log = structlog.get_logger()


class LongWorkError(Exception):
    """There is nothing wrong with the templates, but others might have to wait for them: they are for the patient."""


class IsolatedRendering:
    """The rendering of one object's `spec.template.data`: made for one decision, in one thread, then thrown away."""

    def __init__(self, ask: Ask, *, patient: bool = True) -> None:
        """Without being `patient`, raise LongWorkError for templates that take long, or do what is slow by nature."""
        self.varying: set[str] = set()
        """Keys of which another rendering might give another value."""
        self.waited_seconds = 0.0
        """For how long this object waited for a renderer, and its renderer for a processor."""
        self._ask = ask
        self._patient = patient
        self._namespace = ""
        self._texts: Mapping[str, str] = {}
        self._answer: Answer | None = None

    def expect(self, namespace: str, texts: Mapping[str, str]) -> None:
        """Learn which templates will be asked for, by key and in which order, and in which namespace the object is."""
        self._namespace = namespace
        self._texts = texts

    def __call__(self, key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        """Return the value of a key.

        Raises TemplateError, LongWorkError, and RendererUnavailableError when there is no renderer.
        """
        if self._answer is None:
            self._answer = self._rendered(key, Request(self._texts or {key: text}, data, self._patient))
            self.varying |= self._answer.varying
        if self._answer.long:
            raise LongWorkError
        value = self._answer.values.get(key)
        if value is not None:
            return value
        if self._answer.failure is None:
            raise KeyError(f"the template of {key!r} was not expected")
        raise self._answer.failure

    def _rendered(self, key: str, request: Request) -> Answer:
        try:
            answer = self._ask(self._namespace, request)
            self.waited_seconds = answer.waited_seconds
        except FrameError:
            return Answer({}, failure=too_much(key, "and their data are too large"))
        if answer.defect:
            _log.error(
                "defect in the template engine", key=answer.failure.name if answer.failure else key, at=answer.defect
            )
        return answer
