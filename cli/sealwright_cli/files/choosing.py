"""Which files of a folder are read: not what --exclude names, nor what .gitignore does. Reads no manifests.

Only files named .gitignore count, from the repository's root down; git's other places for patterns do not. They do not
count for files that git tracks. A folder that the user named is read even if it is ignored: the files above it have no
say in it then.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from sealwright_cli.files.bounds import Bounds, has_git
from sealwright_cli.files.disk import exists, read_original
from sealwright_cli.files.globs import Glob, decide, glob, globs_of
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.ui import counted
from sealwright_conventions.records import field, record

GITIGNORE = ".gitignore"
PROJECT_FILE = ".sealwright.yaml"
_MAX_BYTES = 1024 * 1024
_GIT_SECONDS = 10.0


@record
class Choice:
    """Which files of folders are read, by the command line.

    `exclude` are globs (`files.globs`), for the path as it is written and for the path below the named folder.
    `ignores` is False for --no-ignore. `tell` and `warn` get one line each about what is passed over.
    """

    exclude: Sequence[str] = ()
    ignores: bool = True
    tell: Callable[[str], None] | None = field(default=None, repr=False)
    warn: Callable[[str], None] | None = field(default=None, repr=False)


class Chooser:
    """Applies a choice to what is named and found, and counts what is passed over."""

    def __init__(self, choice: Choice) -> None:
        """Raise UsageError for an empty glob."""
        if not all(written.strip() for written in choice.exclude):
            raise UsageError("--exclude: an empty glob", hint="give a glob as in .gitignore, such as 'vendor/'")
        self._choice = choice
        self._exclude = [glob(written.removeprefix("./")) for written in choice.exclude]
        self._used: set[Glob] = set()
        self._ignoring: _Ignoring | None = None
        self._bounds: Bounds | None = None
        self.excluded = 0
        self.ignored = 0
        self.outside = 0

    def begin(self, folder: Path) -> None:
        """Prepare for the search of a named folder. Raises InputError for a .gitignore that cannot be read."""
        self._bounds = Bounds(folder)
        self._ignoring = _Ignoring(folder) if self._choice.ignores else None

    def enter(self, folder: Path) -> None:
        """Prepare for the entries of a folder below the named one. Raises as `begin`."""
        if self._ignoring:
            self._ignoring.enter(folder)

    def takes(self, path: Path, relative: Path, *, is_folder: bool) -> bool:
        """Tell whether a file is read, or a folder searched; `relative` is its path below the named folder."""
        if self.excludes(path, relative, is_folder=is_folder):
            return False
        if self._ignoring and self._ignoring.leaves_out(path.name, is_folder=is_folder):
            self.ignored += 1
            return False
        return not self._leads_out(path, is_folder=is_folder)

    def excludes(self, path: Path, relative: Path, *, is_folder: bool = False) -> bool:
        """Tell whether --exclude names a file or folder."""
        for one in self._exclude:
            places = {relative.as_posix(), path.as_posix().lstrip("/")}
            if any(one.fits_entry(place, is_folder=is_folder) or one.fits(place) for place in places):
                self._used.add(one)
                self.excluded += 1
                return True
        return False

    def _leads_out(self, path: Path, *, is_folder: bool) -> bool:
        """Tell, and warn, of a link to a file outside: who made it chose the file, and the user did not."""
        if is_folder or self._bounds is None or not os.path.islink(path) or not self._bounds.leaves(path):  # noqa: PTH114 - Path.is_symlink raises
            return False
        self.outside += 1
        if self._choice.warn:
            self._choice.warn(f"{path}: a link that leads out of {self._bounds.top}; skipped (name it to read it)")
        return True

    def finish(self) -> None:
        """Tell what was passed over, and warn about globs that fit nothing."""
        if self.ignored and self._choice.tell:
            self._choice.tell(f"{counted(self.ignored, 'path')} passed over: .gitignore (--no-ignore reads them)")
        for number, one in enumerate(self._exclude, start=1):
            if one not in self._used and self._choice.warn:
                which = f" number {number}" if len(self._exclude) > 1 else ""
                self._choice.warn(f"--exclude: nothing fits the glob{which}")

    @property
    def why_nothing(self) -> str:
        """Why nothing may be left, for a hint; empty if nothing was passed over."""
        if self.outside:
            return "name a file that a link leads to"
        if self.ignored:
            return "--no-ignore reads what .gitignore names"
        return "--exclude leaves out what there is" if self.excluded else ""


class _Ignoring:
    """The .gitignore files that count for a folder, by the absolute path of their folders."""

    def __init__(self, folder: Path) -> None:
        self._root = folder
        self._start = os.path.abspath(folder)  # noqa: PTH100 - Path.resolve would follow links
        self._of: dict[str, list[tuple[int, list[Glob]]]] = {}
        self._tracked: set[str] | None = None
        self._ignored: set[str] = set()
        """Folders that are searched although they are ignored: for tracked files alone."""
        above = self._above(Path(self._start))
        parts = (Path(self._start), *Path(self._start).parents)
        is_ignored = any(_decided(above, str(part), is_folder=True) for part in parts)
        self._of[os.path.dirname(self._start)] = [] if is_ignored else above  # noqa: PTH120 - as texts, for speed
        self.enter(folder)

    def enter(self, folder: Path) -> None:
        """Go on with a folder whose parent was entered before. Raises InputError for its .gitignore."""
        self._at = os.path.normpath(os.path.join(self._start, folder.relative_to(self._root)))  # noqa: PTH118 - as above
        known = self._of[os.path.dirname(self._at)]  # noqa: PTH120 - as above
        own = _read(folder / GITIGNORE)
        self._known = self._of[self._at] = [*known, (_length(self._at), own)] if own else known

    def leaves_out(self, name: str, *, is_folder: bool) -> bool:
        """Tell whether an entry of the folder that was entered last is ignored, and git does not track it."""
        place = os.path.join(self._at, name)  # noqa: PTH118 - as above
        if self._at not in self._ignored and not (self._known and _decided(self._known, place, is_folder=is_folder)):
            return False
        if self._tracked is None:
            self._tracked = _tracked_in(self._start)
        if place not in self._tracked:
            return True
        if is_folder:
            self._ignored.add(place)
        return False

    def _above(self, folder: Path) -> list[tuple[int, list[Glob]]]:
        """Return the globs of the folders above, from the repository's root down; none outside a repository."""
        above = (folder, *folder.parents)
        top = next((number for number, place in enumerate(above) if has_git(place)), 0)
        found = [(_length(str(parent)), _read(parent / GITIGNORE)) for parent in reversed(above[1 : top + 1])]
        return [one for one in found if one[1]]


