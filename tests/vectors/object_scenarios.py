"""Scenarios of whole SealedSecrets: scopes, hints, several keys, the deprecated form, and fields of the wrong shape."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.vectors.scenarios import (
    ANNOTATION,
    HINT,
    Scenario,
    fails,
    fingerprint,
    manifest,
    opens,
    parts,
    secret,
)

USER, PASSWORD = b"app", b"hunter2"
MOVED, RENAMED = {"namespace": "team-b", "name": "db"}, {"namespace": "team-a", "name": "cache"}
THREE_KEYS = ("new-2048", "old-2048", "other-2048")


def all_object_scenarios() -> dict[str, Scenario]:
    """Return every scenario under the name of its file."""
    named: dict[str, Scenario] = {}
    for name, scenario in itertools.chain(
        opening(), scopes(), smuggled(), hints(), failures(), legacy(), legacy_contents(), shapes()
    ):
        assert name not in named, name
        named[name] = scenario
    return named


def sealed(scope: str = "strict", to: str = "new-2048", **values: bytes) -> dict[str, str]:
    """Return ciphertexts for team-a/db."""
    return {key: parts(value, to=to, scope=scope).text for key, value in values.items()}


def opening() -> Iterator[tuple[str, Scenario]]:
    """What comes out besides the values."""
    pair = sealed(user=USER, password=PASSWORD)
    made = secret({"user": USER, "password": PASSWORD})
    yield "two-items", opens("Two items.", manifest(pair), made, operations=2)
    yield "no-items", opens("No items at all.", manifest({}), secret({}), operations=0)
    yield (
        "no-template",
        opens("The template may be absent.", manifest(pair, template=None), made, operations=2),
    )
    template = {
        "metadata": {"name": "other", "namespace": "elsewhere", "labels": {"app": "db"}, "annotations": {"note": "x"}},
        "type": "example.org/pair",
        "immutable": True,
    }
    dressed = secret(
        {"user": USER, "password": PASSWORD},
        metadata={"labels": {"app": "db"}, "annotations": {"note": "x"}},
        type="example.org/pair",
        immutable=True,
    )
    yield (
        "template-metadata",
        opens(
            "Labels, annotations, type and immutable come from the template; name and namespace never do.",
            manifest(pair, template=template),
            dressed,
            operations=2,
        ),
    )
    swapped = {"user": pair["password"], "password": pair["user"]}
    yield (
        "items-swapped",
        opens(
            "Two ciphertexts have changed places: the format does not bind an item to its name.",
            manifest(swapped),
            secret({"user": PASSWORD, "password": USER}),
            operations=2,
        ),
    )


def scopes() -> Iterator[tuple[str, Scenario]]:
    """The object's own annotations say the scope, and only the exact text "true" counts."""
    made = secret({"password": PASSWORD})
    strict, wide, everywhere = (
        sealed(scope, password=PASSWORD) for scope in ("strict", "namespace-wide", "cluster-wide")
    )
    says_wide, says_everywhere = {ANNOTATION + "namespace-wide": "true"}, {ANNOTATION + "cluster-wide": "true"}

    def refused(about: str, *arguments: Any, **keywords: Any) -> Scenario:
        return fails(
            about, manifest(*arguments, **keywords), "UnsealError", operations=1, items=["password"], damaged=[]
        )

    yield "scope-strict", opens("Strict is the default.", manifest(strict), made, operations=1)
    yield "scope-strict-moved", refused("A strict object in another namespace.", strict, place=MOVED)
    yield "scope-strict-renamed", refused("A strict object under another name.", strict, place=RENAMED)
    yield (
        "scope-namespace-wide",
        opens("Namespace-wide.", manifest(wide, annotations=says_wide), made, operations=1),
    )
    yield (
        "scope-namespace-wide-renamed",
        opens(
            "A namespace-wide object under another name.",
            manifest(wide, annotations=says_wide, place=RENAMED),
            secret({"password": PASSWORD}, place=RENAMED),
            operations=1,
        ),
    )
    yield (
        "scope-namespace-wide-moved",
        refused("A namespace-wide object in another namespace.", wide, annotations=says_wide, place=MOVED),
    )
    yield (
        "scope-cluster-wide-moved",
        opens(
            "A cluster-wide object in another namespace.",
            manifest(everywhere, annotations=says_everywhere, place=MOVED),
            secret({"password": PASSWORD}, place=MOVED),
            operations=1,
        ),
    )
    yield (
        "scope-both-annotations",
        opens(
            "Both annotations: cluster-wide wins.",
            manifest(everywhere, annotations=says_wide | says_everywhere),
            made,
            operations=1,
        ),
    )
    yield (
        "scope-cluster-wide-false",
        opens(
            "Cluster-wide is false, so namespace-wide counts.",
            manifest(wide, annotations=says_wide | {ANNOTATION + "cluster-wide": "false"}),
            made,
            operations=1,
        ),
    )
    for name, value in {"capital": "True", "space": " true", "yes": "yes", "one": "1", "boolean": True}.items():
        yield (
            f"scope-not-exactly-true-{name}",
            opens(
                f"The value {value!r} is not the text true: strict.",
                manifest(strict, annotations={ANNOTATION + "cluster-wide": value}),
                made,
                operations=1,
            ),
        )
    yield (
        "scope-widened",
        refused(
            "Somebody wrote the cluster-wide annotation onto a strict object.", strict, annotations=says_everywhere
        ),
    )
    yield (
        "scope-annotation-removed",
        refused("Somebody took the annotation off a cluster-wide object.", everywhere),
    )
    yield (
        "scope-without-name",
        fails("A strict object without a name.", manifest(strict, place={"namespace": "team-a"}), "ScopeError"),
    )


