"""Private keys: made, read from PEM and written as PEM, by the rules of Sprig and of Go's crypto/x509.

Each type of PEM block has the format that Go expects: `RSA PRIVATE KEY` is PKCS #1, `EC PRIVATE KEY` is SEC 1,
`DSA PRIVATE KEY` is OpenSSL's own, `PRIVATE KEY` is PKCS #8.
"""

from typing import Final, cast

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from cryptography.x509.oid import PublicKeyAlgorithmOID

from sealwright_templating.context import Context
from sealwright_templating.errors import LimitExceeded
from sealwright_templating.go.x509.der import OCTET_STRING, object_identifier, values
from sealwright_templating.go.x509.dsaparameters import DSA_PARAMETERS
from sealwright_templating.go.x509.pem import Block, first_block
from sealwright_templating.limits import steps_of_a_few

PrivateKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | x25519.X25519PrivateKey
    | dsa.DSAPrivateKey
)

LIBRARY_ERRORS: Final = (ValueError, TypeError, UnsupportedAlgorithm, InternalError)
"""The exceptions that `cryptography` raises for keys and certificates that it refuses."""

KEY_LIMIT_BYTES: Final = 5000
"""The longest key that is read, in bytes of DER: RSA of 8192 bits, Go's maximum for TLS; a signature takes 0.1 s."""

RSA_KEYS_PER_TEMPLATE: Final = {2048: 12, 4096: 2}
"""How many keys of each size: one takes 40 or 450 ms on average, between a third and three times that."""

_REHEARSAL_BITS = 1024
"""A key of this size takes a few milliseconds."""

_STEPS_TO_MAKE_OTHERS = 5_000
_STEPS_TO_READ = 2_000

_PUBLIC_EXPONENT = 65537
_PKCS8 = b"PRIVATE KEY"
_RSA = object_identifier(PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5.dotted_string)
_SECOND_TAGS = {
    b"PRIVATE KEY": 0x30,
    b"RSA PRIVATE KEY": 0x02,
    b"EC PRIVATE KEY": OCTET_STRING,
    b"DSA PRIVATE KEY": 0x02,
}
_CURVES = (ec.SECP224R1, ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


def make_rsa(context: Context, bits: int) -> rsa.RSAPrivateKey:
    """Return a new RSA key of 2048 or 4096 bits; in a rehearsal, a shorter one."""
    context.budget.steps(steps_of_a_few(RSA_KEYS_PER_TEMPLATE[bits]))
    return rsa.generate_private_key(_PUBLIC_EXPONENT, _REHEARSAL_BITS if context.postpones() else bits)


def make_ecdsa(context: Context) -> ec.EllipticCurvePrivateKey:
    """Return a new key on the curve P-256."""
    context.budget.steps(_STEPS_TO_MAKE_OTHERS)
    return ec.generate_private_key(ec.SECP256R1())


def make_ed25519(context: Context) -> ed25519.Ed25519PrivateKey:
    """Return a new Ed25519 key."""
    context.budget.steps(_STEPS_TO_MAKE_OTHERS)
    return ed25519.Ed25519PrivateKey.generate()


def make_dsa(context: Context) -> dsa.DSAPrivateKey:
    """Return a new DSA key of 2048 bits over 256."""
    context.budget.steps(_STEPS_TO_MAKE_OTHERS)
    return DSA_PARAMETERS.parameters().generate_private_key()


def write_key(key: PrivateKey) -> bytes:
    """Return a private key as PEM in the format of its kind."""
    has_own_format = isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey)
    form = PrivateFormat.TraditionalOpenSSL if has_own_format else PrivateFormat.PKCS8
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


def read_key(context: Context, pem: bytes) -> PrivateKey:
    """Return the private key in the first block of a PEM text. Raises ValueError if Go could not read one."""
    context.budget.steps(_STEPS_TO_READ)
    context.budget.memory(len(pem))
    block = first_block(pem)
    if block is None:
        raise ValueError("there is no PEM block")
    if len(block.content) > KEY_LIMIT_BYTES:
        raise LimitExceeded(f"a private key is longer than {KEY_LIMIT_BYTES} bytes")
    if not _has_its_format(block):
        raise ValueError("the first PEM block holds no private key of its format")
    try:
        # The library's check of the primes takes seconds; `_check_rsa` checks what Go checks.
        key = load_der_private_key(block.content, None, unsafe_skip_rsa_key_validation=True)
    except LIBRARY_ERRORS:
        raise ValueError("the private key is damaged, or of no kind that is known") from None
    if isinstance(key, rsa.RSAPrivateKey):
        _check_rsa(key)
    if not _is_accepted(key, block):
        raise ValueError("the private key is of no kind that Go reads from such a block")
    return cast(PrivateKey, key)


def _has_its_format(block: Block) -> bool:
    try:
        tags = [value[0] for value in values(block.content)]
    except ValueError:
        return False
    return tags[1:2] == [_SECOND_TAGS.get(block.kind)]


def _is_accepted(key: object, block: Block) -> bool:
    if isinstance(key, rsa.RSAPrivateKey):
        return block.kind == b"RSA PRIVATE KEY" or (block.kind == _PKCS8 and _RSA in values(block.content)[1])
    if isinstance(key, dsa.DSAPrivateKey):
        return block.kind == b"DSA PRIVATE KEY"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return isinstance(key.curve, _CURVES)
    return isinstance(key, ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey)


def _check_rsa(key: rsa.RSAPrivateKey) -> None:
    """Raise ValueError unless the numbers of an RSA key are consistent."""
    numbers = key.private_numbers()
    p, q, d = numbers.p, numbers.q, numbers.d
    exponent = numbers.public_numbers.e
    belong_together = (
        p > 1
        and q > 1
        and p * q == numbers.public_numbers.n
        and d * exponent % (p - 1) == 1
        and d * exponent % (q - 1) == 1
        and (numbers.dmp1, numbers.dmq1) == (d % (p - 1), d % (q - 1))
        and numbers.iqmp * q % p == 1
    )
    if not belong_together:
        raise ValueError("the numbers of the RSA key do not belong together")
