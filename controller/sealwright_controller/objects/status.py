"""The status of a SealedSecret: what is written after each decision, and what an earlier one says. Pure.

Besides upstream's fields (`conditions`, `observedGeneration`), a success leaves a record of how the Secret was made:
`secret` (uid and resourceVersion of the Secret, and the generation), `scope` and `keyFingerprints`. An object whose
record still matches is settled and needs no work at a restart. A failure also has the condition Stalled, by which
kstatus (Flux, Helm) recognises it; see docs/adr/0020-health.md.
"""

import itertools
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sealwright_controller.objects.metadata import metadata_of
from sealwright_controller.objects.reasons import Reason
from sealwright_crypto import Fingerprint

SYNCED = "Synced"
STALLED = "Stalled"
"""A condition of kstatus that is True while the object fails, with reason, message and times of Synced, else absent."""
KEY_MISSING = "KeyMissing"
"""A condition that is True while a key with which the Secret was made is not in use, else absent."""
UNKNOWN_FIELD = "UnknownField"
"""A condition that is True while the template has fields that Kubernetes does not have, else absent."""
SUSPENDED = "Suspended"
"""A condition that is True while an annotation stops the work on the object, else absent."""
DRIFTED = "Drifted"
"""A condition that is True while the Secret differs and is left so, else absent."""
MAX_FIELDS = 10
MAX_FIELD_CHARACTERS = 60
"""The length of an unknown field in a message; an author chooses its name."""
MAX_ID_CHARACTERS = 64
"""The length of the uid and resourceVersion in a record; Kubernetes' uids have 36 characters."""
MAX_FINGERPRINTS = 100
"""How many are read from an untrusted status."""
MAX_MESSAGE_CHARACTERS = 1024
"""The length of a condition's message: the API's limit for an Event's."""
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_OWN = (SYNCED, STALLED, SUSPENDED, DRIFTED, KEY_MISSING, UNKNOWN_FIELD)
_TIMES = ("lastTransitionTime", "lastUpdateTime")
_SAID = ("type", "status", "reason", "message")
_RECORD = ("secret", "scope", "keyFingerprints")

Status = Mapping[str, Any]
Said = tuple[tuple[Any, ...], ...]
"""What Sealwright's conditions of a status say: type, status, reason and message of each, without times."""