def smuggled() -> Iterator[tuple[str, Scenario]]:
    """The template's annotations never decide a scope (CVE-2026-22728)."""
    cluster_wide = {ANNOTATION + "cluster-wide": "true"}
    template = {"metadata": {"annotations": cluster_wide}}
    strict, everywhere = sealed(password=PASSWORD), sealed("cluster-wide", password=PASSWORD)
    made = secret({"password": PASSWORD}, metadata={"annotations": cluster_wide})
    yield (
        "template-scope-ignored",
        opens(
            "The template says cluster-wide; the object is strict and opens in its place.",
            manifest(strict, template=template),
            made,
            operations=1,
        ),
    )
    refused = {"error": "UnsealError", "operations": 1, "items": ["password"], "damaged": []}
    yield (
        "template-scope-ignored-moved",
        fails("…and not elsewhere.", manifest(strict, template=template, place=MOVED), **refused),
    )
    yield (
        "template-scope-alone",
        fails(
            "Cluster-wide ciphertexts, and only the template says so.",
            manifest(everywhere, template=template),
            **refused,
        ),
    )


def hints() -> Iterator[tuple[str, Scenario]]:
    """A hint changes the number of private-key operations and nothing else."""
    three = {"a": b"1", "b": b"2", "c": b"3"}
    items = sealed(to="other-2048", **three)
    mixed = items | sealed(to="old-2048", b=b"2")
    other, old, new = (fingerprint(name) for name in ("other-2048", "old-2048", "new-2048"))

    def case(about: str, items: dict[str, str], hint: str | None, operations: int) -> Scenario:
        annotations = None if hint is None else {HINT: hint}
        return opens(
            about, manifest(items, annotations=annotations), secret(three), operations=operations, keys=THREE_KEYS
        )

    yield "hint-none", case("No hint: the second item begins with the first one's key.", items, None, 5)
    yield "hint-right", case("A right hint: one operation an item.", items, other, 3)
    yield (
        "hint-mixed-keys",
        case("Items sealed to two keys, each hinted.", mixed, f"{other}; {old}: b", 3),
    )
    yield "hint-loose-spelling", case("Spaces and order in a hint do not matter.", mixed, f" {old} :b ;{other};", 3)
    yield (
        "hint-mixed-keys-none",
        case("Items sealed to two keys, no hint: each change of key is found by trying.", mixed, None, 9),
    )
    yield "hint-wrong", case("A wrong hint costs at most one operation an item more.", items, old, 7)
    yield "hint-unknown-key", case("A hint to a key that is not there costs nothing.", items, "0" * 64, 5)
    yield "hint-upper-case", case("A fingerprint in upper case is none.", items, other.upper(), 5)
    malicious = ";".join([new, f"{old}: a, b, c", *(f"{number:064x}: a, b, c" for number in range(40)), ":::", ",;,"])
    yield "hint-malicious", case("A hint made to waste time.", items, malicious, 5)
    yield "hint-junk", case("A hint that is no hint.", items, "\0 ; true : : , <script> " + "9" * 63, 5)
    yield (
        "hint-in-template",
        opens(
            "A hint in the template is no hint, and travels on like any annotation.",
            manifest(items, template={"metadata": {"annotations": {HINT: other}}}),
            secret(three, metadata={"annotations": {HINT: other}}),
            operations=5,
            keys=THREE_KEYS,
        ),
    )


