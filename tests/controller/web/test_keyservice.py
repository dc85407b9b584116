"""POST /v1/verify and /v1/rotate as a WSGI app: what they answer, what they cost, and what they never do or tell."""

import base64
import itertools
import json

import pytest
import structlog
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests.support import independent
from tests.support.builders import other_sealing_key, sealed_secret
from tests.support.testkeys import key
from tests.support.wsgi import ask

from sealwright_controller.keys.keystore import Keys
from sealwright_controller.pacing.ratelimit import MAX_OPERATIONS, KeyWorkLimit, TokenBucket
from sealwright_controller.web.endpoints import controller_app
from sealwright_controller.web.keyservice import KeyService
from sealwright_controller.web.server import MAX_BODY_BYTES
from sealwright_crypto import HINT_ANNOTATION, Keyring, OperationCounter, Scope, SealedSecret, unseal

OLD, NEW = key("old-2048"), key("new-2048")
PASSWORD = "correct horse battery staple"
ITEMS = {"user": b"shop", "password": PASSWORD.encode()}
SCOPE_ANNOTATION = "sealedsecrets.bitnami.com/"
BOTH = pytest.mark.parametrize("path", ["/v1/verify", "/v1/rotate"])


class Controller:
    """The endpoints over keys of the test's choice, and a clock that stands until it is told to go on."""

    def __init__(self, *keys, size=1_000_000.0, per_second=1_000_000.0, **options):
        self.use(*keys or (NEW, OLD))
        self.operations = OperationCounter()
        self.now = 0.0
        bucket = TokenBucket(size=size, per_second=per_second, clock=lambda: self.now)
        service = KeyService(lambda: self.keys, KeyWorkLimit(bucket, self.operations), **options)
        self.app = controller_app(
            certificate=lambda: NEW.certificate.pem,
            why_not_ready=lambda: None,
            verify=service.verify,
            rotate=service.rotate,
            observe=lambda *seen: None,
        )

    def use(self, *keys):
        """Have these keys from now on, newest first."""
        self.keys = Keys(keys, Keyring(each.private_key for each in keys))

    def post(self, path, body, **environ):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return ask(self.app, path, "POST", body, CONTENT_LENGTH=str(len(body)), **environ)

    def verify(self, body, **environ):
        return self.post("/v1/verify", body, **environ)

    def rotate(self, body, **environ):
        return self.post("/v1/rotate", body, **environ)


@pytest.fixture
def controller():
    return Controller()


def sealed(items=None, to=OLD, **special):
    return sealed_secret("db", "team-a", ITEMS if items is None else items, certificate=to.certificate, **special)


def with_items(manifest, **items):
    manifest["spec"]["encryptedData"] |= items
    return manifest


def with_metadata(manifest, **fields):
    manifest["metadata"] |= fields
    return manifest


def as_yaml(manifest, prefix="", suffix=""):
    # JSON is YAML; keys without quotes and a block make sure that it is read as YAML.
    return (prefix + "".join(f"{name}: {json.dumps(value)}\n" for name, value in manifest.items()) + suffix).encode()


def legacy(inner, to=OLD):
    blob = independent.seal_item(json.dumps(inner).encode(), to.certificate.public_key, b"team-a/db")
    return sealed({}) | {"spec": {"data": blob, "encryptedData": {}}}


INNER = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"old": base64.b64encode(b"value").decode()}}
FAILING_TEMPLATE = {"data": {"x": '{{ fail "no" }}', "y": "{{ .nothing | nonsense }}"}}
FOREIGN = sealed({"x": b"1"}, key("other-2048"))["spec"]["encryptedData"]["x"]


