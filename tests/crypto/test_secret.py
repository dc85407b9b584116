"""A v1 Secret: what is read from a manifest, what is left out, what is written."""

import pytest

from sealwright_crypto import ManifestError, Secret


def manifest(**fields):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "team-a"}} | fields


VALUES = [
    ("no data", {}, {}),
    ("null data", {"data": None, "stringData": None}, {}),
    ("base64", {"data": {"a": "aHVudGVyMg=="}}, {"a": b"hunter2"}),
    ("base64 folded into lines", {"data": {"a": "aHVu\r\ndGVy\nMg==\n"}}, {"a": b"hunter2"}),
    ("base64 with loose bits, which Kubernetes reads too", {"data": {"a": "aHVudGVyMh=="}}, {"a": b"hunter2"}),
    ("binary", {"data": {"a": "AP8="}}, {"a": b"\x00\xff"}),
    ("an empty value", {"data": {"a": ""}}, {"a": b""}),
    ("null values", {"data": {"a": None}, "stringData": {"b": None}}, {"a": b"", "b": b""}),
    ("plain text", {"stringData": {"a": "密碼\n"}}, {"a": "密碼\n".encode()}),
    ("plain text wins", {"data": {"a": "YQ==", "b": "Yg=="}, "stringData": {"a": "A"}}, {"a": b"A", "b": b"b"}),
]


@pytest.mark.parametrize(("fields", "items"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES])
def test_values(fields, items):
    assert Secret.from_dict(manifest(**fields)).items == items


def test_place_type_and_immutable():
    secret = Secret.from_dict(manifest(type="kubernetes.io/tls", immutable=False))
    assert (secret.namespace, secret.name, secret.type, secret.immutable) == (
        "team-a",
        "db",
        "kubernetes.io/tls",
        False,
    )


@pytest.mark.parametrize("fields", [{}, {"type": None, "immutable": None}, {"type": ""}])
def test_what_is_not_said_is_none(fields):
    secret = Secret.from_dict({"apiVersion": "v1", "kind": "Secret"} | fields)
    assert (secret.namespace, secret.name, secret.type, secret.immutable) == ("", "", None, None)
    assert secret.metadata == secret.annotations == {}


WRONG = [
    ("another kind", {"kind": "ConfigMap"}, "kind", "not a v1 Secret"),
    ("another version", {"apiVersion": "v2"}, "kind", "not a v1 Secret"),
    ("metadata is a list", {"metadata": []}, "metadata", "expected a map, found a list"),
    ("the name is a number", {"metadata": {"name": 7}}, "metadata.name", "expected text, found a number"),
    ("the namespace is a flag", {"metadata": {"namespace": True}}, "metadata.namespace", "found true or false"),
    ("a label is a number", {"metadata": {"labels": {"v": 1.5}}}, "metadata.labels.v", "found a number"),
    (
        "an annotation is null",
        {"metadata": {"annotations": {"n": None}}},
        "metadata.annotations.n",
        r"nothing \(null\)",
    ),
    ("a key is a number", {"data": {7: "x"}}, "data", "expected text as key, found a number"),
    ("a key is half a character", {"data": {"\ud800": "x"}}, "data", "half a surrogate pair"),
    ("data is text", {"data": "x"}, "data", "expected a map, found text"),
    ("a value is a map", {"data": {"a": {"b": "c"}}}, "data.a", "expected base64 text, found a map"),
    ("a value is bytes", {"data": {"a": b"x"}}, "data.a", "expected base64 text, found something else"),
    ("a value is no base64", {"data": {"a": "hunter2!"}}, "data.a", "not base64; plain text belongs under stringData"),
    ("a value holds a space", {"data": {"a": "aHVu dGVyMg=="}}, "data.a", "not base64"),
    ("a value lacks its padding", {"data": {"a": "aHVudGVyMg"}}, "data.a", "not base64"),
    ("a value is not ASCII", {"data": {"a": "é"}}, "data.a", "not base64"),
    ("a plain value is a number", {"stringData": {"port": 5432}}, "stringData.port", "expected text, found a number"),
    ("a plain value is a list", {"stringData": {"a": ["x"]}}, "stringData.a", "expected text, found a list"),
    ("a plain value is half a character", {"stringData": {"a": "x\ud83d"}}, "stringData.a", "half a surrogate pair"),
    ("the type is a number", {"type": 1}, "type", "expected text, found a number"),
    ("immutable is text", {"immutable": "true"}, "immutable", "expected true or false, found text"),
]


