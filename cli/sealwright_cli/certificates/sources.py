"""Where a sealing certificate comes from: a file, a page on the web, else the cluster; and which one is accepted.

The one way to a certificate, whatever the command. What the cluster is asked, and what is remembered of its answers,
is `clustercertificate`'s business.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.cluster.kubeconfig import ClusterFlags, Surroundings
from sealwright_cli.errors import CertificateError, InputError, UsageError
from sealwright_cli.files import read_file
from sealwright_cli.ui import Console, without_password
from sealwright_crypto import Certificate, KeyMaterialError, load_certificate

MAX_CERTIFICATE_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 15.0
MIN_PIN_DIGITS = 16
"""A pin may be the beginning of a fingerprint: 64 bits of it, which nobody meets by accident, and hardly on purpose."""

_HOW_TO_NAME_ONE = "name a certificate by file or URL (--cert), or set SEALWRIGHT_CERT"
_HOW_TO_GET_ONE = "ask for the controller's certificate (its /v1/cert.pem); a private key never seals"
_PIN = re.compile(rf"[0-9a-f]{{{MIN_PIN_DIGITS},64}}")


@dataclass(frozen=True)
class CertificateRequest:
    """Which certificate is wanted.

    `source` is a file or URL; empty, the controller at `controller` is asked through the cluster of `cluster` and
    `surroundings`. `pins` are fingerprints, of which the certificate has to have one; none accepts any. `offline` asks
    nobody and takes what the cluster answered before, `offline_ok` does so when the cluster cannot be reached;
    `cache` is the folder where answers are remembered, None for nowhere.
    """

    source: str | None = None
    pins: Sequence[str] = ()
    offline: bool = False
    offline_ok: bool = False
    cluster: ClusterFlags = field(default_factory=ClusterFlags)
    controller: ControllerAddress = field(default_factory=ControllerAddress)
    surroundings: Surroundings = field(default_factory=Surroundings)
    cache: Path | None = None


@dataclass(frozen=True)
class ObtainedCertificate:
    """A certificate with the bytes that it was read from and, in words, where these came from."""

    certificate: Certificate
    content: bytes = field(repr=False)
    origin: str


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
    request = replace(request, pins=[_pin(written) for written in request.pins])
    if request.source:
        if request.offline and _is_web(request.source):
            raise UsageError(f"--offline asks nobody, and {without_password(request.source)} is on the web")
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


def accept(content: bytes, origin: str) -> ObtainedCertificate:
    """Return the certificate in PEM text. Raises CertificateError, naming `origin`, when there is none to seal with."""
    try:
        return ObtainedCertificate(load_certificate(content), content, origin)
    except KeyMaterialError as error:
        raise CertificateError(f"{origin}: {error}", hint=_HOW_TO_GET_ONE) from None


def _pin(written: str) -> str:
    """Return a pin as the beginning of a fingerprint: lower case, without colons and spaces. Raises UsageError."""
    pin = re.sub(r"[:\s]", "", written).lower()
    if not _PIN.fullmatch(pin):
        raise UsageError(
            f"--cert-fingerprint {written} is no fingerprint: {MIN_PIN_DIGITS} to 64 hexadecimal digits are expected",
            hint="sealwright cert show prints it",
        )
    return pin


def check_pins(request: CertificateRequest, obtained: ObtainedCertificate) -> None:
    """Raise CertificateError for a certificate that has none of the request's pins, if it has any."""
    fingerprint = obtained.certificate.fingerprint
    if request.pins and not any(fingerprint.startswith(pin) for pin in request.pins):
        raise CertificateError(
            f"{obtained.origin}: the certificate has the fingerprint {fingerprint}, not the one of --cert-fingerprint",
            hint="make sure, with whoever runs the controller, that the new key is theirs before you accept it",
        )


def _content(source: str) -> bytes:
    path = Path(source)
    if _is_web(source):
        from sealwright_cli.certificates.web import fetch  # noqa: PLC0415 - the standard library's HTTP client takes 30 ms to import

        return fetch(source, limit=MAX_CERTIFICATE_BYTES, timeout_seconds=TIMEOUT_SECONDS)
    if _scheme(source) == "file" and not path.exists():
        from sealwright_cli.certificates.web import path_of_file_url  # noqa: PLC0415 - as above

        path = path_of_file_url(source)
    try:
        return read_file(path, MAX_CERTIFICATE_BYTES)
    except InputError as error:
        raise CertificateError(error.message, hint=_HOW_TO_NAME_ONE) from None


def _is_web(source: str) -> bool:
    return _scheme(source) in ("http", "https") and not Path(source).exists()


def _scheme(source: str) -> str:
    return source.partition("://")[0].lower()
