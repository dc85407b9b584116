"""What a cluster tells of an object that would not unseal: its status, the Secret of its name, the controller's answer.

Two controllers write such a status: Sealwright's with a reason and upstream's with its words alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sealwright_cli.explaining.causes import Cause, Likelihood, Why, command
from sealwright_cli.explaining.ciphertexts import joined
from sealwright_cli.explaining.evidence import ClusterState, Evidence
from sealwright_cli.explaining.keys import lost_keys
from sealwright_cli.explaining.places import seal_again
from sealwright_crypto import KIND

_MANAGED = "sealedsecrets.bitnami.com/managed"
_PATCH = "sealedsecrets.bitnami.com/patch"
_SUSPEND = "sealwright.dev/suspend"
_MAX_WORDS = 300
_OF_KEYS = ("NoKey", "ErrUnsealFailed")
_NO_KEY = "no key could decrypt"
_ADVICE = {
    "PolicyDenied": "read the policy that the message names, and change the SealedSecret, or have the policy changed",
    "WebhookDenied": "change the SealedSecret to what the webhook allows, or ask the webhook's operator",
    "WebhookUnavailable": "ask the webhook's operator to restore it",
    "QuotaExceeded": "delete objects that you do not need, or raise the quota",
    "Forbidden": "grant the controller's ServiceAccount the right that the message names",
    "ItemNameInvalid": "rename the item that the message names",
    "Immutable": "delete the Secret; the controller makes it again",
    "TooLarge": "seal fewer or smaller items, or split them over several SealedSecrets",
    "TypeRefused": "give spec.template another type, or have the controller's --allow-secret-types changed",
    "SecretMissing": "delete the SealedSecret and apply it again; the controller then makes the Secret",
    "Contended": "find out who else writes this Secret (its metadata.managedFields), and stop one of the two",
}


def told_by_cluster(evidence: Evidence, state: ClusterState) -> Iterator[Cause]:
    """Yield the causes that the state of the cluster shows."""
    if state.live is not None and not state.live:
        yield _not_there(evidence)
    elif state.live:
        yield from _of_live(evidence, state, state.live)
    if state.refusal:
        yield from _refused(evidence, state, state.refusal)
    if state.secret and not _is_ours(state.secret, evidence, state.live):
        yield _in_the_way(evidence, state.secret)


def _not_there(evidence: Evidence) -> Cause:
    sealed = evidence.sealed
    return Cause(
        Why.NOT_APPLIED,
        Likelihood.CERTAIN,
        f"the cluster has no {KIND} {sealed.name} in namespace {sealed.namespace}",
        (),
        (),
        "apply it; if a tool such as Flux or Argo CD does so, look at its state",
        (command("kubectl", "apply", *_n(evidence), "-f", evidence.file),),
    )


def _of_live(evidence: Evidence, state: ClusterState, live: Mapping[str, Any]) -> Iterator[Cause]:
    metadata, status = _map(live, "metadata"), _map(live, "status")
    if differing := _differing(evidence, live):
        yield Cause(
            Why.NOT_APPLIED,
            Likelihood.CERTAIN,
            "the cluster has another version of it than the file",
            tuple(differing),
            (f"spec.encryptedData differs in {len(differing)} of its items",),
            "apply it; if a tool such as Flux or Argo CD does so, look at its state",
            (command("kubectl", "apply", *_n(evidence), "-f", evidence.file),),
        )
    if str(_map(metadata, "annotations").get(_SUSPEND, "")).lower() == "true":
        yield Cause(
            Why.SUSPENDED,
            Likelihood.CERTAIN,
            f"the annotation {_SUSPEND} keeps the controller from it",
            mend=(command("kubectl", *_n(evidence), "annotate", "sealedsecret", evidence.sealed.name, f"{_SUSPEND}-"),),
        )
        return
    seen, generation = status.get("observedGeneration"), metadata.get("generation")
    if isinstance(generation, int) and seen != generation:
        yield _not_processed(evidence, seen)
        return
    for condition in _list(status, "conditions"):
        if condition.get("type") == "Synced" and condition.get("status") == "False":
            yield from _failed(evidence, state, condition)


def _not_processed(evidence: Evidence, seen: object) -> Cause:
    what = "its last change" if isinstance(seen, int) and seen > 0 else "it"
    return Cause(
        Why.NOT_PROCESSED,
        Likelihood.LIKELY,
        f"the controller has not processed {what} yet",
        (),
        (f"status.observedGeneration is {seen if isinstance(seen, int) else 'missing'}, metadata.generation is newer",),
        "look whether the controller runs, and whether it watches this namespace",
        (
            "kubectl -n kube-system get pods -l name=sealed-secrets-controller",
            command("kubectl", *_n(evidence), "describe", "sealedsecret", evidence.sealed.name),
        ),
    )


def _failed(evidence: Evidence, state: ClusterState, condition: Mapping[str, Any]) -> Iterator[Cause]:
    """Yield the cause that a failed condition tells; one about keys is left to what knows more, if it does."""
    reason, message = str(condition.get("reason") or ""), _short(condition.get("message"))
    about_keys = _NO_KEY in message or (reason in _OF_KEYS and not message)
    if about_keys and state.refusal is not None:
        return
    where = (f"condition Synced: {reason}: {message}", *(f"event: {one}" for one in list(state.events)[:3]))
    if about_keys:
        yield from _unopened(evidence, state, where)
    elif reason == "NotManaged" or "is not managed" in message or "already exists" in message:
        if not state.secret:
            yield _in_the_way(evidence, {}, where)
    elif reason.startswith("Template"):
        yield Cause(
            Why.TEMPLATE, Likelihood.CERTAIN, "a template fails in the cluster", (), where,
            "correct the template; render shows what it makes",
            (f"sealwright render {evidence.file}",),
        )  # fmt: skip
    else:
        named = evidence.sealed.name
        mend = (command("kubectl", *_n(evidence), "delete", "secret", named),) if reason == "Immutable" else ()
        describe = command("kubectl", *_n(evidence), "describe", "sealedsecret", named)
        yield Cause(
            Why.BLOCKED,
            Likelihood.CERTAIN,
            f"the controller could not make the Secret ({reason or 'no reason given'})",
            (),
            where,
            _ADVICE.get(reason, "correct what the message names, and apply the SealedSecret again"),
            mend or (describe,),
        )


def _refused(evidence: Evidence, state: ClusterState, refusal: str) -> Iterator[Cause]:
    events = tuple(f"event: {one}" for one in list(state.events)[:3])
    yield from _unopened(evidence, state, (f"the controller: {_short(refusal)}", *events))


def _unopened(evidence: Evidence, state: ClusterState, where: Sequence[str]) -> Iterator[Cause]:
    if state.keys is not None and (lost := list(lost_keys(evidence, state.keys, "in the cluster"))):
        yield from lost
        return
    words = " ".join(where)
    items = tuple(item for item in evidence.ciphertexts if item in words)
    yield Cause(
        Why.OTHER_KEY,
        Likelihood.LIKELY,
        "no key of the cluster opens it: it was sealed for another cluster, name, namespace or scope",
        items,
        tuple(where),
        "seal the values again, with this cluster's certificate and for this name and namespace",
        tuple(seal_again(evidence, items or tuple(evidence.ciphertexts))),
    )


def _in_the_way(evidence: Evidence, secret: Mapping[str, Any], where: tuple[str, ...] = ()) -> Cause:
    sealed = evidence.sealed
    owners = [f"{one.get('kind')} {one.get('name')}" for one in _list(secret, "ownerReferences")]
    whose = (f"it belongs to {', '.join(owners)}",) if owners else ("it has no owner",) if secret else ()
    return Cause(
        Why.BLOCKED,
        Likelihood.CERTAIN,
        f"a Secret {sealed.name} exists that does not belong to the SealedSecret",
        (),
        (*whose, *where),
        "remove that Secret, or let the controller take it over",
        (command("kubectl", *_n(evidence), "annotate", "secret", sealed.name, f"{_MANAGED}=true"),),
    )


def _is_ours(secret: Mapping[str, Any], evidence: Evidence, live: Mapping[str, Any] | None) -> bool:
    """Tell whether the controller may write a Secret: it is the object's own, or given to it."""
    annotations = _map(secret, "annotations")
    if "true" in (annotations.get(_MANAGED), annotations.get(_PATCH)):
        return True
    uid = _map(live or {}, "metadata").get("uid")
    return any(
        one.get("kind") == KIND and one.get("name") == evidence.sealed.name and uid in (None, one.get("uid"))
        for one in _list(secret, "ownerReferences")
    )


def _differing(evidence: Evidence, live: Mapping[str, Any]) -> list[str]:
    spec = _map(live, "spec")
    there = {key: joined(str(text)) for key, text in _map(spec, "encryptedData").items()}
    here = {key: joined(text) for key, text in evidence.sealed.items.items()}
    return sorted(key for key in {*there, *here} if there.get(key) != here.get(key))


def _n(evidence: Evidence) -> list[str]:
    return ["-n", evidence.sealed.namespace] if evidence.sealed.namespace else []


def _short(text: object) -> str:
    words = " ".join(str(text or "").split())
    return words if len(words) <= _MAX_WORDS else f"{words[:_MAX_WORDS]}…"


def _map(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = parent.get(key)
    return found if isinstance(found, Mapping) else {}


def _list(parent: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = parent.get(key)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
