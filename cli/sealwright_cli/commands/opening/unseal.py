"""`sealwright unseal`: recovers Secrets from SealedSecrets and private keys."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sealwright_cli.commandline.options import (
    FORM,
    INPUTS,
    OUTPUT,
    PRIVATE_KEYS,
    QUIET,
    SEALED_NAMESPACE,
    TO_TERMINAL,
    manifest_form,
)
from sealwright_cli.commandline.projectoptions import CHOICE_OPTIONS, CONFIG_OPTIONS, choice, projects
from sealwright_cli.commandline.spec import Call, Verb
from sealwright_cli.files.choosing import Choice
from sealwright_cli.files.disk import check_not_terminal, is_stdout, write_result
from sealwright_cli.files.inputs import Source, check_any_readable, find_sources
from sealwright_cli.files.templatefiles import note
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, InputError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console, counted, short, visible
from sealwright_cli.project.settings import Projects
from sealwright_cli.sealed.keyfiles import read_keyring
from sealwright_cli.sealed.sealedinput import check_fields, place_of, read_object, read_sealed
from sealwright_cli.sealed.templatefaults import oddity
from sealwright_conventions.records import changing_record, field, record
from sealwright_crypto import API_VERSION, KIND, Keyring, SealedSecret
from sealwright_crypto import unseal as open_sealed
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.kinds.reading import read_uid
from sealwright_manifests.text.documents import Document, Form, check_text, form_of, join, new_text
from sealwright_templating import TemplateError, render


@record
class UnsealOptions:
    """What to open, with which key files, and where to write the Secrets.

    `inputs` are files, folders and `-`; an empty one means standard input. `namespace` is for objects that name none,
    else `projects` say it. `choice` says which files of folders are read.
    `output` None or `-` is standard output. The output must not be a terminal unless `to_terminal`. `form` None keeps
    each document's own form, or takes that of `output`'s suffix. If `manners` do not keep the text, the new objects are
    owned by their SealedSecret, as the controller's are, and `form` is set.
    """

    keys: Sequence[str]
    inputs: Sequence[str] = ()
    namespace: str = ""
    form: Form | None = None
    output: Path | None = None
    to_terminal: bool = False
    manners: Manners = SEALWRIGHT
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))
    choice: Choice = field(default_factory=Choice)


@border()
def unseal(options: UnsealOptions, console: Console) -> ExitStatus:
    """Recover the Secrets of every SealedSecret that the options name.

    If a named file fails, nothing is written. A file found in a folder is left out if it fails, and the others are
    written. Other documents are copied. Raises CliError for problems of the whole run; the errors of single objects are
    shown and decide the exit status.
    """
    sources = find_sources(options.inputs, choice=options.choice)
    check_any_readable(sources)
    if not options.keys:
        raise UsageError("no private key to open with", hint="give --key FILE, once for each file with keys")
    if is_stdout(options.output) and not options.to_terminal:
        check_not_terminal(console.stdout)  # before the user types anything in vain
    keyring = read_keyring(options.keys, options.manners.key_option)
    run = _Run(keyring, options.namespace, options.manners, options.projects)
    for source in sources:
        run.take(source, console)
    for error in run.errors:
        console.error(error)
    if run.errors and (run.is_stopped or not run.done):
        if len(sources) > 1 or len(run.errors) > 1:
            console.tell(f"{counted(len(run.errors), 'error')}, nothing written")
        return run.errors[0].status
    if not run.done:
        raise InputError(f"no {KIND} in what was given", hint=f"name files with kind: {KIND}, or a folder with such")
    form = options.form or form_of(options.output)
    text = new_text(run.objects, form) if run.objects and form else join(run.documents, form)
    write_result(console.stdout, options.output, text.encode(), private=True, to_terminal=options.to_terminal)
    for line in run.done:
        console.tell(line)
    if len(run.done) + len(run.errors) > 1:
        rest = f"; {counted(len(run.errors), 'error')}, the other files are done" if run.errors else ""
        console.tell(f"{counted(len(run.done), KIND)} unsealed{rest}")
    return ExitStatus.PARTLY_DONE if run.errors else ExitStatus.OK


@changing_record
class _Run:
    """The state of one run: what was opened, and the errors so far.

    `is_stopped` means that a file which the user named failed.
    """

    keyring: Keyring
    namespace: str = ""
    manners: Manners = SEALWRIGHT
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))
    is_stopped: bool = False
    documents: list[Document] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    errors: list[CliError] = field(default_factory=list)

    def take(self, source: Source, console: Console) -> None:
        """Open everything in one source, of which all or nothing is kept; errors are recorded."""
        known = len(self.errors)
        opened: list[_Opened] = []
        try:
            with border():
                documents, sealed = read_sealed(source, console, self.manners)
        except CliError as error:
            note(error, source, console, self.errors)
            sealed = []
        for manifest in sealed:
            try:
                with border():
                    check_fields(manifest, console, self.manners)
                    opened.append(self._open(manifest, console, self.projects.settings_for(source.path).namespace))
            except CliError as error:
                note(error, source, console, self.errors)
        if len(self.errors) > known:
            self.is_stopped |= source.named
        elif opened:
            self.documents += documents
            self.objects += [one.made for one in opened if not self.manners.keeps_text]
            self.done += [one.told for one in opened]

    def _open(self, manifest: Manifest, console: Console, default: str) -> "_Opened":
        """Open one object; it replaces the SealedSecret in its document if the text is kept."""
        sealed = read_object(manifest, self.namespace, default)
        place = place_of(sealed)
        called = f"{manifest.place}: {KIND} {place}"
        renderer = _Renderer(f"{called}: template", console if self.manners.parses_templates else None)
        with border(called, (sealed, self.keyring)):
            unsealed = open_sealed(sealed, self.keyring, renderer)
        if renderer.errors:
            raise InputError(
                f"{called}: spec.template.data: {'; '.join(renderer.errors)}",
                hint="correct the templates; sealwright render shows the place in each",
            )
        made = unsealed.secret.to_dict()
        if self.manners.keeps_text:
            manifest.replace(made)
        else:
            made = check_text(_owned(made, manifest, sealed), manifest.place)
        keys = ", ".join(sorted({short(fingerprint) for fingerprint in unsealed.fingerprints.values()}))
        with_key = f" with key {keys}" if keys else ""
        items = counted(len(unsealed.secret.items), "item")
        return _Opened(made, f"{manifest.place}: unsealed {place}{with_key}, {items}")


@record
class _Opened:
    """A recovered Secret, and the message about it."""

    made: dict[str, Any] = field(repr=False)
    told: str


def _owned(secret: dict[str, Any], manifest: Manifest, sealed: SealedSecret) -> dict[str, Any]:
    """Return the Secret with its SealedSecret as the owner, unless the template opts out (compatibility.md §4)."""
    annotations = sealed.template.metadata.get("annotations", {})
    if annotations.get("sealedsecrets.bitnami.com/skip-set-owner-references") != "true":
        uid = read_uid(manifest)
        owner = {"apiVersion": API_VERSION, "kind": KIND, "name": sealed.name, "uid": uid, "controller": True}
        secret["metadata"]["ownerReferences"] = [owner]
    return secret


@changing_record
class _Renderer:
    """Renders templates and collects their errors, so that all are reported at once.

    What is odd about an output is a warning, if there is a console.
    """

    called: str
    console: Console | None
    errors: list[str] = field(default_factory=list)

    def __call__(self, key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        try:
            made = render(text, data, name=key)
        except TemplateError as error:
            self.errors.append(str(error))
            return b""
        odd = oddity(made, [text.encode(), *data.values()])
        if odd and self.console:
            self.console.warn(f"{self.called} {visible(key)} {odd}")
        return made


def _run(call: Call) -> ExitStatus:
    options = UnsealOptions(
        keys=call["key"],
        inputs=call["inputs"],
        namespace=call["namespace"],
        projects=projects(call),
        choice=choice(call),
        form=manifest_form(call),
        output=call["output"],
        to_terminal=call["to_terminal"],
    )
    return unseal(options, call.console)


VERB = Verb(
    """\
Recover Secrets from SealedSecrets with private keys.

For disaster recovery: needs a backup of the cluster's private keys. Reads files, all manifests in folders, or
standard input (default, or -). Only its owner can read the file that --output makes.
""",
    """\
sealwright unseal --key backup.yaml sealed.yaml -w secret.yaml
sealwright unseal --key backup.yaml apps/ | kubectl apply -f -""",
    _run,
    (INPUTS,),
    (PRIVATE_KEYS, SEALED_NAMESPACE, FORM, OUTPUT, TO_TERMINAL, *CHOICE_OPTIONS, *CONFIG_OPTIONS, QUIET),
)
