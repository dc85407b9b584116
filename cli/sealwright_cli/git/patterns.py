"""Patterns of attributes: from what the user gives to a line's beginning, and a path that such a pattern fits.

Knows neither the drivers nor the file of attributes.
"""

import re

from sealwright_cli.messages.errors import InputError
from sealwright_conventions.patterns import pattern as compiled

_NO_PATTERNS = ("!", "#", "[attr]")
_WILD = compiled(r"[*?\[\\]")
_ANY = compiled(r"\\(.)|\*+|\?")


def line_pattern(given: str, prefix: str) -> str:
    """Return a pattern as a line of the attributes at the top has it; it was given in the folder `prefix`.

    Raises InputError for one that git cannot take, or that fits no file of the repository.
    """
    return _quoted(_checked(_from_top(_checked(given), prefix)))


def sample_of(line: str) -> str:
    """Return a path that a line's pattern fits; empty if that takes more than replacing its wildcards."""
    if line.startswith('"'):
        line = re.sub(r"\\(.)", r"\1", line[1:-1])
    if "[" in re.sub(r"\\.", "", line):
        return ""
    return _ANY.sub(lambda found: found[1] or "x", line.removeprefix("/"))


def _checked(given: str) -> str:
    if not given or given.startswith(_NO_PATTERNS) or not given.isprintable():
        raise InputError("a pattern that attributes cannot have", hint="patterns are like those of .gitignore: *.yaml")
    if given.endswith(("/", "/.", "/..")):
        raise InputError(
            "a pattern that ends with a slash: attributes are for files, so it fits none",
            hint="write FOLDER/** for all that is in a folder, as in 'secrets/**'",
        )
    return given


def _from_top(given: str, prefix: str) -> str:
    """Return a pattern that counts from a subfolder as one that counts from the folder of the attributes."""
    own = _WILD.sub(lambda found: f"\\{found[0]}", prefix)
    if "/" not in given:
        return f"{own}**/{given}" if prefix else given
    if not {".", ".."}.isdisjoint(given.split("/")):
        return f"/{_without_dots(own + given.removeprefix('/'))}"
    return f"{own}{given.removeprefix('/')}" if prefix else given


def _without_dots(path: str) -> str:
    """Return a path without `.` and `..`, which git compares as if they were names. Raises InputError."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and (not kept or "**" in kept):
            raise InputError(
                "a pattern that leads out of the repository, or to no certain folder",
                hint="go to the folder that it is about, and name the pattern from there",
            )
        if part == "..":
            kept.pop()
        elif part not in (".", ""):
            kept.append(part)
    return "/".join(kept)


def _quoted(given: str) -> str:
    escaped = given.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if any(letter.isspace() for letter in given) or '"' in given else given
