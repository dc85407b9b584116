"""HTTP: requests however they arrive, and bodies for verify and rotate, whose answers hold no plaintext."""

import base64
import io
import json
import logging
from random import Random

from hypothesis import strategies as st
from tests.support.request_reading import understood
from tests.support.spoiling import spoiled as drawn_spoiled
from tests.support.testkeys import key

from sealwright_controller.keys.keystore import Keys
from sealwright_controller.pacing.ratelimit import KeyWorkLimit, TokenBucket
from sealwright_controller.web.keyservice import KeyService
from sealwright_crypto import Keyring, OperationCounter
from tools.fuzz.mutating import spoiled
from tools.fuzz.targets.sealed import item
from tools.fuzz.targets.sealed import manifest as sealed
from tools.fuzz.targets.target import Target

_PLAINTEXT = "correct horse battery staple"
_STATUSES = {200, 400, 409, 413, 422}
_LINES = [
    b"GET /v1/cert.pem HTTP/1.1", b"POST /v1/verify HTTP/1.1", b"POST /v1/rotate HTTP/1.0", b"HEAD /healthz HTTP/1.1",
    b"GET http://x/livez HTTP/1.1", b"OPTIONS * HTTP/1.1", b"GET //x HTTP/1.1", b"GET /%00?a=b#c HTTP/1.1", b"PRI * HTTP/2.0",
]  # fmt: skip
_HEADERS = [
    b"Host: x", b"Host: x", b"Host: [::1]:80", b"Content-Length: 3", b"Content-Length: 5", b"Content-Length: +3",
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"transfer-encoding:\tchunked ", b"Expect: 100-continue",
    b"Connection: close", b"Connection: Keep-Alive", b"Connection: upgrade", b"Upgrade: h2c", b"Accept: */*", b"X: \xff", b"A-B: c",
    b"A_B: c", b" folded", b"Content-Length : 3", b": x", b"Forwarded: for=1",
]  # fmt: skip
_BODIES = [
    b"",
    b"abc",
    b"3\r\nabc\r\n0\r\n\r\n",
    b"3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"1\r\na\r\n" * 50,
]
_WORDS = [
    *_LINES, *_HEADERS, b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"0\r\n", b" HTTP/1.1", b":", b";", b'"', b"\x0b", b"\x00", b"%", b"//",
]  # fmt: skip


def request() -> Target:
    """Return the target of raw requests: read in one piece and in pieces, they mean the same."""
    logging.getLogger("waitress").setLevel(logging.CRITICAL)

    def check(data: bytes) -> None:
        whole = understood([data])
        random = Random(len(data))
        cuts = sorted(random.randrange(len(data) + 1) for _ in range(random.choice((1, 3, 20))))
        pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True) if start < end]
        parts = understood(pieces)
        assert whole == parts, f"in one piece {whole}, in pieces {parts}"

    def make(random: Random) -> bytes:
        headers = [random.choice(_HEADERS) for _ in range(random.randrange(5))]
        head = b"\r\n".join([random.choice(_LINES), *headers, b"", b""])
        return head + random.choice(_BODIES) + (random.choice(_LINES) if random.random() < 0.2 else b"")

    examples = [make(Random(number)) for number in range(60)]
    drawn = st.lists(st.sampled_from([*_WORDS, *_BODIES]) | st.binary(max_size=4), max_size=12).map(b"".join)
    return Target("request", check, examples, _WORDS, make, drawn)


def body() -> Target:
    """Return the target of what is posted to verify and rotate."""
    old, new = key("small-1024"), key("new-2048")
    keys = Keys((new, old), Keyring([new.private_key, old.private_key]))
    bucket = TokenBucket(size=1e12, per_second=1e12, clock=lambda: 0.0)
    service = KeyService(lambda: keys, KeyWorkLimit(bucket, OperationCounter()))
    items = {"user": b"shop", "password": _PLAINTEXT.encode()}
    manifest = sealed(items, old.certificate, template={"data": {"t": "{{ .password }}"}})
    legacy = item(b'{"data": {"a": "YQ=="}}', old.certificate)
    older = manifest | {"spec": {"data": legacy, "encryptedData": {}}}

    def check(data: bytes) -> None:
        for answer in (service.verify, service.rotate):
            told = answer({"wsgi.input": io.BytesIO(data)})
            assert told.status.value in _STATUSES, told
            assert _PLAINTEXT.encode() not in told.body
            assert base64.b64encode(_PLAINTEXT.encode()) not in told.body

    names = ["encryptedData", "data", "template", "metadata", "annotations", "name", "namespace", "password"]

    def make(random: Random) -> bytes:
        made = spoiled(random, random.choice((manifest, manifest, older)), names)
        return json.dumps(made, ensure_ascii=random.random() < 0.8).encode("utf-8", "surrogatepass")

    examples = [json.dumps(one, indent=1).encode() for one in (manifest, older)]
    examples.append(b"".join(f"{name}: {json.dumps(value)}\n".encode() for name, value in manifest.items()))
    drawn = drawn_spoiled(manifest).map(lambda made: json.dumps(made).encode())
    return Target(
        "body", check, examples, [b"---\n", b"&a ", b"*a", b'"', b"{", b"}", b"[", b"null", b": ", b"\\u"], make, drawn
    )
