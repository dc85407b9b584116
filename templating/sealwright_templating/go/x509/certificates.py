"""X.509 certificates with just the fields that Sprig sets, as Go's crypto/x509 writes them.

The outer structure is written here, not by cryptography's builder: the builder refuses certificates that Go makes, such
as names of more than 64 characters and an end before the beginning. The library writes extensions, keys, signatures.
"""

import hashlib
import string
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, SignatureAlgorithmOID

from sealwright_templating.go.time.calendar import civil
from sealwright_templating.go.time.types import Time
from sealwright_templating.go.x509 import der
from sealwright_templating.go.x509.pem import Block, encode_block
from sealwright_templating.go.x509.privatekeys import LIBRARY_ERRORS, PrivateKey

Signer = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
"""The keys that can sign a certificate and be certified."""

_RSA_LEAST_BITS = 1024
_DAMAGES = (*LIBRARY_ERRORS, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
_VERSION_3 = 2
_SUBJECT_INDEX = 4
"""The position of the subject in a certificate of version 1, which has no version field."""

_KEY_IDENTIFIER_BYTES = 20
_UTC_TIME_YEARS = range(1950, 2050)
_PRINTABLE = frozenset((string.ascii_letters + string.digits + " '()+,-./:=?").encode())
_ECDSA = {
    "secp224r1": (hashes.SHA256(), SignatureAlgorithmOID.ECDSA_WITH_SHA256),
    "secp256r1": (hashes.SHA256(), SignatureAlgorithmOID.ECDSA_WITH_SHA256),
    "secp384r1": (hashes.SHA384(), SignatureAlgorithmOID.ECDSA_WITH_SHA384),
    "secp521r1": (hashes.SHA512(), SignatureAlgorithmOID.ECDSA_WITH_SHA512),
}


@dataclass(frozen=True, slots=True)
class Request:
    """The content of a certificate; `names` are the alternative names."""

    common_name: bytes
    names: Sequence[x509.GeneralName]
    serial: int
    not_before: Time
    not_after: Time
    is_authority: bool


@dataclass(frozen=True, slots=True)
class Issuer:
    """The data that certificates repeat from their authority's certificate: name, as DER, and key identifier."""

    name: bytes
    key_identifier: bytes


def read_certificate(block: Block) -> x509.Certificate:
    """Return a given certificate. Raises ValueError if it is damaged, in its extensions too."""
    try:
        certificate = x509.load_der_x509_certificate(block.content)
        _ = certificate.extensions
    except _DAMAGES:
        raise ValueError("the certificate is damaged") from None
    return certificate


def read_issuer(block: Block, key: PrivateKey) -> Issuer:
    """Return the authority described by a certificate. Raises ValueError if it is damaged or of another key."""
    certificate = read_certificate(block)
    try:
        belong_together = certificate.public_key() == key.public_key()
    except LIBRARY_ERRORS:
        belong_together = False
    if not belong_together:
        raise ValueError("the authority's key is not that of its certificate")
    # Not `certificate.subject`, which warns of names that Go accepts: the subject's own bytes.
    fields = der.values(certificate.tbs_certificate_bytes)
    has_version = fields[0].startswith(der.explicit(0, b"")[:1])
    extensions = [extension.value for extension in certificate.extensions]
    identifiers = [value.digest for value in extensions if isinstance(value, x509.SubjectKeyIdentifier)]
    return Issuer(fields[_SUBJECT_INDEX + has_version], b"".join(identifiers))


def issue(
    request: Request, key: PrivateKey, *, issuer: Issuer | None = None, signer: PrivateKey | None = None
) -> bytes:
    """Return a key's certificate as PEM, signed by the key itself or by an issuer's key.

    Raises ValueError if Go would not make it: for keys that cannot sign, names that are not text, times beyond 9999.
    """
    certified, signing = _usable(key), _usable(signer or key)
    algorithm = _algorithm(signing)
    subject = _name(request.common_name)
    issuer_name = subject if issuer is None else issuer.name
    authority = issuer.key_identifier if issuer is not None and issuer.name != subject else b""
    content = der.sequence(
        der.explicit(0, der.integer(_VERSION_3)),
        der.integer(request.serial),
        algorithm,
        issuer_name,
        der.sequence(_time(request.not_before), _time(request.not_after)),
        subject,
        certified.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        der.explicit(3, der.sequence(*_extensions(request, certified, authority))),
    )
    signature = _sign(signing, content)
    return encode_block(Block(b"CERTIFICATE", der.sequence(content, algorithm, der.bits(signature))))


def _usable(key: PrivateKey) -> Signer:
    if not isinstance(key, Signer):
        raise ValueError("only RSA, ECDSA and Ed25519 keys can be certified")  # noqa: TRY004 - the key was given
    return key


def _name(common_name: bytes) -> bytes:
    if not common_name:
        return der.sequence()
    try:
        common_name.decode()
    except UnicodeDecodeError:
        raise ValueError("the common name is not UTF-8 text") from None
    tag = der.PRINTABLE_STRING if _PRINTABLE.issuperset(common_name) else der.UTF8_STRING
    kind = der.object_identifier(NameOID.COMMON_NAME.dotted_string)
    return der.sequence(der.set_of_one(der.sequence(kind, der.tagged(tag, common_name))))


def _time(time: Time) -> bytes:
    when = civil(time.seconds)
    if not 0 <= when.year <= 9999:
        raise ValueError("the certificate would be valid beyond the year 9999")
    rest = f"{when.month:02}{when.day:02}{when.hour:02}{when.minute:02}{when.second:02}Z"
    if when.year in _UTC_TIME_YEARS:
        return der.tagged(der.UTC_TIME, f"{when.year % 100:02}{rest}".encode())
    return der.tagged(der.GENERALIZED_TIME, f"{when.year:04}{rest}".encode())


def _extensions(request: Request, key: Signer, authority: bytes) -> list[bytes]:
    extensions = [
        _extension(_key_usage(is_authority=request.is_authority), critical=True),
        _extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])),
        _extension(x509.BasicConstraints(ca=request.is_authority, path_length=None), critical=True),
    ]
    if request.is_authority:
        extensions.append(_extension(x509.SubjectKeyIdentifier(_key_identifier(key))))
    if authority:
        extensions.append(_extension(x509.AuthorityKeyIdentifier(authority, None, None)))
    if request.names:
        extensions.append(_extension(x509.SubjectAlternativeName(request.names), critical=not request.common_name))
    return extensions


