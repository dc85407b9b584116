"""Templates that fail while they run: what may be told to authors who may not read the values. Pure.

An author can make templates fail in chosen places and ways, depending on values that the author may not read. A message
that distinguishes failures would therefore reveal values. So messages depend only on the texts of the templates, apart
from the failure itself and the limit that was exceeded. `sealwright render` and `unseal` report everything, because
their users have the values.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from sealwright_controller.objects.reasons import Reason
from sealwright_templating import TemplateError, TemplateLimitError, TemplateParseError

Render = Callable[[str, str, Mapping[str, bytes]], bytes]
"""(key of spec.template.data, template text, data) → rendered value; raises TemplateError."""

MAX_KEY_CHARACTERS = 60
"""The length of a key in a message."""

_TIME = re.compile(r"\b(steps|seconds?|time|cpu)\b", re.IGNORECASE)


class Exceeded(StrEnum):
    """Which limit was exceeded: only two words, because each further one would reveal more of the values."""

    TIME = "time"
    MEMORY = "memory"
    """The memory of values and of results made from them."""


class TemplatesFailedError(Exception):
    """Templates of an object cannot be rendered; the text names all its templates, whichever of them failed."""

    def __init__(self, keys: Iterable[str], exceeded: Exceeded | None) -> None:
        """`keys` are all templates' keys; `exceeded` is None if none of them exceeded a limit."""
        named = [_quoted(key) for key in keys]
        super().__init__(f"template{'s' * (len(named) > 1)} {', '.join(named)}: {_what(len(named), exceeded)}")
        self.reason = Reason.TEMPLATE_FAILED if exceeded is None else Reason.TEMPLATE_LIMIT


class ObjectTemplates:
    """Renders every template of one object, even if some fail; made for one decision."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._keys: list[str] = []
        self._unparsed: TemplateParseError | None = None
        self._failed = False
        self._exceeded: set[Exceeded] = set()

    def __call__(self, key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        """Return the value of a key, or a placeholder if it failed: see `check`."""
        self._keys.append(key)
        try:
            return self._render(key, text, data)
        except TemplateParseError as error:
            self._unparsed = self._unparsed or error
        except TemplateLimitError as error:
            self._exceeded.add(_exceeded(error))
        except TemplateError:
            self._failed = True
        return b""

    def check(self) -> None:
        """Raise if a template failed.

        Raises TemplateParseError for the first text that is not a template; it may name the place, because it depends
        only on the text. Raises TemplatesFailedError otherwise.
        """
        if self._unparsed is not None:
            raise self._unparsed
        if self._failed or self._exceeded:
            exceeded = next((one for one in Exceeded if one in self._exceeded), None)
            raise TemplatesFailedError(self._keys, exceeded)


def _exceeded(error: TemplateLimitError) -> Exceeded:
    return Exceeded.TIME if _TIME.search(error.reason) else Exceeded.MEMORY


def _what(count: int, exceeded: Exceeded | None) -> str:
    if exceeded is not None:
        return (
            f"it needs more {exceeded} than is allowed" if count == 1 else f"they need more {exceeded} than is allowed"
        )
    return f"{'it' if count == 1 else 'one or more of them'} cannot be rendered with the values of this object"


def _quoted(key: str) -> str:
    shown = key if len(key) <= MAX_KEY_CHARACTERS else f"{key[:MAX_KEY_CHARACTERS]}…"
    return f'"{shown}"' if shown.isprintable() else f'"{ascii(shown)[1:-1]}"'
