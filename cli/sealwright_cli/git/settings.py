"""What `git install` sets up, and `git uninstall` takes back: two drivers, and the attributes that choose them.

The drivers are lines of a shell, so that a machine without sealwright has Git's own behaviour, and a file without the
word SealedSecret costs no Python.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from sealwright_cli.files.disk import exists, made_folder, read_original, write_file
from sealwright_cli.git.patterns import line_pattern, sample_of
from sealwright_cli.git.repository import attempt, git, prefix_of_folder, top_folder
from sealwright_cli.messages.errors import InputError, OutputError
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
    wanted = [f"{line_pattern(pattern, place.prefix)}{_DRIVERS}" for pattern in patterns]
    before = _read(place)
    there = _lines(before)
    wanted = wanted or there or [f"{pattern}{_DRIVERS}" for pattern in PATTERNS]
    changes = []
    for key, value in CONFIGURATION.items():
        if _configured(place, key) != [value]:
            _configure(place, "--replace-all", key, value)
            changes.append(f"set {key} in git's {_called(place)} configuration")
    called = str(place.attributes)
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


def overridden(place: Place) -> list[str]:
    """Return a sentence for each of our lines that other attributes of the repository keep from counting.

    Git is asked for one path that the line's pattern fits. Raises CliError.
    """
    if place.scope != "--local":
        return []
    samples = {sample_of(line): line for line in (line.removesuffix(_DRIVERS) for line in _lines(_read(place)))}
    samples.pop("", None)
    asked = "".join(f"{sample}\0" for sample in samples).encode(errors="surrogateescape")
    said = git("check-attr", "-z", "--stdin", "diff", "merge", cwd=place.attributes.parent, stdin=asked)
    words = said.decode(errors="surrogateescape").split("\0")
    found = zip(words[::3], words[1::3], words[2::3], strict=False)
    return [
        f"{samples[path]}: another line of attributes wins: {name} is {value} for {path} (git check-attr --all)"
        for path, name, value in found
        if value != "sealwright"
    ]


def uninstall(place: Place) -> list[str]:
    """Take everything back; return a sentence for each thing that changed. Raises CliError."""
    before = _read(place)
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
    after = _OURS.sub("", before)
    if before != after:
        if after:
            _write(place, after)
        else:
            _remove(place.attributes)
        changes.append(f"{place.attributes}: {'took our lines out' if after else 'removed, as it is empty'}")
    return changes


def _called(place: Place) -> str:
    return "global" if place.scope == "--global" else "local"


def _configured(place: Place, key: str) -> list[str]:
    status, output, _ = attempt("config", place.scope, "-z", "--get-all", key)
    return [] if status else output.decode(errors="replace").split("\0")[:-1]


def _configure(place: Place, *arguments: str) -> None:
    status, _, said = attempt("config", place.scope, *arguments)
    if status:
        words = said.strip().removeprefix("error: ").removeprefix("fatal: ") or f"status {status}"
        raise OutputError(f"git config {place.scope} failed: {words}", hint="make its file writable")


def _read(place: Place) -> str:
    """Return the attributes. Raises InputError for a repository's that are a link.

    Git does not follow that one, and a repository from others could let it lead to any file of the user's. The user's
    own files may be links, to where they keep them all.
    """
    if place.scope == "--local" and os.path.islink(place.attributes):  # noqa: PTH114 - Path.is_symlink raises
        raise InputError(
            f"{place.attributes}: a symbolic link, which git does not follow for attributes",
            hint="remove the link, or put a file with its content in its place",
        )
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
        raise OutputError(f"{path}: cannot be removed", hint="remove it; it is empty") from None
