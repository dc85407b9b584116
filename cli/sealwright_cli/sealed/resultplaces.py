"""Where the results of a verb that seals go, file by file, and what must not be replaced there."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sealwright_cli.files.disk import exists, read_file, real_paths
from sealwright_cli.files.inputs import Source
from sealwright_cli.messages.errors import InputError, RefusedError, UsageError

PlaceFor = Callable[[Source], Path | None]
"""The file for a source's result; None if it goes where the other results go."""


def in_place(source: Source) -> Path | None:
    """Return the source's own file: a `PlaceFor`."""
    return source.path


def below(folder: Path) -> PlaceFor:
    """Return what puts each result below a folder, by the path of its source."""
    return lambda source: None if source.path is None else folder / source.relative


def places(
    sources: Sequence[Source], place_for: PlaceFor, read: Sequence[Source], *, by: str = ""
) -> dict[Source, Path]:
    """Return the file for each source's result; sources without one are left out.

    `read` are all files that are read: unless `by` is empty, which means in place, no result may replace one of them.
    Raises UsageError for that, and for two results in one file; `by` is what says where results go.
    """
    found: dict[Source, Path] = {}
    owners: dict[Path, Source] = {}
    real_path = real_paths()
    inputs = {real_path(source.path) for source in read if source.path is not None}
    for source in sources:
        target = place_for(source)
        if target is None:
            continue
        real = real_path(target)
        if by and real in inputs:
            raise UsageError(f"{by} would overwrite {target}, which is read", hint="use --in-place for that")
        if real in owners:
            raise UsageError(
                f"{owners[real].name} and {source.name} would both be written to {target}",
                hint="seal each into its own folder",
            )
        owners[real], found[source] = source, target
    return found


def went_to(target: str, place: Path | None) -> str:
    """Return the end of the line about a result: for which target it is and in which file, if it has them."""
    return (f", for {target}" if target else "") + (f", in {_from_here(place)}" if place is not None else "")


def _from_here(place: Path) -> Path:
    """Return a place as people in the working folder call it."""
    try:
        folder = Path.cwd()
    except OSError:  # it is gone
        return place
    return place.relative_to(folder) if place.is_relative_to(folder) else place


def holds(target: Path, content: bytes) -> bool:
    """Tell whether a file has this content."""
    try:
        return exists(target) and read_file(target) == content
    except InputError:
        return False


def check_replaceable(target: Path) -> None:
    """Raise RefusedError if an existing file is not an earlier result."""
    problem = ""
    try:
        if exists(target) and b"SealedSecret" not in read_file(target):
            problem = "exists and does not hold a SealedSecret"
    except InputError as error:
        problem = f"exists and cannot be read ({error.message.removeprefix(f'{target}: ')})"
    if problem:
        raise RefusedError(f"{target}: {problem}", hint="move it away, or choose another folder")
