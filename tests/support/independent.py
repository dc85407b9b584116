"""The sealed-secrets format once more, from its description and with nothing of Sealwright.

What Sealwright seals must open here, and what is sealed here must open in Sealwright. Written to be read beside
docs/concepts/format.md; it takes good input for granted.
"""

import base64
import json
import os
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ANNOTATION = "sealedsecrets.bitnami.com/"


def oaep(label):
    return padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label)


def seal_item(value: bytes, key: RSAPublicKey, label: bytes) -> str:
    session_key = os.urandom(32)
    wrapped = key.encrypt(session_key, oaep(label))
    sealed = AESGCM(session_key).encrypt(bytes(12), value, None)
    return base64.b64encode(struct.pack(">H", len(wrapped)) + wrapped + sealed).decode()


def open_item(item: str, key: RSAPrivateKey, label: bytes) -> bytes:
    raw = base64.b64decode(item)
    end = 2 + struct.unpack(">H", raw[:2])[0]
    return AESGCM(key.decrypt(raw[2:end], oaep(label))).decrypt(bytes(12), raw[end:], None)


def label_of(metadata: dict) -> bytes:
    annotations = metadata.get("annotations", {})
    if annotations.get(ANNOTATION + "cluster-wide") == "true":
        return b""
    if annotations.get(ANNOTATION + "namespace-wide") == "true":
        return metadata["namespace"].encode()
    return f"{metadata['namespace']}/{metadata['name']}".encode()


def seal(name: str, namespace: str, items: dict[str, bytes], key: RSAPublicKey, scope: str = "strict") -> dict:
    metadata = {"name": name, "namespace": namespace}
    if scope != "strict":
        metadata["annotations"] = {ANNOTATION + scope: "true"}
    encrypted = {item: seal_item(value, key, label_of(metadata)) for item, value in items.items()}
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": metadata,
        "spec": {"encryptedData": encrypted, "template": {"metadata": metadata}},
    }


def unseal(sealed: dict, key: RSAPrivateKey) -> dict[str, bytes]:
    spec, label = sealed["spec"], label_of(sealed["metadata"])
    if "data" in spec:
        inner = json.loads(open_item(spec["data"], key, label))
        return {item: base64.b64decode(value) for item, value in inner["data"].items()}
    return {item: open_item(value, key, label) for item, value in spec["encryptedData"].items()}
