"""What verify and rotate answer tells nothing of a plaintext: whole answers are compared over pairs of plaintexts."""

import base64
import itertools
import json

import pytest
import structlog
from tests.controller.web.test_keyservice import BOTH, INNER, ITEMS, NEW, OLD, Controller, legacy, sealed, with_items
from tests.support import independent
from tests.support.testkeys import key
from tests.support.workdone import calls_of

from sealwright_crypto import Keyring, Scope, SealedSecret, UnsealError, unseal

# Of the same length each, since the length of a value is that of its ciphertext: public by design.
PAIRS = [
    ("letters", b"correct horse", b"battery stapl"),
    ("what templates act on", b"{{ fail `x` }}", b"{{ printf 1 }}"),
    ("bytes that are no text", b"\xff\xfe\x00\x01", b"text"),
    ("base64 and none", b"aGVsbG8=", b"!!!!!!!!"),
    ("JSON and none", b'{"a": "b"}', b'{"a": "b"!'),
    ("numbers and none", b"1234567890", b"abcdefghij"),
    ("blanks", b"      ", b"abcdef"),
    ("line breaks", b"a\r\nb: c", b"abcdefg"),
    ("a document's end", b"\n---\na: b", b"abcdefghi"),
    ("NUL", b"\0\0\0\0", b"abcd"),
    ("a private key's beginning", b"-----BEGIN RSA PRIVATE KEY-----", b"-----BEGIN CERTIFICATE---------"),
]
TEMPLATES = {
    "no template": None,
    "a template that branches on the value": {"data": {"x": '{{ if hasPrefix "c" .x }}{{ fail "hit" }}{{ end }}'}},
    "a template that counts on it": {"data": {"x": "{{ add (int .x) 1 }}{{ .x | b64dec | fromJson }}"}},
    "a template that loops over it": {"data": {"x": "{{ range splitList `,` .x }}{{ . }}{{ end }}"}},
    "a template that is none": {"data": {"x": "{{ if .x"}},
    "labels and a type": {"metadata": {"labels": {"a": "{{ .x }}"}}, "type": "kubernetes.io/tls"},
}
FOREIGN = sealed({"x": b"1"}, key("other-2048"))["spec"]["encryptedData"]["x"]


def good(value, template):
    return sealed({"x": value, "y": b"other"}, template=template) if template else sealed({"x": value, "y": b"other"})


def cut(manifest, item, change):
    manifest["spec"]["encryptedData"][item] = change(manifest["spec"]["encryptedData"][item])
    return manifest


def flipped(text, at):
    raw = bytearray(base64.b64decode(text))
    raw[at] ^= 1
    return base64.b64encode(raw).decode()


FORMS = {
    "as it was sealed": good,
    "with an item of another key": lambda value, template: with_items(good(value, template), z=FOREIGN),
    "with an item that is no base64": lambda value, template: with_items(good(value, template), z="!"),
    "with an item that is too short": lambda value, template: with_items(good(value, template), z="AAAA"),
    "with an item that is a number": lambda value, template: with_items(good(value, template), z=5),
    "cut off": lambda value, template: cut(good(value, template), "x", lambda text: text[:-4]),
    "with a bit of the value changed": lambda value, template: cut(good(value, template), "x", lambda text: flipped(text, -17)),
    "with a bit of the tag changed": lambda value, template: cut(good(value, template), "x", lambda text: flipped(text, -1)),
    "with a bit of the session key changed": lambda value, template: cut(good(value, template), "x", lambda text: flipped(text, 40)),
    "with a length that lies": lambda value, template: cut(good(value, template), "x", lambda text: flipped(text, 0)),
    "of another name": lambda value, template: good(value, template) | {"metadata": {"name": "other", "namespace": "team-a"}},
    "of a wider scope": lambda value, template: sealed({"x": value}, scope=Scope.CLUSTER_WIDE, template=template or {}),
    "without hints": lambda value, template: sealed({"x": value}, hints=False, template=template or {}),
    "the deprecated form": lambda value, template: legacy(INNER | {"data": {"old": base64.b64encode(value).decode()}}),
    "the value in the place of the deprecated form": lambda value, template: raw_legacy(value),
}  # fmt: skip


def raw_legacy(value):
    """Move an item to where a whole Secret is expected: what it is taken for must not be seen from the answer."""
    blob = independent.seal_item(value, OLD.certificate.public_key, b"team-a/db")
    return sealed({}) | {"spec": {"data": blob, "encryptedData": {}}}


def observed(controller, path, body):
    """Return all that whoever asks can see of an answer, but for ciphertext; and the log."""
    before = controller.operations.value
    with structlog.testing.capture_logs() as log:
        status, headers, answer = controller.post(path, body)
    operations = controller.operations.value - before
    if status == 200 and path == "/v1/rotate":
        made = json.loads(answer)
        texts = made["spec"]["encryptedData"]
        made["spec"]["encryptedData"] = {name: len(text) for name, text in texts.items()}
        return status, headers, made, operations, log
    return status, headers, answer, operations, log


@pytest.fixture(scope="module")
def controller():
    return Controller()


@BOTH
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("one", "other"), [row[1:] for row in PAIRS], ids=[row[0] for row in PAIRS])
def test_the_whole_answer_is_the_same_for_both_plaintexts(controller, path, form, one, other):
    for template in (None, TEMPLATES["a template that branches on the value"]):
        seen = [observed(controller, path, FORMS[form](value, template)) for value in (one, other)]
        assert seen[0] == seen[1]
        assert seen[0][-1] == []


@BOTH
@pytest.mark.parametrize("template", TEMPLATES)
def test_so_it_is_whatever_the_template_asks(controller, path, template):
    for _, one, other in PAIRS:
        seen = [observed(controller, path, good(value, TEMPLATES[template])) for value in (one, other)]
        assert seen[0] == seen[1]
        assert seen[0][0] == 200


def work(controller, path, body):
    """Return every call that answering takes."""
    content = json.dumps(body).encode()
    return calls_of(lambda: controller.post(path, content))


@BOTH
@pytest.mark.parametrize("form", FORMS)
def test_the_work_is_the_same_for_both_plaintexts_and_so_is_the_time(controller, path, form):
    template, differing = TEMPLATES["a template that branches on the value"], []
    work(controller, path, FORMS[form](b"warm up", template))  # whatever is done only once is done now
    for what, one, other in PAIRS:
        seen = [work(controller, path, FORMS[form](value, template)) for value in (one, other)]
        assert len(seen[0]) > 100
        if seen[0] != seen[1]:
            differing.append(what)
    assert differing == []


def test_what_is_rotated_is_sealed_to_the_key_that_is_served_and_opens_with_it_alone():
    served, absent = key("other-2048"), key("medium-3072")
    made = SealedSecret.from_dict(json.loads(Controller(served, NEW, OLD).rotate(sealed()).body))
    assert unseal(made, Keyring([served.private_key]), None).secret.items == ITEMS
    for each in (NEW, OLD, absent):
        with pytest.raises(UnsealError):
            unseal(made, Keyring([each.private_key]), None)


@BOTH
def test_a_key_that_is_not_in_use_opens_nothing(path):
    controller = Controller(NEW)
    assert controller.post(path, sealed(to=OLD)).status == 409
    controller.use(NEW, OLD)
    assert controller.post(path, sealed(to=OLD)).status == 200
    controller.use(NEW)
    assert controller.post(path, sealed(to=OLD)).status == 409


def test_every_pair_is_of_one_length():
    assert [row[0] for row in PAIRS if len(row[1]) != len(row[2])] == []
    assert len(list(itertools.product(PAIRS, FORMS))) > 150