class TestVerify:
    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(sealed(), id="JSON"),
            pytest.param(as_yaml(sealed()), id="YAML"),
            pytest.param(as_yaml(sealed(), "---\n"), id="YAML with a marker before it, as kubeseal writes it"),
            pytest.param(as_yaml(sealed(), "# sealed\n", "---\n"), id="YAML with nothing behind its last marker"),
            pytest.param(b" \n" + json.dumps(sealed(), indent=2).encode(), id="JSON with blanks before it"),
            pytest.param(b"\xef\xbb\xbf" + json.dumps(sealed()).encode(), id="JSON with a byte order mark"),
            pytest.param(as_yaml(sealed()).decode().encode("utf-16"), id="UTF-16"),
            pytest.param(sealed(to=NEW), id="sealed to the newest key"),
            pytest.param(sealed(scope=Scope.NAMESPACE_WIDE), id="of a wider scope"),
            pytest.param(sealed(template=FAILING_TEMPLATE), id="with a template that would fail"),
            pytest.param(sealed(hints=False), id="without a hint"),
            pytest.param(sealed({}), id="without items"),
            pytest.param(legacy(INNER), id="of the deprecated form"),
        ],
    )
    def test_what_opens_is_answered_200(self, controller, body):
        assert controller.verify(body)[::2] == (200, b"ok\n")

    @pytest.mark.parametrize(
        ("body", "items"),
        [
            pytest.param(with_items(sealed(), a=FOREIGN), "a", id="one item of a key that is not here"),
            pytest.param(with_items(sealed(), z=FOREIGN, a="AAAA"), "a, z", id="two items, of which one is damaged"),
            pytest.param(with_metadata(sealed(), namespace="team-b"), "password, user", id="moved to another namespace"),
            pytest.param(
                sealed(annotations={SCOPE_ANNOTATION + "cluster-wide": "true"}), "password, user", id="made wider by hand"
            ),
            pytest.param(legacy(INNER, key("other-2048")), "spec.data", id="of the deprecated form"),
            pytest.param(with_items(sealed({}), **{"e\x1b[2J\n": FOREIGN}), "e\\x1b[2J\\n", id="an item named by an enemy"),
        ],
    )  # fmt: skip
    @BOTH
    def test_what_does_not_open_is_answered_409_naming_the_items_and_nothing_else(self, controller, path, body, items):
        status, headers, answer = controller.post(path, body)
        assert (status, answer.decode()) == (409, f"no key could decrypt secret ({items})\n")
        assert headers["Content-Type"] == "text/plain; charset=utf-8"

    def test_every_item_is_tried(self, controller):
        body = with_items(sealed({}), **{f"x{number}": FOREIGN for number in range(5)})
        assert controller.verify(body).status == 409
        assert controller.operations.value == 5 * 2


