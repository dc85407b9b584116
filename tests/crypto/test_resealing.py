"""Resealing: the same object under another key, and nothing else of it changes; nothing of a value is seen."""

import copy
import json
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag
from tests.support import independent
from tests.support.testkeys import key, ring

from sealwright_crypto import (
    HINT_ANNOTATION,
    OperationCounter,
    Resealed,
    Scope,
    ScopeError,
    SealedSecret,
    Secret,
    Template,
    UnsealError,
    check_opens,
    reseal,
    seal,
    unseal,
)

OLD, NEW = "old-2048", "new-2048"
SCOPE_ANNOTATION = "sealedsecrets.bitnami.com/"
ITEMS = {"user": b"shop", "password": b"hunter2"}


def sealed(values=None, *, to=OLD, scope=Scope.STRICT, hints=False, **special):
    secret = Secret("db", "team-a", ITEMS if values is None else values)
    return replace(seal(secret, key(to).certificate, scope=scope, hints=hints), **special)


def resealed(sealed_secret, *names) -> Resealed:
    """Seal to the new key what any of these keys, or the old one, opens."""
    return reseal(sealed_secret, ring(*names or (OLD,)), key(NEW).certificate)


def opens(item, label, name=NEW):
    """Tell, by another implementation, whether an item opens with this key and label."""
    try:
        independent.open_item(item, key(name).private_key.raw, label)
    except (ValueError, InvalidTag):
        return False
    return True


LABELS = {Scope.STRICT: b"team-a/db", Scope.NAMESPACE_WIDE: b"team-a", Scope.CLUSTER_WIDE: b""}


class TestItems:
    @pytest.mark.parametrize("scope", Scope)
    def test_every_item_opens_with_the_new_key_under_the_label_that_opened_it(self, scope):
        made = resealed(sealed(scope=scope)).sealed
        assert made.scope is scope
        assert {name: independent.open_item(item, key(NEW).private_key.raw, LABELS[scope])
                for name, item in made.items.items()} == ITEMS  # fmt: skip

    @pytest.mark.parametrize("scope", Scope)
    def test_under_no_other_label_and_with_no_other_key(self, scope):
        item = resealed(sealed(scope=scope)).sealed.items["password"]
        assert [other for other, label in LABELS.items() if opens(item, label)] == [scope]
        assert not opens(item, LABELS[scope], OLD)

    def test_items_of_several_keys_come_to_one_and_it_tells_which_opened_what(self):
        mixed = sealed(items={**sealed({"a": b"1"}, to="other-2048").items, **sealed({"b": b"2"}).items})
        made = resealed(mixed, OLD, "other-2048")
        assert made.fingerprints == {"a": key("other-2048").fingerprint, "b": key(OLD).fingerprint}
        assert unseal(made.sealed, ring(NEW), None).fingerprints == dict.fromkeys("ab", key(NEW).fingerprint)

    def test_what_is_sealed_to_the_newest_key_already_is_sealed_again(self):
        before = sealed(to=NEW)
        after = resealed(before, NEW).sealed
        assert not set(before.items.values()) & set(after.items.values())

    def test_an_object_without_items_stays_one(self):
        assert resealed(sealed({})).sealed.items == {}

    def test_all_items_that_do_not_open_are_named(self):
        bad = sealed(items={"x": "AAAA", **sealed().items, **sealed({"a": b"1"}, to="other-2048").items})
        with pytest.raises(UnsealError) as caught:
            resealed(bad)
        assert caught.value.items == ("a", "x")

    def test_an_object_without_its_place_is_refused(self):
        with pytest.raises(ScopeError):
            resealed(sealed(namespace=""))


class TestScope:
    """CVE-2026-22728: what no label protects must not decide under which label the output is sealed."""

    @pytest.mark.parametrize("wider", [Scope.NAMESPACE_WIDE, Scope.CLUSTER_WIDE])
    def test_an_annotation_in_the_template_widens_nothing(self, wider):
        smuggled = Template({"annotations": {SCOPE_ANNOTATION + wider: "true"}})
        made = resealed(sealed(template=smuggled)).sealed
        assert (made.scope, made.annotations, made.template) == (Scope.STRICT, {}, smuggled)
        assert [scope for scope, label in LABELS.items() if opens(made.items["password"], label)] == [Scope.STRICT]

    @pytest.mark.parametrize("wider", [Scope.NAMESPACE_WIDE, Scope.CLUSTER_WIDE])
    def test_an_annotation_of_the_object_that_it_was_not_sealed_under_opens_nothing(self, wider):
        with pytest.raises(UnsealError):
            resealed(sealed(annotations={SCOPE_ANNOTATION + wider: "true"}))

    def test_nor_does_another_place(self):
        for moved in (sealed(name="other"), sealed(namespace="team-b")):
            with pytest.raises(UnsealError):
                resealed(moved)


