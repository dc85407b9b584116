"""Where the edited text lies: a folder for this user alone, in memory if possible, and gone afterwards.

Whatever ends the command, even SIGKILL, the folder goes: a shell waits at the end of a pipe that only the command
holds, and removes it when the pipe closes. Folders that even this leaves, as when all is killed at once, are removed by
the next call: no process holds their lock. See docs/adr/0027-edited-text.md.
"""

import contextlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sealwright_cli.files.disk import decode, read_file, reason
from sealwright_cli.files.places import open_named
from sealwright_cli.messages.advice import when_writing
from sealwright_cli.messages.errors import InputError, OutputError, RefusedError
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import Console
from sealwright_cli.views.marks import NAME
from sealwright_conventions.records import changing_record, field

if sys.platform != "win32":  # there, what a killed command left stays
    import fcntl

_OPEN, _KEPT = "sealwright-edit-", "sealwright-kept-"
_FILE = "sealedsecret.yaml"
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_MOUNTS = Path("/proc/self/mounts")
_IN_MEMORY = ("tmpfs", "ramfs")
_OCTAL = re.compile(r"\\([0-7]{3})")
_WATCH = 'trap "" HUP INT QUIT TERM; read -r _; rm -rf -- "$0"'


@changing_record
class Stored:
    """The file with the edited text; `first` is the text that was written first."""

    folder: Path
    first: str = field(default="", repr=False)

    @property
    def path(self) -> Path:
        """The file for the editor."""
        return self.folder / _FILE

    def write(self, text: str) -> None:
        """Write the text. Raises OutputError."""
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
        except OSError as error:
            raise OutputError(f"{self.path}: {reason(error)}", hint=when_writing(error)) from None
        self.first = self.first or text

    def read(self) -> str:
        """Return the text, with line feeds at the ends of lines. Raises InputError."""
        return decode(read_file(self.path, name=NAME), NAME).replace("\r\n", "\n")

    def is_changed(self) -> bool:
        """Tell whether the file holds something else than what was written first."""
        try:
            return self.path.read_bytes() != self.first.encode()
        except OSError:
            return False

    def keep(self, content_of: Callable[[str], str]) -> Path:
        """Put the file where it stays, for this user alone, and return its path.

        If a kept file has the same content already, that one stays alone: the text came from there.
        """
        with contextlib.suppress(InputError):  # what is no text was not kept before either
            if earlier := _kept_already(self.folder.parent, content_of(self.read()), content_of):
                return earlier
        folder = Path(tempfile.mkdtemp(prefix=_KEPT, dir=self.folder.parent))
        self.path.chmod(0o600)
        return self.path.rename(folder / _FILE)


def _kept_already(parent: Path, content: str, content_of: Callable[[str], str]) -> Path | None:
    """Return the file of this user with this content that an earlier call has kept; None if there is none."""
    with contextlib.suppress(OSError):
        for file in parent.glob(f"{_KEPT}*/{_FILE}"):
            found = [file.parent.lstat(), file.lstat()]
            if all(one.st_uid == os.geteuid() and not stat.S_ISLNK(one.st_mode) for one in found):
                with contextlib.suppress(InputError):
                    if content_of(decode(read_file(file, name=NAME), NAME).replace("\r\n", "\n")) == content:
                        return file
    return None


@contextlib.contextmanager
def stored(environ: Mapping[str, str], console: Console) -> Iterator[Stored]:
    """Make the place of the text within this context. Raises OutputError."""
    parent = memory_folder(environ)
    if parent is None:
        parent = Path(tempfile.gettempdir())
        console.warn(f"no folder in memory (XDG_RUNTIME_DIR, /dev/shm): the edited text lies in {parent} meanwhile")
    _remove_left(parent)
    try:
        folder = Path(tempfile.mkdtemp(prefix=_OPEN, dir=parent))
    except OSError as error:
        raise OutputError(f"{parent}: {reason(error)}", hint=when_writing(error)) from None
    try:
        with _watched(folder), _locked(folder):
            yield Stored(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Claim a file within this context. Raises RefusedError if another command edits it."""
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):  # a file that cannot be opened cannot be read either
            descriptor = open_named(path)
            held.callback(os.close, descriptor)
            if not _lock(descriptor):
                raise RefusedError(
                    f"{shown_path(path)}: another sealwright edit has it open", hint="finish that one first"
                )
        yield


def memory_folder(environ: Mapping[str, str]) -> Path | None:
    """Return a folder in memory that this user can write to; None if there is none."""
    own = environ.get("XDG_RUNTIME_DIR", "")
    for folder in ([Path(own)] if own.startswith("/") else []) + [_SHARED_MEMORY]:
        is_usable = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
        if is_usable and (folder == _SHARED_MEMORY or _is_ours_alone(folder)) and _is_in_memory(folder.resolve()):
            return folder
    return None


def _is_ours_alone(folder: Path) -> bool:
    found = folder.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _is_in_memory(folder: Path) -> bool:
    """Tell whether the file system of a folder is in memory, by the longest mount point above it."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    kinds = {}
    for line in lines:
        _, point, kind, *_ = line.split(" ")
        kinds[Path(_OCTAL.sub(lambda found: chr(int(found[1], 8)), point))] = kind
    return next((kinds[one] for one in (folder, *folder.parents) if one in kinds), "") in _IN_MEMORY


@contextlib.contextmanager
def _watched(folder: Path) -> Iterator[None]:
    """Have a folder removed when this process ends, however it ends."""
    watch = _start_watch(folder)
    try:
        yield
    finally:
        if watch:
            watch.communicate()


def _start_watch(folder: Path) -> "subprocess.Popen[bytes] | None":
    """Start the shell that removes a folder when its standard input ends; None where there is no shell."""
    try:
        return subprocess.Popen(  # noqa: S603 - a fixed script, and a folder of ours
            ["/bin/sh", "-c", _WATCH, folder],
            env={"PATH": "/usr/bin:/bin"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return None


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, which shows that a command uses it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock a file or folder until it is closed; False if somebody else holds the lock."""
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks
            return True
    return True


def _remove_left(parent: Path) -> None:
    """Remove the folders of commands that were killed. An empty one may be about to be locked."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        for folder in parent.glob(f"{_OPEN}*"):
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and any(folder.iterdir()):
                descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
                try:
                    if _lock(descriptor):
                        shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(descriptor)