class TestRotate:
    def rotated(self, controller, body):
        status, headers, answer = controller.rotate(body)
        assert (status, headers["Content-Type"]) == (200, "application/json")
        return json.loads(answer)

    @pytest.mark.parametrize("scope", Scope)
    @pytest.mark.parametrize("form", [json.dumps, as_yaml], ids=["JSON", "YAML"])
    def test_the_items_are_sealed_to_the_newest_key_and_the_same_scope(self, controller, scope, form):
        text = form(sealed(scope=scope))
        made = self.rotated(controller, text if isinstance(text, bytes) else text.encode())
        assert independent.unseal(made, NEW.private_key.raw) == ITEMS
        assert unseal(SealedSecret.from_dict(made), Keyring([NEW.private_key]), None).secret.items == ITEMS
        assert SealedSecret.from_dict(made).scope is scope

    def test_a_key_that_came_meanwhile_is_the_newest(self, controller):
        controller.use(other_sealing_key(), NEW, OLD)
        made = self.rotated(controller, sealed())
        assert independent.unseal(made, other_sealing_key().private_key.raw) == ITEMS

    def test_all_else_stays_but_the_server_s_bookkeeping(self, controller):
        body = sealed(template=FAILING_TEMPLATE, labels={"team": "a"}, uid="1", resourceVersion="2", generation=3)
        body["metadata"]["annotations"]["note"] = "x"
        made = self.rotated(controller, body | {"status": {"conditions": []}})
        assert made["metadata"] == {
            "name": "db",
            "namespace": "team-a",
            "labels": {"team": "a"},
            "annotations": {HINT_ANNOTATION: NEW.fingerprint, "note": "x"},
        }
        assert made["spec"].keys() == {"encryptedData", "template"}
        assert made["spec"]["template"] == body["spec"]["template"]
        assert made.keys() == {"apiVersion", "kind", "metadata", "spec"}

    @pytest.mark.parametrize("wider", ["namespace-wide", "cluster-wide"])
    def test_a_scope_in_the_template_widens_nothing(self, controller, wider):
        """CVE-2026-22728."""
        made = self.rotated(
            controller, sealed(template={"metadata": {"annotations": {SCOPE_ANNOTATION + wider: "true"}}})
        )
        assert independent.unseal(made, NEW.private_key.raw) == ITEMS
        assert SCOPE_ANNOTATION + wider not in made["metadata"]["annotations"]
        made["metadata"]["annotations"][SCOPE_ANNOTATION + wider] = "true"
        assert controller.verify(made).status == 409

    def test_the_deprecated_form_becomes_items(self, controller):
        made = self.rotated(controller, legacy(INNER))
        assert made["spec"].keys() == {"encryptedData", "template"}
        assert independent.unseal(made, NEW.private_key.raw) == {"old": b"value"}

    def test_an_item_in_the_place_of_the_deprecated_form_tells_nothing_of_itself(self, controller):
        body = legacy({"type": PASSWORD, "metadata": {"labels": {"x": PASSWORD}}, "data": {PASSWORD: "aGk="}})
        assert controller.rotate(body)[::2] == (409, b"no key could decrypt secret (spec.data)\n")

    @BOTH
    def test_the_deprecated_form_is_refused_where_it_is_not_accepted(self, path):
        controller = Controller(accept_legacy_data=False)
        reply = controller.post(path, legacy(INNER))
        assert reply.status == 422
        assert b"spec.data: this deprecated form is not accepted here" in reply.body
        assert controller.operations.value == 0
        assert controller.post(path, sealed()).status == 200


class TestOracles:
    @BOTH
    def test_the_answer_is_one_whatever_a_template_asks_about_a_plaintext(self, controller, path):
        def answer(guess):
            condition = f'{{{{ if hasPrefix "{guess}" .password }}}}{{{{ fail "hit" }}}}{{{{ end }}}}'
            status, headers, body = controller.post(path, sealed(template={"data": {"x": condition}}))
            return status, headers.keys(), body if path == "/v1/verify" else len(body)

        assert answer("c") == answer("x")
        assert answer("c")[0] == 200

    @BOTH
    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(sealed(template=FAILING_TEMPLATE), id="what opens"),
            pytest.param(with_items(sealed(), z=FOREIGN), id="what opens in part"),
            pytest.param(legacy(INNER | {"data": {"old": base64.b64encode(PASSWORD.encode()).decode()}}), id="legacy"),
            pytest.param(legacy({PASSWORD: PASSWORD}), id="what is none of the deprecated form"),
            pytest.param(legacy(INNER | {"data": {"old": PASSWORD}}), id="a deprecated form that is malformed"),
        ],
    )
    def test_no_plaintext_and_no_key_is_in_the_answer_or_in_the_log(self, controller, path, body):
        with structlog.testing.capture_logs() as log:
            status, headers, answer = controller.post(path, body)
        assert status in (200, 409)
        said = f"{headers} {answer.decode()} {log}"
        secrets = [PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), NEW.private_key.pem().decode()[100:140]]
        assert [secret for secret in secrets if secret in said] == []
        assert log == []


