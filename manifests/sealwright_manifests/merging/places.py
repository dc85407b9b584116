"""What ciphertexts are sealed for: the name, namespace and scope of their object (docs/concepts/scopes.md).

A merged object has them from one side or from both, and a ciphertext that only the other side wrote may not open in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sealwright_conventions.records import record
from sealwright_crypto import API_VERSION, KIND, Scope, scope_of
from sealwright_manifests.merging.pieces import Side

ITEMS = ("spec", "encryptedData")
LEGACY = ("spec", "data")
_Path = tuple[str, ...]


@record
class Place:
    """What an object's ciphertexts are sealed for; a name is empty if the file does not give it."""

    scope: Scope
    namespace: str
    name: str

    @classmethod
    def of(cls, data: Any) -> "Place":
        """Return the place of an object (plain data)."""
        metadata = _map(_map(data).get("metadata"))
        annotations = _map(metadata.get("annotations"))
        # A bare true is read as its text, as everywhere.
        scope = scope_of({name: "true" if value is True else value for name, value in annotations.items()})
        namespace, name = (metadata.get(field) for field in ("namespace", "name"))
        return cls(scope, *("" if one is None else str(one) for one in (namespace, name)))

    @property
    def label(self) -> tuple[str, ...]:
        """What of it a ciphertext is bound to: where this is the same, it opens. A name that is not given is another.

        This is crypto's label, except that a place without the names that it needs has one too.
        """
        match self.scope:
            case Scope.STRICT:
                return self.scope, self.namespace, self.name
            case Scope.NAMESPACE_WIDE:
                return self.scope, self.namespace
        return (self.scope,)


@record
class Stray:
    """A ciphertext that does not open in the merged object: for what each side sealed it, and what the object is.

    The object is several things if both sides changed its name, namespace or scope differently.
    """

    sealed_for: Mapping[Side, Place]
    here: Sequence[Place]

    def alone(self) -> str:
        """Say it of a ciphertext of one side."""
        return f"it was sealed for {self._called(*self.sealed_for.values())}, {self._here()}"

    def beside(self) -> str:
        """Say it of the ciphertexts of both sides that do not open."""
        sides = [f"{side.value} was sealed for {self._called(place)}" for side, place in self.sealed_for.items()]
        return f"{' and '.join(sides)}, {self._here()}"

    def _here(self) -> str:
        return f"and the object is {self._called(*self.here)} here"

    def _called(self, *places: Place) -> str:
        has_scopes = any(one.scope is not Scope.STRICT for one in (*self.sealed_for.values(), *self.here))
        named = ("/".join(filter(None, (one.namespace, one.name))) or "no name" for one in places)
        scopes = (f" ({one.scope})" if has_scopes else "" for one in places)
        return " or ".join(dict.fromkeys(map("".join, zip(named, scopes, strict=True))))


def is_elsewhere(ours: Any, theirs: Any) -> bool:
    """Tell whether ciphertexts of one version of an object do not open in the other."""
    return Place.of(ours).label != Place.of(theirs).label


def strays(versions: tuple[Any, Any, Any], merged: Sequence[Any]) -> dict[_Path, Stray]:
    """Return the ciphertexts that do not open in the merged object, by path (plain data of base, ours and theirs).

    `merged` is what the object may become, as its conflicts are decided. A ciphertext that both sides have is none of
    them: it opens as well, or as badly, as before.
    """
    here = {place.label: place for place in map(Place.of, merged)}
    places = {side: Place.of(data) for side, data in zip(Side, versions[1:], strict=True)}
    elsewhere = {side: place for side, place in places.items() if set(here) != {place.label}}
    before, own, other = (dict(ciphertexts(data)) for data in versions)
    found: dict[_Path, Stray] = {}
    for path in {**own, **other}:
        texts = {Side.OURS: own.get(path), Side.THEIRS: other.get(path)}
        if texts[Side.OURS] == texts[Side.THEIRS]:
            continue
        is_changed = any(text == before.get(path) for text in texts.values())
        written = [side for side, text in texts.items() if text and not (is_changed and text == before.get(path))]
        if sealed_for := {side: elsewhere[side] for side in written if side in elsewhere}:
            found[path] = Stray(sealed_for, tuple(here.values()))
    return found


def ciphertexts(data: Any) -> Iterator[tuple[_Path, str]]:
    """Yield the ciphertexts of a SealedSecret (plain data), each with its path; nothing of other objects."""
    if (_map(data).get("apiVersion"), _map(data).get("kind")) != (API_VERSION, KIND):
        return
    spec = _map(data.get("spec"))
    found = {(*ITEMS, name): text for name, text in _map(spec.get(ITEMS[-1])).items()} | {LEGACY: spec.get(LEGACY[-1])}
    for path, text in found.items():
        if isinstance(text, str) and text.strip():
            yield path, text.strip()


def _map(data: Any) -> Mapping[Any, Any]:
    return data if isinstance(data, Mapping) else {}
