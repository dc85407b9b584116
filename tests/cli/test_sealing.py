"""Which name, namespace, scope, items and template a Secret gets: the rules that upstream's users know."""

import json
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.support.builders import keyring, sealing_key

from sealwright_cli.messages.errors import InputError
from sealwright_cli.sealed.sealing import SealedFile, SealingRules, seal_text
from sealwright_crypto import Keyring, Scope, SealedSecret, Secret, unseal
from sealwright_manifests.text.documents import join

CERTIFICATE = sealing_key().certificate
CLUSTER_WIDE = "sealedsecrets.bitnami.com/cluster-wide"
NAMESPACE_WIDE = "sealedsecrets.bitnami.com/namespace-wide"


def manifest(items: str = "stringData: {a: b}", metadata: str = "name: db, namespace: team-a", more: str = "") -> str:
    return f"kind: Secret\nmetadata: {{{metadata}}}\n{items}\n{more}"


def sealed(text: str, **rules: Any) -> dict[str, Any]:
    result = seal_text(text, "x", SealingRules(CERTIFICATE, **rules))
    assert result.errors == []
    (document,) = YAML(typ="safe", pure=True).load_all(join(result.documents))
    return dict(document)


def opened(document: dict[str, Any], keys: Keyring | None = None) -> Secret:
    return unseal(SealedSecret.from_dict(document), keys or keyring(), lambda *_: b"").secret


def refused(text: str, **rules: Any) -> SealedFile:
    result = seal_text(text, "x", SealingRules(CERTIFICATE, **rules))
    assert result.errors
    return result


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("stringData: {a: true, b: False, c: TRUE}", {"a": "true", "b": "false", "c": "true"}),
        ("stringData: {a: yes, b: no, c: on, d: Off}", {"a": "true", "b": "false", "c": "true", "d": "false"}),
        ("stringData: {a: 0777, b: 0o17, c: 0089}", {"a": "511", "b": "15", "c": "89"}),
        ("stringData: {a: 1_000, b: 9223372036854775807}", {"a": "1000", "b": "9223372036854775807"}),
        ("stringData: {a: 1.5, b: 1.50, c: 1e3}", {"a": "1.5", "b": "1.50", "c": "1e3"}),
        ("stringData: {a: 12:30, b: 2024-01-01}", {"a": "12:30", "b": "2024-01-01"}),
        ("stringData: {a: null, b: ~, c: }", {"a": "", "b": "", "c": ""}),
        ("stringData: {a: '0777', b: \"yes\", c: !!str 1}", {"a": "0777", "b": "yes", "c": "1"}),
        ("stringData: {on: x, 5: y1}", {"true": "x", "5": "y1"}),
        ("stringData:\n  a: &l text\n  b: *l", {"a": "text", "b": "text"}),
        ("data: {a: YWI=, b: , c: null}", {"a": "ab", "b": "", "c": ""}),
        ("data:\n  a: |\n    YW\n    I=\n", {"a": "ab"}),
        ("data: {a: !!binary WVdJPQ==}", {"a": "ab"}),
        ("data: {a: ZGF0YQ==, b: a2VwdA==}\nstringData: {a: text}", {"a": "text", "b": "kept"}),
        ("stringData: {ключ: č}", {"ключ": "č"}),
    ],
)
def test_items_are_read_as_upstream_reads_them(items: str, expected: dict[str, str]) -> None:
    assert opened(sealed(manifest(items))).items == {name: value.encode() for name, value in expected.items()}


@pytest.mark.parametrize(
    "items",
    ["data: {a: YWI}", "data: {a: _-__}", "data: {a: YW I=}", "data:\n  a: YW\n    I=", "data: {a: '***'}", "data: [a]", "data: x",
     "data: {a: {b: YQ==}}", "stringData: {a: [x]}", "stringData: {? [a] : b}", "data:", "data: {}", "stringData: {~: x}"],
)  # fmt: skip
def test_what_upstream_refuses_is_refused(items: str) -> None:
    assert refused(manifest(items)).documents[0].changed is False


