"""What people write into SealedSecrets by mistake or ill will: each is told with a reason and a sentence, and nobody else notices.

Whole controllers; fields of any shape whatever are tested by law in test_hostile_fields.py.
"""

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.builders import sealing_key
from tests.support.outcomes import SYNC_SECONDS, condition, sealed_in, wait_synced
from tests.support.running import running
from tests.support.wait import eventually
from tests.support.worlds import World

MIB = 2**20
GOOD = {"password": b"hunter2"}

Spoil = Callable[[dict[str, Any]], Any]


def items(**values: Any) -> Spoil:
    """Put items beside those that are well."""
    return lambda manifest: manifest["spec"]["encryptedData"].update(values)


def template(**parts: Any) -> Spoil:
    """Replace parts of the template."""
    return lambda manifest: manifest["spec"]["template"].update(parts)


def spec(value: Any) -> Spoil:
    """Replace the whole spec."""
    return lambda manifest: manifest.update(spec=value)


LARGE = [
    pytest.param(items(big="A" * MIB), "NoKey", "no key could decrypt secret (big)", id="an item of 1 MiB"),
    pytest.param(items(big="!" * MIB), "NoKey", "no key could decrypt secret (big)", id="1 MiB that is no base64"),
    pytest.param(items(**{f"i{n}": "AAAA" for n in range(10_000)}), "NoKey", "no key could", id="10,000 items"),
    pytest.param(items(**{"x" * 300: "AAAA"}), "NoKey", "no key could", id="an item whose name is too long"),
    pytest.param(template(data={"x" * 300: "text"}), "ItemNameInvalid", "", id="a template whose key is too long"),
    pytest.param(template(data={"a/b": "text"}), "ItemNameInvalid", "a/b", id="a template whose key has a slash"),
    pytest.param(template(data={"big": "x" * (MIB + 1)}), None, "", id="a template of more than 1 MiB"),
    pytest.param(template(data={"t": "{{ repeat 2000000 .password }}"}), "TemplateLimit", "memory", id="a huge value"),
    pytest.param(template(metadata={"labels": {"app": "no label !"}}), "Refused", "label", id="a label that is none"),
    pytest.param(template(metadata={"labels": {"app": "x" * 64}}), "Refused", "label", id="a label that is too long"),
    pytest.param(template(metadata={"labels": {"a/b/c": "x"}}), "Refused", "label", id="a label's key that is none"),
    pytest.param(
        template(metadata={"annotations": {"a": "x" * 300_000}}), "Refused", "annotations", id="endless annotations"
    ),
    pytest.param(
        template(metadata={"finalizers": ["none"]}), "FinalizersRefused", "finalizer", id="a finalizer that is none"
    ),
    pytest.param(template(type="kubernetes.io/tls"), "Refused", "tls", id="a type whose items are missing"),
]

MISSHAPEN = [
    pytest.param(items(x=5), "spec.encryptedData.x: expected text, found a number", id="an item that is a number"),
    pytest.param(items(x=None), "spec.encryptedData.x: expected text, found nothing (null)", id="an item that is null"),
    pytest.param(items(x=["a"]), "spec.encryptedData.x: expected text, found a list", id="an item that is a list"),
    pytest.param(items(x={"a": "b"}), "spec.encryptedData.x: expected text, found a map", id="an item that is a map"),
    pytest.param(items(x=True), "spec.encryptedData.x: expected text, found", id="an item that is a truth value"),
    pytest.param(spec(5), "spec: expected a map, found a number", id="a spec that is a number"),
    pytest.param(spec("junk"), "spec: expected a map, found text", id="a spec that is text"),
    pytest.param(spec(["junk"]), "spec: expected a map, found a list", id="a spec that is a list"),
    pytest.param(spec({"encryptedData": ["junk"]}), "spec.encryptedData: expected a map", id="items that are a list"),
    pytest.param(spec({"encryptedData": "junk"}), "spec.encryptedData: expected a map", id="items that are text"),
    pytest.param(spec({"data": 5, "encryptedData": {}}), "spec.data: expected text", id="the old form as a number"),
    pytest.param(
        lambda manifest: manifest["spec"].update(template="junk"),
        "spec.template: expected a map",
        id="a template of text",
    ),
    pytest.param(template(data={"x": 5}), "spec.template.data.x: expected text", id="a template's text is a number"),
    pytest.param(template(type=5), "spec.template.type: expected text", id="a type that is a number"),
    pytest.param(template(immutable="yes"), "spec.template.immutable: expected true or false", id="immutable is text"),
    pytest.param(
        template(metadata={"labels": {"a": 5}}),
        "spec.template.metadata.labels.a: expected text",
        id="a label: a number",
    ),
    pytest.param(
        template(metadata={"labels": ["a"]}),
        "spec.template.metadata.labels: expected a map",
        id="labels that are a list",
    ),
]


def told(world: World, spoil: Spoil, reasons: set[str], words: str) -> dict[str, Any]:
    """Put a spoilt object between two good ones; return its condition once those are well, and it is told so."""
    world.add_key(sealing_key())
    bad = sealed_in(world, "bad")
    spoil(bad)
    key = world.key("bad")

    def found() -> dict[str, Any] | None:
        # Of a large file that is being written, a directory may first see a part.
        seen = condition(world, key)
        is_told = seen["status"] == "False" and seen["reason"] in reasons and words in seen["message"]
        return seen if is_told else None

    with running(world.gateway()):
        world.put_sealed(sealed_in(world, "before"))
        world.put_sealed(bad)
        world.put_sealed(sealed_in(world, "after"))
        for name in ("before", "after"):
            wait_synced(world, world.key(name), GOOD)
        seen = eventually(found, timeout=SYNC_SECONDS, what=f"it is told: {words}") or {}
        assert world.secret(key) is None
        assert {said.type for said in world.events(key)} == {"Warning"}
        return seen


@pytest.mark.parametrize(("spoil", "reason", "words"), LARGE)
def test_what_is_too_large_or_no_name_is_told(world: World, spoil: Spoil, reason: str | None, words: str) -> None:
    found = told(world, spoil, {reason} if reason else {"Refused", "TemplateLimit"}, words)
    assert 0 < len(found["message"]) <= 1_024
    assert "hunter2" not in found["message"]


@pytest.mark.parametrize(("spoil", "words"), MISSHAPEN)
def test_what_has_the_wrong_shape_is_told(schemaless_world: World, spoil: Spoil, words: str) -> None:
    found = told(schemaless_world, spoil, {"Malformed"}, words)
    assert found["message"].startswith(words)
