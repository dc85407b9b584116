"""Laws of sealing and opening that hold for every value, place, key and hint."""

import base64
import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.support import independent
from tests.support.testkeys import ONE_OF_EACH_SIZE, key, ring

from sealwright_crypto import (
    HINT_ANNOTATION,
    Scope,
    SealedSecret,
    SealwrightCryptoError,
    Secret,
    Template,
    UnsealError,
    check_opens,
    label_for,
    open_item,
    reseal,
    seal,
    seal_item,
    unseal,
)
from sealwright_crypto.keyhints import read_hints, write_hints

EVERY_SIZE = pytest.mark.parametrize("size", ONE_OF_EACH_SIZE)
EVERY_SCOPE = pytest.mark.parametrize("scope", Scope)
SAME_SIZE = ("new-2048", "old-2048", "other-2048")

few = settings(deadline=None, max_examples=25)  # examples that cost private-key operations of large keys
some = settings(deadline=None, max_examples=60)

place_names = st.from_regex(r"[a-z0-9]([-a-z0-9.]{0,30}[a-z0-9])?", fullmatch=True)
item_names = st.from_regex(r"[-._a-zA-Z0-9]{1,30}", fullmatch=True)
values = st.binary(max_size=300)
items = st.dictionaries(item_names, values, max_size=4)
labels = st.binary(max_size=100)
texts = st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3)

SMALL_ITEM = seal_item(b"hunter2", key("small-1024").certificate, b"team-a/db")
SMALL_RAW = base64.b64decode(SMALL_ITEM)


def encoded(raw):
    return base64.b64encode(raw).decode()


def does_not_open(item, name="small-1024", label=b"team-a/db"):
    with pytest.raises(SealwrightCryptoError):
        open_item(item, key(name).private_key, label)
    return True


# Round trips


@EVERY_SIZE
@few
@given(value=values, label=labels)
def test_what_is_sealed_opens_to_the_same_bytes(size, value, label):
    assert open_item(seal_item(value, key(size).certificate, label), key(size).private_key, label) == value


@EVERY_SIZE
@EVERY_SCOPE
@settings(few, max_examples=8)
@given(items=items, name=place_names, namespace=place_names, labels=texts, kind=st.none() | place_names)
def test_a_secret_survives_sealing_writing_reading_and_opening(size, scope, items, name, namespace, labels, kind):
    metadata = {"labels": labels} if labels else {}
    secret = Secret(name, namespace, items, kind, metadata=metadata)
    written = json.dumps(seal(secret, key(size).certificate, scope=scope).to_dict())
    read = SealedSecret.from_dict(json.loads(written))
    assert read.scope is scope
    assert unseal(read, ring(size), render=None).secret.items == items


@few
@given(value=values, label=labels)
def test_both_implementations_open_what_the_other_seals(value, label):
    public, private = key().certificate.public_key, key().private_key.raw
    assert independent.open_item(seal_item(value, key().certificate, label), private, label) == value
    assert open_item(independent.seal_item(value, public, label), key().private_key, label) == value


@some
@given(value=values)
def test_equal_values_never_seal_to_equal_payloads(value):
    one, two = (base64.b64decode(seal_item(value, key().certificate, b"")) for _ in range(2))
    assert one[:258] != two[:258]
    assert one[258:] != two[258:]


# Labels


@some
@given(label=labels, other=labels)
def test_a_wrong_label_fails(label, other):
    assume(label != other)
    assert does_not_open(seal_item(b"hunter2", key("small-1024").certificate, label), label=other)


bindable = st.text(min_size=1, max_size=20).filter(lambda text: "/" not in text)
places = st.tuples(st.sampled_from(Scope), bindable, bindable)


def bound_to(scope, namespace, name):
    """Return what a scope binds to, as a value that can be compared."""
    return {Scope.STRICT: (namespace, name), Scope.NAMESPACE_WIDE: (namespace,), Scope.CLUSTER_WIDE: ()}[scope]


@given(one=places, two=places)
def test_two_places_share_a_label_only_if_the_scope_makes_them_one(one, two):
    assert (label_for(*one) == label_for(*two)) == (bound_to(*one) == bound_to(*two))


@settings(some, max_examples=30)
@given(annotations=texts, smuggled=st.sampled_from(Scope), scope=st.sampled_from(Scope))
def test_the_template_never_decides_the_scope(annotations, smuggled, scope):
    sealed = seal(Secret("db", "team-a", {"a": b"1"}), key("small-1024").certificate, scope=scope).to_dict()
    said = {f"sealedsecrets.bitnami.com/{smuggled}": "true"}
    sealed["spec"]["template"]["metadata"]["annotations"] = annotations | said
    read = SealedSecret.from_dict(sealed)
    assert read.scope is scope
    assert unseal(read, ring("small-1024"), render=None).secret.items == {"a": b"1"}


