"""The time zones of a renderer, which must not open files: all files of the IANA database, read at its start.

They take 0.7 MB; a zone is made from its file when a template first uses it.
"""

import io
import zoneinfo
from datetime import tzinfo
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


class LoadedZones:
    """Time zones by name, for templating (`Zones`); opens files only when it is made."""

    def __init__(self) -> None:
        self._files = _files()
        self._made: dict[str, tzinfo] = {}

    def __call__(self, name: str) -> tzinfo | None:
        """Return the time zone of a name such as "Europe/Berlin", or None for an unknown name."""
        content = self._files.get(name)
        if content is None:
            return None
        if name not in self._made:
            self._made[name] = zoneinfo.ZoneInfo.from_file(io.BytesIO(content), key=name)
        return self._made[name]


def _files() -> dict[str, bytes]:
    """Return the files' contents by zone, equal ones once; the system's files go before those of the package."""
    places: list[Traversable] = [Path(folder) for folder in zoneinfo.TZPATH]
    places.append(resources.files("tzdata") / "zoneinfo")
    files: dict[str, bytes] = {}
    contents: dict[bytes, bytes] = {}
    for name in zoneinfo.available_timezones():
        file = next((file for place in places if (file := place.joinpath(*name.split("/"))).is_file()), None)
        if file is not None:
            content = file.read_bytes()
            files[name] = contents.setdefault(content, content)
    return files
