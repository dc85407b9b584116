"""Key pairs, their self-signed certificates and PEM; restricts what `cryptography` accepts to what the format allows.

Loads, checks and makes single keys, and computes fingerprints. `keyring` decides which key to use.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NewType

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

# What `serialization` shows publicly, without its import of OpenSSH's formats, bcrypt and dataclasses (12 ms).
from cryptography.hazmat.primitives._serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.hazmat.primitives.asymmetric import rsa

from sealwright_conventions.patterns import pattern
from sealwright_conventions.records import field, record
from sealwright_crypto.errors import CertificateExpiredError, KeyMaterialError
from sealwright_crypto.keychecks import (
    MAX_KEY_BITS,
    MIN_KEY_BITS,
    check_block,
    check_numbers,
    check_opens_what_it_seals,
)

Fingerprint = NewType("Fingerprint", str)
"""SHA-256 of the SubjectPublicKeyInfo (DER), 64 lower-case hex digits: identifies a key pair, not its certificate."""

DEFAULT_KEY_BITS = 4096
DEFAULT_LIFETIME = timedelta(days=3650)
MAX_PAIR_BYTES = 64 * 1024
"""How many bytes of PEM are read: a certificate with its chain, or a private key, as a key Secret holds them."""
# A block without its end is cut at the next block, so that it is refused, in linear time.
_PEM_BLOCK = pattern(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?(?:-----END \1-----|(?=-----BEGIN )|\Z)", re.DOTALL)
# The exceptions that `cryptography` raises for unreadable certificates, over its versions.
_UNREADABLE = (ValueError, TypeError, KeyError, x509.InvalidVersion, UnsupportedAlgorithm)
_PRIVATE_KEY_BLOCKS = {b"PRIVATE KEY", b"RSA PRIVATE KEY"}


@record
class Certificate:
    """A sealing certificate: the public half of a key pair. Times are aware and in UTC."""

    public_key: rsa.RSAPublicKey = field(repr=False, compare=False)
    fingerprint: Fingerprint
    not_before: datetime
    not_after: datetime
    subject: str
    pem: str = field(repr=False)

    @property
    def bits(self) -> int:
        """Length of the modulus in bits."""
        return self.public_key.key_size

    def check_not_expired(self, now: datetime) -> None:
        """Raise CertificateExpiredError when `now` (aware) is after the certificate's end."""
        if now > self.not_after:
            raise CertificateExpiredError(self.not_after)


@record
class PrivateKey:
    """An RSA private key. Its representation shows the fingerprint and nothing else."""

    raw: rsa.RSAPrivateKey = field(repr=False, compare=False)
    fingerprint: Fingerprint

    @property
    def bits(self) -> int:
        """Length of the modulus in bits."""
        return self.raw.key_size

    def pem(self) -> bytes:
        """Return the key as PKCS#1 PEM (RFC 8017 A.1.2), as upstream writes it into key Secrets."""
        return self.raw.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


@record
class SealingKey:
    """A private key and the certificate that belongs to it, as one key Secret holds them."""

    private_key: PrivateKey
    certificate: Certificate

    @property
    def fingerprint(self) -> Fingerprint:
        """Fingerprint of the pair."""
        return self.certificate.fingerprint


def load_certificate(pem: bytes) -> Certificate:
    """Read the first CERTIFICATE block of `pem`.

    Raises KeyMaterialError unless it is an RSA certificate, or if another block is damaged: then the file is damaged.
    """
    blocks = [block for kind, block in _pem_blocks(pem) if kind == b"CERTIFICATE"]
    if not blocks:
        raise KeyMaterialError(f"no PEM CERTIFICATE block {_found_instead(pem)}")
    try:
        parsed, *_ = [x509.load_pem_x509_certificate(block) for block in blocks]
        public_key = parsed.public_key()
        if isinstance(public_key, rsa.RSAPublicKey):
            return _certificate(parsed, public_key)
    except _UNREADABLE as error:  # from `_certificate` too: names and dates are parsed on access
        raise KeyMaterialError("the CERTIFICATE block is damaged or of an unknown kind") from error
    raise KeyMaterialError("the certificate's key is not RSA; sealing needs an RSA certificate")


def load_private_keys(pem: bytes) -> tuple[PrivateKey, ...]:
    """Read every private key block of `pem`, PKCS#1 or PKCS#8, in order.

    Raises KeyMaterialError when there is none, or one is damaged, encrypted or not RSA.
    """
    return tuple(_load_private_key(block) for block in _private_key_blocks(pem))


