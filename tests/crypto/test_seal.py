"""Sealing a Secret: its scope, its annotations, its template."""

import pytest
from tests.support.testkeys import key, ring

from sealwright_crypto import HINT_ANNOTATION, Scope, ScopeError, Secret, seal, unseal

WIDE = {"sealedsecrets.bitnami.com/namespace-wide": "true"}
EVERYWHERE = {"sealedsecrets.bitnami.com/cluster-wide": "true"}
ODD = {"sealedsecrets.bitnami.com/namespace-wide": "nope", "sealedsecrets.bitnami.com/cluster-wide": "False"}
NOTE = {"note": "x"}


def secret(annotations=None, items=None, **special):
    metadata = {"annotations": annotations} if annotations else {}
    items = {"user": b"app", "password": b"hunter2"} if items is None else items
    return Secret(**({"name": "db", "namespace": "team-a", "items": items, "metadata": metadata} | special))


def sealed(*arguments, **keywords):
    return seal(*arguments, key().certificate, **{"hints": False} | keywords)


# about, the Secret's annotations, the scope asked for, the outer annotations, the template's annotations, the label
SCOPES = [
    ("strict by default", {}, None, {}, {}, b"team-a/db"),
    ("the Secret's annotation decides", WIDE, None, WIDE, WIDE, b"team-a"),
    ("strict does not override an annotation", EVERYWHERE, Scope.STRICT, EVERYWHERE, EVERYWHERE, b""),
    ("both annotations: cluster-wide wins", WIDE | EVERYWHERE, None, EVERYWHERE, WIDE | EVERYWHERE, b""),
    ("another scope is written", {}, Scope.NAMESPACE_WIDE, WIDE, WIDE, b"team-a"),
    ("another scope replaces an annotation", EVERYWHERE, Scope.NAMESPACE_WIDE, WIDE, WIDE, b"team-a"),
    ("another scope replaces odd values", ODD, Scope.CLUSTER_WIDE, EVERYWHERE, EVERYWHERE, b""),
    ("odd values without a scope stay and say nothing", ODD, None, {}, ODD, b"team-a/db"),
    ("other annotations go into the template alone", NOTE, Scope.CLUSTER_WIDE, EVERYWHERE, NOTE | EVERYWHERE, b""),
]


@pytest.mark.parametrize(
    ("annotations", "asked", "outer", "inner", "label"), [row[1:] for row in SCOPES], ids=[row[0] for row in SCOPES]
)
def test_scope(annotations, asked, outer, inner, label):
    made = sealed(secret(annotations), scope=asked)
    assert made.annotations == outer
    assert made.template.metadata.get("annotations", {}) == inner
    assert ring("new-2048").open(made.items["password"], label).plaintext == b"hunter2"


PLACELESS = [
    ("cluster-wide needs no place", {"name": "", "namespace": ""}, Scope.CLUSTER_WIDE, None),
    ("namespace-wide needs no name", {"name": ""}, Scope.NAMESPACE_WIDE, None),
    (
        "namespace-wide needs a namespace",
        {"namespace": ""},
        Scope.NAMESPACE_WIDE,
        "namespace-wide scope needs a namespace",
    ),
    ("strict needs a namespace", {"namespace": ""}, None, "strict scope needs a namespace"),
    ("strict needs a name", {"name": ""}, None, "strict scope needs a name"),
    ("strict needs a name even with nothing to seal", {"name": "", "items": {}}, None, "strict scope needs a name"),
]


@pytest.mark.parametrize(("place", "scope", "words"), [r[1:] for r in PLACELESS], ids=[r[0] for r in PLACELESS])
def test_what_a_scope_needs(place, scope, words):
    if words is None:
        assert sealed(secret(**place), scope=scope).items
    else:
        with pytest.raises(ScopeError, match=words):
            sealed(secret(**place), scope=scope)


def test_the_template_keeps_what_the_secret_is():
    made = sealed(secret(metadata={"labels": {"app": "db"}}, type="example.org/pair", immutable=True))
    assert made.template.metadata == {"labels": {"app": "db"}}
    assert (made.template.type, made.template.immutable) == ("example.org/pair", True)
    assert made.template.data == {}


def test_sealing_leaves_its_input_as_it_was():
    metadata = {"annotations": dict(NOTE), "labels": {"app": "db"}}
    sealed(secret(metadata=metadata), scope=Scope.CLUSTER_WIDE)
    assert metadata == {"annotations": NOTE, "labels": {"app": "db"}}


def test_the_hint_names_the_key_once():
    made = sealed(secret(), hints=True)
    assert made.annotations == {HINT_ANNOTATION: key().fingerprint}


def test_the_hint_stands_on_the_outer_object_alone():
    made = sealed(secret(), hints=True, scope=Scope.NAMESPACE_WIDE)
    assert made.annotations == WIDE | {HINT_ANNOTATION: key().fingerprint}
    assert HINT_ANNOTATION not in made.template.metadata["annotations"]


@pytest.mark.parametrize(("items", "hints"), [({"a": b""}, False), ({}, True)], ids=["not wanted", "nothing to hint"])
def test_no_hint(items, hints):
    assert sealed(secret(items=items), hints=hints).annotations == {}


def test_nothing_of_a_value_is_in_the_manifest():
    made = sealed(secret(items={"password": b"correct horse battery staple"}), hints=True)
    assert "correct" not in repr(made.to_dict())


def test_what_is_sealed_comes_out_again_whole():
    before = secret(NOTE, type="Opaque", immutable=False)
    assert unseal(sealed(before), ring("new-2048"), render=None).secret == before