FINGERPRINT = {name: key(name).fingerprint for name in (OLD, NEW)}
HINTS = [
    ("a true hint names the new key", {HINT_ANNOTATION: FINGERPRINT[OLD]}, {HINT_ANNOTATION: FINGERPRINT[NEW]}),
    (
        "exceptions are gone",
        {HINT_ANNOTATION: f"{FINGERPRINT[NEW]}; {FINGERPRINT[OLD]}: user"},
        {HINT_ANNOTATION: FINGERPRINT[NEW]},
    ),
    ("nonsense is put right", {HINT_ANNOTATION: "nonsense"}, {HINT_ANNOTATION: FINGERPRINT[NEW]}),
    ("no hint stays no hint", {}, {}),
    ("other annotations stay", {"note": "x"}, {"note": "x"}),
]


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in HINTS], ids=[row[0] for row in HINTS])
def test_hint(before, after):
    assert resealed(sealed(annotations=before)).sealed.annotations == after


def test_a_hint_for_no_items_is_left_out():
    assert resealed(sealed({}, annotations={HINT_ANNOTATION: "x"})).sealed.annotations == {}


def render(*_):
    raise AssertionError("nothing is to be rendered")


BROKEN_TEMPLATE = Template({"labels": {"app": "shop"}}, "Opaque", True, {"x": '{{ fail "no" }}', "gone": None})


def test_the_template_is_carried_along_and_not_looked_at():
    made = resealed(sealed(template=BROKEN_TEMPLATE)).sealed
    assert made.template == BROKEN_TEMPLATE
    assert set(made.items) == set(ITEMS)


OLD_MANIFEST = {
    "apiVersion": "bitnami.com/v1alpha1",
    "kind": "SealedSecret",
    "metadata": {
        "name": "db",
        "namespace": "team-a",
        "labels": {"team": "a"},
        "annotations": {"note": "x", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
        "finalizers": ["example.org/f"],
        "creationTimestamp": None,
        "uid": "1",
        "resourceVersion": "2",
        "generation": 3,
        "managedFields": [{"manager": "kubectl"}],
        "ownerReferences": [{"uid": "4"}],
    },
    "spec": {
        "template": {
            "metadata": {"name": "db", "creationTimestamp": None, "annotations": {}},
            "data": {"url": "{{ .user }}"},
            "unknown": 1,
        },
        "unknown": [{"x": None}],
    },
    "status": {"conditions": []},
    "unknown": "kept",
}


class TestManifest:
    def made(self, **special):
        old = copy.deepcopy(OLD_MANIFEST)
        old["spec"]["encryptedData"] = dict(sealed().items)
        old["metadata"] |= special
        return resealed(SealedSecret.from_dict(old)), old

    def test_the_author_s_fields_stay_and_the_server_s_go(self):
        made, old = self.made()
        items = made.sealed.items
        assert made.manifest(old) == {
            "apiVersion": "bitnami.com/v1alpha1",
            "kind": "SealedSecret",
            "metadata": {
                "name": "db",
                "namespace": "team-a",
                "labels": {"team": "a"},
                "annotations": {"note": "x"},
                "finalizers": ["example.org/f"],
            },
            "spec": {**OLD_MANIFEST["spec"], "encryptedData": items},
            "unknown": "kept",
        }

    def test_the_old_manifest_is_left_alone(self):
        made, old = self.made()
        before = copy.deepcopy(old)
        made.manifest(old)
        assert old == before

    def test_items_keep_their_order(self):
        made, old = self.made()
        assert list(made.manifest(old)["spec"]["encryptedData"]) == ["user", "password"]

    @pytest.mark.parametrize("annotations", [None, {}, {"kubectl.kubernetes.io/last-applied-configuration": "{}"}])
    def test_no_annotations_are_not_written(self, annotations):
        made, old = self.made(annotations=annotations)
        assert "annotations" not in made.manifest(old)["metadata"]

    def test_a_hint_is_brought_up_to_date(self):
        made, old = self.made(annotations={HINT_ANNOTATION: key(OLD).fingerprint, "note": "x"})
        assert made.manifest(old)["metadata"]["annotations"] == {HINT_ANNOTATION: key(NEW).fingerprint, "note": "x"}

    def test_it_can_be_read_and_unsealed_again(self):
        made, old = self.made()
        again = SealedSecret.from_dict(json.loads(json.dumps(made.manifest(old))))
        assert again.items == made.sealed.items
        assert check_opens(again, ring(NEW)) == dict.fromkeys(ITEMS, key(NEW).fingerprint)


INNER = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "x", "namespace": "y", "uid": "1", "labels": {"a": "b"}, "annotations": {"note": "x"}},
    "type": "example.org/pair",
    "immutable": True,
    "data": {"password": "aHVudGVyMg=="},
}


