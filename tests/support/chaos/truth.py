"""What the world must be in the end: what people wished, and every difference between that and what is found. Pure."""

import base64
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Object = dict[str, Any]
Items = dict[str, bytes]
Key = tuple[str, str]
"""Namespace and name."""
HAND_VALUE = b"edited by hand"
HAND_LABELS = {"app": "edited"}
"""Labels that people add to Secrets by hand; those that no template has stay."""


@dataclass
class Wish:
    """One SealedSecret as people wrote it last.

    `key` is the fingerprint of the key that it is sealed to. With `refusal`, a reason of the condition, it must be
    refused whatever the keys are. `past` is what its Secret may still hold then. `foreign` is the Secret of somebody
    else that is in the way.
    """

    items: Items
    key: str
    labels: dict[str, str] = field(default_factory=dict)
    refusal: str = ""
    past: list[Items] = field(default_factory=list)
    foreign: Object | None = None
    touched: int = 0
    """How often its Secret was changed by hand."""


@dataclass
class Truth:
    """All wishes; what is not here must not exist. `key_names` are key Secrets that nobody took away."""

    wishes: dict[Key, Wish] = field(default_factory=dict)
    key_names: set[str] = field(default_factory=set)

    def copy(self) -> "Truth":
        """Return a copy that later wishes do not change."""
        return copy.deepcopy(self)


@dataclass
class Found:
    """What is in the cluster. `keys` are the fingerprints of all key Secrets that count, by name."""

    sealed: dict[Key, Object]
    secrets: dict[Key, Object]
    keys: dict[str, str]
    key_names: set[str]


def complaints(truth: Truth, found: Found) -> list[str]:
    """Return every difference between the wishes and the world, in words without values."""
    said = [f"{_name(key)}: its SealedSecret is lost" for key in truth.wishes if key not in found.sealed]
    said += [
        f"{_name(key)}: a SealedSecret that was deleted is there" for key in found.sealed if key not in truth.wishes
    ]
    said += [f"{_name(key)}: a Secret is left over" for key in found.secrets if key not in truth.wishes]
    said += [f"key Secret {name} is lost" for name in sorted(truth.key_names - found.key_names)]
    for key, wish in sorted(truth.wishes.items()):
        if key in found.sealed:
            said += [f"{_name(key)}: {text}" for text in _about(wish, found.sealed[key], found.secrets.get(key), found)]
    prints = list(found.keys.values())
    said += [f"key {one} is stored twice" for one in sorted(set(prints)) if prints.count(one) > 1]
    return said


def _about(wish: Wish, sealed: Object, secret: Object | None, found: Found) -> Iterator[str]:
    synced = _conditions(sealed).get("Synced", {})
    if sealed.get("status", {}).get("observedGeneration") != sealed["metadata"]["generation"]:
        yield "its status is stale"
        return
    is_openable = wish.key in found.keys.values()
    if wish.foreign is not None:
        if secret is None or (secret["metadata"]["uid"], secret.get("data")) != (
            wish.foreign["metadata"]["uid"],
            wish.foreign.get("data"),
        ):
            yield "somebody else's Secret was touched"
        yield from _is_refused(sealed, "NotManaged", "NoKey", *wish.refusal.split(" or "))
    elif wish.refusal:
        yield from _is_refused(sealed, *wish.refusal.split(" or "), *([] if is_openable else ["NoKey"]))
        yield from _holds_one_of(secret, wish.past, by_hand=bool(wish.touched))
    elif is_openable:
        if synced.get("status") != "True":
            yield f"it is not synced, but {synced.get('status')}: {synced.get('reason')} {synced.get('message')}"
        yield from _is_right(wish, sealed, secret)
    elif synced.get("status") == "True":
        yield from _is_right(wish, sealed, secret)
    else:  # its key is gone, before it was opened or after its Secret was
        yield from _is_refused(sealed, "NoKey")
        yield from _holds_one_of(secret, [*wish.past, wish.items], by_hand=bool(wish.touched))


def _is_right(wish: Wish, sealed: Object, secret: Object | None) -> Iterator[str]:
    if secret is None:
        yield "its Secret is lost"
        return
    metadata = secret["metadata"]
    if items_of(secret) != wish.items:
        yield "its Secret is stale" if items_of(secret) in wish.past else "its Secret is wrong"
    labels = metadata.get("labels", {})
    if labels not in (wish.labels, HAND_LABELS | wish.labels):
        yield f"its Secret has the labels {labels}, not {wish.labels}"
    if [owner["uid"] for owner in metadata.get("ownerReferences", [])] != [sealed["metadata"]["uid"]]:
        yield "its Secret belongs to somebody else"
    if metadata.get("deletionTimestamp"):
        yield "its Secret is being deleted"
    if "Stalled" in _conditions(sealed):
        yield "it is synced and stalled"


def _is_refused(sealed: Object, *reasons: str) -> Iterator[str]:
    conditions = _conditions(sealed)
    synced, stalled = conditions.get("Synced", {}), conditions.get("Stalled", {})
    if synced.get("status") != "False" or synced.get("reason") not in reasons:
        yield f"it is {synced.get('status')} for {synced.get('reason')}, not refused for {' or '.join(reasons)}"
    elif stalled.get("status") != "True":
        yield "it is refused and not stalled"


def _holds_one_of(secret: Object | None, allowed: list[Items], *, by_hand: bool) -> Iterator[str]:
    """A Secret that cannot be made again stays as it is, with what people changed in it."""
    if secret is None or items_of(secret) in allowed:
        return
    values = {value for items in allowed for value in items.values()} | {HAND_VALUE}
    if not by_hand or not values.issuperset(items_of(secret).values()):
        yield "its Secret holds what it never should have held"


def items_of(secret: Mapping[str, Any]) -> Items:
    """Return the decoded items of a Secret."""
    return {name: base64.b64decode(value) for name, value in (secret.get("data") or {}).items()}


def is_failing(sealed: Object) -> bool:
    """Tell whether the status of a SealedSecret says that it fails."""
    return bool(_conditions(sealed).get("Synced", {}).get("status") == "False")


def _conditions(sealed: Object) -> dict[str, Object]:
    return {each["type"]: each for each in sealed.get("status", {}).get("conditions", [])}


def _name(key: Key) -> str:
    return "/".join(key)