NOT_UTF8 = b"\xff\xfeA"
BOMB = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (letter, letter, b",".join([b"*%c" % (letter - 1)] * 10)) for letter in b"bcdefgh"
)
BAD_BODIES = [
    ("nothing", b"", 400, "the body is empty; send one SealedSecret as JSON or YAML"),
    ("blanks", b" \n\n", 400, "the body is empty; "),
    ("a comment", b"# nothing", 400, "the body is empty; "),
    ("null", b"null", 400, "the body is empty; "),
    ("a text", b"not an object", 400, "the body holds no object; "),
    ("a list", b"[1, 2]", 400, "the body holds no object; "),
    ("a number", b"5", 400, "the body holds no object; "),
    ("braces", b"{" * 1000, 400, "not usable JSON or YAML: line 1: "),
    ("JSON cut off", b'{"kind":', 400, "not usable JSON or YAML: line 1: the text ends"),
    ("JSON nested without end", b'{"a":' * 100_000, 400, "not usable JSON or YAML: line 1: nested more"),
    (
        "a version that no YAML has",
        b"%YAML 1.11\n---\na: b",
        400,
        "not usable JSON or YAML: line 1: found inc",
    ),
    ("a merge of a text", b"<<: x", 400, "not usable JSON or YAML: line 1: only a map can be m"),
    (
        "a SealedSecret nested without use",
        json.dumps(sealed(template={"metadata": {"x": "HERE"}})).replace('"HERE"', "[" * 70 + "]" * 70).encode(),
        422,
        "spec.template.metadata.x: nested more than 64 deep",
    ),
    ("control characters", b"\0\1\2", 400, "not usable JSON or YAML: binary, not text"),
    ("bytes that are no text", NOT_UTF8, 400, "not usable JSON or YAML: not UTF-16 text"),
    ("an alias of itself", b"a: &a [*a]", 400, "not usable JSON or YAML: line 1: an alias (*) names"),
    ("a bomb", BOMB, 400, "not usable JSON or YAML: line 5: "),
    ("a key twice", b'{"a": 1, "a": 2}', 400, "not usable JSON or YAML: line 1: a key is"),
    (
        "a number without end",
        b'{"a": %s}' % (b"1" * 5000),
        400,
        "not usable JSON or YAML: line 1: a number ",
    ),
    ("NaN", b'{"a": NaN}', 422, "kind: not a bitnami.com/v1alpha1 SealedSecret"),
    ("two documents", as_yaml(sealed()) + as_yaml(sealed(), "---\n"), 400, "2 documents in one request; send one "),
    ("two JSON objects", json.dumps(sealed()).encode() * 2, 400, "2 documents in one request; send one "),
    ("an object of no kind", b"{}", 422, "kind: not a bitnami.com/v1alpha1 SealedSecret"),
    ("a Secret", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}, 422, "kind: not a bitnami.com/"),
    ("another version", sealed() | {"apiVersion": "bitnami.com/v9"}, 422, "kind: not a bitnami.com/v1alpha1 Sealed"),
    ("a list of objects", {"apiVersion": "v1", "kind": "List", "items": [sealed()]}, 422, "kind: not a bitnami.com/"),
    ("no metadata", sealed() | {"metadata": 5}, 422, "metadata: expected a map, found a number"),
    ("no name", with_metadata(sealed(), name=None), 422, "strict scope needs a name"),
    ("a name with a slash", with_metadata(sealed(), namespace="a/b"), 422, "the namespace holds a slash; "),
    ("a number as item", with_items(sealed(), a=5), 422, "spec.encryptedData.a: expected text, found a number"),
    ("null as item", with_items(sealed(), a=None), 422, "spec.encryptedData.a: expected text, found nothing (null)"),
    ("half a surrogate", with_items(sealed(), a="\ud800"), 422, "spec.encryptedData.a: holds half a surrogate pair"),
    ("both forms", sealed() | {"spec": legacy(INNER)["spec"] | sealed()["spec"]}, 422, "spec: holds both data and "),
    ("a template that is none", sealed() | {"spec": {"template": []}}, 422, "spec.template: expected a map, found a l"),
    ("an enemy's name", with_items(sealed(), **{"\x1b[2J\r\n": 5}), 422, "spec.encryptedData.\\x1b[2J\\r\\n: expec"),
]


