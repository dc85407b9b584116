"""A template's name and text, and the line and column of an offset. Does not know the language."""

from dataclasses import dataclass
from typing import TypeVar

from sealwright_templating.errors import TemplateError

_Error = TypeVar("_Error", bound=TemplateError)


@dataclass(frozen=True, slots=True)
class Source:
    """A template as given; offsets into `text` count characters from 0."""

    name: str
    text: str

    def error(self, kind: type[_Error], offset: int, reason: str, detail: str = "") -> _Error:
        """Return an error of this class with the place of the fault in the template."""
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        return kind(self.name, line, column, reason, detail)
