"""What people are told of the conflicts of a merge."""

from collections.abc import Collection, Iterator, Mapping
from enum import Enum

from sealwright_conventions.records import record
from sealwright_manifests.merging.pieces import Block, Clash, Side, clashes
from sealwright_manifests.merging.places import ITEMS, LEGACY, Stray

_Path = tuple[str, ...]


class About(Enum):
    """What a conflict is about, which decides what to do."""

    ITEM = "an item"
    PLACE = "an item that was sealed for another name, namespace or scope"
    FIELD = "anything else"


@record
class Conflict:
    """A conflict, in words that do not repeat a value."""

    words: str
    about: About


def conflicts_of(block: Block, changed: Collection[_Path], strays: Mapping[_Path, Stray]) -> Iterator[Conflict]:
    """Yield the conflicts of a document: `changed` by both sides at these paths, or in the way of stray ciphertexts."""
    for path, clash in clashes(block):
        if path in changed:
            stray = strays.get(path)
            words = f"{_called(path)} {_how(clash)}{f'; {stray.beside()}' if stray else ''}"
            yield Conflict(words, _about(path, stray))
            continue
        # Where items stand on one line, the clash is around all of them.
        inside = [path] if path in strays else [one for one in strays if one[: len(path)] == path]
        yield from (told(one, strays[one]) for one in inside)


def told(path: _Path, stray: Stray) -> Conflict:
    """Return the conflict of a ciphertext that only one side wrote."""
    return Conflict(f"{_called(path)}: {stray.alone()}", About.PLACE)


def _about(path: _Path, stray: Stray | None) -> About:
    if stray:
        return About.PLACE
    return About.ITEM if path[: len(ITEMS)] == ITEMS or path == LEGACY else About.FIELD


def _called(path: _Path) -> str:
    if path[: len(ITEMS)] == ITEMS and len(path) == len(ITEMS) + 1:
        return f"item {path[-1]}"
    return ".".join(path)


def _how(clash: Clash) -> str:
    if clash.ours is None or clash.theirs is None:
        gone, changed = (Side.OURS, Side.THEIRS) if clash.ours is None else (Side.THEIRS, Side.OURS)
        return f"was removed by {gone.value} and changed by {changed.value}"
    return "was changed differently by both sides"
