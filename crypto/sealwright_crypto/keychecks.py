"""Checks an RSA private key before any expensive operation: bounds from its bytes, then arithmetic.

The library's own check tests the primes, which takes seconds at 8192 bits and blocks the interpreter meanwhile. `keys`
therefore skips it, and this module finds the same faults in less than a millisecond, except factors that are not
prime. One encryption and decryption reveals those, without blocking other threads.
"""

import base64
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from sealwright_crypto.errors import KeyMaterialError

MIN_KEY_BITS = 1024
"""The smallest size that `cryptography` makes and loads."""
MAX_KEY_BITS = 16384
"""The largest size that OpenSSL works with."""
MAX_BLOCK_BYTES = 16 * 1024
"""How many characters a private key in PEM may have; one of MAX_KEY_BITS has 13,000."""
MAX_EXPONENT_BITS = 32
"""How many bits the public exponent may have: nearly all are 65537, and a large one slows every encryption."""

_INTEGER, _OCTETS, _OID, _SEQUENCE = 0x02, 0x04, 0x06, 0x30
_RSA_OID = bytes.fromhex("2a864886f70d010101")  # rsaEncryption, RFC 8017 appendix A.1
_DAMAGED = "the private key block is damaged or of an unknown kind"
_PROBE = b"sealwright"
_PADDING = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)


def check_block(block: bytes) -> None:
    """Raise KeyMaterialError unless a PEM block holds what looks like an RSA private key within the bounds.

    PKCS#1 or PKCS#8, not encrypted. Nothing is computed with its numbers, so the cost does not depend on them.
    """
    if len(block) > MAX_BLOCK_BYTES:
        raise KeyMaterialError(f"the private key block is longer than {MAX_BLOCK_BYTES} bytes")
    numbers = _Reader(_reader_of(block).take(_SEQUENCE))
    numbers.take(_INTEGER)  # the version
    if numbers.next_tag == _SEQUENCE:  # PKCS#8 (RFC 5208): the kind of key, then the key itself
        if _Reader(numbers.take(_SEQUENCE)).take(_OID) != _RSA_OID:
            raise KeyMaterialError("the private key is not RSA")
        numbers = _Reader(_Reader(numbers.take(_OCTETS)).take(_SEQUENCE))
        numbers.take(_INTEGER)
    modulus, exponent = (int.from_bytes(numbers.take(_INTEGER)) for _ in range(2))
    _check_public(modulus, exponent)


def check_numbers(key: rsa.RSAPrivateKey) -> None:
    """Raise KeyMaterialError unless a key's numbers are consistent (RFC 8017 §3.2). Takes some multiplications."""
    found = key.private_numbers()
    p, q, e, n = found.p, found.q, found.public_numbers.e, found.public_numbers.n
    _check_public(n, e)
    least = n.bit_length() // 3
    if p.bit_length() < least or q.bit_length() < least:
        raise KeyMaterialError("the private key is weak: one of its primes is too small")
    fits = (
        p * q == n
        and p % 2 == q % 2 == 1
        and 1 < found.d < n
        and found.dmp1 == found.d % (p - 1)
        and found.dmq1 == found.d % (q - 1)
        and e * found.dmp1 % (p - 1) == 1
        and e * found.dmq1 % (q - 1) == 1
        and 0 < found.iqmp < p
        and found.iqmp * q % p == 1
    )
    if not fits:
        raise KeyMaterialError("the private key is damaged: its numbers do not fit each other")


def check_opens_what_it_seals(key: rsa.RSAPrivateKey) -> None:
    """Raise KeyMaterialError unless the key decrypts what is encrypted to it: one private-key operation.

    That takes a tenth of a second at 8192 bits, while other threads run.
    """
    try:
        opened = key.decrypt(key.public_key().encrypt(_PROBE, _PADDING), _PADDING)
    except ValueError:
        opened = b""
    if opened != _PROBE:
        raise KeyMaterialError("the private key is damaged: it does not open what is sealed to it")


def _check_public(modulus: int, exponent: int) -> None:
    if not MIN_KEY_BITS <= modulus.bit_length() <= MAX_KEY_BITS:
        raise KeyMaterialError(
            f"the private key has {modulus.bit_length()} bits; it has to have {MIN_KEY_BITS} to {MAX_KEY_BITS}"
        )
    if modulus % 2 == 0 or exponent % 2 == 0 or exponent < 3 or exponent.bit_length() > MAX_EXPONENT_BITS:
        raise KeyMaterialError("the private key is unsound: its modulus is even, or its exponent even, 1 or too large")


def _reader_of(block: bytes) -> "_Reader":
    # Between the lines that begin and end the block; headers, if any, end with an empty line (RFC 1421).
    body = b"\n".join(line for line in block.splitlines() if not line.startswith(b"-----"))
    if b":" in body:
        body = body.partition(b"\n\n")[2]
    try:
        return _Reader(base64.b64decode(body))
    except ValueError:
        raise KeyMaterialError(_DAMAGED) from None


class _Header(NamedTuple):
    tag: int
    start: int
    end: int


class _Reader:
    """Reads one value after another from DER (X.690), as far as RSA keys need it."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0

    @property
    def next_tag(self) -> int:
        """The tag of the next value, 0 at the end."""
        return self._text[self._at] if self._at < len(self._text) else 0

    def take(self, tag: int) -> bytes:
        """Return the next value's content. Raises KeyMaterialError if it has another tag or is cut off."""
        header = self._header()
        if header is None or header.tag != tag or header.end > len(self._text):
            raise KeyMaterialError(_DAMAGED)
        self._at = header.end
        return self._text[header.start : header.end]

    def _header(self) -> _Header | None:
        head = self._text[self._at : self._at + 2]
        if len(head) < 2:
            return None
        tag, length = head
        start = self._at + 2
        if length >= 0x80:  # the low bits say how many bytes the length has
            size = length - 0x80
            length = int.from_bytes(self._text[start : start + size])
            start += size
        return _Header(tag, start, start + length)