def _tracked_in(folder: str) -> set[str]:
    """Return the files below a folder that git tracks although they are ignored, and the folders that they are in.

    A .gitignore has no say in what is tracked: so whoever adds a file by force does not hide it. Empty without git.
    """
    import subprocess  # noqa: PLC0415 - few runs ask git

    from sealwright_cli.files.gitrunning import run_git, without_git  # noqa: PLC0415 - as above

    words = ("ls-files", "-z", "--cached", "--ignored", "--exclude-standard")
    try:
        done = run_git(*words, folder=Path(folder), environ=without_git(), seconds=_GIT_SECONDS)
    except (OSError, subprocess.SubprocessError, ValueError):
        return set()
    names = os.fsdecode(done.stdout).split("\0") if done.returncode == 0 else []
    places = {os.path.join(folder, name) for name in names if name}  # noqa: PTH118 - as above
    return places | {str(parent) for place in places for parent in Path(place).parents}


def _decided(known: list[tuple[int, list[Glob]]], place: str, *, is_folder: bool) -> bool:
    """Tell whether the innermost .gitignore that knows an entry leaves it out."""
    for length, globs in reversed(known):
        path = place[length:].replace(os.sep, "/")
        if path and (found := decide(globs, path, is_folder=is_folder)) is not None:
            return found
    return False


def _length(place: str) -> int:
    return len(place) if place.endswith(os.sep) else len(place) + 1


def _read(path: Path) -> list[Glob]:
    if not exists(path) or path.is_dir():
        return []
    try:
        content = read_original(path, _MAX_BYTES, is_named=False)[0]
    except InputError as error:
        raise InputError(error.message, hint=f"{error.hint}; --no-ignore does without it") from None
    return globs_of(content.decode("utf-8", errors="surrogateescape"))