# Tampering


def test_any_flipped_bit_fails():
    for position in range(len(SMALL_RAW) * 8):
        changed = bytearray(SMALL_RAW)
        changed[position // 8] ^= 1 << position % 8
        assert does_not_open(encoded(changed))


def test_any_truncation_fails():
    for length in range(len(SMALL_RAW)):
        assert does_not_open(encoded(SMALL_RAW[:length]))
        assert does_not_open(encoded(SMALL_RAW[length + 1 :]))


def test_any_truncation_of_the_text_fails():
    for length in range(len(SMALL_ITEM)):
        assert does_not_open(SMALL_ITEM[:length])


@few
@given(data=st.data(), size=st.sampled_from(ONE_OF_EACH_SIZE), value=values)
def test_any_change_of_any_item_fails(data, size, value):
    raw = base64.b64decode(seal_item(value, key(size).certificate, b""))
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 300)))
    put_in = data.draw(st.binary(max_size=300))
    assume(raw[start:end] != put_in)
    changed = raw[:start] + put_in + raw[end:]
    assume(changed != raw)
    assert does_not_open(encoded(changed), size, b"")


@some
@given(position=st.integers(0, len(SMALL_ITEM)), character=st.characters().filter(lambda c: c not in "\r\n"))
def test_any_character_added_to_the_text_fails(position, character):
    assert does_not_open(SMALL_ITEM[:position] + character + SMALL_ITEM[position:])


@some
@given(
    breaks=st.dictionaries(st.integers(0, len(SMALL_ITEM)), st.sampled_from(["\n", "\r\n", "\r", "\n\n"]), max_size=20)
)
def test_line_breaks_anywhere_change_nothing(breaks):
    broken = "".join(breaks.get(i, "") + SMALL_ITEM[i : i + 1] for i in range(len(SMALL_ITEM) + 1))
    assert open_item(broken, key("small-1024").private_key, b"team-a/db") == b"hunter2"


# Several keys, several items, hints

KEY_OF_ITEM = st.lists(st.sampled_from(SAME_SIZE), min_size=1, max_size=4)
KEY_ORDERS = st.permutations(SAME_SIZE)


def sealed_to(names, hint=None):
    """Return a SealedSecret with one item for each name of a key, sealed to that key."""
    sealed = {f"item-{i}": _sealed_once(name) for i, name in enumerate(names)}
    return SealedSecret("db", "team-a", sealed, annotations={} if hint is None else {HINT_ANNOTATION: hint})


_ITEMS = {name: seal_item(name.encode(), key(name).certificate, b"team-a/db") for name in SAME_SIZE}


def _sealed_once(name):
    return _ITEMS[name]


def outcome(sealed, *names):
    """Return what unsealing gives, errors too, and how many private-key operations it took."""
    keys = ring(*names)
    try:
        unsealed = unseal(sealed, keys, render=None)
    except UnsealError as error:
        return error.items, keys.meter.value
    return (unsealed.secret, unsealed.fingerprints), keys.meter.value


@some
@given(names=KEY_OF_ITEM, order=KEY_ORDERS, other_order=KEY_ORDERS)
def test_the_order_of_keys_does_not_matter(names, order, other_order):
    sealed = sealed_to(names)
    assert outcome(sealed, *order)[0] == outcome(sealed, *other_order)[0]


@some
@given(names=KEY_OF_ITEM, order=KEY_ORDERS, data=st.data())
def test_the_order_of_items_does_not_matter(names, order, data):
    sealed = sealed_to(names)
    shuffled = SealedSecret("db", "team-a", dict(data.draw(st.permutations(list(sealed.items.items())))))
    assert outcome(sealed, *order)[0] == outcome(shuffled, *order)[0]


@some
@given(names=KEY_OF_ITEM, order=KEY_ORDERS, present=st.integers(0, 3))
def test_an_object_opens_whole_or_names_what_does_not(names, order, present):
    missing = tuple(f"item-{i}" for i, name in enumerate(names) if name not in order[:present])
    result, _ = outcome(sealed_to(names), *order[:present])
    if missing:
        assert result == missing
    else:
        assert list(result[0].items.values()) == [name.encode() for name in names]


