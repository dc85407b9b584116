"""How Kubernetes' fields are typed and called: what upstream takes, what a cluster refuses."""

import json
from typing import Any

import pytest

from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import (
    ReadSecret,
    read_sealed_secret,
    read_secret,
    read_unknown_fields,
)
from sealwright_manifests.text.documents import read_documents

HEAD = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: a}\n"
SEALED = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": {"name": "db", "namespace": "a"}}


def secret(text: str) -> ReadSecret:
    (manifest,) = find_manifests(read_documents(text, "f"))
    return read_secret(manifest)


def sealed(**changes: Any) -> str:
    return json.dumps(SEALED | {"spec": {"encryptedData": {"a": "AgB"}}} | changes)


@pytest.mark.parametrize("value", ["123", "true", "no", "1.5", "0o7", "1e3", "yes", "0x1F"])
def test_bare_data_is_no_base64(value: str) -> None:
    with pytest.raises(BadManifestError, match=r"data\.a: expected base64 text, found (a number|true or false)"):
        secret(f"{HEAD}data: {{a: {value}}}\n")


@pytest.mark.parametrize("value", ["123", "true", "1.5"])
def test_so_it_is_in_json(value: str) -> None:
    with pytest.raises(BadManifestError, match=r"data\.a: expected base64 text"):
        secret(f'{{"kind": "Secret", "data": {{"a": {value}}}}}')


@pytest.mark.parametrize("value", ['"1234"', "aGk=", "null", "~", ""])
def test_quoted_data_and_null_are_taken(value: str) -> None:
    assert set(secret(f"{HEAD}data:\n  a: {value}\n").secret.items) == {"a"}


@pytest.mark.parametrize(
    ("written", "read"),
    [("true", b"true"), ("7", b"7"), ("-1", b"-1"), ("1.50", b"1.50"), ("1e3", b"1e3"), ("null", b""), ('"7"', b"7")],
)
def test_json_strings_may_be_bare(written: str, read: bytes) -> None:
    assert secret(f'{{"kind": "Secret", "stringData": {{"a": {written}}}}}').secret.items == {"a": read}


def test_labels_of_json_too() -> None:
    found = secret('{"kind": "Secret", "metadata": {"labels": {"a": 7, "b": true}}, "data": {}}').secret
    assert found.metadata["labels"] == {"a": "7", "b": "true"}


@pytest.mark.parametrize("value", ["[1]", "{b: c}"])
def test_collections_are_no_text(value: str) -> None:
    with pytest.raises(BadManifestError, match=r"stringData\.a: expected text"):
        secret(f"{HEAD}stringData: {{a: {value}}}\n")


def test_unknown_fields_of_metadata_are_left_out_and_told() -> None:
    found = secret(HEAD.replace("namespace: a", "namespace: a, clusterName: x, finalizers: [f]") + "data: {a: aGk=}\n")
    assert dict(found.secret.metadata) == {"finalizers": ["f"]}
    assert found.warnings == ("f: metadata.clusterName is not a field of a Secret, and is left out",)


def test_those_with_other_capitals_are_meant() -> None:
    with pytest.raises(BadManifestError, match=r"metadata\.Labels: not a field of a Secret; is labels meant\?"):
        secret(HEAD.replace("namespace: a", "namespace: a, Labels: {}"))


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (
            sealed(spec={"encrypteddata": {"a": "AgB"}}),
            r"spec\.encrypteddata: not a field of a SealedSecret; is encrypt",
        ),
        (sealed(Spec={}), r"Spec: not a field of a SealedSecret; is spec meant"),
        (
            sealed(spec={"template": {"metadata": {"Labels": {}}}}),
            r"spec\.template\.metadata\.Labels: not a field .* is labels meant",
        ),
        (
            sealed(metadata={"annotations": {"sealedsecrets.bitnami.com/cluster-wide": True}}),
            r"metadata\.annotations\.sealedsecrets\.bitnami\.com/cluster-wide: expected text, found true or false",
        ),
        (sealed(metadata={"labels": {"a": 7}}), r"metadata\.labels\.a: expected text"),
    ],
)
def test_what_a_cluster_refuses_of_a_sealed_secret(manifest: str, words: str) -> None:
    (found,) = find_manifests(read_documents(manifest, "f"))
    with pytest.raises(BadManifestError, match=words):
        read_sealed_secret(found)


def test_other_unknown_fields_of_a_sealed_secret_are_known_by_place() -> None:
    spec = {"encryptedData": {}, "colour": 1, "template": {"metadata": {"lables": {}}, "stringData": {}}}
    (found,) = find_manifests(read_documents(sealed(spec=spec, extra=1, metadata={"lables": {}}), "f"))
    assert read_unknown_fields(found) == [
        ("extra", False),
        ("metadata.lables", False),
        ("spec.colour", False),
        ("spec.template.stringData", True),
        ("spec.template.metadata.lables", True),
    ]
    read_sealed_secret(found)
