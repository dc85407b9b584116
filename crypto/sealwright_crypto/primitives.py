"""The only calls of RSA-OAEP and AES-GCM in the project. Knows no formats, and not what labels mean.

The zero nonce: AES-GCM is broken if one key and nonce encrypt two messages. The wire format fixes the nonce to twelve
zero bytes. That is safe only because each session key is random and encrypts a single message. So a session key is
made, used and forgotten inside `envelope.seal_item`; never pass the same one to `aes_gcm_seal` twice.
"""

import secrets
from typing import NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealwright_crypto.errors import DecryptionError, KeyMaterialError

SessionKey = NewType("SessionKey", bytes)

SESSION_KEY_BYTES = 32  # AES-256
TAG_BYTES = 16
_ZERO_NONCE = bytes(12)


def new_session_key() -> SessionKey:
    """Return 32 random bytes from the operating system."""
    return SessionKey(secrets.token_bytes(SESSION_KEY_BYTES))


def rsa_oaep_encrypt(key: rsa.RSAPublicKey, session_key: SessionKey, label: bytes) -> bytes:
    """Wrap a session key (RFC 8017 §7.1, SHA-256 and MGF1-SHA-256); returns as many bytes as the modulus has.

    Raises KeyMaterialError when the modulus is too short to hold 32 bytes.
    """
    try:
        return key.encrypt(session_key, _oaep(label))
    except ValueError as error:
        raise KeyMaterialError(f"a key of {key.key_size} bits is too short for RSA-OAEP with SHA-256") from error


def rsa_oaep_decrypt(key: rsa.RSAPrivateKey, wrapped: bytes, label: bytes) -> SessionKey:
    """Unwrap a session key: the expensive private-key operation. Raises DecryptionError."""
    try:
        session_key = key.decrypt(wrapped, _oaep(label))
    except ValueError:
        raise DecryptionError from None
    if len(session_key) != SESSION_KEY_BYTES:
        raise DecryptionError
    return SessionKey(session_key)


def aes_gcm_seal(session_key: SessionKey, plaintext: bytes) -> bytes:
    """Encrypt the one message of this session key; returns the ciphertext followed by the 16-byte tag."""
    return AESGCM(session_key).encrypt(_ZERO_NONCE, plaintext, None)


def aes_gcm_open(session_key: SessionKey, payload: bytes) -> bytes:
    """Check the tag and decrypt. Raises DecryptionError."""
    try:
        return AESGCM(session_key).decrypt(_ZERO_NONCE, payload, None)
    except InvalidTag:
        raise DecryptionError from None


def _oaep(label: bytes) -> padding.OAEP:
    return padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=label or None)