@pytest.mark.parametrize(
    ("metadata", "rules", "scope", "place"),
    [
        ("name: db, namespace: team-a", {}, Scope.STRICT, "team-a/db"),
        ("name: 5, namespace: team-a", {}, Scope.STRICT, "team-a/5"),
        ("name: db", {"namespace": "team-b"}, Scope.STRICT, "team-b/db"),
        ("name: db, namespace: team-a", {"namespace": "team-a"}, Scope.STRICT, "team-a/db"),
        ("name: db, namespace: team-a", {"name": "other"}, Scope.STRICT, "team-a/other"),
        ("namespace: team-a, generateName: db-", {"name": "other"}, Scope.STRICT, "team-a/other"),
        ("name: db, namespace: team-a", {"scope": Scope.NAMESPACE_WIDE}, Scope.NAMESPACE_WIDE, "team-a/db"),
        ("name: db, namespace: team-a", {"scope": Scope.CLUSTER_WIDE}, Scope.CLUSTER_WIDE, "team-a/db"),
        ("name: db", {"scope": Scope.CLUSTER_WIDE, "namespace": "team-b"}, Scope.CLUSTER_WIDE, "/db"),
        ("name: db, namespace: team-a", {"scope": Scope.CLUSTER_WIDE, "namespace": "b"}, Scope.CLUSTER_WIDE, "team-a/db"),
        (f"name: db, annotations: {{{CLUSTER_WIDE}: 'true'}}", {}, Scope.CLUSTER_WIDE, "/db"),
        (f"name: db, namespace: team-a, annotations: {{{NAMESPACE_WIDE}: 'true'}}", {}, Scope.NAMESPACE_WIDE, "team-a/db"),
        (f"name: db, namespace: team-a, annotations: {{{CLUSTER_WIDE}: 'false'}}", {}, Scope.STRICT, "team-a/db"),
        (
            f"name: db, namespace: team-a, annotations: {{{NAMESPACE_WIDE}: 'true'}}",
            {"scope": Scope.CLUSTER_WIDE},
            Scope.CLUSTER_WIDE,
            "team-a/db",
        ),
    ],
)  # fmt: skip
def test_a_secret_is_sealed_for_its_place(metadata: str, rules: dict[str, Any], scope: Scope, place: str) -> None:
    document = sealed(manifest(metadata=metadata), **rules)
    found = SealedSecret.from_dict(document)
    assert (found.scope, f"{found.namespace}/{found.name}") == (scope, place)
    template = document["spec"]["template"]["metadata"]
    assert (template.get("name"), template.get("namespace", "")) == (found.name, found.namespace)
    annotations = template.get("annotations", {})
    assert [annotations.get(name) == "true" for name in (CLUSTER_WIDE, NAMESPACE_WIDE)] == [
        scope is Scope.CLUSTER_WIDE,
        scope is Scope.NAMESPACE_WIDE,
    ]
    assert opened(document).items == {"a": b"b"}


@pytest.mark.parametrize(
    ("written", "scope", "warns"),
    [
        ("'true'", Scope.CLUSTER_WIDE, False),
        ("true", Scope.CLUSTER_WIDE, True),
        ("yes", Scope.CLUSTER_WIDE, True),
        ("'yes'", Scope.STRICT, False),
        ("false", Scope.STRICT, True),
    ],
)
def test_a_bare_annotation_counts_as_text_and_is_warned_of(written: str, scope: Scope, warns: bool) -> None:
    text = f"kind: Secret\nmetadata: {{name: a, namespace: b, annotations: {{{CLUSTER_WIDE}: {written}}}}}\ndata: {{x: ''}}\n"
    result = seal_text(text, "x", SealingRules(sealing_key().certificate))
    assert f"({scope})" in result.done[0]
    about = f"x: metadata.annotations.{CLUSTER_WIDE} is bare, and YAML reads it as a number or boolean"
    assert [warning.startswith(about) for warning in result.warnings] == [True] * warns


