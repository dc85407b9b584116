"""`sealwright cert fetch` and `cert show`: saves a certificate; describes one, its age and validity."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sealwright_cli.certificates.judging import warn_of_weaknesses
from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import obtain_certificate
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.files import write_result, write_stdout
from sealwright_cli.ui import Console, visible
from sealwright_crypto import Certificate
from sealwright_manifests.text import yamlwriter
from sealwright_manifests.text.documents import Form


@dataclass(frozen=True)
class CertShowOptions:
    """Which certificate to show, and in which form; `form` None means lines of text."""

    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    form: Form | None = None


@dataclass(frozen=True)
class CertFetchOptions:
    """Which certificate to write, and to which file; `output` None is standard output."""

    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    output: Path | None = None


def fetch(options: CertFetchOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Write a certificate as it was served; an expired or weak one with a warning. Raises CliError.

    If the source also holds a private key, only the certificate is written.
    """
    obtained = obtain_certificate(options.certificate, console, now)
    warn_of_weaknesses(obtained, console, now)
    is_public = b"PRIVATE KEY" not in obtained.content
    content = obtained.content if is_public else obtained.certificate.pem.encode()
    write_result(console.stdout, options.output, content)
    return ExitStatus.OK


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
    match form:
        case Form.JSON:
            return json.dumps(facts, indent=2, ensure_ascii=False)
        case Form.YAML:
            return "\n".join(["---", *yamlwriter.lines(facts)])
        case None:
            return "\n".join(_lines(facts))


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
