"""Objects of a cluster as an API server gives them: how they are read, what is decided, and what is said of them."""

import json
from random import Random
from typing import Any

from hypothesis import strategies as st
from tests.support.builders import NOW, stored
from tests.support.spoiling import spoiled as drawn_spoiled
from tests.support.testkeys import key, ring

from sealwright_controller.kube import boundedjson
from sealwright_controller.objects import status
from sealwright_controller.objects.decide import Action, controller_uid, decide, is_settled
from sealwright_controller.objects.forms import Form
from sealwright_controller.objects.guards import Guards
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.renderer.templates import TemplateRendering
from sealwright_manifests.text.bounds import MAX_DEPTH
from tools.fuzz.mutating import spoiled
from tools.fuzz.targets.sealed import manifest as made_of
from tools.fuzz.targets.target import Target

_PLAINTEXT = "correct horse battery staple"
_TEMPLATE = {
    "type": "Opaque",
    "immutable": False,
    "metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}, "finalizers": ["x.io/y"]},
    "data": {"text": "x{{ .password }}"},
}
_NAMES = [
    "metadata", "spec", "status", "name", "namespace", "labels", "annotations", "ownerReferences", "uid", "generation", "template",
    "encryptedData", "data", "conditions", "type", "reason", "observedGeneration", "secret", "keyFingerprints", "immutable",
    "sealedsecrets.bitnami.com/cluster-wide", "sealedsecrets.bitnami.com/managed", "sealwright.dev/suspend", "sealwright.dev/retry",
]  # fmt: skip
_WORDS = [
    b'"',
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"managedFields":[',
    b'},"spec":{',
    b'},"status":{',
    b"1e999",
    b"\xff",
]


def sealed_object() -> Target:
    """Return the target of the rules: they never raise, and what they say, unless it is the Secret, holds no value."""
    sealed = made_of(
        {"password": _PLAINTEXT.encode()},
        key("small-1024").certificate,
        template=_TEMPLATE,
        labels={"app.kubernetes.io/instance": "blue"},
        annotations={"sealedsecrets.bitnami.com/cluster-wide": "false", "sealwright.dev/retry": "1"},
        ownerReferences=[{"kind": "App", "uid": "a", "controller": True}],
    )
    said = status.success(
        {}, generation=1, secret_uid="s", secret_version="7", scope="strict", fingerprints=["f"], now=NOW
    )  # fmt: skip
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "db",
            "namespace": "team-a",
            "uid": "s",
            "resourceVersion": "7",
            "annotations": {"sealedsecrets.bitnami.com/patch": "true"},
            "ownerReferences": [{"kind": "SealedSecret", "uid": "uid-1", "controller": True}],
        },
        "type": "Opaque",
        "data": {"password": "eA=="},
    }
    pair = {"object": stored(sealed) | {"status": said}, "existing": secret}
    keyring = ring("small-1024")

    def check(data: bytes) -> None:
        found = _loaded(data)
        manifest, existing = (found.get(name) if isinstance(found, dict) else None for name in ("object", "existing"))
        if not _is_from_gateway(manifest):
            return
        assert isinstance(manifest, dict)
        usual = existing if _is_from_gateway(existing) else None
        for one in (None, secret, usual):
            decision = decide(manifest, one, keyring, TemplateRendering(), guards=Guards(allow_finalizers=True))
            json.dumps(decision.secret)
            assert _PLAINTEXT not in f"{decision!r} {decision.message}"
            assert (decision.action is Action.REFUSE) == bool(decision.message)
        is_settled(manifest, ("s", "7"))
        controller_uid(usual or {})
        Form.of(manifest)
        _say(manifest)

    def make(random: Random) -> bytes:
        made = dict(pair)
        for name in random.choice((["object"], ["object"], ["existing"], ["object", "existing"])):
            made[name] = spoiled(random, pair[name], _NAMES)
        return json.dumps(made).encode()

    drawn = st.builds(
        lambda one, other: json.dumps({"object": one, "existing": other}).encode(),
        drawn_spoiled(pair["object"]),
        drawn_spoiled(secret),
    )
    return Target("sealed-object", check, [json.dumps(pair).encode()], _WORDS, make, drawn)