@pytest.mark.parametrize(
    ("metadata", "rules", "words"),
    [
        ("namespace: team-a", {}, "no metadata.name"),
        ("namespace: team-a, name: ''", {}, "no metadata.name"),
        ("generateName: a-", {"scope": Scope.CLUSTER_WIDE}, "no metadata.name"),
        ("name: db", {}, "no namespace; strict scope needs one"),
        ("name: db", {"scope": Scope.NAMESPACE_WIDE}, "no namespace; namespace-wide scope needs one"),
        ("name: db, namespace: team-a", {"namespace": "team-b"}, "is team-a, --namespace is team-b"),
        (
            "name: db, namespace: team-a",
            {"namespace": "team-b", "scope": Scope.NAMESPACE_WIDE},
            "is team-a, --namespace is team-b",
        ),
        (f"name: db, annotations: {{{CLUSTER_WIDE}: 'true'}}", {"scope": Scope.STRICT}, "sets cluster-wide scope"),
        ("name: [db]", {}, "metadata.name: expected text, found a list"),
        ("name: db, labels: [a]", {}, "metadata.labels: expected a map"),
    ],
)
def test_a_secret_without_a_place_is_refused(metadata: str, rules: dict[str, Any], words: str) -> None:
    (error,) = refused(manifest(metadata=metadata), **rules).errors
    assert words in error.message


def test_metadata_goes_into_the_template_as_text() -> None:
    metadata = "name: db, namespace: team-a, labels: {rank: 3, empty: '', none: }, annotations: {ratio: 0.5}, finalizers: [a/b]"
    document = sealed(manifest(metadata=metadata, more="type: Opaque\nimmutable: true\n"), hints=False)
    assert document["metadata"] == {"name": "db", "namespace": "team-a"}
    assert document["spec"]["template"] == {
        "metadata": {
            "name": "db",
            "namespace": "team-a",
            "labels": {"rank": "3", "empty": "", "none": ""},
            "annotations": {"ratio": "0.5"},
            "finalizers": ["a/b"],
        },
        "type": "Opaque",
        "immutable": True,
    }


def test_the_books_of_the_server_are_left_behind() -> None:
    kept_by_server = (
        "uid: u, resourceVersion: '9', generation: 1, creationTimestamp: null, selfLink: /x, managedFields: [{a: b}]"
    )
    document = sealed(
        manifest(metadata=f"name: db, namespace: team-a, ownerReferences: [{{uid: u}}], {kept_by_server}")
    )
    assert document["spec"]["template"]["metadata"] == {"name": "db", "namespace": "team-a"}


def test_kinds_of_other_groups_are_not_secrets() -> None:
    text = (
        "apiVersion: example.org/v1\nkind: Secret\n---\napiVersion: v1\nkind: List\nitems: []\n---\n[1, 2]\n---\ntext\n"
    )
    result = seal_text(text, "x", SealingRules(CERTIFICATE))
    assert (result.done, result.errors, result.kinds) == ([], [], {"Secret"})
    assert join(result.documents) == text


@pytest.mark.parametrize("kind", ["List", "SecretList"])
def test_lists_may_lie_in_lists(kind: str) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "team-a"},
        "data": {"a": "Yg=="},
    }
    inner = {"apiVersion": "v1", "kind": kind, "items": [secret]}
    result = seal_text(
        json.dumps({"apiVersion": "v1", "kind": "List", "items": [inner]}), "x", SealingRules(CERTIFICATE)
    )
    assert result.done[0].startswith("x, item 1, item 1: sealed team-a/db (strict)")
    (outer,) = YAML(typ="safe", pure=True).load_all(join(result.documents))
    assert outer["items"][0]["kind"] == "List"
    assert outer["items"][0]["items"][0]["kind"] == "SealedSecret"


def test_a_secret_that_is_an_alias_has_to_be_written_out() -> None:
    text = "kind: List\nitems:\n- &s {kind: Secret, metadata: {name: a, namespace: b}, data: {x: YQ==}}\n- *s\n"
    with pytest.raises(InputError, match="x, item 2: a Secret that is an alias of another one"):
        seal_text(text, "x", SealingRules(CERTIFICATE))