class TestBadBodies:
    @BOTH
    @pytest.mark.parametrize(
        ("body", "status", "line"), [row[1:] for row in BAD_BODIES], ids=[row[0] for row in BAD_BODIES]
    )
    def test_of(self, controller, path, body, status, line):
        with structlog.testing.capture_logs() as log:
            answer = controller.post(path, body)
        assert answer.status == status
        assert answer.body.decode().startswith(line)
        assert answer.body.count(b"\n") == 1
        assert controller.operations.value == 0
        assert log == []

    @BOTH
    def test_a_body_that_is_too_large_is_refused_unread(self, controller, path):
        large = json.dumps(sealed()).encode().ljust(MAX_BODY_BYTES)
        assert controller.post(path, large)[::2] == (413, b"the body is too large: 2 MiB or more\n")
        assert controller.post(path, large[:-1]).status == 200

    @BOTH
    def test_one_request_cannot_have_the_keys_work_without_end(self, controller, path):
        """Aliases make a small body of many items; so do bodies of two MiB."""
        items = b"a: &a %s\n" % FOREIGN.encode() + b"".join(b"  a%d: *a\n" % number for number in range(2000))
        body = as_yaml(sealed({}) | {"spec": {}}).replace(b"spec: {}\n", b"spec:\n encryptedData:\n  " + items)
        status, _, answer = controller.post(path, body)
        assert (status, answer.decode()) == (
            422,
            f"this takes more than {MAX_OPERATIONS} private-key operations; split the SealedSecret in two\n",
        )
        assert controller.operations.value == MAX_OPERATIONS


# Any JSON in the place of any part of a good object.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("data"), inner, max_size=3),
    max_leaves=8,
)
PLACES = [
    ("apiVersion",),
    ("metadata",),
    ("metadata", "name"),
    ("metadata", "namespace"),
    ("metadata", "annotations"),
    ("metadata", "annotations", HINT_ANNOTATION),
    ("metadata", "annotations", SCOPE_ANNOTATION + "cluster-wide"),
    ("metadata", "labels"),
    ("spec",),
    ("spec", "encryptedData"),
    ("spec", "encryptedData", "password"),
    ("spec", "data"),
    ("spec", "template"),
    ("spec", "template", "metadata"),
    ("spec", "template", "data"),
    ("spec", "template", "data", "x"),
    ("status",),
]


def spoilt(place, value):
    """Return a good object with something else in one place."""
    manifest = sealed(template={"data": {}})
    parent = manifest
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = value
    return json.dumps(manifest).encode()


bodies = (
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass"))
    | st.text(alphabet="{}[]\"':,-&*!|>#% \n\tax0", max_size=60).map(str.encode)
    | st.builds(lambda value: json.dumps(value).encode(), JSON)
    | st.builds(spoilt, st.sampled_from(PLACES), JSON)
)


@pytest.fixture(scope="module")
def lasting():
    return Controller()


@BOTH
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies)
@example(body=spoilt(("metadata", "labels"), {"a": "\ud800"}))
@example(body=spoilt(("metadata", "annotations"), {"a": 1e300}))
@example(body=spoilt(("spec", "data"), "AAAA"))
def test_no_body_is_answered_with_anything_but_one_line_or_an_object_and_none_is_logged(lasting, path, body):
    with structlog.testing.capture_logs() as log:
        status, _, answer = lasting.post(path, body)
    assert log == []
    if status == 200:
        assert path == "/v1/verify" or SealedSecret.from_dict(json.loads(answer)).legacy is None
    else:
        assert status in (400, 409, 422)
        assert answer.endswith(b"\n")
        assert answer.decode()[:-1].isprintable()


class TestKeys:
    @BOTH
    def test_without_a_key_there_is_nothing_to_be_said_yet(self, controller, path):
        controller.keys = None
        status, headers, answer = controller.post(path, sealed())
        assert (status, headers["Retry-After"], answer) == (503, "5", b"there is no sealing key yet\n")

    def test_one_set_of_keys_serves_a_whole_request(self, controller):
        """The set may change at any time; what is opened with one must be sealed to a key of the same."""
        opened = controller.keys.keyring.fingerprints
        made = json.loads(controller.rotate(sealed()).body)
        assert made["metadata"]["annotations"][HINT_ANNOTATION] in opened


