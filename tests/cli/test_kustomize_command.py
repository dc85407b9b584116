"""`sealwright kustomize`: as a KRM function with a ResourceList, and as a plug-in with manifests."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import keyring
from tests.support.cli import CERTIFICATE, Run, sealwright

from sealwright_crypto import Scope, SealedSecret, unseal

NOTES = {
    "internal.config.kubernetes.io/previousNames": "db",
    "config.kubernetes.io/index": "3",
    "kustomize.config.k8s.io/id": "kind: Secret",
}
SUFFIX = {"internal.config.kubernetes.io/needsHashSuffix": "enabled"}
MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"n": "1"}}


def secret(**metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "shop", **metadata},
        "data": {"password": "aHVudGVyMg=="},
    }


def resources(*items: Any, **spec: Any) -> dict[str, Any]:
    config = {"apiVersion": "sealwright.dev/v1alpha1", "kind": "SealSecrets", "metadata": {"name": "s"}, "spec": spec}
    return {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": items, "functionConfig": config}


def run(given: dict[str, Any]) -> Run:
    done = sealwright("kustomize", stdin=json.dumps(given))
    for text in (done.stdout.decode(), done.stderr):
        assert "hunter2" not in text
        assert "aHVudGVyMg" not in text
        assert "Traceback" not in text
    return done


def opened(sealed: dict[str, Any]) -> Any:
    return unseal(SealedSecret.from_dict(sealed), keyring(), lambda *_: b"").secret


def test_secrets_are_sealed_and_the_rest_passes() -> None:
    done = run(resources(MAP, secret(annotations={"mine": "1", **NOTES, **SUFFIX}), cert=str(CERTIFICATE)))
    assert done.status == 0, done.stderr
    (made,) = done.yaml
    assert (made["kind"], made["functionConfig"]["kind"]) == ("ResourceList", "SealSecrets")
    first, sealed = made["items"]
    assert first == MAP
    assert {name: sealed["metadata"]["annotations"][name] for name in NOTES} == NOTES
    assert not SUFFIX.keys() & sealed["metadata"]["annotations"].keys()
    assert dict(opened(sealed).items) == {"password": b"hunter2"}
    assert opened(sealed).annotations == {"mine": "1"}


def test_the_configuration_says_scope_and_namespace() -> None:
    nameless = secret()
    del nameless["metadata"]["namespace"]
    done = run(resources(nameless, cert=str(CERTIFICATE), scope="namespace-wide", namespace="team-b"))
    (sealed,) = done.yaml[0]["items"]
    assert SealedSecret.from_dict(sealed).scope is Scope.NAMESPACE_WIDE
    assert opened(sealed).namespace == "team-b"


@pytest.mark.parametrize(
    ("item", "spec", "status", "words"),
    [
        pytest.param(secret(), {}, 4, "no certificate to seal with", id="no certificate: no cluster is asked"),
        pytest.param(secret(), {"cert": "none.pem"}, 4, "none.pem: no such file", id="a certificate that is not there"),
        pytest.param(secret(), {"certificate": "x"}, 3, "spec.certificate is not a field", id="an unknown field"),
        pytest.param(secret(), {"cert": 1}, 3, "spec.cert is not a text", id="a field of another type"),
        pytest.param(secret(), {"scope": "wide"}, 3, "spec.scope is no scope", id="no scope"),
        pytest.param(secret(), {"cert": str(CERTIFICATE), "fingerprints": ["0" * 64]}, 4, "pinned", id="another key"),
        pytest.param(
            secret(namespace=""),
            {"cert": str(CERTIFICATE)},
            3,
            "no namespace; strict scope needs one",
            id="no namespace",
        ),
        pytest.param(
            {**secret(), "data": {"password": "hunter2!"}}, {"cert": str(CERTIFICATE)}, 3, "password", id="no base64"
        ),
        pytest.param(
            {**secret(), "data": {}}, {"cert": str(CERTIFICATE)}, 3, "Secret db: no data to seal", id="an empty Secret"
        ),
        pytest.param(
            {**secret(), "metadata": [1]}, {"cert": str(CERTIFICATE)}, 3, "metadata", id="metadata that is a list"
        ),
        pytest.param(
            {**secret(), "metadata": "x"}, {"cert": str(CERTIFICATE)}, 3, "metadata", id="metadata that is a text"
        ),
        pytest.param(
            secret(annotations=["x"]), {"cert": str(CERTIFICATE)}, 3, "annotations", id="annotations that are a list"
        ),
        pytest.param(
            secret(annotations={"config.kubernetes.io/index": [1]}),
            {"cert": str(CERTIFICATE)},
            3,
            "annotations",
            id="a note that is a list",
        ),
        pytest.param(secret(), {"namespace": "No Name"}, 3, "spec.namespace: no namespace", id="no namespace's name"),
    ],
)
def test_an_error_is_a_result_and_no_manifest_comes_out(
    item: dict[str, Any], spec: dict[str, Any], status: int, words: str
) -> None:
    done = run(resources(secret(name="other"), item, **spec))
    assert done.status == status, done.stderr
    (made,) = done.yaml
    (result,) = made["results"]
    assert (made["kind"], made["items"], result["severity"]) == ("ResourceList", [], "error")
    assert words in result["message"]
    assert words in done.stderr


@pytest.mark.parametrize(
    "text",
    ["", "a: 1\n", "kind: ResourceList\n", json.dumps(secret())],
    ids=["nothing", "a map", "no items", "a Secret"],
)
def test_what_is_no_resource_list_is_refused(text: str) -> None:
    done = sealwright("kustomize", stdin=text)
    assert (done.status, done.stdout) == (3, b"")
    assert "not a ResourceList" in done.stderr


def test_as_a_plug_in_it_takes_manifests(tmp_path: Path) -> None:
    config = tmp_path / "seal.yaml"
    config.write_text(f"kind: SealSecrets\nspec: {{cert: {CERTIFICATE}}}\n")
    text = f"{json.dumps(MAP)}\n---\n{json.dumps(secret(annotations=NOTES))}\n"
    done = sealwright("kustomize", config, stdin=text)
    assert done.status == 0, done.stderr
    first, sealed = done.yaml
    assert (first, dict(opened(sealed).items)) == (MAP, {"password": b"hunter2"})
    config.write_text("spec: {cert: none.pem}\n")
    done = sealwright("kustomize", config, stdin=text)
    assert (done.status, done.stdout) == (4, b"")


def test_the_project_file_names_the_certificate(tmp_path: Path) -> None:
    (tmp_path / ".sealwright.yaml").write_text(
        f"rules: [{{path: '**', certificate: '{CERTIFICATE}', scope: cluster-wide}}]\n"
    )
    done = sealwright("kustomize", stdin=json.dumps(resources(secret())), cwd=tmp_path)
    assert done.status == 0, done.stderr
    assert SealedSecret.from_dict(done.yaml[0]["items"][0]).scope is Scope.CLUSTER_WIDE


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "PodList", "metadata": 5},
        {"kind": "List", "items": 5},
        {"kind": "PodList", "items": [{"kind": "Pod"}]},
        {"kind": "ConfigMapList", "metadata": {"annotations": ["x"]}},
        {"kind": 5, "metadata": "x"},
        5,
    ],
    ids=str,
)
def test_other_objects_pass_unchanged_whatever_their_types(other: Any) -> None:
    done = run(resources(other, secret(), cert=str(CERTIFICATE)))
    assert done.status == 0, done.stderr
    assert done.yaml[0]["items"][0] == other


def test_an_empty_secret_has_to_be_allowed() -> None:
    empty = {**secret(), "data": {}}
    refused = run(resources(empty, cert=str(CERTIFICATE)))
    assert "hint: spec.allowEmpty: true accepts Secrets without data" in refused.stderr
    done = run(resources(empty, cert=str(CERTIFICATE), allowEmpty=True))
    assert done.status == 0, done.stderr
    assert dict(opened(done.yaml[0]["items"][0]).items) == {}


@pytest.mark.parametrize(
    ("item", "spec", "words"),
    [
        ({}, {"cert": "none.pem"}, "correct the path; it is counted from the folder of kustomization.yaml"),
        ({}, {"cert": str(CERTIFICATE), "namespace": "other"}, "metadata.namespace is shop, spec.namespace is other"),
        ({}, {"cert": str(CERTIFICATE), "namespace": "other"}, "or seal it without spec.namespace"),
        ({"namespace": ""}, {"cert": str(CERTIFICATE)}, "add metadata.namespace, or give spec.namespace"),
        ({"name": ""}, {"cert": str(CERTIFICATE)}, "hint: add one"),
        ({}, {"cert": str(CERTIFICATE), "fingerprints": ["0" * 64]}, "is not the pinned key (spec.fingerprints)"),
        ({}, {"cert": str(CERTIFICATE), "fingerprints": ["x"]}, "spec.fingerprints: not a fingerprint"),
        (
            {"annotations": {"sealedsecrets.bitnami.com/cluster-wide": "true"}},
            {"cert": str(CERTIFICATE), "scope": "strict"},
            "the annotation sets cluster-wide scope, spec.scope strict",
        ),
        ({}, {"cert": "http://sealed.example/v1/cert.pem"}, "use https, or pin the key (spec.fingerprints)"),
    ],
)
def test_messages_name_the_configuration_and_no_options(item: dict[str, Any], spec: dict[str, Any], words: str) -> None:
    done = run(resources(secret(**item), **spec))
    assert words in done.stderr
    assert "--" not in done.stderr


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("[{path: '**', target: [a, b]}]", "the project file has several targets for it: a, b"),
        ("[{path: x.yaml, target: a}]", "fits this file"),
    ],
)
def test_a_project_file_that_names_no_one_certificate(tmp_path: Path, rules: str, words: str) -> None:
    targets = f"{{a: {{certificate: '{CERTIFICATE}'}}, b: {{certificate: '{CERTIFICATE}'}}}}"
    (tmp_path / ".sealwright.yaml").write_text(f"targets: {targets}\nrules: {rules}\n")
    done = sealwright("kustomize", stdin=json.dumps(resources(secret())), cwd=tmp_path)
    assert (done.status, words in done.stderr) == (3, True)
    assert "hint: name one certificate in the configuration: spec.cert\n" in done.stderr


def test_lists_without_a_secret_need_no_certificate() -> None:
    lists = [{"kind": "PodList", "metadata": 5}, {"kind": "List", "items": [{"kind": "List", "items": [MAP, 5]}]}]
    done = run(resources(*lists, cert="none.pem"))
    assert (done.status, done.yaml[0]["items"]) == (0, lists), done.stderr
    assert "no Secret among the manifests" in done.stderr


def test_secrets_in_lists_are_sealed() -> None:
    inner = {"apiVersion": "v1", "kind": "List", "items": [MAP, secret()]}
    untyped = {key: value for key, value in secret(name="b").items() if key == "metadata" or key == "data"}
    done = run(
        resources({"kind": "List", "items": [inner]}, {"kind": "SecretList", "items": [untyped]}, cert=str(CERTIFICATE))
    )
    assert done.status == 0, done.stderr
    first, second = done.yaml[0]["items"]
    assert dict(opened(first["items"][0]["items"][1]).items) == {"password": b"hunter2"}
    assert dict(opened(second["items"][0]).items) == {"password": b"hunter2"}