def failures() -> Iterator[tuple[str, Scenario]]:
    """One failing item fails the object, and all failing items are named."""
    good = sealed(user=USER)
    foreign = sealed(to="other-2048", password=PASSWORD, token=b"t")
    cut = replace(parts(PASSWORD), payload=b"").text
    yield (
        "fails-one-of-three",
        fails(
            "Two of three items were sealed to another key.",
            manifest(good | foreign),
            "UnsealError",
            operations=3,
            items=["password", "token"],
            damaged=[],
        ),
    )
    yield (
        "fails-damaged-and-foreign",
        fails(
            "One item is cut off, one was sealed to another key, one is good.",
            manifest(good | foreign | {"cut": cut}),
            "UnsealError",
            operations=3,
            items=["cut", "password", "token"],
            damaged=["cut"],
        ),
    )
    yield (
        "fails-empty-item",
        fails("An item is empty.", manifest({"password": ""}), "UnsealError", items=["password"], damaged=["password"]),
    )
    yield (
        "fails-never-sealed",
        fails(
            "An item is the plain value in base64.",
            manifest({"password": "aHVudGVyMg=="}),
            "UnsealError",
            items=["password"],
            damaged=["password"],
        ),
    )


def legacy() -> Iterator[tuple[str, Scenario]]:
    """The deprecated form: one ciphertext of a whole Secret in spec.data."""
    inner = secret(
        {"user": USER, "password": PASSWORD},
        place={"namespace": "elsewhere", "name": "other"},
        type="Opaque",
        metadata={"labels": {"app": "db"}, "uid": "1"},
    )
    blob = whole(inner)
    made = secret({"user": USER, "password": PASSWORD}, type="Opaque", metadata={"labels": {"app": "db"}})
    refused = {"error": "UnsealError", "items": ["spec.data"]}
    yield (
        "legacy",
        opens(
            "Items, labels and type come from within; name and namespace from the outside.",
            old_form(blob),
            made,
            operations=1,
        ),
    )
    yield (
        "legacy-moved",
        fails("In another namespace.", old_form(blob, place=MOVED), **refused, operations=1, damaged=[]),
    )
    yield (
        "legacy-hint",
        opens(
            "A hint works for this form too.",
            old_form(whole(inner, to="other-2048"), annotations={HINT: fingerprint("other-2048")}),
            made,
            operations=1,
            keys=THREE_KEYS,
        ),
    )
    yield (
        "legacy-damaged",
        fails("It is cut off.", old_form(blob[:40]), **refused, damaged=["spec.data"]),
    )
    yield (
        "legacy-and-items",
        fails(
            "Both forms together.",
            manifest(sealed(user=USER), data=blob),
            "ManifestError",
            path="spec",
        ),
    )
    yield (
        "legacy-empty",
        opens(
            "An empty spec.data is none.", manifest(sealed(user=USER), data=""), secret({"user": USER}), operations=1
        ),
    )


