"""Keys and certificates: loading, pairing, fingerprints."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.support.testkeys import NAMES, key

from sealwright_crypto import (
    CertificateExpiredError,
    KeyMaterialError,
    fingerprint_of,
    load_certificate,
    load_private_keys,
    load_sealing_key,
)

PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
PASSPHRASE = serialization.BestAvailableEncryption(b"sesame")


def certificate_pem(name="new-2048"):
    return key(name).certificate.pem.encode()


def key_pem(name="new-2048"):
    return key(name).private_key.pem()


def other_form(form, protection=None):
    """Return the usual test key in another PEM form."""
    return key().private_key.raw.private_bytes(PEM, form, protection or serialization.NoEncryption())


def ec_pair():
    """Return an elliptic-curve certificate and key, which seal nothing."""
    private = ec.generate_private_key(ec.SECP256R1())
    name, start = x509.Name([]), datetime(2024, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=9999))
    certificate = builder.sign(private, hashes.SHA256()).public_bytes(PEM)
    return certificate, private.private_bytes(PEM, PKCS8, serialization.NoEncryption())


EC_CERTIFICATE, EC_KEY = ec_pair()
PUBLIC_KEY = key().certificate.public_key.public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
JUNK_CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
JUNK_KEY = b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"


def unfinished(pem):
    """Return the PEM without its last line."""
    return b"".join(pem.splitlines(keepends=True)[:-1])


@pytest.mark.parametrize("name", NAMES)
def test_the_fingerprint_is_the_hash_of_the_public_key_info(name):
    certificate = key(name).certificate
    der = certificate.public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert certificate.fingerprint == hashlib.sha256(der).hexdigest() == fingerprint_of(certificate.public_key)
    assert key(name).fingerprint == key(name).private_key.fingerprint == certificate.fingerprint


def test_a_certificate_s_facts():
    certificate = key("medium-3072").certificate
    assert certificate.bits == key("medium-3072").private_key.bits == 3072
    assert certificate.not_before == datetime(2024, 1, 1, tzinfo=UTC)
    assert certificate.not_after == datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=36500)
    assert certificate.subject == "CN=sealwright test medium-3072"


CERTIFICATES = [
    ("alone", certificate_pem()),
    ("with Windows line ends", certificate_pem().replace(b"\n", b"\r\n")),
    ("without a newline at the end", certificate_pem().rstrip()),
    ("behind a byte order mark", b"\xef\xbb\xbf" + certificate_pem()),
    ("between words", b"This is it:\n" + certificate_pem() + b"-- that was it --\n"),
    ("the first of two", certificate_pem() + certificate_pem("old-2048")),
    ("behind a private key", key_pem("old-2048") + certificate_pem()),
    ("behind words that only look like PEM", b"-----BEGIN NOTHING-----\n" + certificate_pem()),
]


@pytest.mark.parametrize("pem", [row[1] for row in CERTIFICATES], ids=[row[0] for row in CERTIFICATES])
def test_load_certificate(pem):
    assert load_certificate(pem) == key().certificate


NO_CERTIFICATES = [
    ("nothing", b"", r"no PEM CERTIFICATE block \(nothing in PEM form was found\)"),
    ("no PEM", b"\x30\x82\x00", r"no PEM CERTIFICATE block \(nothing in PEM form was found\)"),
    ("a private key", key_pem(), r"no PEM CERTIFICATE block \(found: RSA PRIVATE KEY\)"),
    ("two other things", PUBLIC_KEY + key_pem(), r"\(found: PUBLIC KEY, RSA PRIVATE KEY\)"),
    ("elliptic curve", EC_CERTIFICATE, "not RSA; sealing needs an RSA certificate"),
    ("damaged", JUNK_CERTIFICATE, "damaged or of an unknown kind"),
    ("a damaged one in front of a good one", JUNK_CERTIFICATE + certificate_pem(), "damaged"),
    ("cut off", unfinished(certificate_pem()), "damaged"),
    ("cut off in front of a good one", unfinished(certificate_pem()) + certificate_pem(), "damaged"),
]


@pytest.mark.parametrize(("pem", "words"), [r[1:] for r in NO_CERTIFICATES], ids=[r[0] for r in NO_CERTIFICATES])
def test_load_certificate_refuses(pem, words):
    with pytest.raises(KeyMaterialError, match=words):
        load_certificate(pem)


def changed(find, replace):
    """Return the usual certificate with some bytes of its DER changed."""
    der = x509.load_pem_x509_certificate(certificate_pem()).public_bytes(serialization.Encoding.DER)
    assert find in der
    body = base64.encodebytes(der.replace(find, replace))
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


UNUSUAL = [
    ("a version that does not exist", changed(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07")),
    ("a subject of no known kind of text", changed(b"\x0c\x18sealwright", b"\x0d\x18sealwright")),
    ("a subject that is no UTF-8", changed(b"sealwright test", b"sealwrigh\xff test")),
    ("a month that does not exist", changed(b"240101000000Z", b"241301000000Z")),
]


@pytest.mark.parametrize("pem", [row[1] for row in UNUSUAL], ids=[row[0] for row in UNUSUAL])
def test_a_certificate_that_parses_but_for_one_field_is_refused(pem):
    with pytest.raises(KeyMaterialError, match="damaged or of an unknown kind"):
        load_certificate(pem)


PRIVATE_KEYS = [
    ("PKCS#1", key_pem(), ["new-2048"]),
    ("PKCS#8", other_form(PKCS8), ["new-2048"]),
    ("with Windows line ends", key_pem().replace(b"\n", b"\r\n"), ["new-2048"]),
    ("beside its certificate", certificate_pem() + key_pem(), ["new-2048"]),
    ("two in their order", key_pem("old-2048") + other_form(PKCS8), ["old-2048", "new-2048"]),
    ("between words", b"one\n" + key_pem() + b"two\n" + key_pem("small-1024"), ["new-2048", "small-1024"]),
]


@pytest.mark.parametrize(("pem", "names"), [r[1:] for r in PRIVATE_KEYS], ids=[r[0] for r in PRIVATE_KEYS])
def test_load_private_keys(pem, names):
    assert load_private_keys(pem) == tuple(key(name).private_key for name in names)


NO_PRIVATE_KEYS = [
    ("nothing", b"", r"no PEM private key block \(nothing in PEM form was found\)"),
    ("a certificate", certificate_pem(), r"no PEM private key block \(found: CERTIFICATE\)"),
    ("a public key", PUBLIC_KEY, r"\(found: PUBLIC KEY\)"),
    ("elliptic curve", EC_KEY, "not RSA"),
    ("damaged", JUNK_KEY, "damaged or of an unknown kind"),
    ("damaged behind a good one", key_pem() + JUNK_KEY, "damaged"),
    ("cut off in front of a good one", unfinished(key_pem()) + key_pem("old-2048"), "damaged"),
    ("ended as another kind", key_pem().replace(b"END RSA ", b"END "), "damaged"),
    ("PKCS#8 with a passphrase", other_form(PKCS8, PASSPHRASE), "protected by a passphrase; decrypt it first"),
    (
        "PKCS#1 with a passphrase",
        other_form(serialization.PrivateFormat.TraditionalOpenSSL, PASSPHRASE),
        "protected by a passphrase",
    ),
    ("one of two with a passphrase", key_pem() + other_form(PKCS8, PASSPHRASE), "protected by a passphrase"),
]


@pytest.mark.parametrize(("pem", "words"), [r[1:] for r in NO_PRIVATE_KEYS], ids=[r[0] for r in NO_PRIVATE_KEYS])
def test_load_private_keys_refuses(pem, words):
    with pytest.raises(KeyMaterialError, match=words):
        load_private_keys(pem)


@pytest.mark.parametrize("load", [load_certificate, load_private_keys])
def test_a_flood_of_unfinished_blocks_is_refused_in_linear_time(load):
    """A mebibyte of them took minutes when each one was looked for an end in all that follows."""
    with pytest.raises(KeyMaterialError, match="found: EVIL"):
        load(b"-----BEGIN EVIL-----\n" * (2**20 // 21))


def test_a_private_key_is_written_as_pkcs1():
    written = key().private_key.pem()
    assert written.startswith(b"-----BEGIN RSA PRIVATE KEY-----\n")
    assert load_private_keys(written) == (key().private_key,)


def test_a_pair_must_belong_together():
    with pytest.raises(KeyMaterialError, match="the private key does not belong to the certificate"):
        load_sealing_key(certificate_pem("new-2048"), key_pem("old-2048"))


END = key().certificate.not_after


@pytest.mark.parametrize("now", [END - timedelta(days=1), END, END.astimezone()], ids=["before", "at", "elsewhere"])
def test_a_certificate_holds_to_its_end(now):
    key().certificate.check_not_expired(now)


def test_a_certificate_past_its_end_is_expired():
    with pytest.raises(CertificateExpiredError) as caught:
        key().certificate.check_not_expired(END + timedelta(seconds=1))
    assert caught.value.not_after == END
