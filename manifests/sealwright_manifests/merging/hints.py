"""The annotation that records which key sealed which item, merged item by item.

An item's key is known from the side whose ciphertext is taken. Where both sides changed an item, it is known if both
name the same key.
"""

from collections.abc import Mapping
from typing import Any

from sealwright_crypto import API_VERSION, HINT_ANNOTATION, KIND, Fingerprint, read_hints, update_hint

PATH = ("metadata", "annotations", HINT_ANNOTATION)
_Items = Mapping[str, str]


def merged_hint(base: Any, ours: Any, theirs: Any) -> str | None:
    """Return the annotation's text for the merged object (plain data of three versions); empty for none.

    None if it need not be merged: no SealedSecret, or only one side changed items or the annotation.
    """
    if not (_is_sealed(ours) and _is_sealed(theirs)):
        return None
    before, own, other = (_sealed(data) for data in (base, ours, theirs))
    if own == other or before in (own, other):
        return None
    known = {}
    # By name, not as a side has them in its file: of several keys with equally many items, the first is the default.
    items = sorted(item for item in {**own[0], **other[0]} if _is_kept(item, before[0], own[0], other[0]))
    for item in items:
        if fingerprint := _key_of(item, before, own, other):
            known[item] = fingerprint
    for text in (before[1], *sorted((own[1], other[1]))):  # keeps a text that says the same
        hints = read_hints({HINT_ANNOTATION: text})
        if text and all(hints.of(item) == known.get(item) for item in items):
            return text
    return update_hint({}, items, known) if known else ""


def _is_kept(item: str, base: _Items, ours: _Items, theirs: _Items) -> bool:
    """Tell whether the merged object has an item: unless a side removed what the other left alone."""
    before, own, other = (items.get(item) for items in (base, ours, theirs))
    return not ((own is None and other == before) or (other is None and own == before))


def _key_of(
    item: str, base: tuple[_Items, str], ours: tuple[_Items, str], theirs: tuple[_Items, str]
) -> Fingerprint | None:
    texts = [side[0].get(item) for side in (base, ours, theirs)]
    before, own, other = (_hint(side, item) for side in (base, ours, theirs))
    if texts[1] == texts[2]:
        news = {one for one in (own, other) if one is not None and one != before}
        if len(news) > 1:
            return None  # one ciphertext has one key: nobody knows who is right
        return news.pop() if news else own or other
    if texts[2] == texts[0]:
        return own
    if texts[1] == texts[0]:
        return other
    if None in texts[1:]:  # a side removed what the other changed
        return other if texts[1] is None else own
    return own if own == other else None


def _hint(side: tuple[_Items, str], item: str) -> Fingerprint | None:
    return read_hints({HINT_ANNOTATION: side[1]}).of(item) if item in side[0] else None


def _is_sealed(data: Any) -> bool:
    return isinstance(data, Mapping) and (data.get("apiVersion"), data.get("kind")) == (API_VERSION, KIND)


def _sealed(data: Any) -> tuple[_Items, str]:
    """Return an object's ciphertexts, and the text of its annotation."""
    items = _at(data, ("spec", "encryptedData"))
    text = _at(data, PATH)
    found = items if isinstance(items, Mapping) else {}
    ciphertexts = {key: value for key, value in found.items() if isinstance(value, str)}
    return ciphertexts, text if isinstance(text, str) else ""


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data
