"""The SealedSecrets of a file, a folder, `REV:path` or a revision of the working directory's repository."""

from collections.abc import Iterator
from pathlib import Path

from sealwright_cli.files.disk import decode, exists, is_folder
from sealwright_cli.files.inputs import STDIN, SUFFIXES, Source, find_sources
from sealwright_cli.files.templatefiles import note
from sealwright_cli.git.repository import blob, blobs, files_of, object_kind, top_folder
from sealwright_cli.manners import SEALWRIGHT
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, InputError, RefusedError
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import Console
from sealwright_cli.project.settings import Projects
from sealwright_cli.sealed.sealedinput import find_sealed, with_namespace
from sealwright_conventions.records import field, record
from sealwright_crypto import KIND
from sealwright_manifests.comparing.changes import Found
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.tree import native

_PATHS = ("./", "../", "/")
"""How a path begins that no revision can be."""


@record
class _Text:
    """A file's text, read or still to be read, its path in the tree, and where that is on the disk, to a project."""

    source: Source
    path: str
    place: Path | None
    content: bytes | None = None


@record
class Namespaces:
    """The namespace of objects that name none: `given`, else what `projects` say of their files."""

    given: str = ""
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))


OF_THE_FILES = Namespaces()
"""What the files say, and nothing else."""


@record
class Tree:
    """One side of a comparison. `is_one_file` if it was named as such; `errors` are those of its other files."""

    objects: tuple[Found, ...]
    is_one_file: bool
    errors: tuple[CliError, ...]


def read_trees(given: tuple[str, str], console: Console, namespaces: Namespaces = OF_THE_FILES) -> tuple[Tree, Tree]:
    """Read both sides. A file of a revision that both sides have alike is left out. Raises CliError."""
    kinds = [_kind(one, number) for number, one in enumerate(given, start=1)]
    listed = [dict(_listed(one, kind)) for one, kind in zip(given, kinds, strict=True)]
    if all(kind in ("commit", "tree") for kind in kinds):
        same = {path for path, name in listed[0].items() if listed[1].get(path) == name}
        listed = [{path: name for path, name in files.items() if path not in same} for files in listed]
    places = [
        _on_disk(one.partition(":")[2]) if files or kind == "blob" else None
        for one, kind, files in zip(given, kinds, listed, strict=True)
    ]
    if {"folder"} < set(kinds) and {"commit"} & set(kinds):
        folder = Path(given[kinds.index("folder")])
        at = kinds.index("commit")
        listed[at], places[at] = _below(listed[at], folder), folder
    before, after = (
        _read(list(_texts(one, kind, files, place, number)), kind in ("file", "blob"), console, namespaces)
        for number, (one, kind, files, place) in enumerate(zip(given, kinds, listed, places, strict=True), start=1)
    )
    return before, after


def _kind(given: str, number: int) -> str:
    """Return what an argument is: file, folder, or the kind of a revision's object. Raises InputError."""
    if given == STDIN:
        return "file"
    if exists(Path(given)):
        _check_is_no_revision(given)
        return "folder" if is_folder(Path(given)) else "file"
    kind = object_kind(given)
    if not kind:
        name = shown_path(Path(given), f"argument {number}")
        raise InputError(
            f"{name}: no file, folder or revision of git", hint="name a file, a folder, REV:path or a revision (HEAD~1)"
        )
    return "commit" if kind == "tag" else kind


def _check_is_no_revision(given: str) -> None:
    """Raise InputError for the name of a file or folder that names a revision too, as git does.

    A pull request may bring a folder `origin/main`, which would be compared in the place of the branch.
    """
    if given.startswith(_PATHS) or not _names_a_revision(given):
        return
    revision, colon, path = given.partition(":")
    clear = f"{revision}^0:{path}" if colon else f"{given}:"
    raise InputError(
        f"{given}: both a {'folder' if is_folder(Path(given)) else 'file'} and a revision of git",
        hint=f"./{given} names the path, {clear} the revision",
    )


def _names_a_revision(given: str) -> bool:
    try:
        return bool(object_kind(given))
    except InputError:  # files are compared without git too
        return False


def _listed(given: str, kind: str) -> Iterator[tuple[str, str]]:
    if kind in ("commit", "tree"):
        yield from files_of(given, SUFFIXES).items()


def _below(files: dict[str, str], folder: Path) -> dict[str, str]:
    """Return the files of a revision that are in a folder of the working tree, by their paths in it."""
    try:
        inside = folder.resolve().relative_to(top_folder(folder).resolve())
    except ValueError:
        raise InputError(f"{folder}: not in this repository", hint="compare folders of one repository") from None
    prefix = "" if inside == Path() else f"{inside.as_posix()}/"
    return {path.removeprefix(prefix): name for path, name in files.items() if path.startswith(prefix)}


def _on_disk(path: str) -> Path | None:
    """Return where a path of a revision is in the working tree; None if there is none."""
    if path.startswith(("./", "../")):
        return Path(path)
    try:
        return top_folder() / path
    except InputError:
        return None


def _texts(given: str, kind: str, files: dict[str, str], place: Path | None, number: int) -> Iterator[_Text]:
    if kind in ("file", "folder"):
        for source in find_sources([given]):
            yield _Text(source, source.relative.as_posix(), source.path)
    elif kind == "blob":
        path = given.rpartition(":")[2]
        label = given if ":" in given else f"argument {number}"
        yield _Text(Source(Path(given), Path(path), label=label), path, place, blob(given))
    else:
        contents = blobs(files)
        for path in files:
            source = Source(Path(path), Path(path), named=False, label=f"{given}:{path}" if kind == "commit" else path)
            yield _Text(source, path, place and place / path, contents[path])


def _read(
    texts: list[_Text],
    is_one_file: bool,  # noqa: FBT001 - a fact, no switch
    console: Console,
    namespaces: Namespaces,
) -> Tree:
    objects: list[Found] = []
    errors: list[CliError] = []
    for text in texts:
        try:
            objects += _objects(text, console, namespaces)
        except (InputError, RefusedError) as error:
            if text.source.named:
                raise
            note(error, text.source, console, errors)
    return Tree(tuple(objects), is_one_file, tuple(errors))


def _objects(text: _Text, console: Console, namespaces: Namespaces) -> list[Found]:
    source = text.source
    if text.content is None:
        content = source.read(console)
    elif not source.named and KIND.encode() not in text.content.replace(b"\0", b""):
        return []
    else:
        content = decode(text.content, source.name)
    with border():
        _, manifests = find_sealed(content, source, console, SEALWRIGHT)
        default = namespaces.projects.settings_for(text.place, source.name).namespace if manifests else ""
        return [
            Found(
                text.path,
                with_namespace(read_sealed_secret(one), namespaces.given, one.place, default),
                native(one.node),
            )
            for one in manifests
        ]
