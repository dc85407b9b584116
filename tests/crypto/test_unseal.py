"""Unsealing: keys, templates, the deprecated form, and what is told when it fails."""

import json
from dataclasses import replace

import pytest
from tests.support import independent
from tests.support.testkeys import key, ring

from sealwright_crypto import (
    HINT_ANNOTATION,
    DecryptionError,
    ManifestError,
    Pace,
    PausedError,
    Scope,
    ScopeError,
    SealedSecret,
    Secret,
    Template,
    UnsealError,
    seal,
    unseal,
)

NAMES = ("new-2048", "old-2048", "other-2048")


def sealed(items, template=None, *, to="new-2048", hints=False, **special):
    made = seal(Secret("db", "team-a", items), key(to).certificate, hints=hints)
    return replace(made, template=template or made.template, **special)


def sealed_to_two_keys(**special):
    """Return a SealedSecret whose item a was sealed to one key, and item b to another."""
    items = {**sealed({"a": b"1"}, to="other-2048").items, **sealed({"b": b"2"}, to="old-2048").items}
    return SealedSecret("db", "team-a", items, **special)


def shown(name, text, data):
    """Stand in for a template language: tell what one is given."""
    visible = "|".join(f"{item}={value.decode()}" for item, value in sorted(data.items()))
    return f"{name}<{text}>{visible}".encode()


def unsealed(sealed_secret, *names, render=None):
    return unseal(sealed_secret, ring(*names or NAMES), render)


def test_it_tells_which_key_opened_what():
    made = unsealed(sealed_to_two_keys())
    assert made.secret.items == {"a": b"1", "b": b"2"}
    assert made.fingerprints == {"a": key("other-2048").fingerprint, "b": key("old-2048").fingerprint}


def test_with_a_true_hint_each_item_costs_one_operation():
    keys = ring(*NAMES)
    items = {f"item-{number}": b"x" for number in range(5)}
    unseal(sealed(items, to="other-2048", hints=True), keys, render=None)
    assert keys.meter.value == 5


def test_without_a_hint_the_previous_item_s_key_is_tried_first():
    keys = ring(*NAMES)
    items = {f"item-{number}": b"x" for number in range(5)}
    unseal(sealed(items, to="other-2048"), keys, render=None)
    assert keys.meter.value == 3 + 4


def test_a_hint_goes_before_the_previous_item_s_key():
    keys = ring(*NAMES)
    hint = f"{key('other-2048').fingerprint}; {key('old-2048').fingerprint}: b"
    unseal(sealed_to_two_keys(annotations={HINT_ANNOTATION: hint}), keys, render=None)
    assert keys.meter.value == 2


def test_name_and_namespace_are_never_the_template_s():
    read = SealedSecret.from_dict(
        sealed({"a": b"1"}).to_dict()
        | {"spec": {"template": {"metadata": {"name": "other", "namespace": "elsewhere", "generateName": "x-"}}}}
    )
    assert unsealed(read).secret == Secret("db", "team-a", {})


TEMPLATES = [
    ("a template adds a key", {"url": "T"}, {"user": b"u"}, {"user": b"u", "url": b"url<T>url=T|user=u"}),
    ("an item wins over the template of its name", {"user": "T"}, {"user": b"u"}, {"user": b"u"}),
    (
        "a template sees the others unrendered",
        {"a": "A", "b": "B"},
        {},
        {"a": b"a<A>a=A|b=B", "b": b"b<B>a=A|b=B"},
    ),
    (
        "an item hides the template text of its name",
        {"a": "A", "b": "B"},
        {"a": b"1"},
        {"a": b"1", "b": b"b<B>a=1|b=B"},
    ),
    ("null leaves an item out", {"user": None}, {"user": b"u", "other": b"o"}, {"other": b"o"}),
    ("null for what is not there changes nothing", {"none": None}, {"user": b"u"}, {"user": b"u"}),
    ("an item left out is still seen", {"user": None, "url": "T"}, {"user": b"u"}, {"url": b"url<T>url=T|user=u"}),
    ("an empty template is rendered too", {"none": ""}, {"user": b"u"}, {"user": b"u", "none": b"none<>none=|user=u"}),
]


@pytest.mark.parametrize(("data", "items", "made"), [row[1:] for row in TEMPLATES], ids=[row[0] for row in TEMPLATES])
def test_template_data(data, items, made):
    assert unsealed(sealed(items, Template(data=data)), render=shown).secret.items == made


def test_nothing_is_rendered_where_there_is_no_template_data():
    def render(*_):
        raise AssertionError

    assert unsealed(sealed({"a": b"{{ .b }}"}), render=render).secret.items == {"a": b"{{ .b }}"}


def test_nothing_is_rendered_unless_every_item_opens():
    def render(*_):
        raise AssertionError

    with pytest.raises(UnsealError):
        unsealed(sealed({"a": b"1"}, Template(data={"url": "T"})), "old-2048", render=render)


def test_what_the_renderer_raises_goes_through():
    class TemplateProblemError(Exception):
        pass

    def render(*_):
        raise TemplateProblemError

    with pytest.raises(TemplateProblemError):
        unsealed(sealed({}, Template(data={"url": "T"})), render=render)


def test_finalizers_of_the_template_are_kept():
    template = Template({"finalizers": ["example.org/f"]})
    assert unsealed(sealed({"a": b"1"}, template)).secret.metadata == {"finalizers": ["example.org/f"]}


@pytest.mark.parametrize("finalizers", ["example.org/f", [1], {"a": "b"}])
def test_finalizers_that_are_no_list_of_texts_are_refused(finalizers):
    with pytest.raises(ManifestError, match=r"spec\.template\.metadata\.finalizers: expected a list of texts"):
        unsealed(sealed({"a": b"1"}, Template({"finalizers": finalizers})))


