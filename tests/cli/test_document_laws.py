"""Laws of reading and writing manifests, for texts that nobody would think of."""

import base64
import contextlib
import itertools
import json
from dataclasses import replace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests.support.builders import keyring, sealed_secret, sealing_key
from tests.support.odd_objects import odd_objects, ways_to_write
from tests.support.secret_texts import ListText, SecretText, list_texts, other_documents, secret_texts

from sealwright_cli.files.disk import decode
from sealwright_cli.manners import KUBESEAL, SEALWRIGHT
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError
from sealwright_cli.sealed.sealing import SealingRules, seal_text
from sealwright_crypto import SealedSecret, unseal
from sealwright_manifests.editing.fields import merge_fields
from sealwright_manifests.editing.readback import check_as_meant
from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import Form, join, join_as_read, new_text, read_documents

RULES = SealingRules(sealing_key().certificate)
SIGNS = st.text(alphabet="ab:-? #&*!|>'\"%@`{}[],\n\t\r\\0.~<\x00\x85\ufeff\U0001f40b", max_size=60)


@given(st.one_of(st.binary(max_size=80), SIGNS.map(str.encode), SIGNS.map(lambda text: text.encode("utf-16"))))
def test_no_bytes_make_more_than_an_error_for_the_user(content: bytes) -> None:
    with contextlib.suppress(CliError), border():
        documents = read_documents(decode(content, "x"), "x")
        join(documents)
        join(documents, Form.JSON)


@given(SIGNS, st.booleans())
@example(text="\n  ? a\n  : b\n", alone=True)
@example(text="a\r  l: b\r# c", alone=False)
@example(text="a # b\x85  l: c", alone=False)
def test_no_text_inside_a_secret_makes_more_than_an_error(text: str, alone: bool) -> None:
    secret = f"kind: Secret\nmetadata: {{name: a, namespace: b}}\nstringData:\n  k: {text}\n"
    source = secret if alone else "kind: List\nitems:\n- " + secret.replace("\n", "\n  ") + "\n- kind: ConfigMap\n"
    with contextlib.suppress(CliError), border():
        result = seal_text(source, "x", RULES)
        again = seal_text(join(result.documents), "x", RULES)
        assert again.already == len(result.done)


SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "a", "namespace": "b", "labels": {"x": "y"}, "finalizers": ["f"]},
    "type": "Opaque",
    "immutable": True,
    "data": {"a": "YQ=="},
    "stringData": {"b": "c"},
}


@given(odd_objects(SECRET), st.sampled_from([None, Form.YAML, Form.JSON]))
def test_no_object_in_the_place_of_a_secret_makes_more_than_an_error(made: dict[str, Any], form: Form | None) -> None:
    for text, manners in itertools.product(ways_to_write(made), (SEALWRIGHT, KUBESEAL)):
        with contextlib.suppress(CliError), border():
            result = seal_text(text, "x", replace(RULES, manners=manners))
            if not result.errors and manners is SEALWRIGHT:
                check_as_meant(result.documents, join_as_read(result.documents))
            if not result.errors:
                (new_text(result.objects, Form.JSON) if result.objects else join(result.documents, form)).encode()


@given(odd_objects(sealed_secret(template={"data": {"url": "{{ .password }}"}, "type": "Opaque"})))
def test_no_object_in_the_place_of_a_sealed_one_makes_more_than_an_error(made: dict[str, Any]) -> None:
    changes = {"spec": {"encryptedData": {"x": "y"}}, "metadata": {"annotations": {"x": "y"}}}
    for text, form in itertools.product(ways_to_write(made), (None, Form.JSON)):
        with contextlib.suppress(CliError), border():
            documents = read_documents(text, "x")
            for manifest in find_manifests(documents):
                read_sealed_secret(manifest)
                merge_fields(manifest.document, manifest.node, changes)
            check_as_meant(documents, join_as_read(documents))
            join(documents, form).encode()


