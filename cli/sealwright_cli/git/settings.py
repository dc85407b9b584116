"""What `git install` sets up, and `git uninstall` takes back: two drivers, and the attributes that choose them.

The drivers are lines of a shell, so that a machine without sealwright has Git's own behaviour, and a file without the
word SealedSecret costs no Python.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from sealwright_cli.files.disk import exists, made_folder, read_original, write_file
from sealwright_cli.git.repository import attempt, prefix_of_folder, top_folder
from sealwright_cli.messages.errors import InputError, OutputError
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.records import record

PATTERNS = ("*.yaml", "*.yml", "*.json")
_HERE = "command -v sealwright >/dev/null 2>&1"
_HAS_OURS = "LC_ALL=C tr -d '\\000' | grep -q SealedSecret"
"""UTF-16, as Windows programs write it, has a zero byte beside each letter."""
CONFIGURATION = {
    "diff.sealwright.textconv": (
        f'f() {{ if cat -- "$1" | {_HAS_OURS} && {_HERE}; then sealwright git textconv -- "$1"; '
        'else cat -- "$1"; fi; }; f'
    ),
    "diff.sealwright.cachetextconv": "false",
    "merge.sealwright.name": "SealedSecrets, item by item",
    "merge.sealwright.driver": (
        f"if cat -- %O %A %B | {_HAS_OURS} && {_HERE}; then sealwright git merge -- %O %A %B %P %L; "
        "else git merge-file --marker-size=%L -L ours -L base -L theirs %A %O %B; fi"
    ),
}
"""Key of Git's configuration → the value that is set."""
_RUN = {"diff.sealwright.textconv": "sealwright git textconv", "merge.sealwright.driver": "sealwright git merge"}
_DRIVERS = " diff=sealwright merge=sealwright"
_BEGIN = "# sealwright git install: begin"
_END = "# sealwright git install: end"
_OURS = re.compile(rf"^{re.escape(_BEGIN)}[^\n]*\n(?:[^\n]*\n)*?{re.escape(_END)}[^\n]*(?:\n|\Z)", re.MULTILINE)


_WILD = re.compile(r"[*?\[\\]")


@record
class Place:
    """Which of Git's configurations is meant, and its file of attributes.

    `prefix` is the path from the attributes' folder to where the user stands: empty, or with a slash at its end.
    """

    scope: str
    attributes: Path
    prefix: str = ""

    @classmethod
    def of_repository(cls) -> "Place":
        """The repository of the working directory. Raises InputError outside one."""
        top = top_folder(otherwise="; or set it up for all of yours (--global)")
        return cls("--local", top / ".gitattributes", prefix_of_folder())

    @classmethod
    def of_user(cls, surroundings: Surroundings) -> "Place":
        """The user's own. Raises InputError if git cannot be run."""
        status, output, _ = attempt("config", "--global", "--type=path", "--get", "core.attributesFile")
        if not status and output.strip():
            return cls("--global", Path(os.fsdecode(output).strip()))
        configured = surroundings.environ.get("XDG_CONFIG_HOME", "")
        folder = Path(configured) if configured else surroundings.home / ".config"
        return cls("--global", folder / "git" / "attributes")


def install(place: Place, patterns: Sequence[str]) -> list[str]:
    """Set everything up; return a sentence for each thing that changed, or stays from an earlier time.

    `patterns` count from the folder where the user stands, and are added to those of earlier times; none are these, or
    else the usual ones. Raises CliError; a pattern that git cannot take changes nothing.
    """
    wanted = [f"{_pattern(_from_top(pattern, place.prefix))}{_DRIVERS}" for pattern in patterns]
    before = _read(place)
    there = _lines(before)
    wanted = wanted or there or [f"{pattern}{_DRIVERS}" for pattern in PATTERNS]
    changes = []
    for key, value in CONFIGURATION.items():
        if _configured(place, key) != [value]:
            _configure(place, "--replace-all", key, value)
            changes.append(f"set {key} in git's {_called(place)} configuration")
    called = shown_path(place.attributes)
    if new := [line for line in dict.fromkeys(wanted) if line not in there]:
        _write(place, _with_block(before, [*there, *new]))
        changes += [f"{called}: wrote {line}" for line in new]
    is_usual = there == [f"{pattern}{_DRIVERS}" for pattern in PATTERNS]
    if kept := [line.removesuffix(_DRIVERS) for line in there if line not in wanted or not (patterns or is_usual)]:
        changes.append(f"{called}: kept {', '.join(kept)} of an earlier git install; git uninstall removes them all")
    return changes


