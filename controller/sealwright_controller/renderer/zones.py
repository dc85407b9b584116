"""The time zones of a renderer, which may open no file: all files of the IANA database, read beforehand.

They are 0.7 MB, and a zone is made of its file when a template first asks for it.
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
    """Time zones by name, as templating wants them (`Zones`); opens nothing once it is made."""

    def __init__(self) -> None:
        self._files = _files()
        self._made: dict[str, tzinfo] = {}

    def __call__(self, name: str) -> tzinfo | None:
        """Return the time zone of a name such as "Europe/Berlin", None if there is no such zone."""
        content = self._files.get(name)
        if content is None:
            return None
        if name not in self._made:
            self._made[name] = zoneinfo.ZoneInfo.from_file(io.BytesIO(content), key=name)
        return self._made[name]


def _files() -> dict[str, bytes]:
    """Return the files by zone, those with the same content once; the system's come before the package's."""
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
