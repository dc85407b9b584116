"""The throw-away certificates and keys of a test control plane: a small authority, and what it vouches for.

Authority and certificates have neither identifiers of keys nor a key usage, as those of EKS: Python 3.13 refuses them
unless it is told to verify as Go does (ssl.VERIFY_X509_STRICT; RFC 5280 §4.2.1).
"""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = dt.timedelta(days=7)
CLIENT = "ann"
CLIENT_GROUP = "testers"


def write_control_plane_pki(folder: Path) -> None:
    """Write PEM files into `folder`, certificates signed by ca.crt.

    server.{crt,key} are for 127.0.0.1 and localhost, client.{crt,key} for the user CLIENT in the group CLIENT_GROUP;
    service-accounts.key signs tokens.
    """
    ca_key, server_key, client_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    ca = _certificate_authority(ca_key)
    server = _server_certificate(server_key, ca, ca_key)
    (folder / "ca.crt").write_bytes(ca.public_bytes(Encoding.PEM))
    (folder / "server.crt").write_bytes(server.public_bytes(Encoding.PEM))
    _write_key(folder / "server.key", server_key)
    (folder / "client.crt").write_bytes(_client_certificate(client_key, ca, ca_key).public_bytes(Encoding.PEM))
    _write_key(folder / "client.key", client_key)
    _write_key(folder / "service-accounts.key", ec.generate_private_key(ec.SECP256R1()))


def _certificate_authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("sealwright-tests-ca")
    return (
        _dated(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )


def _server_certificate(
    key: ec.EllipticCurvePrivateKey, ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))])
    builder = _dated(_name("sealwright-tests-apiserver"), ca.subject, key).add_extension(names, critical=False)
    return _signed(builder, ca_key, ExtendedKeyUsageOID.SERVER_AUTH)


def _client_certificate(
    key: ec.EllipticCurvePrivateKey, ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """Return a certificate that an API server takes for a user: the common name is theirs, the organisation a group."""
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, CLIENT_GROUP)]
    subject = x509.Name([*names, x509.NameAttribute(NameOID.COMMON_NAME, CLIENT)])
    return _signed(_dated(subject, ca.subject, key), ca_key, ExtendedKeyUsageOID.CLIENT_AUTH)


def _signed(
    builder: x509.CertificateBuilder, ca_key: ec.EllipticCurvePrivateKey, usage: x509.ObjectIdentifier
) -> x509.Certificate:
    return builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False).sign(ca_key, hashes.SHA256())


def _dated(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    """Start a certificate that is valid from an hour ago, so that a clock set back a little does no harm."""
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
