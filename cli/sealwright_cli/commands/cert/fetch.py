"""`sealwright cert fetch`: saves the controller's certificate."""

from datetime import datetime
from pathlib import Path

from sealwright_cli.certificates.judging import warn_of_weaknesses
from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import obtain_certificate
from sealwright_cli.commandline.options import CLUSTER_CERTIFICATE_OPTIONS, OUTPUT, QUIET, certificate_request
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, TARGET, projects
from sealwright_cli.commandline.spec import Call, Verb
from sealwright_cli.files.disk import write_result
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console
from sealwright_cli.project.model import Target, names_cluster
from sealwright_cli.project.settings import Projects, no_such_target
from sealwright_cli.project.targets import MARK, Share
from sealwright_conventions.records import field, record, replace


@record
class CertFetchOptions:
    """Which certificate to write, and to which file; `output` None is standard output.

    The clusters are those of the targets that `projects` are asked for, else the one that the command line names.
    """

    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    output: Path | None = None
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))


def fetch(options: CertFetchOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Write each certificate as it was served; an expired or weak one with a warning. Raises CliError.

    If the source also holds a private key, only the certificate is written.
    """
    if not options.projects.asked:
        _fetch(options.certificate, options.output, console, now)
    for target, place in _wanted(options):
        _fetch(_request(target, options.certificate), place, console, now)
    return ExitStatus.OK


def _wanted(options: CertFetchOptions) -> list[tuple[Target, Path | None]]:
    """Return the targets that are asked for, and where the certificate of each goes. Raises CliError."""
    asked, output = options.projects.asked, options.output
    project = options.projects.project_for(None) if asked else None
    known = project.targets if project else {}
    if any(name not in known for name in asked):
        raise no_such_target(project)
    if len(asked) > 1 and MARK not in str(output or ""):
        raise UsageError("several targets and one place", hint=f"put {MARK} into its name: -w 'certs/{MARK}.pem'")
    return [(known[name], Share(name).place(output)) for name in asked]


def _request(target: Target, given: CertificateRequest) -> CertificateRequest:
    """Return the request for what a target's cluster serves; its pins count. Raises InputError without a cluster."""
    if not (target.context or names_cluster(given.cluster)):
        raise InputError(
            f"target {target.name} has no context: which cluster is to be asked?",
            hint=f"add context: to the target ({target.place}), or give --context",
        )
    request = target.cluster_request(given)
    return request if request is given else target.pinned(request)


def _fetch(request: CertificateRequest, output: Path | None, console: Console, now: datetime) -> None:
    obtained = obtain_certificate(request, console, now)
    warn_of_weaknesses(obtained, console, now)
    is_public = b"PRIVATE KEY" not in obtained.content
    content = obtained.content if is_public else obtained.certificate.pem.encode()
    write_result(console.stdout, output, content)


def _run(call: Call) -> ExitStatus:
    request = replace(certificate_request(call), missing="")
    return fetch(CertFetchOptions(request, call["output"], projects(call)), call.console, now=call.now)


VERB = Verb(
    """\
Save the controller's certificate, for later use with --cert.

Asks through the API server's service proxy; if that is not allowed or fails, through a port-forward to a pod of
the controller; then reads the Secrets of its keys, and only the certificate in them. --target asks the cluster of a
target of .sealwright.yaml; of several, {target} in the output's name stands for their names.
""",
    """\
sealwright cert fetch -w cert.pem
sealwright cert fetch --context production -w production.pem
sealwright cert fetch --target production -w certs/production.pem""",
    _run,
    (),
    (OUTPUT, TARGET, *CONFIG_OPTIONS, QUIET, *CLUSTER_CERTIFICATE_OPTIONS),
)
