"""Scope, annotations and label: who may use a ciphertext where."""

import pytest

from sealwright_crypto import Scope, ScopeError, label_for, scope_annotations, scope_of

WIDE, EVERYWHERE = "sealedsecrets.bitnami.com/namespace-wide", "sealedsecrets.bitnami.com/cluster-wide"

ANNOTATIONS = [
    ("no annotations mean strict", {}, Scope.STRICT),
    ("other annotations mean strict", {"note": "true"}, Scope.STRICT),
    ("namespace-wide", {WIDE: "true"}, Scope.NAMESPACE_WIDE),
    ("cluster-wide", {EVERYWHERE: "true"}, Scope.CLUSTER_WIDE),
    ("cluster-wide wins", {WIDE: "true", EVERYWHERE: "true"}, Scope.CLUSTER_WIDE),
    ("a false cluster-wide leaves namespace-wide", {WIDE: "true", EVERYWHERE: "false"}, Scope.NAMESPACE_WIDE),
    ("capital letters do not count", {EVERYWHERE: "True"}, Scope.STRICT),
    ("spaces do not count", {EVERYWHERE: "true "}, Scope.STRICT),
    ("a number does not count", {EVERYWHERE: "1"}, Scope.STRICT),
    ("a boolean does not count", {EVERYWHERE: True}, Scope.STRICT),
    ("a list does not count", {EVERYWHERE: ["true"]}, Scope.STRICT),
    ("nothing does not count", {EVERYWHERE: None}, Scope.STRICT),
    ("the name in capitals does not count", {EVERYWHERE.upper(): "true"}, Scope.STRICT),
]


@pytest.mark.parametrize(
    ("annotations", "scope"), [row[1:] for row in ANNOTATIONS], ids=[row[0] for row in ANNOTATIONS]
)
def test_scope_of(annotations, scope):
    assert scope_of(annotations) is scope


@pytest.mark.parametrize("scope", Scope)
def test_a_scope_s_annotations_say_that_scope(scope):
    assert scope_of(scope_annotations(scope)) is scope


def test_strict_is_said_by_silence():
    assert scope_annotations(Scope.STRICT) == {}


LABELS = [
    ("strict binds to both", Scope.STRICT, "team-a", "db", b"team-a/db"),
    ("namespace-wide binds to the namespace", Scope.NAMESPACE_WIDE, "team-a", "db", b"team-a"),
    ("namespace-wide needs no name", Scope.NAMESPACE_WIDE, "team-a", "", b"team-a"),
    ("namespace-wide does not look at the name", Scope.NAMESPACE_WIDE, "team-a", "a/b", b"team-a"),
    ("cluster-wide binds to nothing", Scope.CLUSTER_WIDE, "team-a", "db", b""),
    ("cluster-wide needs nothing", Scope.CLUSTER_WIDE, "", "", b""),
    ("dots are part of a name", Scope.STRICT, "team-a", "db.v2", b"team-a/db.v2"),
]


@pytest.mark.parametrize(("scope", "namespace", "name", "label"), [r[1:] for r in LABELS], ids=[r[0] for r in LABELS])
def test_label_for(scope, namespace, name, label):
    assert label_for(scope, namespace, name) == label


REFUSED = [
    ("strict without namespace", Scope.STRICT, "", "db", "strict scope needs a namespace"),
    ("strict without name", Scope.STRICT, "team-a", "", "strict scope needs a name"),
    ("namespace-wide without namespace", Scope.NAMESPACE_WIDE, "", "db", "namespace-wide scope needs a namespace"),
    ("a slash in the namespace", Scope.NAMESPACE_WIDE, "team-a/db", "", "the namespace holds a slash"),
    ("a slash in the name", Scope.STRICT, "a", "b/c", "the name holds a slash"),
    ("half a surrogate pair", Scope.STRICT, "team-a", "db\udc80", "the namespace or name holds half a surrogate pair"),
]


@pytest.mark.parametrize(("scope", "namespace", "name", "words"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_label_for_refuses(scope, namespace, name, words):
    with pytest.raises(ScopeError, match=words):
        label_for(scope, namespace, name)
