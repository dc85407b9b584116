"""`sealwright cert check`: are the certificates that are sealed with still right? The exit status says."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sealwright_cli.certificates.request import CertificateRequest, ObtainedCertificate, check_pins
from sealwright_cli.certificates.sources import obtain_certificate
from sealwright_cli.cluster.kubeconfig import load_kubeconfig
from sealwright_cli.commandline.options import (
    CERTIFICATE_ARGUMENT,
    CERTIFICATE_OPTIONS,
    QUIET,
    REPORT_FORM,
    certificate_request,
)
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, TARGET, projects
from sealwright_cli.commandline.spec import CERTIFICATE, Call, Option, Verb
from sealwright_cli.files.disk import write_stdout
from sealwright_cli.messages.errors import CertificateError, CliError, InputError, KubeconfigError, NoClusterError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console, counted, short, visible
from sealwright_cli.project.model import Target, names_cluster
from sealwright_cli.project.settings import Projects, no_such_target
from sealwright_conventions.records import field, record, replace
from sealwright_crypto import weaknesses_of
from sealwright_manifests.text.documents import Form

WITHIN_DAYS = 30
"""How many days before its end a certificate is reported."""


_PINS = {"none": "no pin", "ok": "the pinned key", "differs": "not the pinned key"}
_SERVED = {
    "not asked": "cluster not asked",
    "no answer": "no answer from its cluster",
    "the same": "the one that its cluster serves",
    "newer": "its cluster serves a newer one",
    "another": "its cluster serves another one",
}


@record
class CertCheckOptions:
    """What to check: one certificate that the command line names, else the project's targets, else the controller's.

    `within` is the number of days before its end at which a certificate is reported.
    """

    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    projects: Projects = field(default_factory=Projects)
    within: int = WITHIN_DAYS
    form: Form | None = None


def check(options: CertCheckOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Report on each certificate. Raises CliError for problems of the whole run.

    The status is 4 if one must not be sealed with (expired, weak, not the pinned key, missing), else 3 if no kubeconfig
    says how a cluster is asked, else 6 if one that is to be asked gives no answer, else 8 if a certificate is outdated:
    its end is near, or its cluster serves another.
    """
    found = [_report(one, options, console, now) for one in _wanted(options)]
    if options.form is Form.JSON:
        write_stdout(console.stdout, json.dumps(found, indent=2).encode() + b"\n")
    else:
        text = "\n".join(line for one in found for line in _lines(one))
        write_stdout(console.stdout, text.encode() + b"\n")
    statuses = {ExitStatus(problem["status"]) for one in found for problem in one["problems"]}
    for status in (ExitStatus.CERTIFICATE, ExitStatus.INPUT, ExitStatus.CLUSTER, ExitStatus.PARTLY_DONE):
        if status in statuses:
            return status
    return next(iter(statuses), ExitStatus.OK)


@record
class _Wanted:
    """One certificate to check, and how its cluster is asked for its present one; None if it is not."""

    name: str
    request: CertificateRequest
    cluster: CertificateRequest | None


def _wanted(options: CertCheckOptions) -> Iterator[_Wanted]:
    given = options.certificate
    project = None if given.is_named or names_cluster(given.cluster) else options.projects.project_for(None)
    targets = [one for one in (project.all_targets if project else ()) if _is_asked(one, options.projects)]
    if options.projects.asked and len(targets) < len(options.projects.asked):
        raise no_such_target(project)
    if not targets:
        is_asked = bool(given.source) and not given.offline and _has_cluster(given)
        yield _Wanted("", given, replace(given, source=None) if is_asked else None)
    for one in targets:
        is_asked = bool(one.certificate and one.context) and not given.offline
        yield _Wanted(one.name, one.request(given), one.cluster_request(given) if is_asked else None)


def _is_asked(target: Target, projects: Projects) -> bool:
    return not projects.asked or target.name in projects.asked


def _has_cluster(request: CertificateRequest) -> bool:
    try:
        load_kubeconfig(request.cluster, request.surroundings).check_usable()
    except NoClusterError:
        return False
    return True