def legacy(inner, *, label=b"team-a/db", **special):
    plaintext = inner if isinstance(inner, bytes) else json.dumps(inner).encode()
    return SealedSecret(
        "db", "team-a", legacy=independent.seal_item(plaintext, key(OLD).certificate.public_key, label), **special
    )


class TestDeprecatedForm:
    def test_it_becomes_items_and_the_template_that_was_within(self):
        made = resealed(legacy(INNER, template=Template(data={"url": "T"})))
        assert made.sealed.legacy is None
        assert made.sealed.template == Template(
            {"labels": {"a": "b"}, "annotations": {"note": "x"}}, "example.org/pair", immutable=True
        )
        assert (
            independent.open_item(made.sealed.items["password"], key(NEW).private_key.raw, b"team-a/db") == b"hunter2"
        )
        assert made.fingerprints == {"spec.data": key(OLD).fingerprint}

    def test_the_same_secret_comes_of_it(self):
        before = legacy(INNER)
        assert unseal(resealed(before).sealed, ring(NEW), None).secret == unseal(before, ring(OLD), None).secret

    def test_so_does_its_manifest(self):
        old = legacy(INNER).to_dict() | {"status": {}}
        made = resealed(SealedSecret.from_dict(old)).manifest(old)
        assert made["spec"].keys() == {"encryptedData", "template"}
        assert made["spec"]["template"] == {
            "metadata": {"name": "db", "namespace": "team-a", "labels": {"a": "b"}, "annotations": {"note": "x"}},
            "type": "example.org/pair",
            "immutable": True,
        }
        assert unseal(SealedSecret.from_dict(made), ring(NEW), None).secret.items == {"password": b"hunter2"}

    def test_a_scope_that_is_said_within_widens_nothing(self):
        inner = INNER | {"metadata": {"annotations": {SCOPE_ANNOTATION + "cluster-wide": "true"}}}
        made = resealed(legacy(inner)).sealed
        assert (made.scope, made.annotations) == (Scope.STRICT, {})
        assert not opens(made.items["password"], b"")

    @pytest.mark.parametrize(
        "inner",
        [
            b"hunter2",
            b'["hunter2"]',
            {"type": "service_account", "private_key": "hunter2", "data": {"a": "aGk="}},
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"hunter2": "x"}},
            INNER | {"data": {"hunter2": "not base64!"}},
            INNER | {"metadata": {"finalizers": "hunter2"}},
        ],
        ids=["text", "list", "a JSON value that is no Secret", "another kind", "bad data", "bad metadata"],
    )
    def test_an_item_that_was_put_there_tells_nothing_of_its_value(self, inner):
        with pytest.raises(UnsealError) as here:
            resealed(legacy(inner))
        with pytest.raises(UnsealError) as elsewhere:
            resealed(legacy(INNER, label=b"another label"))
        assert str(here.value) == str(elsewhere.value) == "no key could decrypt secret (spec.data)"


class TestCheck:
    def test_it_tells_which_key_opens_which_item(self):
        assert check_opens(sealed(), ring(NEW, OLD)) == dict.fromkeys(ITEMS, key(OLD).fingerprint)

    def test_it_names_all_items_that_do_not_open(self):
        with pytest.raises(UnsealError, match=r"^no key could decrypt secret \(password, user\)$"):
            check_opens(sealed(), ring(NEW))

    def test_templates_are_not_looked_at(self):
        assert set(check_opens(sealed(template=BROKEN_TEMPLATE), ring(OLD))) == set(ITEMS)

    @pytest.mark.parametrize("inner", [INNER, b"hunter2"], ids=["a Secret", "anything else"])
    def test_nor_is_what_the_deprecated_form_holds(self, inner):
        assert check_opens(legacy(inner), ring(OLD)) == {"spec.data": key(OLD).fingerprint}

    def test_it_costs_what_unsealing_costs(self):
        keys = ring(NEW, OLD)
        check_opens(sealed(), keys)
        assert keys.meter.value == 2 + 1


def test_a_counter_can_refuse_an_operation():
    class NoMoreError(Exception):
        pass

    class Miser(OperationCounter):
        def increment(self):
            super().increment()
            if self.value > 1:
                raise NoMoreError

    counter = Miser()
    with pytest.raises(NoMoreError):
        reseal(sealed(), ring(NEW, OLD, counter=counter), key(NEW).certificate)
    assert counter.value == 2