@given(st.text(max_size=200).filter(lambda text: "\r" not in text.replace("\r\n", "")))
def test_documents_that_are_not_sealed_come_out_as_they_went_in(text: str) -> None:
    try:
        documents = read_documents(text, "x")
    except BadManifestError:
        return
    assert join(documents) == text


@given(
    st.lists(st.one_of(other_documents(), secret_texts().map(str)), min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_stands_beside_a_secret_survives_byte_for_byte(texts: list[str], line_break: str) -> None:
    chunks = [f"---\n{text}".replace("\n", line_break) for text in texts]
    result = seal_text("".join(chunks), "x", RULES)
    assert result.errors == []
    sealed = [document.source for document in read_documents(join(result.documents), "x")]
    assert len(sealed) == len(chunks)
    for before, after in zip(chunks, sealed, strict=True):
        assert after == before or "kind: Secret" in before


@given(secret_texts())
def test_what_was_written_in_any_style_is_what_the_cluster_unseals(secret: SecretText) -> None:
    result = seal_text(str(secret), "x", RULES)
    assert result.errors == []
    (manifest,) = YAML(typ="safe", pure=True).load_all(join(result.documents))
    check_opens_as(manifest, secret)


@given(list_texts(), st.sampled_from(["\n", "\r\n"]))
def test_whatever_stands_beside_a_secret_in_a_list_means_what_it_meant(objects: ListText, line_break: str) -> None:
    text = objects.text.replace("\n", line_break)
    before = YAML(typ="safe", pure=True).load(text)
    result = seal_text(text, "x", RULES)
    assert result.errors == []
    check_as_meant(result.documents, join_as_read(result.documents))
    after = YAML(typ="safe", pure=True).load(join(result.documents))
    for number, (old, new) in enumerate(zip(before.pop("items"), after.pop("items"), strict=True)):
        if number in objects.secrets:
            check_opens_as(new, objects.secrets[number])
        else:
            assert new == old
    assert after == before


def check_opens_as(manifest: Any, secret: SecretText) -> None:
    """Check that a manifest is a SealedSecret of all that a Secret holds."""
    opened = unseal(SealedSecret.from_dict(manifest), keyring(), lambda *_: b"").secret
    assert dict(opened.items) == {name: value.encode() for name, value in secret.items.items()}
    template = manifest["spec"]["template"]
    assert (opened.name, opened.namespace, template["type"]) == ("db", "team-a", "Opaque")
    assert template["metadata"].get("labels", {}) == secret.labels
    assert template["metadata"].get("annotations", {}) == secret.annotations


@given(secret_texts())
def test_every_harmless_comment_survives_once_and_the_order_stays(secret: SecretText) -> None:
    text = join(seal_text(str(secret), "x", RULES).documents)
    for comment in secret.comments:
        assert text.count(comment) == 1, comment
    (manifest,) = YAML(typ="safe", pure=True).load_all(text)
    assert list(manifest["spec"]["encryptedData"]) == list(secret.items)


@given(secret_texts())
def test_json_output_says_the_same_as_yaml_output(secret: SecretText) -> None:
    result = seal_text(str(secret), "x", RULES)
    (from_yaml,) = YAML(typ="safe", pure=True).load_all(join(result.documents))
    assert json.loads(join(result.documents, Form.JSON)) == from_yaml


@given(st.dictionaries(st.text("abc-_.", min_size=1, max_size=8), st.binary(max_size=40), min_size=1, max_size=4))
def test_binary_items_in_json_survive(items: dict[str, bytes]) -> None:
    data = {name: base64.b64encode(value).decode() for name, value in items.items()}
    source = json.dumps({"kind": "Secret", "metadata": {"name": "a", "namespace": "b"}, "data": data})
    sealed = json.loads(join(seal_text(source, "x", RULES).documents))
    assert dict(unseal(SealedSecret.from_dict(sealed), keyring(), lambda *_: b"").secret.items) == items
