"""Where a sealing certificate comes from: a file, a page on the web, else the cluster.

The one way to a certificate, whatever the command. What the cluster is asked, and what is remembered of its answers,
is `fromcluster`'s business; which certificate is accepted, `request`'s.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sealwright_cli.certificates.request import (
    CertificateRequest,
    ObtainedCertificate,
    accept,
    check_pins,
    read_pin,
)
from sealwright_cli.errors import CertificateError, InputError, UsageError
from sealwright_cli.files import exists, read_file
from sealwright_cli.ui import Console, without_password
from sealwright_crypto import Certificate, KeyMaterialError

MAX_CERTIFICATE_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 15.0

_HOW_TO_NAME_ONE = "name a certificate by file or URL (--cert)"


def get_valid_certificate(request: CertificateRequest, console: Console, now: datetime) -> Certificate:
    """Return a certificate to seal with. Raises as `obtain_certificate`, and for one that has expired at `now`."""
    obtained = obtain_certificate(request, console, now)
    try:
        obtained.certificate.check_not_expired(now)
    except KeyMaterialError as error:
        raise CertificateError(
            f"{obtained.origin}: {error}",
            hint="fetch the controller's current certificate; it makes a new one every 30 days",
        ) from None
    return obtained.certificate


def obtain_certificate(request: CertificateRequest, console: Console, now: datetime) -> ObtainedCertificate:
    """Return the certificate that is asked for, an expired one too.

    Raises CertificateError naming the source, ClusterError when the cluster does not give one, UsageError for a pin
    that is no fingerprint. `console` is told when an old answer of the cluster is used; `now` (aware) tells how old.
    """
    request = replace(request, pins=[read_pin(written) for written in request.pins])
    if request.source:
        if request.offline and _is_web(request.source):
            raise UsageError(
                f"--offline asks nobody, and {without_password(request.source)} is on the web",
                hint="name the certificate as a file, or leave out --offline",
            )
        obtained = read_certificate(request.source)
    else:
        from sealwright_cli.certificates.fromcluster import from_cluster  # noqa: PLC0415 - --cert does without a cluster

        obtained = from_cluster(request, console, now)
    check_pins(request, obtained)
    return obtained


def read_certificate(source: str) -> ObtainedCertificate:
    """Return the certificate at a path or http(s) or file URL; a path that exists is a file whatever it looks like.

    Raises CertificateError naming the source.
    """
    return accept(_content(source), without_password(source))


def _content(source: str) -> bytes:
    path = Path(source)
    if _is_web(source):
        from sealwright_cli.certificates.web import fetch  # noqa: PLC0415 - the standard library's HTTP client takes 30 ms to import

        return fetch(source, limit=MAX_CERTIFICATE_BYTES, timeout_seconds=TIMEOUT_SECONDS)
    if _scheme(source) == "file" and not exists(path):
        from sealwright_cli.certificates.web import path_of_file_url  # noqa: PLC0415 - as above

        path = path_of_file_url(source)
    try:
        return read_file(path, MAX_CERTIFICATE_BYTES)
    except InputError as error:
        raise CertificateError(error.message, hint=_HOW_TO_NAME_ONE) from None


def _is_web(source: str) -> bool:
    return _scheme(source) in ("http", "https") and not exists(Path(source))


def _scheme(source: str) -> str:
    return source.partition("://")[0].lower()