def legacy_contents() -> Iterator[tuple[str, Scenario]]:
    """The author of a ciphertext chooses what is in it, so it may hold anything."""
    contents = {
        "not-json": (b"hunter2", "spec.data", "It holds a value and no Secret."),
        "not-utf8": (b"\xff\xfe\x00", "spec.data", "It holds bytes that are no text."),
        "json-list": (b'["hunter2"]', "spec.data", "It holds JSON, but no map."),
        "deep-json": (b"[" * 100_000, "spec.data", "It holds JSON nested without end."),
        "other-kind": (b'{"kind": "ConfigMap", "apiVersion": "v1"}', "kind", "It holds another kind of object."),
        "data-is-a-list": (b'{"data": ["hunter2"]}', "data", "The Secret in it has data of the wrong shape."),
        "value-not-base64": (b'{"data": {"password": "hunter2!"}}', "data.password", "A value in it is not base64."),
        "half-a-surrogate": (
            b'{"stringData": {"password": "hunter2\\ud800"}}',
            "stringData.password",
            "A value in it is no text that UTF-8 could carry.",
        ),
    }
    for name, (plaintext, path, about) in contents.items():
        scenario = fails(about, old_form(parts(plaintext).text), "ManifestError", operations=1, path=path)
        yield f"legacy-{name}", scenario
    yield (
        "legacy-kind-left-out",
        opens(
            "The Secret in it may leave out apiVersion and kind.",
            old_form(parts(b'{"data": {"password": "aHVudGVyMg=="}}').text),
            secret({"password": PASSWORD}),
            operations=1,
        ),
    )


def whole(inner: dict[str, Any], to: str = "new-2048") -> str:
    """Seal a whole Secret into one ciphertext."""
    return parts(json.dumps(inner).encode(), to=to).text


def old_form(ciphertext: str, **special: Any) -> dict[str, Any]:
    """Build a SealedSecret of the deprecated form."""
    return manifest({}, data=ciphertext, **special)


def shapes() -> Iterator[tuple[str, Scenario]]:
    """Fields of the wrong shape are named, and nothing is decrypted."""
    good = sealed(user=USER)
    wrong = {
        "other-kind": (manifest(good) | {"kind": "Secret"}, "kind"),
        "other-version": (manifest(good) | {"apiVersion": "bitnami.com/v1"}, "kind"),
        "spec-is-text": (manifest() | {"spec": "x"}, "spec"),
        "metadata-is-a-list": (manifest(good) | {"metadata": []}, "metadata"),
        "items-are-a-list": (manifest(encryptedData=["x"]), "spec.encryptedData"),
        "item-is-null": (manifest({"user": None}), "spec.encryptedData.user"),
        "item-is-a-number": (manifest({"user": 7}), "spec.encryptedData.user"),
        "item-is-a-map": (manifest({"user": {"a": "b"}}), "spec.encryptedData.user"),
        "annotations-are-text": (manifest(good, annotations="x"), "metadata.annotations"),
        "name-is-a-number": (manifest(good, place={"namespace": "team-a", "name": 7}), "metadata.name"),
        "legacy-is-a-map": (manifest(data={}), "spec.data"),
        "template-is-a-list": (manifest(good, template=["x"]), "spec.template"),
        "template-label-is-a-number": (
            manifest(good, template={"metadata": {"labels": {"a": 1}}}),
            "spec.template.metadata.labels.a",
        ),
        "template-type-is-a-number": (manifest(good, template={"type": 1}), "spec.template.type"),
        "template-immutable-is-text": (manifest(good, template={"immutable": "true"}), "spec.template.immutable"),
        "template-data-is-a-number": (manifest(good, template={"data": {"a": 1}}), "spec.template.data.a"),
    }
    for name, (sealed_secret, path) in wrong.items():
        yield f"shape-{name}", fails(f"{path} is not what it should be.", sealed_secret, "ManifestError", path=path)
