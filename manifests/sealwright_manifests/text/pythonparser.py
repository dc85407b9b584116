"""ruamel.yaml's parser, in Python, with PyYAML's interface: used if PyYAML was installed without libyaml.

It is thirty times slower and refuses some tabs that libyaml accepts; otherwise tests hold it to the same events.
"""

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from sealwright_manifests.text import pyyaml

_COPIED = ("anchor", "value", "style", "flow_style", "start_mark", "end_mark")


class PythonParser:
    """Gives the events of a text one by one. Raises PyYAML's errors."""

    def __init__(self, text: str) -> None:
        self._events = YAML(typ="safe", pure=True).parse(text)
        self._next: Any = None

    def check_event(self) -> bool:
        """Tell whether there is another event."""
        try:
            self._next = next(self._events, None)
        except MarkedYAMLError as error:
            raise pyyaml.MarkedYAMLError(error.context, error.context_mark, error.problem, error.problem_mark) from None
        except ReaderError as error:
            raise pyyaml.ReaderError(error.name, error.position, error.character, "", error.reason) from None
        return self._next is not None

    def get_event(self) -> Any:
        """Return the event that `check_event` announced."""
        event = self._next
        kind = getattr(pyyaml.events, type(event).__name__)
        made = kind.__new__(kind)
        for name in _COPIED:
            setattr(made, name, getattr(event, name, None))
        made.tag = str(event.tag) if getattr(event, "tag", None) is not None else None
        return made

    def dispose(self) -> None:
        """Release the text; libyaml's parser needs this call."""
        self._events.close()