def success(
    previous: Status,
    *,
    generation: int,
    secret_uid: str,
    secret_version: str,
    scope: str,
    fingerprints: Iterable[str],
    now: datetime,
    unknown: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the status of an object whose Secret is up to date. `now` is aware.

    `unknown` are ignored fields of its template; they are reported in a separate condition.
    """
    outcome = _outcome(previous, generation, Reason.UNSEALED, "", now)
    if named := ", ".join(each[:MAX_FIELD_CHARACTERS] for each in itertools.islice(unknown, MAX_FIELDS)):
        message = f"spec.template.metadata has fields that Kubernetes does not have, they are ignored: {named}"
        told = _warning(UNKNOWN_FIELD, message, now)
        outcome["conditions"].insert(1, told)
    return {
        **outcome,
        "secret": {"uid": secret_uid, "resourceVersion": secret_version, "generation": generation},
        "scope": scope,
        "keyFingerprints": sorted(set(fingerprints)),
    }


def failure(previous: Status, *, generation: int, reason: Reason, message: str, now: datetime) -> dict[str, Any]:
    """Return the status of an object whose Secret could not be made. `now` is aware.

    The record of an earlier success is not part of it, and stays because the status is merged. The fingerprints are
    removed: they are not those of the failed form and would mislead a search.
    """
    message = message.encode(errors="replace").decode()  # as the API server does, or the status would always differ
    written = _outcome(previous, generation, reason, shortened(message), now)
    written["conditions"].insert(1, _stalled(written["conditions"][0]))
    return {**written, "keyFingerprints": []} if previous.get("keyFingerprints") else written


def with_missing_keys(previous: Status, missing: Iterable[str], now: datetime) -> dict[str, Any]:
    """Return the conditions of a synced object; `missing` are its keys that are not in use. `now` is aware."""
    missing = tuple(missing)
    others = [entry for entry in _conditions(previous) if entry.get("type") not in (SYNCED, STALLED, KEY_MISSING)]
    if not missing:
        return {"conditions": [synced_condition(previous), *others]}
    return {"conditions": [synced_condition(previous), _warning(KEY_MISSING, about_missing(missing), now), *others]}


def about_missing(keys: Iterable[str]) -> str:
    """Return what to say about the keys of a synced object that are not in use, and what to do."""
    return shortened(
        f"sealing key {', '.join(keys)} is no longer in use: the Secret stays, but cannot be made again; "
        "restore the key from a backup, or seal the SealedSecret again"
    )


def needed_keys(manifest: Mapping[str, Any]) -> tuple[Fingerprint, ...]:
    """Return the keys with which the Secret of a synced object was made, according to its status."""
    status = status_of(manifest)
    found = status.get("keyFingerprints")
    if not isinstance(found, list) or synced_condition(status).get("status") != "True":
        return ()
    texts = (each for each in found[:MAX_FINGERPRINTS] if isinstance(each, str))
    return tuple(Fingerprint(each) for each in texts if _FINGERPRINT.fullmatch(each))


def says_key_missing(status: Status) -> bool:
    """Tell whether a status says that a key is missing."""
    return any(entry.get("type") == KEY_MISSING for entry in _conditions(status))


def suspended(previous: Status, now: datetime) -> dict[str, Any]:
    """Return the conditions of an object whose work is stopped: those before, and one that says so. `now` is aware.

    What Synced and Stalled say stays, since it stays true of the generation that was observed. Synced is Unknown if the
    object was never processed.
    """
    message = "the annotation sealwright.dev/suspend stops all work on this SealedSecret; its Secret stays as it is"
    told = _warning(SUSPENDED, message, now)
    others = [entry for entry in _conditions(previous) if entry.get("type") not in (SYNCED, SUSPENDED)]
    synced = synced_condition(previous) or {**told, "type": SYNCED, "status": "Unknown"}
    return {"conditions": [synced, *others, told]}


def drifted(previous: Status, fields: Iterable[str], now: datetime, *, missing: bool = False) -> dict[str, Any]:
    """Return the conditions of an object whose Secret somebody else changed in these fields, and which stays so.

    A Secret that differs is there, so the object stays synced. One that is `missing` is not: the object fails, and the
    record and the keys stay, because they are those of its present form. `now` is aware.
    """
    message = f"somebody else changed the Secret ({', '.join(fields)}); --drift=report leaves it so"
    reason = Reason.MISSING if missing else Reason.UNSEALED
    replaced = (SYNCED, STALLED, SUSPENDED, DRIFTED)
    others = [entry for entry in _conditions(previous) if entry.get("type") not in replaced]
    synced = _synced(previous, reason, message if missing else "", now)
    stalled = [_stalled(synced)] if missing else []
    return {"conditions": [synced, *stalled, _warning(DRIFTED, message, now), *others]}


def says_secret_missing(manifest: Mapping[str, Any]) -> bool:
    """Tell whether the status says that the Secret of this generation was deleted and is left so."""
    found = synced_condition(status_of(manifest))
    is_missing = (found.get("status"), found.get("reason")) == ("False", Reason.MISSING.value)
    return is_missing and is_current(manifest) and not says_suspended(status_of(manifest))


def was_well(status: Status) -> bool:
    """Tell whether a status says that the Secret was made, even if somebody deleted it since and it is left so."""
    found = synced_condition(status)
    return found.get("status") == "True" or found.get("reason") == Reason.MISSING.value


def says_suspended(status: Status) -> bool:
    """Tell whether a status says that the work on the object is stopped."""
    return any(entry.get("type") == SUSPENDED for entry in _conditions(status))


def told_to_wait(manifest: Mapping[str, Any], note: str) -> dict[str, Any] | None:
    """Return the status of an object whose change is not looked at yet: the present one with this note added.

    A new generation is in progress, so Stalled is removed. What does not raise the generation (a retry that an
    annotation asks for) leaves it, or a failing object would be taken for ready. None if there is nothing to write: the
    note is there already, or there is no condition to add it to.
    """
    previous = status_of(manifest)
    before = synced_condition(previous)
    said = before.get("message")
    if not before or not isinstance(said, str) or said.endswith(note):
        return None
    kept = shortened(said, MAX_MESSAGE_CHARACTERS - len(note) - len("; "))
    condition = {**before, "message": f"{kept}; {note}" if kept else note}
    still_fails = is_current(manifest) and before.get("status") == "False"
    stalled = [_stalled(condition)] if still_fails else []
    return {"conditions": [condition, *stalled, *_foreign_conditions(previous)]}


def shortened(message: str, max_characters: int = MAX_MESSAGE_CHARACTERS) -> str:
    """Return the beginning of a message, because an author's names may make it a megabyte long."""
    return message if len(message) <= max_characters else message[: max_characters - 1] + "…"


def differs(previous: Status, new: Status) -> bool:
    """Tell whether writing `new` over `previous` would change more than times.

    A missing record is not a change where the cluster's CRD keeps none: sealed-secrets' own CRD drops unknown fields.
    The CRD is such a one if the status has a condition but lacks the record that was written with it.
    """
    told_well = synced_condition(previous).get("reason") == Reason.UNSEALED.value
    dropped = told_well and not any(name in previous for name in _RECORD)
    compared = [name for name in new if not (dropped and name in _RECORD)]
    return any(_without_times(previous.get(name)) != _without_times(new[name]) for name in compared)


def synced_condition(status: object) -> Mapping[str, Any]:
    """Return the Synced condition of an untrusted status; empty if there is none."""
    return next((entry for entry in _conditions(status) if entry.get("type") == SYNCED), {})


def turned_at(status: object) -> datetime | None:
    """Return when the Synced condition took its current value, or None if the status does not say."""
    said = synced_condition(status).get("lastTransitionTime")
    try:
        return datetime.strptime(said, _TIME).replace(tzinfo=UTC) if isinstance(said, str) else None
    except ValueError:
        return None


def is_current(manifest: Mapping[str, Any]) -> bool:
    """Tell whether an object's status is about its present generation, success or failure."""
    status = status_of(manifest)
    condition = synced_condition(status).get("status")
    return condition in ("True", "False") and status.get("observedGeneration") == generation_of(manifest)


def is_of_another_generation(manifest: Mapping[str, Any]) -> bool:
    """Tell whether a status says itself that it is about a generation that is not the present one."""
    observed = status_of(manifest).get("observedGeneration")
    return isinstance(observed, int) and observed > 0 and observed != generation_of(manifest)


def is_synced(manifest: Mapping[str, Any], scope: str) -> bool:
    """Tell whether the status says that this generation was synced under this scope."""
    status = status_of(manifest)
    well = synced_condition(status).get("status") == "True" and is_current(manifest)
    return well and status.get("scope") == scope


def is_settled(manifest: Mapping[str, Any], scope: str) -> bool:
    """Tell whether the status says that this generation was synced under this scope, and has nothing to be removed."""
    return is_synced(manifest, scope) and not needs_sweep(manifest) and not says_suspended(status_of(manifest))


def needs_sweep(manifest: Mapping[str, Any]) -> bool:
    """Tell whether a controller that ignores the condition Stalled wrote Synced, so that the two do not fit.

    A synced object still has it, or a failed one has none.
    """
    status = status_of(manifest)
    synced = synced_condition(status).get("status")
    stalled = any(entry.get("type") == STALLED for entry in _conditions(status))
    return (synced == "True" and stalled) or (synced == "False" and not stalled)


def recorded_secret(manifest: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return uid and resourceVersion of the Secret as it was last written, or None without a usable record.

    Longer texts than Kubernetes' own are not usable, because anyone who may write statuses may write a megabyte there.
    """
    record = status_of(manifest).get("secret")
    if not isinstance(record, Mapping):
        return None
    uid, version = record.get("uid"), record.get("resourceVersion")
    if not isinstance(uid, str) or not isinstance(version, str):
        return None
    return (uid, version) if max(len(uid), len(version)) <= MAX_ID_CHARACTERS else None


def is_record_of_generation(manifest: Mapping[str, Any], scope: str) -> bool:
    """Tell whether the record is of this generation and scope, even if something has failed since."""
    status = status_of(manifest)
    record = status.get("secret")
    generation = record.get("generation") if isinstance(record, Mapping) else None
    return generation == generation_of(manifest) and status.get("scope") == scope


def says_made(manifest: Mapping[str, Any]) -> bool:
    """Tell whether the conditions alone say that this generation's Secret was made; every cluster keeps them."""
    return was_well(status_of(manifest)) and is_current(manifest)


def says_made_under(manifest: Mapping[str, Any], scope: str) -> bool:
    """Tell whether this generation was synced under this scope, as far as the cluster keeps the scope."""
    return says_made(manifest) and status_of(manifest).get("scope") in (None, scope)


def was_made_of(
    manifest: Mapping[str, Any], secret_uid: object, *, scope: str, fingerprints: Iterable[str], owned: bool
) -> bool:
    """Tell whether a Secret was made from this generation, scope and keys, whatever happened since.

    Where the cluster's CRD keeps no record, this relies on the condition and on `owned` (the object controls the
    Secret).
    """
    status = status_of(manifest)
    record = status.get("secret")
    if not isinstance(record, Mapping):
        return owned and says_made(manifest)
    # A failure in between removed the fingerprints; the ciphertexts of one generation open with the same keys.
    keys = status.get("keyFingerprints") or sorted(set(fingerprints))
    made_of = (record.get("uid"), record.get("generation"), status.get("scope"), keys)
    return made_of == (secret_uid, generation_of(manifest), scope, sorted(set(fingerprints)))


def said(status: Status) -> Said:
    """Return what Sealwright's conditions of a status say."""
    own = own_part(status)["conditions"]
    return tuple(tuple(entry.get(field) for field in _SAID) for entry in own)


def restated(previous: Status, what: Said, now: datetime) -> list[Mapping[str, Any]]:
    """Return the conditions of a status in which Sealwright's say this, what `said` returned. `now` is aware."""
    stamp = now.strftime(_TIME)
    own = [{**dict(zip(_SAID, each, strict=True)), **dict.fromkeys(_TIMES, stamp)} for each in what]
    return [*own, *_foreign_conditions(previous)]


def own_part(status: Status) -> dict[str, Any]:
    """Return a status that was made here, without others' conditions."""
    own = [entry for entry in _conditions(status) if entry.get("type") in _OWN]
    return {**status, "conditions": own}


def overlaid(manifest: Mapping[str, Any], own: Status) -> dict[str, Any]:
    """Return an object as if `own`, an `own_part`, had been written into its status."""
    before = status_of(manifest)
    conditions = [*own["conditions"], *_foreign_conditions(before)]
    return {**manifest, "status": {**before, **own, "conditions": conditions}}


def status_of(manifest: Mapping[str, Any]) -> Status:
    """Return an object's status, empty if it is missing or not a map."""
    status = manifest.get("status")
    return status if isinstance(status, Mapping) else {}


def generation_of(manifest: Mapping[str, Any]) -> int:
    """Return an object's generation, 0 if it has none."""
    generation = metadata_of(manifest).get("generation")
    return generation if isinstance(generation, int) else 0


def _outcome(previous: Status, generation: int, reason: Reason, message: str, now: datetime) -> dict[str, Any]:
    condition = _synced(previous, reason, message, now)
    # First in the list, because the printer columns show the first; others' conditions stay.
    return {"observedGeneration": generation, "conditions": [condition, *_foreign_conditions(previous)]}


def _synced(previous: Status, reason: Reason, message: str, now: datetime) -> dict[str, Any]:
    value = "True" if reason is Reason.UNSEALED else "False"
    stamp = now.strftime(_TIME)
    before = synced_condition(previous)
    since = before.get("lastTransitionTime")
    turned = since if before.get("status") == value and isinstance(since, str) and since else stamp
    return {
        "type": SYNCED,
        "status": value,
        "reason": reason.value,
        "message": message,
        "lastTransitionTime": turned,
        "lastUpdateTime": stamp,
    }


def _stalled(synced: Mapping[str, Any]) -> dict[str, Any]:
    return {**synced, "type": STALLED, "status": "True"}


def _warning(kind: str, message: str, now: datetime) -> dict[str, Any]:
    """Return a condition that is present, with status True, as long as a problem lasts."""
    stamp = now.strftime(_TIME)
    return {
        "type": kind,
        "status": "True",
        "reason": kind,
        "message": shortened(message),
        "lastTransitionTime": stamp,
        "lastUpdateTime": stamp,
    }


def _foreign_conditions(status: object) -> list[Mapping[str, Any]]:
    return [entry for entry in _conditions(status) if entry.get("type") not in _OWN]


def _conditions(status: object) -> list[Mapping[str, Any]]:
    entries = status.get("conditions") if isinstance(status, Mapping) else None
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []


def _without_times(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _without_times(entry) for key, entry in value.items() if key not in _TIMES}
    if isinstance(value, list):
        return [_without_times(entry) for entry in value]
    return value