def test_all_failing_items_are_named():
    good = sealed({"good": b"1"}).items
    with pytest.raises(UnsealError) as caught:
        unsealed(SealedSecret("db", "team-a", {**sealed_to_two_keys().items, **good, "cut": "AAAA"}), "new-2048")
    assert caught.value.items == ("a", "b", "cut")
    assert list(caught.value.damaged) == ["cut"]
    assert str(caught.value).startswith("no key could decrypt secret (a, b, cut); cut: ")


class Hurried(Pace):
    """Has time for so many items, and for none after one that failed."""

    def __init__(self, items, opened=None):
        super().__init__(opened)
        self._left = items

    def has_time(self, *, hopeless):
        self._left -= 1
        return self._left >= 0 and not hopeless


def test_when_there_is_no_time_for_all_items_it_goes_on_where_it_was():
    keys, made, opened = ring(*NAMES), sealed({f"k{number}": b"x" for number in range(5)}, hints=True), {}
    for rounds in (1, 2):
        with pytest.raises(PausedError):
            unseal(made, keys, None, Hurried(2, opened))
        assert len(opened) == 2 * rounds
    assert len(unseal(made, keys, None, Hurried(2, opened)).secret.items) == 5
    assert keys.meter.value == 5


def test_it_goes_on_with_the_key_of_the_item_before():
    keys, made, opened = ring(*NAMES), sealed({f"k{number}": b"x" for number in range(4)}, to="other-2048"), {}
    with pytest.raises(PausedError):
        unseal(made, keys, None, Hurried(2, opened))
    unseal(made, keys, None, Hurried(2, opened))
    assert keys.meter.value == len(NAMES) + 3


def test_items_that_are_not_tried_after_one_failed_are_counted():
    futile = sealed({"good": b"1"}).items["good"]
    made = SealedSecret("elsewhere", "team-a", {f"k{number}": futile for number in range(9)})
    with pytest.raises(UnsealError, match=r"no key could decrypt secret \(k0\); 8 more were not tried$") as caught:
        unseal(made, ring(*NAMES), None, Hurried(5))
    assert (caught.value.items, caught.value.untried) == (("k0",), 8)


def test_a_damaged_item_costs_no_private_key_operation():
    keys = ring(*NAMES)
    whole = sealed({"a": b"1"}).items["a"]
    items = {"text": "no base64!", "cut": whole[:40], "long": whole[:1] + "/" + whole[2:], "empty": ""}
    with pytest.raises(UnsealError):
        unseal(SealedSecret("db", "team-a", items), keys, None)
    assert keys.meter.value == 0


def test_an_object_that_was_moved_does_not_open():
    with pytest.raises(UnsealError, match=r"no key could decrypt secret \(a\)"):
        unsealed(sealed({"a": b"1"}, namespace="team-b"))


def test_an_object_without_its_place_is_refused():
    with pytest.raises(ScopeError):
        unsealed(sealed({"a": b"1"}, name=""))


def legacy(inner, *, to="new-2048", label=b"team-a/db", **special):
    blob = independent.seal_item(json.dumps(inner).encode(), key(to).certificate.public_key, label)
    return SealedSecret("db", "team-a", legacy=blob, **special)


INNER = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "x", "namespace": "y", "uid": "1", "labels": {"a": "b"}, "finalizers": ["f"]},
    "type": "example.org/pair",
    "immutable": True,
    "data": {"password": "aHVudGVyMg=="},
}


def test_the_deprecated_form_brings_everything_but_its_place():
    made = unsealed(legacy(INNER))
    metadata = {"labels": {"a": "b"}, "finalizers": ["f"]}
    assert made.secret == Secret(
        "db", "team-a", {"password": b"hunter2"}, "example.org/pair", immutable=True, metadata=metadata
    )
    assert made.fingerprints == {"spec.data": key("new-2048").fingerprint}


def test_the_deprecated_form_does_not_look_at_the_template():
    template = Template({"labels": {"c": "d"}}, "other", immutable=False, data={"url": "T"})
    assert unsealed(legacy(INNER, template=template)) == unsealed(legacy(INNER))


def test_the_deprecated_form_has_a_scope_too():
    annotations = {"sealedsecrets.bitnami.com/cluster-wide": "true"}
    anywhere = legacy(INNER, label=b"", annotations=annotations)
    assert anywhere.scope is Scope.CLUSTER_WIDE
    assert unsealed(anywhere).secret.items == {"password": b"hunter2"}


def test_the_deprecated_form_can_be_hinted():
    keys = ring(*NAMES)
    unseal(legacy(INNER, to="other-2048", annotations={HINT_ANNOTATION: key("other-2048").fingerprint}), keys, None)
    assert keys.meter.value == 1


@pytest.mark.parametrize("label", [b"team-b/db", b""])
def test_the_deprecated_form_is_bound_to_its_place(label):
    with pytest.raises(UnsealError, match=r"no key could decrypt secret \(spec\.data\)$"):
        unsealed(legacy(INNER, label=label))


def test_the_deprecated_form_says_when_it_is_damaged():
    with pytest.raises(UnsealError, match=r"\(spec\.data\); spec\.data: the ciphertext is not base64"):
        unsealed(SealedSecret("db", "team-a", legacy="hunter2!"))


@pytest.mark.parametrize("inner", ["hunter2", ["hunter2"], None, 7], ids=["text", "list", "null", "number"])
def test_the_deprecated_form_must_hold_a_secret(inner):
    with pytest.raises(ManifestError, match="the deprecated ciphertext holds no Secret"):
        unsealed(legacy(inner))


def test_an_unseal_error_is_a_decryption_error():
    with pytest.raises(DecryptionError):
        unsealed(sealed({"a": b"1"}), "old-2048")