@some
@given(names=KEY_OF_ITEM, order=KEY_ORDERS, further=st.booleans())
def test_with_a_true_hint_each_item_costs_one_operation(names, order, further):
    hint = write_hints({f"item-{i}": key(name).fingerprint for i, name in enumerate(names)})
    keys = (*order, "small-1024", "medium-3072") if further else order
    assert outcome(sealed_to(names, hint), *keys)[1] == len(names)


@some
@given(names=KEY_OF_ITEM, order=KEY_ORDERS)
def test_without_a_hint_the_cost_is_what_the_rule_says(names, order):
    """The previous item's key first, then newest first."""
    cost, previous = 0, None
    for name in names:
        tried = list(dict.fromkeys([previous or order[0], *order]))
        cost, previous = cost + tried.index(name) + 1, name
    assert outcome(sealed_to(names), *order)[1] == cost


FINGERPRINTS = [key(name).fingerprint for name in (*SAME_SIZE, "small-1024")]
hint_texts = st.text(max_size=100) | st.lists(
    st.sampled_from([*FINGERPRINTS, "0" * 64, ";", ":", ",", " ", "item-0", "item-1", "item-2", "junk"]), max_size=20
).map("".join)


@some
@given(names=KEY_OF_ITEM, order=KEY_ORDERS, present=st.integers(1, 3), hint=hint_texts)
def test_a_hint_never_changes_a_result_and_costs_at_most_one_operation_an_item(names, order, present, hint):
    result, cost = outcome(sealed_to(names), *order[:present])
    hinted_result, hinted_cost = outcome(sealed_to(names, hint), *order[:present])
    assert hinted_result == result
    assert hinted_cost <= cost + len(names)


@given(fingerprints=st.dictionaries(item_names, st.sampled_from(FINGERPRINTS)))
def test_hints_that_are_written_are_read_again(fingerprints):
    hints = read_hints({HINT_ANNOTATION: write_hints(fingerprints)})
    assert {item: hints.of(item) for item in fingerprints} == fingerprints


@given(text=hint_texts, item=st.text(max_size=10))
def test_a_hint_is_a_fingerprint_or_nothing(text, item):
    hint = read_hints({HINT_ANNOTATION: text}).of(item)
    assert hint is None or (len(hint) == 64 and set(hint) <= set("0123456789abcdef"))


# Templates


@settings(some, max_examples=30)
@given(items=items, texts=st.dictionaries(item_names, st.none() | st.text(max_size=10), max_size=4))
def test_every_key_comes_from_an_item_or_a_template_text(items, texts):
    sealed = seal(Secret("db", "team-a", items), key("small-1024").certificate)
    templated = SealedSecret("db", "team-a", sealed.items, template=Template(data=texts))
    made = unseal(templated, ring("small-1024"), lambda name, text, data: f"{name}:{text}".encode()).secret.items
    expected = dict(items)
    for name, text in texts.items():
        expected.pop(name, None)
        if text is not None:
            expected[name] = f"{name}:{text}".encode()
    assert made == expected


# Resealing


@EVERY_SCOPE
@settings(some, max_examples=15)
@given(items=items, texts=st.dictionaries(item_names, st.none() | st.text(max_size=10), max_size=2), labels=texts)
def test_the_same_secret_comes_of_a_resealed_object(scope, items, texts, labels):
    metadata = {"labels": labels} if labels else {}
    sealed = seal(
        Secret("db", "team-a", items, metadata=metadata), key("small-1024").certificate, scope=scope
    ).to_dict()
    sealed["spec"]["template"]["data"] = texts
    before = SealedSecret.from_dict(sealed)
    made = reseal(before, ring("small-1024"), key().certificate)
    for after in (made.sealed, SealedSecret.from_dict(json.loads(json.dumps(made.manifest(sealed))))):
        assert unseal(after, ring("new-2048"), shown).secret == unseal(before, ring("small-1024"), shown).secret
        assert after.label == before.label
    assert made.sealed.items.keys() == items.keys()


def shown(name, text, data):
    """Stand in for a template language."""
    return f"{name}:{text}:{sorted(data)}".encode()


@some
@given(names=KEY_OF_ITEM, order=KEY_ORDERS, present=st.integers(0, 3))
def test_checking_and_resealing_refuse_what_unsealing_refuses_at_the_same_cost(names, order, present):
    sealed, (result, cost) = sealed_to(names), outcome(sealed_to(names), *order[:present])
    for what in (check_opens, lambda *given: reseal(*given, key().certificate).fingerprints):
        keys = ring(*order[:present])
        try:
            made = what(sealed, keys)
        except UnsealError as error:
            made = error.items
        assert made == (result if isinstance(result[0], str) else result[1])
        assert keys.meter.value == cost
