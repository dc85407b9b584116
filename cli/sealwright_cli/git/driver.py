"""Merges three versions of a file as a merge driver of Git: by items, else by lines as Git itself does.

Nothing is ever lost: what is merged in neither way stands between conflict markers.
"""

from pathlib import Path

from sealwright_cli.files.disk import read_file, write_file
from sealwright_cli.git.repository import attempt
from sealwright_cli.messages.errors import InputError
from sealwright_cli.messages.ui import Console
from sealwright_conventions.records import record
from sealwright_crypto import KIND
from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.merging.afterwards import strays_in
from sealwright_manifests.merging.streams import MergedText, merge_texts
from sealwright_manifests.merging.words import About, Conflict
from sealwright_manifests.text.decoding import Coding, decoded
from sealwright_manifests.text.documents import read_documents

_BINARY = 128
"""git merge-file ends with more than this if it cannot merge, and with the number of conflicts else."""
_DECIDE = {
    About.ITEM: "keep one of the two between the markers, or seal the value again",
    About.PLACE: "keep what was sealed for this name, namespace and scope, or remove both and seal the value again",
    About.FIELD: "edit the file: keep what is right between the markers, and remove them",
}


@record
class Versions:
    """The files that Git gives a driver: `ours` gets the result. `path` is what messages call the merged file."""

    base: Path
    ours: Path
    theirs: Path
    path: str
    marker_size: int


def merge_versions(versions: Versions, console: Console) -> bool:
    """Merge into `versions.ours`; return whether there was no conflict. Raises CliError if a file cannot be used."""
    contents = [read_file(one) for one in (versions.base, versions.ours, versions.theirs)]
    merged = _by_items(contents, versions.marker_size)
    if merged is None:
        return _by_lines(versions, contents, console)
    base, ours, theirs = (Coding.of(content) for content in contents)
    write_file(versions.ours, (theirs if ours == base or not contents[1] else ours).encode(merged.text))
    for conflict in merged.conflicts:
        console.error(InputError(f"{versions.path}: conflict: {conflict.words}", hint=_DECIDE[conflict.about]))
    return not merged.conflicts


def _by_items(contents: list[bytes], marker_size: int) -> MergedText | None:
    try:
        base, ours, theirs = (decoded(content, "") for content in contents)
        return merge_texts(base, ours, theirs, marker_size)
    except BadManifestError:
        return None
    except Exception:  # noqa: BLE001 - whatever is wrong with it, Git can still merge by lines
        return None


def _by_lines(versions: Versions, contents: list[bytes], console: Console) -> bool:
    """Merge as Git does. A result without conflicts that is broken as a manifest counts as a conflict too."""
    options = [f"--marker-size={versions.marker_size}", "-L", "ours", "-L", "base", "-L", "theirs"]
    files = [str(one.absolute()) for one in (versions.ours, versions.base, versions.theirs)]
    status, _, _ = attempt("merge-file", *options, *files)
    if status >= _BINARY:
        console.error(InputError(f"{versions.path}: conflict: no text; ours was kept", hint="choose one of the two"))
        return False
    if status or not any(KIND.encode() in content for content in contents):
        return not status
    merged = read_file(versions.ours)
    if all(_is_readable(content) for content in contents) and not _is_readable(merged):
        words = f"{versions.path}: conflict: merged line by line, and the result cannot be read as a manifest"
        console.error(InputError(words, hint="correct it by hand, then git add it"))
        return False
    strays = _strays(merged, *contents[1:])
    for stray in strays:
        words = f"{versions.path}: conflict: merged line by line, {stray.words}"
        console.error(InputError(words, hint="seal the value again, then git add the file"))
    return not strays


def _strays(*contents: bytes) -> list[Conflict]:
    """Return what does not open in the first of three files (merged, ours, theirs); none if one cannot be read."""
    try:
        return strays_in(*(decoded(content, "") for content in contents))
    except BadManifestError:
        return []


def _is_readable(content: bytes) -> bool:
    try:
        read_documents(decoded(content, ""), "")
    except BadManifestError:
        return False
    return True
