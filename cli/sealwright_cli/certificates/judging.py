"""Checks whether a certificate is fit to seal with, and warns about its weaknesses. Obtains no certificate itself."""

from datetime import datetime

from sealwright_cli.certificates.request import CertificateRequest, ObtainedCertificate
from sealwright_cli.messages.errors import CertificateError
from sealwright_cli.messages.ui import Console
from sealwright_crypto import KeyMaterialError, weaknesses_of

_ANOTHER = "ask the people who run the controller for another one"
_PRIVATE_KEY = b"PRIVATE KEY-----"


def check_fit(request: CertificateRequest, obtained: ObtainedCertificate, console: Console, now: datetime) -> None:
    """Raise CertificateError for a certificate that has expired at `now` (aware), is weak or not valid yet.

    The request may allow all but the first; then a warning is shown.
    """
    try:
        obtained.certificate.check_not_expired(now)
    except KeyMaterialError as error:
        raise CertificateError(
            f"{obtained.origin}: {error}",
            hint="fetch the controller's current certificate; it makes a new one every 30 days",
        ) from None
    words = _doubts(obtained, now)
    if words and not request.allow_weak:
        raise CertificateError(
            f"{obtained.origin}: the certificate must not be used to seal: {words}",
            hint=_ANOTHER + ("; --allow-weak-certificate accepts this one" if request.has_options else ""),
        )
    _warn(obtained, words, console)


def warn_of_weaknesses(obtained: ObtainedCertificate, console: Console, now: datetime) -> None:
    """Warn if the certificate is unfit to seal with."""
    _warn(obtained, _doubts(obtained, now), console)


def _warn(obtained: ObtainedCertificate, words: str, console: Console) -> None:
    if words:
        console.warn(f"{obtained.origin}: the certificate must not be used to seal: {words}")


def warn_of_private_key(obtained: ObtainedCertificate, console: Console) -> None:
    """Warn if the certificate's source also holds a private key; nothing of the key is shown."""
    if _PRIVATE_KEY in obtained.content:
        console.warn(
            f"{obtained.origin}: holds a private key besides the certificate; everybody who gets this file can decrypt "
            "what is sealed with it: keep the certificate in a file of its own"
        )


def _doubts(obtained: ObtainedCertificate, now: datetime) -> str:
    return "; ".join(weaknesses_of(obtained.certificate, now))
