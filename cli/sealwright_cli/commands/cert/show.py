"""`sealwright cert show`: describes a certificate, its age and validity."""

from datetime import UTC, datetime

from sealwright_cli.certificates.judging import warn_of_weaknesses
from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import obtain_certificate
from sealwright_cli.commandline.options import (
    CERTIFICATE_ARGUMENT,
    CERTIFICATE_OPTIONS,
    QUIET,
    REPORT_FORM,
    certificate_request,
)
from sealwright_cli.commandline.spec import Call, Verb
from sealwright_cli.files.disk import write_stdout
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.reports import as_text
from sealwright_cli.messages.ui import Console, visible
from sealwright_conventions.records import field, record, replace
from sealwright_crypto import Certificate
from sealwright_manifests.text.documents import Form


@record
class CertShowOptions:
    """Which certificate to show, and in which form; `form` None means lines of text."""

    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    form: Form | None = None


def show(options: CertShowOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Describe a certificate on standard output; an expired or weak one is described too. Raises CliError."""
    obtained = obtain_certificate(options.certificate, console, now)
    warn_of_weaknesses(obtained, console, now)
    facts = {"source": obtained.origin} | _facts(obtained.certificate, now)
    write_stdout(console.stdout, _text(facts, options.form).encode() + b"\n")
    return ExitStatus.OK


def _facts(certificate: Certificate, now: datetime) -> dict[str, str | int | bool]:
    return {
        "subject": certificate.subject,
        "fingerprint": certificate.fingerprint,
        "bits": certificate.bits,
        "notBefore": _time(certificate.not_before),
        "notAfter": _time(certificate.not_after),
        "ageDays": (now - certificate.not_before).days,
        "expired": now > certificate.not_after,
    }


def _text(facts: dict[str, str | int | bool], form: Form | None) -> str:
    return "\n".join(_lines(facts)) if form is None else as_text(facts, form)


def _lines(facts: dict[str, str | int | bool]) -> list[str]:
    labels = {
        "source": "source",
        "subject": "subject",
        "fingerprint": "fingerprint",
        "bits": "bits",
        "notBefore": "not before",
        "notAfter": "not after",
        "ageDays": "age",
        "expired": "expired",
    }
    words = {key: _words(key, value) for key, value in facts.items()}
    return [f"{label + ':':<13}{visible(words[key])}" for key, label in labels.items() if words[key]]


def _words(key: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value} days" if key == "ageDays" else str(value)


def _time(moment: datetime) -> str:
    """Return a time as RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_NOTHING_TO_SHOW = "no certificate: give its file or URL, or a kubeconfig so that it can be fetched"


def _run(call: Call) -> ExitStatus:
    request = replace(certificate_request(call, call["cert"], "argument 1"), missing=_NOTHING_TO_SHOW)
    return show(CertShowOptions(request, call["format"]), call.console, now=call.now)


VERB = Verb(
    """\
Show a certificate: fingerprint, size, age and validity.

Default: the certificate that SEALWRIGHT_CERT names, else the controller's.
""",
    """\
sealwright cert show cert.pem
sealwright cert show cert.pem -o json""",
    _run,
    (CERTIFICATE_ARGUMENT,),
    (REPORT_FORM, QUIET, *CERTIFICATE_OPTIONS),
)
