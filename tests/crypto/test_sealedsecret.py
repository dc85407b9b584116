"""A SealedSecret: what is read from a manifest and what is written. Wrong shapes are in the vectors, one by one."""

import pytest

from sealwright_crypto import API_VERSION, KIND, ManifestError, Scope, ScopeError, SealedSecret, Template
from sealwright_crypto.fields import MAX_DEPTH

WIDE = {"sealedsecrets.bitnami.com/namespace-wide": "true"}


def manifest(spec=None, **metadata):
    place = {"name": "db", "namespace": "team-a"}
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": place | metadata, "spec": spec or {}}


def test_its_kind_is_upstream_s():
    assert (API_VERSION, KIND) == ("bitnami.com/v1alpha1", "SealedSecret")


def test_everything_is_read():
    template = {
        "metadata": {"name": "x", "uid": "1", "labels": {"app": "db"}, "annotations": {"note": "n"}},
        "type": "Opaque",
        "immutable": False,
        "data": {"url": "{{ .user }}", "gone": None},
    }
    read = SealedSecret.from_dict(manifest({"encryptedData": {"user": "AAAA"}, "template": template}, annotations=WIDE))
    assert read == SealedSecret(
        name="db",
        namespace="team-a",
        items={"user": "AAAA"},
        annotations=WIDE,
        template=Template(
            metadata={"labels": {"app": "db"}, "annotations": {"note": "n"}},
            type="Opaque",
            immutable=False,
            data={"url": "{{ .user }}", "gone": None},
        ),
    )


@pytest.mark.parametrize(
    "spec", [{}, {"encryptedData": None, "data": None, "template": None}, {"data": "", "template": {"type": ""}}]
)
def test_what_is_absent_null_or_empty_is_nothing(spec):
    read = SealedSecret.from_dict(manifest(spec))
    assert (read.items, read.legacy, read.template) == ({}, None, Template())


def test_the_deprecated_form_is_read():
    assert SealedSecret.from_dict(manifest({"data": "AAAA"})).legacy == "AAAA"


def test_both_forms_together_are_refused():
    with pytest.raises(ManifestError, match="spec: holds both data and encryptedData") as caught:
        SealedSecret.from_dict(manifest({"data": "AAAA", "encryptedData": {"a": "AAAA"}}))
    assert caught.value.path == "spec"


@pytest.mark.parametrize(("key", "value"), [("kind", "Secret"), ("apiVersion", "v1"), ("kind", None), ("kind", [])])
def test_another_kind_of_object_is_refused(key, value):
    with pytest.raises(ManifestError, match=r"kind: not a bitnami\.com/v1alpha1 SealedSecret"):
        SealedSecret.from_dict(manifest() | {key: value})


def test_an_empty_manifest_is_refused():
    with pytest.raises(ManifestError):
        SealedSecret.from_dict({})


def test_the_template_says_nothing_about_scope():
    template = {"metadata": {"annotations": {"sealedsecrets.bitnami.com/cluster-wide": "true"}}}
    read = SealedSecret.from_dict(manifest({"template": template}))
    assert read.scope is Scope.STRICT
    assert read.label == b"team-a/db"


def test_its_own_annotations_say_scope_and_label():
    read = SealedSecret.from_dict(manifest(annotations=WIDE))
    assert read.scope is Scope.NAMESPACE_WIDE
    assert read.label == b"team-a"


def test_a_label_needs_its_place():
    with pytest.raises(ScopeError, match="strict scope needs a name"):
        _ = SealedSecret("", "team-a").label


def test_what_is_written():
    written = SealedSecret(
        "db",
        "team-a",
        {"b": "BBBB", "a": "AAAA"},
        annotations=WIDE,
        template=Template({"labels": {"app": "db"}}, "Opaque", immutable=True, data={"url": "x", "gone": None}),
    ).to_dict()
    assert written == {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": "db", "namespace": "team-a", "annotations": WIDE},
        "spec": {
            "encryptedData": {"a": "AAAA", "b": "BBBB"},
            "template": {
                "metadata": {"name": "db", "namespace": "team-a", "labels": {"app": "db"}},
                "type": "Opaque",
                "immutable": True,
                "data": {"url": "x", "gone": None},
            },
        },
    }
    assert list(written["spec"]["encryptedData"]) == ["a", "b"]


def test_what_is_not_said_is_not_written():
    assert SealedSecret("", "").to_dict() == {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {},
        "spec": {"encryptedData": {}, "template": {"metadata": {}}},
    }


def test_the_deprecated_form_is_written_as_it_was_read():
    written = SealedSecret.from_dict(manifest({"data": "AAAA"})).to_dict()
    assert written["spec"] == {"encryptedData": {}, "data": "AAAA", "template": {"metadata": written["metadata"]}}


def nested(depth, kind):
    """Return lists, or maps, of which one is in the other."""
    value = "x"
    for _ in range(depth):
        value = [value] if kind == "lists" else {"a": value}
    return value


@pytest.mark.parametrize("kind", ["lists", "maps"])
@pytest.mark.parametrize("depth", [MAX_DEPTH, 500])
def test_what_is_nested_too_deeply_is_refused_with_the_place(depth, kind):
    template = {"data": {"a": "b"}, "metadata": {"x": nested(depth, kind), "y": 1}}
    with pytest.raises(ManifestError, match=f"nested more than {MAX_DEPTH} deep") as caught:
        SealedSecret.from_dict(manifest({"encryptedData": {"a": "AAAA"}, "template": template}))
    assert caught.value.path == "spec.template.metadata.x"


def test_what_is_nested_as_deeply_as_allowed_is_read():
    inner = nested(MAX_DEPTH - 3, "lists")  # within spec, template and metadata
    read = SealedSecret.from_dict(manifest({"template": {"metadata": {"x": inner, "y": inner}}}))
    assert read.template.metadata["x"] == inner
