"""The templates of one object, rendered by a renderer process; `decide` uses it as its Rendering.

When the first template is needed, all of them are sent in one request, with all data.
"""

from collections.abc import Callable, Mapping

import structlog

from sealwright_controller.renderer.frames import Answer, FrameError, Request
from sealwright_controller.renderer.templates import too_much

Ask = Callable[[str, Request], Answer]
"""(namespace, request) → answer. May raise errors of temporary failures."""

_log = structlog.get_logger()


class LongWorkError(Exception):
    """The templates take so long that they are left to the patient renderer; they have not failed."""


class IsolatedRendering:
    """The rendering of one object's `spec.template.data`, for one decision in one thread."""

    def __init__(self, ask: Ask, *, patient: bool = True) -> None:
        """Unless `patient`, templates that take long or make keys and hashes raise LongWorkError."""
        self.varying: set[str] = set()
        """Keys whose value may differ in another rendering."""
        self.waited_seconds = 0.0
        """How long the object waited for a renderer, and the renderer for a processor."""
        self._ask = ask
        self._patient = patient
        self._namespace = ""
        self._texts: Mapping[str, str] = {}
        self._answer: Answer | None = None

    def expect(self, namespace: str, texts: Mapping[str, str]) -> None:
        """Set the templates, by key in the order of rendering, and the namespace of the object."""
        self._namespace = namespace
        self._texts = texts

    def __call__(self, key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        """Return the value of a key.

        Raises TemplateError, LongWorkError and RendererUnavailableError.
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
