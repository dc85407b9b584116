"""The wire format of one item: strict parse, seal, open. Specified in docs/concepts/format.md.

item = base64( length of R as uint16 big-endian | R | G )
R = RSA-OAEP of a fresh session key, as long as the modulus;  G = AES-256-GCM of the plaintext, then its tag
"""

import base64
import binascii
import struct

from sealwright_conventions.records import field, record
from sealwright_crypto import primitives
from sealwright_crypto.errors import DecryptionError, FormatError
from sealwright_crypto.keys import Certificate, PrivateKey
from sealwright_crypto.scope import Label

_LENGTH = struct.Struct(">H")
_LINE_BREAKS = str.maketrans("", "", "\r\n")


@record
class Envelope:
    """A parsed item: the wrapped session key R and the payload G with its tag, both raw bytes."""

    wrapped_key: bytes = field(repr=False)
    payload: bytes = field(repr=False)

    def fits(self, key: PrivateKey) -> bool:
        """Tell, without an RSA operation, whether the item can be for this key: R is as long as the modulus."""
        return len(self.wrapped_key) == (key.bits + 7) // 8


def parse(item: str) -> Envelope:
    """Parse an item. Raises FormatError unless it is in canonical form; line breaks are allowed."""
    raw = _decode(item)
    if len(raw) < _LENGTH.size:
        raise FormatError("the ciphertext is empty or cut off")
    (key_length,) = _LENGTH.unpack_from(raw)
    wrapped_key, payload = raw[_LENGTH.size : _LENGTH.size + key_length], raw[_LENGTH.size + key_length :]
    if not wrapped_key:
        raise FormatError("the ciphertext holds no session key; it was not made by sealing")
    if len(wrapped_key) < key_length or len(payload) < primitives.TAG_BYTES:
        raise FormatError("the ciphertext is cut off")
    return Envelope(wrapped_key, payload)


def seal_item(plaintext: bytes, certificate: Certificate, label: Label) -> str:
    """Encrypt one value for the holder of the certificate's private key, bound to `label`.

    Returns base64 without line breaks. Each call draws its own session key: `primitives` says why it must.
    Raises KeyMaterialError when the key is too short.
    """
    session_key = primitives.new_session_key()
    wrapped_key = primitives.rsa_oaep_encrypt(certificate.public_key, session_key, label)
    payload = primitives.aes_gcm_seal(session_key, plaintext)
    return base64.b64encode(_LENGTH.pack(len(wrapped_key)) + wrapped_key + payload).decode("ascii")


def open_item(item: str, key: PrivateKey, label: Label) -> bytes:
    """Decrypt one value with one key. Raises FormatError or the opaque DecryptionError."""
    return open_envelope(parse(item), key, label)


def open_envelope(envelope: Envelope, key: PrivateKey, label: Label) -> bytes:
    """Decrypt a parsed item with one key, in at most one private-key operation. Raises DecryptionError."""
    if not envelope.fits(key):
        raise DecryptionError
    session_key = primitives.rsa_oaep_decrypt(key.raw, envelope.wrapped_key, label)
    return primitives.aes_gcm_open(session_key, envelope.payload)


def unwraps(envelope: Envelope, key: PrivateKey, label: Label) -> bool:
    """Tell whether the session key opens, in one private-key operation; only the key's holder may learn this."""
    try:
        primitives.rsa_oaep_decrypt(key.raw, envelope.wrapped_key, label)
    except DecryptionError:
        return False
    return True


def _decode(item: str) -> bytes:
    """Decode standard base64 in its canonical spelling; CR and LF may be anywhere (RFC 4648 §3)."""
    text = item.translate(_LINE_BREAKS)
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:  # binascii.Error, and text that is not ASCII
        raise FormatError("the ciphertext is not base64") from None
    if base64.b64encode(raw).decode("ascii") != text:
        raise FormatError("the ciphertext is not canonical base64: bits behind its end are set")
    return raw