def _report(wanted: _Wanted, options: CertCheckOptions, console: Console, now: datetime) -> dict[str, Any]:
    report: dict[str, Any] = {"target": wanted.name, "pin": "ok" if wanted.request.pins else "none", "problems": []}
    try:
        obtained = obtain_certificate(replace(wanted.request, pins=()), console, now)
    except CliError as error:
        return report | {"problems": [_problem(error.status, error.message, error.hint)]}
    certificate = obtained.certificate
    left = (certificate.not_after - now).days
    report |= {
        "source": obtained.origin,
        "fingerprint": certificate.fingerprint,
        "notBefore": _time(certificate.not_before),
        "notAfter": _time(certificate.not_after),
        "ageDays": (now - certificate.not_before).days,
        "daysLeft": left,
        "served": "not asked",
    }
    if certificate.not_after <= now:
        report["problems"].append(_problem(ExitStatus.CERTIFICATE, "it has expired", "fetch the present one"))
    elif left < options.within:
        report["problems"].append(
            _problem(ExitStatus.PARTLY_DONE, f"it ends in {counted(left, 'day')}", "fetch a new one")
        )
    for weakness in weaknesses_of(certificate, now):
        report["problems"].append(_problem(ExitStatus.CERTIFICATE, weakness, "ask for another certificate"))
    try:
        check_pins(wanted.request, obtained)
    except CertificateError as error:
        report["pin"] = "differs"
        report["problems"].append(_problem(error.status, error.message, error.hint))
    if wanted.cluster is not None:
        _compare(report, obtained, wanted.cluster, console, now)
    return report


def _compare(
    report: dict[str, Any], obtained: ObtainedCertificate, request: CertificateRequest, console: Console, now: datetime
) -> None:
    """Ask the cluster for its certificate, and say whether it is another one."""
    try:
        served = obtain_certificate(replace(request, source=None, pins=(), offline_ok=False), console, now)
    except CliError as error:
        report["served"] = "no answer"
        status = error.status if isinstance(error, KubeconfigError) else ExitStatus.CLUSTER
        report["problems"].append(_problem(status, error.message, error.hint or error.usual_hint))
        return
    theirs, ours = served.certificate, obtained.certificate
    if theirs.fingerprint == ours.fingerprint:
        report["served"] = "the same"
        return
    is_newer = theirs.not_before > ours.not_before
    report["served"] = "newer" if is_newer else "another"
    report["problems"].append(
        _problem(
            ExitStatus.PARTLY_DONE,
            f"its cluster serves {'a newer one' if is_newer else 'another one, which is older'}: key "
            f"{short(theirs.fingerprint)} since {_time(theirs.not_before)}",
            "fetch it: sealwright cert fetch; then sealwright reencrypt"
            if is_newer
            else "is it the right cluster? sealwright config show says which context counts",
        )
    )


def _problem(status: ExitStatus, message: str, hint: str) -> dict[str, Any]:
    return {"status": int(status), "message": message, "hint": hint}


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    called = report["target"] or report.get("source", "the certificate")
    if "fingerprint" in report:
        facts: Sequence[str] = [
            f"key {short(report['fingerprint'])}",
            f"{counted(report['ageDays'], 'day')} old",
            f"ends {report['notAfter'][:10]}",
            _PINS[report["pin"]],
            _SERVED[report["served"]],
        ]
        yield visible(f"{called}: {', '.join(facts)}")
    for problem in report["problems"]:
        yield visible(f"{called}: problem: {problem['message']}")
        if problem["hint"]:
            yield visible(f"{called}: hint: {problem['hint']}")


def _time(moment: datetime) -> str:
    """Return a time as RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _days(word: str) -> int:
    if not word.isascii() or not word.removesuffix("d").isdigit():
        raise ValueError
    return int(word.removesuffix("d"))


def _run(call: Call) -> ExitStatus:
    request = certificate_request(call, call["cert"], "argument 1")
    options = CertCheckOptions(request, projects(call), call["within"], call["format"])
    if options.projects.named and request.is_named:
        raise InputError("--config says nothing of a certificate that is named", hint="leave out one of the two")
    return check(options, call.console, now=call.now)


VERB = Verb(
    """\
Check certificates: age, end, pin, newer ones.

Checks the one that is named or that SEALWRIGHT_CERT names, else those of the project file's targets, else the
controller's. The cluster is asked if a context is known for it. The exit status is 0 if all is well, 8 if one is
outdated, 4 if one must not be sealed with.
""",
    """\
sealwright cert check cert.pem --offline
sealwright cert check --target production -o json""",
    _run,
    (CERTIFICATE_ARGUMENT,),
    (
        TARGET,
        Option(("--within",), "Report one that ends within so many days.", "DAYS", CERTIFICATE, _days, WITHIN_DAYS),
        REPORT_FORM,
        *CONFIG_OPTIONS,
        QUIET,
        *CERTIFICATE_OPTIONS,
    ),
)