def _is_from_gateway(manifest: Any) -> bool:
    """Tell whether a gateway would give such an object: these four are texts in it."""
    metadata = manifest.get("metadata") if isinstance(manifest, dict) else None
    identity = ("name", "namespace", "uid", "resourceVersion")
    return isinstance(metadata, dict) and all(isinstance(metadata.get(name), str) for name in identity)


def _say(manifest: dict[str, Any]) -> None:
    """Write every status that there is over the one of an object."""
    previous = status.status_of(manifest)
    made = [
        status.success(previous, generation=1, secret_uid="s", secret_version="8", scope="strict", fingerprints=[], now=NOW, unknown=["x"]),
        status.failure(previous, generation=1, reason=Reason.NO_KEY, message="\ud800" * 2000, now=NOW),
        status.with_missing_keys(previous, status.needed_keys(manifest), NOW),
        status.suspended(previous, NOW),
        status.drifted(previous, ["data"], NOW),
        status.drifted(previous, ["it is gone"], NOW, missing=True),
        status.told_to_wait(previous, "later") or status.suspended(previous, NOW),
    ]  # fmt: skip
    for one in made:
        json.dumps(one)
        assert not status.differs({**previous, **one}, one)
        status.overlaid(manifest, status.own_part(one))
        assert status.said({"conditions": status.restated(previous, status.said(one), NOW)}) == status.said(one)
    status.is_current(manifest)
    status.turned_at(previous)
    status.recorded_secret(manifest)


def answer() -> Target:
    """Return the target of the API server's JSON: what Python reads well is read alike, all else is a ValueError."""
    sealed = stored(made_of({"a": b"x"}, key("small-1024").certificate))
    sealed["metadata"]["managedFields"] = [{"manager": "x", "fieldsV1": {"f:spec": {}}}]
    listed = {"kind": "List", "metadata": {"resourceVersion": "1"}, "items": [sealed, sealed]}
    event = {"type": "ADDED", "object": sealed}

    def check(data: bytes) -> None:
        read: dict[str, Any] = {}
        for name in ("read_json", "read_object", "read_event", "read_list"):
            try:
                read[name] = getattr(boundedjson, name)(data)
                if name == "read_list":
                    list(read[name].objects)
            except ValueError:
                pass
        plain = _loaded(data)
        if plain is None or _depth(plain) > MAX_DEPTH:
            return
        assert _same(read["read_json"], plain)
        if isinstance(plain, dict) and read["read_object"].is_whole:
            assert _same(read["read_object"].manifest, plain)

    def make(random: Random) -> bytes:
        made = spoiled(random, random.choice((sealed, listed, event)), [*_NAMES, "items", "object", "managedFields"])
        compact = random.random() < 0.7
        return json.dumps(made, separators=(",", ":") if compact else None, ensure_ascii=random.random() < 0.5).encode(
            "utf-8", "surrogatepass"
        )

    examples = [json.dumps(one, separators=(",", ":")).encode() for one in (sealed, listed, event)]
    drawn = st.one_of(drawn_spoiled(sealed), drawn_spoiled(listed), drawn_spoiled(event))
    return Target("answer", check, examples, _WORDS, make, drawn.map(lambda made: json.dumps(made).encode()))


def _loaded(data: bytes) -> Any:
    """Return JSON as Python reads it; None for what is no UTF-8, no JSON, or nested too deep for Python."""
    try:
        return json.loads(data.decode())
    except (ValueError, RecursionError):
        return None


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return depth


def _same(one: Any, other: Any) -> bool:
    """Compare plain data, in which NaN equals itself."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
