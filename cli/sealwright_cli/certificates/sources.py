"""The source of a sealing certificate: a file, a page on the web, else the cluster.

Every command gets its certificate here. `fromcluster` asks the cluster and remembers its answers; `request` decides
which certificate is accepted.
"""

import os
from datetime import datetime
from pathlib import Path

from sealwright_cli.certificates.judging import check_fit, warn_of_private_key
from sealwright_cli.certificates.request import (
    CertificateRequest,
    ObtainedCertificate,
    accept,
    check_pins,
    read_pin,
)
from sealwright_cli.files.disk import exists, read_file
from sealwright_cli.messages.errors import CertificateError, InputError, UsageError
from sealwright_cli.messages.naming import shown_path, shown_url
from sealwright_cli.messages.ui import Console
from sealwright_conventions.records import replace
from sealwright_crypto import Certificate

MAX_CERTIFICATE_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 15.0
"""How long fetching a certificate from the web may take in all, from the name lookup to the last byte."""


def get_valid_certificate(request: CertificateRequest, console: Console, now: datetime) -> Certificate:
    """Return a certificate to seal with. Raises as `obtain_certificate`, and for one that is not fit for it at `now`.

    An expired certificate is unfit; so is one that is weak or not valid yet, unless the request allows it.
    """
    obtained = obtain_certificate(request, console, now)
    check_fit(request, obtained, console, now)
    return obtained.certificate


def obtain_certificate(request: CertificateRequest, console: Console, now: datetime) -> ObtainedCertificate:
    """Return the wanted certificate, even if it has expired.

    Raises CertificateError naming the source, ClusterError if the cluster does not give one, UsageError for a pin
    that is not a fingerprint. `console` shows when a remembered answer is used, and its age at `now` (aware).
    """
    request = _with_pins_read(request)
    if request.source:
        if request.offline and _is_web(request.source):
            raise UsageError(
                f"--offline allows no request, and {shown_url(request.source)} is on the web",
                hint="name the certificate as a file, or leave out --offline",
            )
        obtained = _read(request, request.source, console)
    else:
        from sealwright_cli.certificates.fromcluster import from_cluster  # noqa: PLC0415 - --cert does without a cluster

        obtained = from_cluster(request, console, now)
    check_pins(request, obtained)
    return obtained


def certificate_at_hand(request: CertificateRequest, console: Console, now: datetime) -> ObtainedCertificate | None:
    """Return the certificate to compare with, without asking a cluster: that of the source, else the remembered one.

    None if there is neither. Raises as `obtain_certificate` for a source.
    """
    if request.source:
        return obtain_certificate(request, console, now)
    if request.cache is None or not exists(request.cache):
        return None
    from sealwright_cli.certificates.fromcluster import remembered  # noqa: PLC0415 - a source does without a cluster

    return remembered(_with_pins_read(request))


def read_certificate(source: str) -> ObtainedCertificate:
    """Return the certificate at a path or http(s) or file URL; an existing path is always taken as a file.

    Raises CertificateError naming the source, also for plain http from another machine.
    """
    request = CertificateRequest()
    return accept(_content(request, source)[0], _shown(request, source))


def _with_pins_read(request: CertificateRequest) -> CertificateRequest:
    return replace(request, pins=[read_pin(written, request.pinned_by) for written in request.pins])


def _read(request: CertificateRequest, source: str, console: Console) -> ObtainedCertificate:
    """Return the certificate at a path or URL, and warn if its source is doubtful."""
    content, is_plain = _content(request, source)
    obtained = accept(content, _shown(request, source))
    warn_of_private_key(obtained, console)
    if is_plain and not request.pins:
        console.warn(
            f"{obtained.origin}: fetched over plain http: anybody on the network path could have replaced it; "
            f"check that the controller's fingerprint is {obtained.certificate.fingerprint}"
        )
    return obtained


def _content(request: CertificateRequest, source: str) -> tuple[bytes, bool]:
    """Return the content, and whether it came over plain http from another machine."""
    path = Path(source)
    if _is_web(source):
        from sealwright_cli.certificates.web import SECURE_IT, fetch  # noqa: PLC0415 - http.client takes 30 ms to import

        fetched = fetch(
            source,
            limit=MAX_CERTIFICATE_BYTES,
            seconds=TIMEOUT_SECONDS,
            is_pinned=bool(request.pins),
            insecure_http=request.insecure_http,
            hint=SECURE_IT if request.has_options else f"use https, or pin the key ({request.pinned_by})",
        )
        return fetched.content, fetched.is_plain
    if _scheme(source) == "file" and not exists(path):
        from sealwright_cli.certificates.web import path_of_file_url  # noqa: PLC0415 - as above

        path = path_of_file_url(source)
    try:
        return read_file(path, MAX_CERTIFICATE_BYTES, name=_shown(request, source)), False
    except InputError as error:
        raise _unreadable(error, request, path) from None


def _unreadable(error: InputError, request: CertificateRequest, path: Path) -> CertificateError:
    """Return the error for a file that cannot be read; it tells where another file names it, if one does."""
    if not request.written_in:
        return CertificateError(error.message, hint=error.hint)
    is_there = os.path.lexists(path)
    hint = error.hint if is_there else f"correct the path; it is counted from {request.counted_from}"
    return CertificateError(f"{request.written_in}: {error.message}", hint=hint)


def _shown(request: CertificateRequest, source: str) -> str:
    return shown_url(source) if "://" in source else shown_path(Path(source), request.called)


def _is_web(source: str) -> bool:
    return _scheme(source) in ("http", "https") and not exists(Path(source))


def _scheme(source: str) -> str:
    return source.partition("://")[0].lower()
