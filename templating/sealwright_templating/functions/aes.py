"""AES as Sprig uses it: CBC with a 256-bit key that is the password itself, cut or filled up with zeros.

The text is padded by PKCS #7 and the result is the IV and the ciphertext in base64, without a check of integrity.
"""

import base64

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.go.base64 import decode_base64
from sealwright_templating.values.registry import function

_BLOCK_BYTES = 16
_KEY_BYTES = 32


@function("encryptAES", signature="func(string, string) (string, error)")
def encrypt_aes(context: Context, password: bytes, text: bytes) -> bytes:
    """Encrypt a text under a password; an empty text stays empty."""
    if not text:
        return b""
    context.budget.memory(4 * len(text) + 4 * _BLOCK_BYTES)
    iv = context.randomness(_BLOCK_BYTES)
    padding = _BLOCK_BYTES - len(text) % _BLOCK_BYTES
    encryptor = _cipher(password, iv).encryptor()
    return base64.b64encode(iv + encryptor.update(text + bytes([padding]) * padding) + encryptor.finalize())


@function("decryptAES", signature="func(string, string) (string, error)")
def decrypt_aes(context: Context, password: bytes, encrypted: bytes) -> bytes:
    """Decrypt a text that encryptAES encrypted under the same password."""
    if not encrypted:
        return b""
    context.budget.memory(3 * len(encrypted))
    content = decode_base64(encrypted)
    if content is None:
        raise FunctionError("the encrypted text is not base64")
    if len(content) < 2 * _BLOCK_BYTES or len(content) % _BLOCK_BYTES:
        raise FunctionError("the encrypted text is not made of whole blocks, or has none beside the first")
    decryptor = _cipher(password, content[:_BLOCK_BYTES]).decryptor()
    padded = decryptor.update(content[_BLOCK_BYTES:]) + decryptor.finalize()
    if padded[-1] > len(padded):
        raise FunctionError("the password is wrong, or the encrypted text is damaged")
    return padded[: len(padded) - padded[-1]]


def _cipher(password: bytes, iv: bytes) -> Cipher[CBC]:
    return Cipher(AES256(password[:_KEY_BYTES].ljust(_KEY_BYTES, b"\0")), CBC(iv))
