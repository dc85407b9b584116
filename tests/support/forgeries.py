"""Statuses that somebody who may write them writes over the controller's: what to merge into the status of an object.

Each is untrue of some objects. Those of another generation, and the empty ones, are untrue of all.
"""

from collections.abc import Callable
from typing import Any

Object = dict[str, Any]
Forge = Callable[[Object], Object]
"""From a SealedSecret, with or without a status, to a merge patch of its status."""
_TIME = "2020-01-01T00:00:00Z"


def well(sealed: Object) -> Object:
    """Say that all is well."""
    return {"conditions": [{**_synced(sealed), "status": "True", "reason": "Unsealed", "message": ""}]}


def ill(sealed: Object) -> Object:
    """Say that no key opens it."""
    failed = {**_synced(sealed), "status": "False", "reason": "NoKey", "message": "forged"}
    return {"conditions": [failed, {**failed, "type": "Stalled", "status": "True"}]}


def not_stalled(sealed: Object) -> Object:
    """Leave out that it is stalled."""
    return {"conditions": [entry for entry in _conditions(sealed) if entry["type"] != "Stalled"]}


def without_conditions(sealed: Object) -> Object:
    """Say nothing."""
    return {"conditions": []}


def never_seen(sealed: Object) -> Object:
    """Take everything away, as if no controller had ever seen it."""
    return dict.fromkeys(sealed.get("status", {}))


def well_before(sealed: Object) -> Object:
    """Say that all was well in the generation before, or that it was never observed."""
    return {**well(sealed), "observedGeneration": _generation(sealed) - 1}


def well_later(sealed: Object) -> Object:
    """Say that all is well in a generation that there is not yet."""
    return {**well(sealed), "observedGeneration": _generation(sealed) + 5}


def ill_later(sealed: Object) -> Object:
    """Say that no key opens a generation that there is not yet."""
    return {**ill(sealed), "observedGeneration": _generation(sealed) + 5}


def never_observed(sealed: Object) -> Object:
    """Let the conditions stay, and say that no generation was observed."""
    return {"observedGeneration": -1}


ALL: tuple[Forge, ...] = (
    well,
    ill,
    not_stalled,
    without_conditions,
    never_seen,
    well_before,
    well_later,
    ill_later,
    never_observed,
)


def _conditions(sealed: Object) -> list[Object]:
    found: list[Object] = sealed.get("status", {}).get("conditions", [])
    return found


def _synced(sealed: Object) -> Object:
    usual = {"type": "Synced", "lastTransitionTime": _TIME, "lastUpdateTime": _TIME}
    return next((entry for entry in _conditions(sealed) if entry["type"] == "Synced"), usual)


def _generation(sealed: Object) -> int:
    return int(sealed["metadata"]["generation"])
