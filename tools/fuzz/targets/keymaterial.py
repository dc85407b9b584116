"""Certificates, private keys and the Secrets that hold them: whatever is loaded can be used, all else is refused."""

import base64
import json
import warnings
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

from cryptography.hazmat.primitives import serialization
from hypothesis import strategies as st
from tests.support.builders import NOW, VECTORS
from tests.support.spoiling import spoiled as drawn_spoiled
from tests.support.testkeys import FOLDER, NAMES

from sealwright_controller.keys.keysecrets import is_active, is_exposed, read_certificate, read_key
from sealwright_crypto import (
    KeyMaterialError,
    load_certificate,
    load_private_keys,
    load_sealing_key,
    weaknesses_of,
)
from tools.fuzz.mutating import spoiled
from tools.fuzz.targets.target import Target

_BEGIN, _END = b"-----BEGIN ", b"-----END "
_WORDS = [
    b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n", b"-----BEGIN PRIVATE KEY-----\n",
    b"-----BEGIN RSA PRIVATE KEY-----\n", b"-----END RSA PRIVATE KEY-----\n", b"-----BEGIN EC PRIVATE KEY-----\n",
    b"Proc-Type: 4,ENCRYPTED\n", b"-----", b"MII", b"=", b"\r\n",
]  # fmt: skip
_DER_WORDS = [
    bytes.fromhex(text)
    for text in ("3080", "308400000000", "30847fffffff", "020100", "0201ff", "02820101", "0500", "300d", "a003020102",
                 "06092a864886f70d010101", "06092a864886f70d01010a", "06072a8648ce3d0201", "170d", "180f", "0c00", "1300", "03820101", "0000")
]  # fmt: skip
_SIZES = (0, 1, 8, 512, 1023, 1024, 1025, 2048, 4096, 16384, 20000)


def certificate() -> Target:
    """Return the target of what clients seal with."""
    examples = [(FOLDER / f"{name}.crt.pem").read_bytes() for name in NAMES]
    examples += [path.read_bytes() for path in sorted((VECTORS / "certificates").glob("*.pem"))]
    examples.append(b"".join(examples[:2]))

    def check(data: bytes) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cryptography warns of odd but readable certificates
            try:
                loaded = load_certificate(data)
            except KeyMaterialError:
                return
        list(weaknesses_of(loaded, NOW))
        assert load_certificate(loaded.pem.encode()) == loaded

    return _of_pem("certificate", check, examples)


def private_key() -> Target:
    """Return the target of what administrators and the controller load: keys, alone and beside a certificate."""
    examples = [(FOLDER / f"{name}.key.pem").read_bytes() for name in ("small-1024", "new-2048")]
    modern = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    examples += [load_private_keys(one)[0].raw.private_bytes(*modern) for one in examples]
    beside = (FOLDER / "small-1024.crt.pem").read_bytes()

    def check(data: bytes) -> None:
        for load in (lambda: load_private_keys(data), lambda: load_sealing_key(beside, data)):
            with suppress(KeyMaterialError):
                assert load()

    target = _of_pem("private-key", check, examples)

    def make(random: Random) -> bytes:
        if random.random() < 0.7:
            assert target.make is not None
            return target.make(random)
        numbers = [0, *(_number(random) for _ in range(8))]
        body = b"".join(
            _der(2, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)) for number in numbers
        )
        return _pem(b"RSA PRIVATE KEY", _der(0x30, body))

    return Target(target.name, check, examples, _WORDS, make, target.drawn)


def key_secret() -> Target:
    """Return the target of key Secrets, which anybody may write who may write Secrets in that namespace."""
    data = {
        f"tls.{kind}": base64.b64encode((FOLDER / f"small-1024.{kind}.pem").read_bytes()).decode()
        for kind in ("crt", "key")
    }
    secret: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "sealed-secrets-key",
            "labels": {"sealedsecrets.bitnami.com/sealed-secrets-key": "active"},
            "annotations": {"a": "b"},
            "creationTimestamp": "2026-03-01T12:00:00Z",
        },
        "type": "kubernetes.io/tls",
        "data": data,
    }

    def check(data: bytes) -> None:
        try:
            manifest = json.loads(data)
        except (ValueError, RecursionError):
            return
        # A gateway gives maps with metadata that has a name.
        if not isinstance(manifest, dict) or not isinstance(manifest.get("metadata"), dict):
            return
        manifest["metadata"].setdefault("name", "x")
        is_active(manifest)
        is_exposed(manifest)
        for read in (read_certificate, read_key):
            with suppress(KeyMaterialError):
                read(manifest)

    names = ["data", "tls.crt", "tls.key", "metadata", "labels", "annotations", "creationTimestamp", "name"]

    def make(random: Random) -> bytes:
        return json.dumps(spoiled(random, secret, names)).encode()

    drawn = drawn_spoiled(secret, keep=("metadata.name",)).map(lambda made: json.dumps(made).encode())
    return Target("key-secret", check, [json.dumps(secret).encode()], [b'"', b"\\n", b"[", b"{", b"="], make, drawn)


def _of_pem(name: str, check: Callable[[bytes], None], examples: list[bytes]) -> Target:
    """Return a target whose inputs are changed in their text, or in the DER behind it."""

    def make(random: Random) -> bytes:
        first, *body, last = random.choice(examples[: len(examples) - 1]).strip().split(b"\n")
        der = bytes(base64.b64decode(b"".join(line for line in body if not line.startswith(b"-"))))
        changed = Target(name, check, examples, _DER_WORDS).mutated(random, der)
        return b"\n".join([first, base64.encodebytes(changed).rstrip(), last, b""])

    drawn = st.builds(
        _pem, st.sampled_from([b"CERTIFICATE", b"PRIVATE KEY", b"RSA PRIVATE KEY"]), st.binary(max_size=80)
    )
    return Target(name, check, examples, _WORDS, make, drawn | st.binary(max_size=200))


def _pem(kind: bytes, der: bytes) -> bytes:
    return b"".join([_BEGIN, kind, b"-----\n", base64.encodebytes(der), _END, kind, b"-----\n"])


def _number(random: Random) -> int:
    number = random.getrandbits(random.choice(_SIZES)) | random.randrange(2)
    return -number if random.random() < 0.05 else number


def _der(tag: int, content: bytes) -> bytes:
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
