"""Looks at what Git merged line by line: ciphertexts that only one side wrote, for another object than they are in now.

Which objects belong together is not asked: a ciphertext is looked for in all of a side's.
"""

from collections.abc import Iterator
from typing import Any

from sealwright_manifests.errors import BadManifestError, SyntaxProblemError
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.merging.pieces import Side
from sealwright_manifests.merging.places import Place, Stray, ciphertexts
from sealwright_manifests.merging.words import Conflict, told
from sealwright_manifests.text.documents import read_documents
from sealwright_manifests.text.tree import native

_Ciphertext = tuple[tuple[str, ...], str]


def strays_in(merged: str, ours: str, theirs: str) -> list[Conflict]:
    """Return the ciphertexts in a merged file that do not open there; none if a file cannot be read."""
    try:
        now = list(_places(merged))
        sides = {side: _by_ciphertext(text) for side, text in ((Side.OURS, ours), (Side.THEIRS, theirs))}
    except (BadManifestError, SyntaxProblemError):
        return []
    found: list[Conflict] = []
    for ciphertext, here in now:
        sealed_for = {side: places[ciphertext] for side, places in sides.items() if ciphertext in places}
        labels = {place.label for places in sealed_for.values() for place in places}
        if len(sealed_for) == 1 and here.label not in labels:
            stray = Stray({side: places[0] for side, places in sealed_for.items()}, (here,))
            found.append(told(ciphertext[0], stray))
    return found


def _by_ciphertext(text: str) -> dict[_Ciphertext, list[Place]]:
    found: dict[_Ciphertext, list[Place]] = {}
    for ciphertext, place in _places(text):
        found.setdefault(ciphertext, []).append(place)
    return found


def _places(text: str) -> Iterator[tuple[_Ciphertext, Place]]:
    for data in _objects(text):
        place = Place.of(data)
        yield from ((ciphertext, place) for ciphertext in ciphertexts(data))


def _objects(text: str) -> Iterator[Any]:
    return (native(manifest.node) for manifest in find_manifests(read_documents(text, "")))