def _extension(extension: x509.ExtensionType, *, critical: bool = False) -> bytes:
    kind = der.object_identifier(extension.oid.dotted_string)
    return der.sequence(kind, der.TRUE * critical, der.tagged(der.OCTET_STRING, extension.public_bytes()))


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=True,
        key_cert_sign=is_authority,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_identifier(key: Signer) -> bytes:
    """Return the beginning of a public key's SHA-256 (RFC 7093, section 2, method 1), as Go does since 1.25."""
    public_key = key.public_key()
    if isinstance(public_key, rsa.RSAPublicKey):
        content = public_key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    elif isinstance(public_key, ec.EllipticCurvePublicKey):
        content = public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    else:
        content = public_key.public_bytes_raw()
    return hashlib.sha256(content).digest()[:_KEY_IDENTIFIER_BYTES]


def _algorithm(key: Signer) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return der.sequence(_oid(SignatureAlgorithmOID.RSA_WITH_SHA256), der.NULL)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return der.sequence(_oid(_ECDSA[key.curve.name][1]))
    return der.sequence(_oid(SignatureAlgorithmOID.ED25519))


def _oid(identifier: x509.ObjectIdentifier) -> bytes:
    return der.object_identifier(identifier.dotted_string)


def _sign(key: Signer, content: bytes) -> bytes:
    """Return a signature, after verifying it: the numbers of a given key may be arbitrary."""
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < _RSA_LEAST_BITS:
        raise ValueError(f"an RSA key of less than {_RSA_LEAST_BITS} bits is too weak to sign")
    try:
        return _checked_signature(key, content)
    except (*LIBRARY_ERRORS, InvalidSignature):
        raise ValueError("the private key cannot sign") from None


def _checked_signature(key: Signer, content: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(content, padding.PKCS1v15(), hashes.SHA256())
        key.public_key().verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        algorithm = ec.ECDSA(_ECDSA[key.curve.name][0])
        signature = key.sign(content, algorithm)
        key.public_key().verify(signature, content, algorithm)
    else:
        signature = key.sign(content)
        key.public_key().verify(signature, content)
    return signature