def load_sealing_key(certificate_pem: bytes, key_pem: bytes) -> SealingKey:
    """Read a pair as key Secrets hold it (`tls.crt`, `tls.key`).

    Raises KeyMaterialError when either is unusable or they do not belong together. If there are several private keys,
    the first is used. Takes one private-key operation, and never blocks other threads.
    """
    for about, pem in (("certificate", certificate_pem), ("private key", key_pem)):
        if len(pem) > MAX_PAIR_BYTES:
            raise KeyMaterialError(f"the {about} is longer than {MAX_PAIR_BYTES} bytes")
    certificate = load_certificate(certificate_pem)
    private_key = _load_private_key(_private_key_blocks(key_pem)[0])
    if certificate.fingerprint != private_key.fingerprint:
        raise KeyMaterialError("the private key does not belong to the certificate")
    check_opens_what_it_seals(private_key.raw)
    return SealingKey(private_key, certificate)


def generate_sealing_key(
    *,
    now: datetime,
    bits: int = DEFAULT_KEY_BITS,
    lifetime: timedelta = DEFAULT_LIFETIME,
    common_name: str = "",
) -> SealingKey:
    """Make a key pair with a self-signed certificate valid from `now` (aware) for `lifetime`.

    `bits` is the modulus length, 1024 to 16384. Raises KeyMaterialError for another length or an impossible lifetime.
    """
    if not MIN_KEY_BITS <= bits <= MAX_KEY_BITS:
        raise KeyMaterialError(f"a key has {MIN_KEY_BITS} to {MAX_KEY_BITS} bits, not {bits}")
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    try:
        parsed = _self_sign(private_key, now, lifetime, common_name)
    except (ValueError, OverflowError) as error:
        raise KeyMaterialError(f"no certificate can be made: {error}") from error
    certificate = _certificate(parsed, private_key.public_key())
    return SealingKey(PrivateKey(private_key, certificate.fingerprint), certificate)


def fingerprint_of(public_key: rsa.RSAPublicKey) -> Fingerprint:
    """Return the fingerprint of a public key."""
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Fingerprint(hashlib.sha256(spki).hexdigest())


def _self_sign(key: rsa.RSAPrivateKey, now: datetime, lifetime: timedelta, common_name: str) -> x509.Certificate:
    attributes = [x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)] if common_name else []
    name = x509.Name(attributes)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=True,  # it only wraps session keys
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    start = now.astimezone(UTC)
    return (
        x509.CertificateBuilder()  # the setters check; the constructor does not
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lifetime)
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _certificate(parsed: x509.Certificate, public_key: rsa.RSAPublicKey) -> Certificate:
    return Certificate(
        public_key=public_key,
        fingerprint=fingerprint_of(public_key),
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        subject=parsed.subject.rfc4514_string(),
        pem=parsed.public_bytes(Encoding.PEM).decode("ascii"),
    )


def _private_key_blocks(pem: bytes) -> list[bytes]:
    """Return the blocks of private keys. Raises KeyMaterialError if there are none, or one is encrypted."""
    blocks = list(_pem_blocks(pem))
    if any(kind == b"ENCRYPTED PRIVATE KEY" or b"Proc-Type: 4,ENCRYPTED" in block for kind, block in blocks):
        raise KeyMaterialError("the private key is protected by a passphrase; decrypt it first")
    found = [block for kind, block in blocks if kind in _PRIVATE_KEY_BLOCKS]
    if not found:
        raise KeyMaterialError(f"no PEM private key block {_found_instead(pem)}")
    return found


def _load_private_key(block: bytes) -> PrivateKey:
    # Imported here, since sealing needs no private key: 12 ms.
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    check_block(block)
    try:
        # `keychecks` makes the checks that are skipped here: the library would test the primes and block every thread.
        key = load_pem_private_key(block, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyMaterialError("the private key block is damaged or of an unknown kind") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyMaterialError("the private key is not RSA")
    check_numbers(key)
    return PrivateKey(key, fingerprint_of(key.public_key()))


def _pem_blocks(pem: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, block) of each PEM block; text around blocks is allowed (RFC 7468 §2)."""
    return ((match[1], match[0] + b"\n") for match in _PEM_BLOCK.finditer(pem))


def _found_instead(pem: bytes) -> str:
    kinds = sorted({kind.decode("ascii") for kind, _ in _pem_blocks(pem)})
    return f"(found: {', '.join(kinds)})" if kinds else "(nothing in PEM form was found)"