def _lines(text: str) -> list[str]:
    """Return the lines of attributes that earlier installs wrote."""
    lines = [line.rstrip("\r") for block in _OURS.findall(text) for line in block.split("\n")]
    return [line for line in dict.fromkeys(lines) if line and not line.startswith((_BEGIN, _END))]


def _with_block(text: str, lines: Sequence[str]) -> str:
    """Return a text with these lines in the place of ours.

    New ones come first in the file: of several lines that match, the last one counts, and that is to be the user's own.
    """
    block = "".join(f"{line}\n" for line in (_BEGIN, *lines, _END))
    if not _OURS.search(text):
        return block + text
    blocks = iter([block])
    return _OURS.sub(lambda _: next(blocks, ""), text)


def uninstall(place: Place) -> list[str]:
    """Take everything back; return a sentence for each thing that changed. Raises CliError."""
    changes = []
    for key in CONFIGURATION:
        values = _configured(place, key)
        if not values:
            continue
        if key in _RUN and not all(_RUN[key] in value for value in values):
            changes.append(f"left {key} as it is: its value is not one that sealwright sets")
            continue
        _configure(place, "--unset-all", key)
        changes.append(f"removed {key} from git's {_called(place)} configuration")
    before = _read(place)
    after = _OURS.sub("", before)
    if before != after:
        if after:
            _write(place, after)
        else:
            _remove(place.attributes)
        changes.append(
            f"{shown_path(place.attributes)}: {'took our lines out' if after else 'removed, as it is empty'}"
        )
    return changes


def _called(place: Place) -> str:
    return "global" if place.scope == "--global" else "local"


def _from_top(pattern: str, prefix: str) -> str:
    """Return a pattern that counts from a subfolder as one that counts from the folder of the attributes."""
    if not prefix or pattern.startswith(("!", "#", "[attr]")):
        return pattern
    own = _WILD.sub(lambda found: f"\\{found[0]}", prefix)
    return f"{own}{pattern.removeprefix('/')}" if "/" in pattern else f"{own}**/{pattern}"


def _pattern(pattern: str) -> str:
    """Return a pattern as a line of attributes has it. Raises InputError for one that git cannot take."""
    if not pattern or pattern.startswith(("!", "#", "[attr]")) or not pattern.isprintable():
        raise InputError("a pattern that attributes cannot have", hint="patterns are like those of .gitignore: *.yaml")
    if pattern.endswith("/"):
        raise InputError(
            "a pattern that ends with a slash: attributes are for files, so it fits none",
            hint="write FOLDER/** for all that is in a folder, as in 'secrets/**'",
        )
    escaped = pattern.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if any(letter.isspace() for letter in pattern) or '"' in pattern else pattern


def _configured(place: Place, key: str) -> list[str]:
    status, output, _ = attempt("config", place.scope, "-z", "--get-all", key)
    return [] if status else output.decode(errors="replace").split("\0")[:-1]


def _configure(place: Place, *arguments: str) -> None:
    status, _, said = attempt("config", place.scope, *arguments)
    if status:
        words = said.strip().removeprefix("error: ").removeprefix("fatal: ") or f"status {status}"
        raise OutputError(f"git config {place.scope} failed: {words}", hint="make its file writable")


def _read(place: Place) -> str:
    if not exists(place.attributes):
        return ""
    return read_original(place.attributes)[0].decode(errors="surrogateescape")


def _write(place: Place, text: str) -> None:
    content = text.encode(errors="surrogateescape")
    original = read_original(place.attributes)[1] if exists(place.attributes) else None
    with made_folder(place.attributes.parent):
        write_file(place.attributes, content, original=original)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        raise OutputError(f"{shown_path(path)}: cannot be removed", hint="remove it; it is empty") from None
