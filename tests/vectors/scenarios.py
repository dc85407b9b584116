"""What a scenario is made of: the test keys' public halves, labels, and a builder for each kind of vector file."""

import base64
import functools
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import load_pem_x509_certificate
from tests.vectors import seeded

KEYS = Path(__file__).parent / "keys"
PLACE = {"namespace": "team-a", "name": "db"}
ANNOTATION = "sealedsecrets.bitnami.com/"
USUAL_TEMPLATE = {"metadata": PLACE}
HINT = "sealwright.dev/key-fingerprints"

Scenario = dict[str, Any]


@functools.cache
def public_key(name: str) -> rsa.RSAPublicKey:
    """Return the public key of a test certificate."""
    key = load_pem_x509_certificate((KEYS / f"{name}.crt.pem").read_bytes()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key


@functools.cache
def fingerprint(name: str) -> str:
    """Return the SHA-256 of a test key's SubjectPublicKeyInfo in lower-case hex."""
    der = public_key(name).public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return seeded.hashlib.sha256(der).hexdigest()


def label(scope: str = "strict", namespace: str = "team-a", name: str = "db") -> bytes:
    """Return the OAEP label of a place."""
    return {"strict": f"{namespace}/{name}", "namespace-wide": namespace, "cluster-wide": ""}[scope].encode()


def parts(
    value: bytes, *, to: str = "new-2048", scope: str = "strict", seed: str = "item", **special: Any
) -> seeded.Parts:
    """Seal a value for team-a/db; the same arguments give the same bytes."""
    return seeded.seal(value, public_key(to), label(scope), seed=f"{seed} {value!r} {to} {scope}", **special)


def item(
    about: str,
    ciphertext: str,
    *,
    plaintext: bytes | None = None,
    error: str = "",
    operations: int = 1,
    keys: tuple[str, ...] = ("new-2048",),
    scope: str = "strict",
    place: dict[str, str] = PLACE,
) -> Scenario:
    """Describe one ciphertext: opened with `keys`, newest first, at a place, it gives a plaintext or an error."""
    expect = {"error": error} if plaintext is None else {"plaintext_base64": base64.b64encode(plaintext).decode()}
    where = {"scope": scope, **place, "keys": list(keys)}
    return {"about": about, **where, "ciphertext": ciphertext, "expect": expect | {"operations": operations}}


def manifest(
    items: dict[str, Any] | None = None,
    *,
    place: dict[str, str] = PLACE,
    annotations: dict[str, Any] | None = None,
    template: Any = USUAL_TEMPLATE,
    **spec: Any,
) -> dict[str, Any]:
    """Build a SealedSecret around ciphertexts; a template of None leaves it out, further keywords go into the spec."""
    metadata = {**place, "annotations": annotations} if annotations else dict(place)
    spec = {"encryptedData": items or {}, **({"template": template} if template is not None else {}), **spec}
    return {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": metadata, "spec": spec}


def secret(items: dict[str, bytes], *, place: dict[str, str] = PLACE, **special: Any) -> dict[str, Any]:
    """Build the Secret that is to come out."""
    data = {key: base64.b64encode(value).decode() for key, value in sorted(items.items())}
    metadata = {**place, **special.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **special, "data": data}


def opens(
    about: str, sealed: dict[str, Any], made: dict[str, Any], *, operations: int, keys: tuple[str, ...] = ("new-2048",)
) -> Scenario:
    """Describe a SealedSecret that gives a Secret."""
    return {
        "about": about,
        "keys": list(keys),
        "sealedSecret": sealed,
        "expect": {"secret": made, "operations": operations},
    }


def fails(
    about: str,
    sealed: dict[str, Any],
    error: str,
    *,
    operations: int = 0,
    keys: tuple[str, ...] = ("new-2048",),
    **details: Any,
) -> Scenario:
    """Describe a SealedSecret that gives an error; `details` are its public attributes."""
    expect = {"error": error, **details, "operations": operations}
    return {"about": about, "keys": list(keys), "sealedSecret": sealed, "expect": expect}
