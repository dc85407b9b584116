"""Where a sealing certificate comes from: a file, or a page on the web."""

from datetime import datetime
from pathlib import Path

from sealwright_cli.errors import CertificateError, InputError
from sealwright_cli.files import read_file
from sealwright_cli.ui import without_password
from sealwright_crypto import Certificate, KeyMaterialError, load_certificate

MAX_CERTIFICATE_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 15.0

_HOW_TO_NAME_ONE = "name a certificate by file or URL (seal, raw: --cert), or set SEALWRIGHT_CERT"
_HOW_TO_GET_ONE = "ask for the controller's certificate (its /v1/cert.pem); a private key never seals"


def get_certificate(source: str | None) -> Certificate:
    """Return the certificate at a path or http(s) or file URL; a path that exists is a file whatever it looks like.

    Raises CertificateError naming the source, also when none is given.
    """
    if not source:
        raise CertificateError("no certificate is given", hint=_HOW_TO_NAME_ONE)
    content = _content(source)
    try:
        return load_certificate(content)
    except KeyMaterialError as error:
        raise CertificateError(f"{without_password(source)}: {error}", hint=_HOW_TO_GET_ONE) from None


def get_valid_certificate(source: str | None, now: datetime) -> Certificate:
    """Return a certificate to seal with. Raises CertificateError also when it has expired at `now` (aware)."""
    certificate = get_certificate(source)
    try:
        certificate.check_not_expired(now)
    except KeyMaterialError as error:
        raise CertificateError(
            f"{without_password(source or '')}: {error}",
            hint="fetch the controller's current certificate; it makes a new one every 30 days",
        ) from None
    return certificate


def _content(source: str) -> bytes:
    path = Path(source)
    scheme = source.partition("://")[0].lower()
    if scheme in ("http", "https") and not path.exists():
        from sealwright_cli.web import fetch  # noqa: PLC0415 - the standard library's HTTP client takes 30 ms to import

        return fetch(source, limit=MAX_CERTIFICATE_BYTES, timeout_seconds=TIMEOUT_SECONDS)
    if scheme == "file" and not path.exists():
        from sealwright_cli.web import path_of_file_url  # noqa: PLC0415 - as above

        path = path_of_file_url(source)
    try:
        return read_file(path, MAX_CERTIFICATE_BYTES)
    except InputError as error:
        raise CertificateError(error.message, hint=_HOW_TO_NAME_ONE) from None
