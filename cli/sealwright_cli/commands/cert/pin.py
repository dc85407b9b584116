"""`sealwright cert pin`: writes the keys of the present certificates into the project file."""

from datetime import datetime
from typing import Any

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.commandline.options import CERTIFICATE_OPTIONS, QUIET, certificate_request
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, projects
from sealwright_cli.commandline.spec import Argument, Call, Verb
from sealwright_cli.files.disk import decode, read_original
from sealwright_cli.files.rewriting import Edited, write_edited
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console, short
from sealwright_cli.project.model import Project, Target
from sealwright_cli.project.settings import Projects
from sealwright_conventions.records import field, record, replace
from sealwright_manifests.editing.fields import merge_fields
from sealwright_manifests.text.documents import read_documents
from sealwright_manifests.text.tree import Map

_NO_TARGET = "no target with a name in the project file"


@record
class CertPinOptions:
    """Which targets of the project file get pins: all with a name if none is named."""

    targets: tuple[str, ...] = ()
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    projects: Projects = field(default_factory=Projects)


@border()
def pin(options: CertPinOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Write each target's key into the project file; all else in it stays as it is.

    Raises CliError, and nothing is written then. Earlier pins are replaced, and told.
    """
    project = options.projects.project_for(None)
    if project is None:
        raise InputError("no project file in this folder or above it", hint="sealwright init writes one")
    targets = _targets(project, options.targets)
    if options.certificate.is_named and len(targets) > 1:
        raise UsageError("one certificate, and several targets", hint="name the target that it is of")
    keys = {one.name: _key(one, options.certificate, console, now) for one in targets}
    changed = {one.name: keys[one.name] for one in targets if list(one.pins) != [keys[one.name]]}
    if changed:
        _write(project, changed, console)
    for one in targets:
        before = f", before: {', '.join(short(old) for old in one.pins)}" if one.pins and one.name in changed else ""
        said = "pinned to" if one.name in changed else "unchanged, pinned to"
        console.tell(f"{project.path}: target {one.name}: {said} key {short(keys[one.name])}{before}")
    return ExitStatus.OK


def _targets(project: Project, names: tuple[str, ...]) -> list[Target]:
    known = project.targets
    for name in names:
        if name not in known:
            raise UsageError(
                f"{project.path}: no target has the name that is given",
                hint=f"its targets are {', '.join(known)}" if known else "describe the cluster under targets",
            )
    if not known:
        raise InputError(f"{project.path}: {_NO_TARGET}", hint="describe the cluster under targets")
    return [one for name, one in known.items() if not names or name in names]


def _key(target: Target, given: CertificateRequest, console: Console, now: datetime) -> str:
    """Return the key of a target's present certificate, whatever is pinned. Raises as `get_valid_certificate`."""
    request = given if given.is_named else replace(target.request(given), pins=given.pins)
    return get_valid_certificate(request, console, now).fingerprint


def _write(project: Project, keys: dict[str, str], console: Console) -> None:
    content, original = read_original(project.path)
    documents = read_documents(decode(content, str(project.path)), str(project.path))
    document = next(one for one in documents if one.root is not None)
    changes: dict[str, Any] = {"targets": {name: {"pin": key} for name, key in keys.items()}}
    if isinstance(document.root, Map):
        merge_fields(document, document.root, changes)
    write_edited(console.stdout, Edited(project.path, original, documents), None, None)


def _run(call: Call) -> ExitStatus:
    options = CertPinOptions(call["targets"], certificate_request(call), projects(call))
    return pin(options, call.console, now=call.now)


VERB = Verb(
    """\
Pin the keys of certificates in the project file.

From then on, no other key is sealed with. Without TARGET, all targets that have a name. Check a key with the people who
run the controller before you pin it.
""",
    """\
sealwright cert pin
sealwright cert pin production""",
    _run,
    (Argument("targets", "[TARGET]...", many=True),),
    (*CONFIG_OPTIONS, QUIET, *CERTIFICATE_OPTIONS),
)
