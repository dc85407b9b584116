"""Seals with chosen "randomness", so that vectors can be made again byte for byte. For vectors only.

Written from RFC 8017 (OAEP: §7.1.1, MGF1: §B.2.1) over Python's integers, so it shares no line with what it tests.
"""

import base64
import hashlib
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HASH_BYTES = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Parts:
    """The three parts of an item before base64: the declared length of R, R, and G."""

    length: int
    wrapped_key: bytes
    payload: bytes

    @property
    def raw(self) -> bytes:
        return struct.pack(">H", self.length) + self.wrapped_key + self.payload

    @property
    def text(self) -> str:
        return base64.b64encode(self.raw).decode("ascii")


def seal(
    plaintext: bytes,
    key: rsa.RSAPublicKey,
    label: bytes,
    *,
    seed: str,
    session_key_bytes: int = 32,
    nonce: bytes = bytes(12),
    associated: bytes | None = None,
) -> Parts:
    """Seal one item with a session key and an OAEP seed drawn from `seed`; the other options break the format."""
    session_key = stretch(f"session key of {seed}", session_key_bytes)
    wrapped_key = oaep(session_key, key, label, stretch(f"OAEP seed of {seed}", HASH_BYTES))
    cipher_key = session_key if session_key_bytes in (16, 24, 32) else bytes(32)
    return Parts(len(wrapped_key), wrapped_key, AESGCM(cipher_key).encrypt(nonce, plaintext, associated))


def oaep(message: bytes, key: rsa.RSAPublicKey, label: bytes, seed: bytes) -> bytes:
    """Encrypt with RSA-OAEP, SHA-256 throughout."""
    modulus_bytes = (key.key_size + 7) // 8
    filling = bytes(modulus_bytes - len(message) - 2 * HASH_BYTES - 2)
    block = hashlib.sha256(label).digest() + filling + b"\x01" + message
    masked_block = xor(block, mgf1(seed, len(block)))
    masked_seed = xor(seed, mgf1(masked_block, HASH_BYTES))
    return rsa_encrypt(b"\x00" + masked_seed + masked_block, key)


def pkcs1_v15(message: bytes, key: rsa.RSAPublicKey, seed: str) -> bytes:
    """Encrypt with the older padding (RFC 8017 §7.2.1), which the format does not allow."""
    filling = stretch(f"filling of {seed}", (key.key_size + 7) // 8 - len(message) - 3)
    return rsa_encrypt(b"\x00\x02" + filling.replace(b"\x00", b"\x01") + b"\x00" + message, key)


def rsa_encrypt(block: bytes, key: rsa.RSAPublicKey) -> bytes:
    numbers = key.public_numbers()
    return pow(int.from_bytes(block, "big"), numbers.e, numbers.n).to_bytes(len(block), "big")


def mgf1(seed: bytes, length: int) -> bytes:
    blocks = (hashlib.sha256(seed + struct.pack(">I", i)).digest() for i in range(-(-length // HASH_BYTES)))
    return b"".join(blocks)[:length]


def stretch(text: str, length: int) -> bytes:
    """Return bytes that look random and depend on nothing but the text."""
    return mgf1(text.encode(), length)


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
