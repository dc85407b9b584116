"""Whether a TLS certificate and a private key belong together. Both are a Secret's content here, not sealing keys."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import load_pem_x509_certificates

from sealwright_crypto.errors import KeyMaterialError


def check_tls_pair(certificate: bytes, key: bytes) -> None:
    """Raise KeyMaterialError unless the first certificate in some PEM text is for the private key in another."""
    # Imported here, since only sealing TLS Secrets needs it: 12 ms.
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    try:
        leaf = load_pem_x509_certificates(certificate)[0].public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise KeyMaterialError("the certificate is not one in PEM") from None
    try:
        public = load_pem_private_key(key, None).public_key()
    except TypeError:
        raise KeyMaterialError("the private key is encrypted with a passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyMaterialError("the private key is not one in PEM") from None
    spki = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if leaf.public_bytes(*spki) != public.public_bytes(*spki):
        raise KeyMaterialError("the certificate and the private key do not belong together")
