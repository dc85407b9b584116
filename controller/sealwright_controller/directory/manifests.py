"""Folders into which people (or their tools) put manifests: which objects of one kind are in them now.

Tools write in steps: a file is emptied, half-written, or missing for a moment while Git checks out another commit. So
an object counts as gone only after it was missing for a while, and an unreadable file keeps its last objects.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import structlog

from sealwright_controller.directory.documents import OtherObject, UnusableFileError, load_objects
from sealwright_controller.directory.files import Signature, file_errors, read_file, signature_at
from sealwright_controller.directory.walking import walk
from sealwright_controller.gateway import Manifest, ObjectKey, RefusedError, UnavailableError
from sealwright_crypto import API_VERSION, KIND

IN_PLAIN_TEXT = (
    "a Secret in plain text, which everybody who can read this file can read: seal it with `sealwright seal`, put the "
    "SealedSecret here instead, and change the values if this file was committed to Git"
)
OF_ANOTHER_TYPE = f"not read as a {KIND}: write apiVersion: {API_VERSION} and kind: {KIND}"
COARSE_CLOCK_NS = 2_000_000_000
"""A file younger than this may change again with the same times: some file systems count in steps of two seconds."""

_log = structlog.get_logger()


@dataclass(frozen=True)
class Found:
    """An object, and the file that holds it: a path relative to the root, with slashes."""

    manifest: Manifest
    file: str


@dataclass(frozen=True)
class Snapshot:
    """What a folder holds.

    `problems` maps files to what is wrong with them, for people; `unread` are the files and folders that could not be
    read; `leaving` tells that some object is missing, but not for long enough to count as gone.
    """

    objects: Mapping[ObjectKey, Found]
    problems: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    leaving: bool = False

    def may_hold(self, file: str) -> bool:
        """Tell whether a file could not be read, so that it may still hold its earlier objects."""
        path = PurePosixPath(file)
        return any(str(part) in self.unread for part in (path, *path.parents))


@dataclass(frozen=True)
class _File:
    """The content of a file; `unread` if it could not be read, so that `objects` are from an earlier scan."""

    objects: tuple[tuple[ObjectKey, Manifest], ...] = ()
    problem: str = ""
    unread: bool = False
    signature: Signature | None = None
    digest: bytes = b""
    settled: bool = False


_NOTHING = _File()


class ManifestFolder:
    """One folder of manifests. Not thread-safe."""

    def __init__(
        self,
        root: Path,
        name: str,
        take: Callable[[Manifest], tuple[ObjectKey, Manifest] | None],
        *,
        kind: tuple[str, str],
        now_ns: Callable[[], int],
        monotonic: Callable[[], float],
        leaving_seconds: float,
        mistake_in: Callable[[Manifest], str] = lambda _: "",
    ) -> None:
        """Scan `root`/`name` for objects of one `kind` (apiVersion and kind).

        `take` returns an object's key and the form to keep, or None to skip it; it raises RefusedError. `mistake_in`
        says what else is wrong with one that nobody will work on, since it is a copy. An object counts as gone after
        `leaving_seconds`. `now_ns` is the time in ns since 1970.
        """
        self._root = root
        self._folder = root / name
        self._take = take
        self._kind = kind
        self._now_ns = now_ns
        self._monotonic = monotonic
        self._leaving_seconds = leaving_seconds
        self._mistake_in = mistake_in
        self._files: dict[str, _File] = {}
        self._troubles: Mapping[str, str] = {}
        self._objects: dict[ObjectKey, Found] = {}
        self._leaving: dict[ObjectKey, float] = {}
        self._copies: dict[int, tuple[Manifest, str]] = {}
        """The copies of objects, by `id`, with what is wrong with each."""

    def scan(self) -> Snapshot:
        """Return the present content. Raises UnavailableError if the folder itself cannot be read."""
        with file_errors("read the folder", self._folder):
            os.scandir(self._folder).close()
        troubles: dict[str, str] = {}
        files: dict[str, _File] = {}
        for path, is_folder, trouble in walk(self._folder):
            name = path.relative_to(self._root).as_posix()
            if is_folder:
                troubles[name] = trouble
            elif trouble:
                files[name] = self._unread(name, self._files.get(name, _NOTHING), trouble)
            else:
                files[name] = self._read(path, name)
        self._tell_of_folders(troubles)
        files |= self._of_unread(troubles, files)
        self._files = files
        problems = troubles | {name: file.problem for name, file in files.items() if file.problem}
        objects = self._combine(problems)
        unread = set(troubles) | {name for name, file in files.items() if file.unread}
        return Snapshot(self._with_leaving(objects), problems, frozenset(unread), bool(self._leaving))

    def has_changed(self, file: str) -> bool:
        """Tell whether a file differs from the last scan. Raises UnavailableError."""
        known = self._files.get(file)
        return known is None or known.signature is None or known.signature != signature_at(self._root / file)

    def _read(self, path: Path, name: str) -> _File:
        known = self._files.get(name, _NOTHING)
        try:
            signature = signature_at(path)
            if known.settled and known.signature == signature:
                return known
            content = read_file(path)
        except (UnusableFileError, UnavailableError, RefusedError) as error:
            return self._unread(name, known, str(error))
        if content is None:
            return self._unread(name, known, "a link that leads nowhere")
        digest = hashlib.blake2b(content.bytes).digest()
        settled = self._now_ns() - content.signature.modified > COARSE_CLOCK_NS
        file = known if known.digest == digest else self._parsed(content.bytes, name, known)
        return replace(file, signature=content.signature, digest=digest, settled=settled)

    def _parsed(self, content: bytes, name: str, known: _File) -> _File:
        try:
            found = load_objects(content, *self._kind)
        except UnusableFileError as error:
            return self._unread(name, known, str(error))
        objects, problem = self._take_all(found)
        # A Secret in plain text is told again after each change of its file: the new values can be read, too.
        self._tell(name, _NOTHING if IN_PLAIN_TEXT in problem else known, problem)
        return _File(objects=objects, problem=problem)

    def _take_all(self, found: list[Manifest | OtherObject]) -> tuple[tuple[tuple[ObjectKey, Manifest], ...], str]:
        taken, problems = [], []
        for number, manifest in enumerate(found, start=1):
            if isinstance(manifest, OtherObject):
                problems += [f"object {number}: {IN_PLAIN_TEXT}"] if manifest.is_secret else []
                problems += [f"object {number}: {OF_ANOTHER_TYPE}"] if manifest.is_almost_sealed else []
                continue
            try:
                one = self._take(manifest)
            except RefusedError as error:
                problems.append(f"object {number}: {error}")
            except Exception as error:  # noqa: BLE001 - one object must not hide others or other files
                problems.append(f"object {number}: cannot be used ({type(error).__name__})")
            else:
                taken += [one] if one is not None else []
        return tuple(taken), "; ".join(problems)

    def _unread(self, name: str, known: _File, problem: str) -> _File:
        self._tell(name, known, problem)
        return _File(objects=known.objects, problem=problem, unread=True)

    def _tell(self, name: str, known: _File, problem: str) -> None:
        if problem and problem != known.problem:
            _log.warning("problem with a file", file=name, problem=problem)

    def _tell_of_folders(self, troubles: Mapping[str, str]) -> None:
        for name, trouble in troubles.items():
            if trouble != self._troubles.get(name):
                _log.warning("folder not read", path=name, problem=trouble)
        self._troubles = troubles

    def _of_unread(self, folders: Mapping[str, str], seen: Mapping[str, _File]) -> dict[str, _File]:
        """Return the known files of folders that cannot be read now."""
        within = {name for name in self._files if any(name.startswith(f"{folder}/") for folder in folders)}
        return {name: self._files[name] for name in within - set(seen)}

    def _combine(self, problems: dict[str, str]) -> dict[ObjectKey, Found]:
        objects: dict[ObjectKey, Found] = {}
        copies: dict[int, tuple[Manifest, str]] = {}
        for name in sorted(self._files):
            for key, manifest in self._files[name].objects:
                first = objects.setdefault(key, Found(manifest, name))
                if first.manifest is not manifest:
                    copies[id(manifest)] = self._copies.get(id(manifest)) or (manifest, self._mistake_in(manifest))
                    where = "this file" if first.file == name else first.file
                    said = [problems[name]] if name in problems else []
                    problems[name] = "; ".join([*said, _of_copy(key, where, copies[id(manifest)][1])])
        self._copies = copies
        return objects

    def _with_leaving(self, objects: dict[ObjectKey, Found]) -> dict[ObjectKey, Found]:
        """Add the objects that are missing, but not for long enough."""
        now = self._monotonic()
        away = {key: found for key, found in self._objects.items() if key not in objects}
        since = {key: self._leaving.get(key, now) for key in away}
        self._leaving = {key: start for key, start in since.items() if now - start < self._leaving_seconds}
        self._objects = objects | {key: away[key] for key in self._leaving}
        return self._objects


def _of_copy(key: ObjectKey, where: str, mistake: str) -> str:
    own = f", and has a mistake of its own: {mistake}" if mistake else ""
    return f"{key} is in {where} already; this copy is not used{own}"
