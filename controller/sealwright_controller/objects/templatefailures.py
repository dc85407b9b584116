"""Templates that fail while they run: what may be said of it to those who may not read the values. Pure.

An author chooses which template fails, where, and in which way, by conditions over values that the author may not read;
so whatever told one failure from another would read the values out. What is said depends on the texts of the
templates alone, but for the failure itself and for the limit that was exceeded. `sealwright render` and `unseal` say
everything, to whoever holds the values anyway.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from sealwright_controller.objects.reasons import Reason
from sealwright_templating import TemplateError, TemplateLimitError, TemplateParseError

Render = Callable[[str, str, Mapping[str, bytes]], bytes]
"""(key of spec.template.data, template text, data) → rendered value; raises TemplateError."""

MAX_KEY_CHARACTERS = 60
"""Of a key in a message."""

_TIME = re.compile(r"\b(steps|seconds?|time|cpu)\b", re.IGNORECASE)


class Exceeded(StrEnum):
    """What templates asked too much of: two words, as each further one would tell more of the values."""

    TIME = "time"
    MEMORY = "memory"
    """For values or for what they make."""


class TemplatesFailedError(Exception):
    """Templates of an object cannot be rendered; the text names all that the object has, whichever of them failed."""

    def __init__(self, keys: Iterable[str], exceeded: Exceeded | None) -> None:
        """`keys` are all templates' keys; `exceeded` is None where none of them went beyond a limit."""
        named = [_quoted(key) for key in keys]
        super().__init__(f"template{'s' * (len(named) > 1)} {', '.join(named)}: {_what(len(named), exceeded)}")
        self.reason = Reason.TEMPLATE_FAILED if exceeded is None else Reason.TEMPLATE_LIMIT


class ObjectTemplates:
    """Renders every template of one object, whichever of them fail; made for one decision."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._keys: list[str] = []
        self._unparsed: TemplateParseError | None = None
        self._failed = False
        self._exceeded: set[Exceeded] = set()

    def __call__(self, key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        """Return the value of a key, or something in its place if there is none: see `check`."""
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
        """Raise if there was no value for a key.

        That is TemplateParseError for the first text that is no template: it depends on the text alone, so it may
        tell the place. Else it is TemplatesFailedError.
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