def twelve_keys():
    return [other_sealing_key(number) for number in range(12)]


class TestLimit:
    @pytest.fixture
    def limited(self):
        """As with default flags: three requests at once, two a second."""
        return Controller(size=3.0, per_second=2.0)

    @BOTH
    def test_what_comes_too_fast_is_answered_429_and_told_when_to_come_again(self, limited, path):
        answers = [limited.post(path, sealed()) for _ in range(15)]
        assert [answer.status for answer in answers] == [200] * 3 + [429] * 12
        assert answers[-1].headers["Retry-After"] == "1"
        assert answers[-1].body == b"too many requests; try again in 1 s\n"
        limited.now += 1
        assert limited.post(path, sealed()).status == 200

    def test_both_endpoints_share_the_limit(self, limited):
        posts = [limited.verify, limited.rotate, limited.verify, limited.rotate]
        assert [post(sealed()).status for post in posts] == [200, 200, 200, 429]

    def test_headers_that_say_who_asks_do_not_help(self, limited):
        codes = []
        for number in range(30):
            who = f"10.0.0.{number}"
            lies = {"HTTP_X_FORWARDED_FOR": who, "HTTP_FORWARDED": f"for={who}", "HTTP_X_REAL_IP": who}
            codes.append(limited.verify(sealed(), REMOTE_ADDR=who, **lies).status)
        assert codes == [200] * 3 + [429] * 27

    @pytest.mark.parametrize("body", [b"junk", sealed({"x": b"1"}, key("other-2048"))], ids=["junk", "what fails"])
    def test_whatever_is_answered_counts(self, limited, body):
        codes = [limited.verify(body).status for _ in range(4)]
        assert codes[-1] == 429
        assert len(set(codes[:3])) == 1

    @BOTH
    def test_a_large_body_has_to_be_paid_for(self, limited, path):
        large = json.dumps(sealed()).encode().ljust(1024 * 1024)
        assert [limited.post(path, body).status for body in (large, b"junk")] == [200, 429]
        assert limited.post(path, b"junk").headers["Retry-After"] == "7"

    def test_what_needs_no_key_is_not_limited(self, limited):
        for _ in range(5):
            assert limited.verify(sealed()).status in (200, 429)
        assert ask(limited.app, "/v1/cert.pem").status == 200
        assert ask(limited.app, "/v1/verify").status == 405

    @BOTH
    def test_thirty_items_without_a_hint_are_answered_at_once_with_twelve_keys(self, path):
        keys = twelve_keys()
        limited = Controller(*keys, size=3.0, per_second=2.0)
        items = {f"item-{number}": b"x" for number in range(30)}
        codes = [limited.post(path, sealed(items, keys[-1], hints=False)).status for _ in range(4)]
        assert codes == [200] * 3 + [429]
        assert limited.operations.value == 3 * (12 + 29)

    def test_the_worst_object_of_that_size_is_answered_too_and_paid_for_afterwards(self):
        keys = twelve_keys()
        limited = Controller(*keys, size=3.0, per_second=2.0)
        body = sealed({})
        # After the previous item's key the newest are tried first: an item of the oldest key costs most.
        for number, sealing_key in zip(range(30), itertools.cycle(keys[-2:]), strict=False):
            item = sealed({"x": b"1"}, sealing_key)["spec"]["encryptedData"]["x"]
            with_items(body, **{f"item-{number}": item})
        assert limited.verify(body).status == 200
        assert limited.operations.value > 300
        answer = limited.verify(body)
        assert answer.status == 429
        limited.now += int(answer.headers["Retry-After"])
        assert limited.verify(body).status == 200


def test_what_is_read_as_yaml_is_what_other_readers_read():
    assert YAML(typ="safe").load(as_yaml(sealed({}), "---\n")) == sealed({})