@pytest.mark.parametrize(("fields", "path", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_field_of_the_wrong_shape_is_named(fields, path, words):
    with pytest.raises(ManifestError, match=words) as caught:
        Secret.from_dict(manifest(**fields))
    assert caught.value.path == path


BOOKKEEPING = {
    "creationTimestamp": "2024-01-01T00:00:00Z",
    "deletionGracePeriodSeconds": 30,
    "deletionTimestamp": "2024-01-01T00:00:00Z",
    "generation": 3,
    "managedFields": [{"manager": "kubectl"}],
    "ownerReferences": [{"kind": "Deployment", "name": "x"}],
    "resourceVersion": "123",
    "selfLink": "/api/v1/x",
    "uid": "1-2-3",
}
LAST_APPLIED = {
    "kubectl.kubernetes.io/last-applied-configuration": '{"stringData":{"password":"hunter2"}}',
    "kubecfg.ksonnet.io/last-applied-configuration": '{"stringData":{"password":"hunter2"}}',
}
STRIPPED = [
    ("name and namespace, which have fields of their own", {}, {}),
    ("what the server keeps books with", BOOKKEEPING, {}),
    ("copies of the whole manifest, plaintext included", {"annotations": LAST_APPLIED}, {}),
    ("empty maps", {"labels": {}, "annotations": None}, {}),
    ("a null creationTimestamp", {"creationTimestamp": None}, {}),
]


@pytest.mark.parametrize(("metadata", "kept"), [row[1:] for row in STRIPPED], ids=[row[0] for row in STRIPPED])
def test_left_out_of_metadata(metadata, kept):
    read = Secret.from_dict(manifest(metadata={"name": "db", "namespace": "team-a"} | metadata))
    assert read.metadata == kept


KEPT = [
    ("labels, with empty values too", {"labels": {"app": "db", "flag": ""}}),
    ("annotations", {"annotations": {"note": "x", "sealedsecrets.bitnami.com/managed": "true"}}),
    ("finalizers", {"finalizers": ["example.org/hold"]}),
    ("generateName beside a name", {"generateName": "db-"}),
]


@pytest.mark.parametrize("metadata", [row[1] for row in KEPT], ids=[row[0] for row in KEPT])
def test_kept_of_metadata(metadata):
    read = Secret.from_dict(manifest(metadata={"name": "db"} | metadata))
    assert read.metadata == metadata


def test_other_annotations_survive_beside_a_last_applied_one():
    read = Secret.from_dict(manifest(metadata={"annotations": LAST_APPLIED | {"note": "x"}}))
    assert read.annotations == {"note": "x"}


def test_what_is_written():
    secret = Secret(
        "db", "team-a", {"b": b"2", "a": b"\xff"}, type="Opaque", immutable=True, metadata={"labels": {"app": "db"}}
    )
    written = secret.to_dict()
    assert written == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "team-a", "labels": {"app": "db"}},
        "type": "Opaque",
        "immutable": True,
        "data": {"a": "/w==", "b": "Mg=="},
    }
    assert list(written["data"]) == ["a", "b"]


def test_what_is_not_said_is_not_written():
    assert Secret("", "", {}).to_dict() == {"apiVersion": "v1", "kind": "Secret", "metadata": {}, "data": {}}
