"""`sealwright edit`: a SealedSecret in an editor; `<sealed>` keeps a ciphertext, and what is typed is sealed."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.commandline.options import (
    CERT,
    CERTIFICATE_OPTIONS,
    PRIVATE_KEYS,
    QUIET,
    SEALED_NAMESPACE,
    STRICT,
    certificate_request,
    name,
)
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, TARGET, projects
from sealwright_cli.commandline.spec import Argument, Call, Verb
from sealwright_cli.files.inputs import STDIN
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import Console, short
from sealwright_cli.project.settings import FileSettings, Projects
from sealwright_cli.project.targets import MARK, files_for
from sealwright_cli.sealed.doubts import doubts_of, tell
from sealwright_cli.sealed.keyfiles import read_keyring
from sealwright_cli.sealed.sealedinput import place_of, read_object
from sealwright_cli.sealed.target import NO_ITEM_LEFT, Target, listed, open_target, templates_with
from sealwright_cli.surroundings import Surroundings
from sealwright_cli.views.changing import changes_for
from sealwright_cli.views.editor import find_editor, run
from sealwright_cli.views.marks import Kept
from sealwright_cli.views.page import read, with_reason, without_reason, written
from sealwright_cli.views.storage import Stored, claimed, stored
from sealwright_cli.views.wanted import Known, Wanted, find_wanted
from sealwright_conventions.records import field, record, replace
from sealwright_crypto import KIND, Template, unseal
from sealwright_manifests.editing.exchanging import lines_that_repeat
from sealwright_manifests.text.tree import native

_MOST_MISTAKES = 20  # in a row; a program in the place of an editor may make the same one for ever


@record
class EditOptions:
    """Which object of which file is edited; `name` and `namespace` choose one of several, as for `set`.

    `keys` are files with private keys: then the values are shown. If `is_strict`, doubts about values are mistakes.
    What the options do not say, `projects` do.
    """

    file: str
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    name: str = ""
    namespace: str = ""
    keys: Sequence[str] = ()
    is_strict: bool = False
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))


@border()
def edit(options: EditOptions, console: Console, surroundings: Surroundings, *, now: datetime) -> ExitStatus:
    """Let a person edit an object and write the file; what is not edited in it stays.

    Raises CliError; nothing is written then, and what was typed is kept.
    """
    if options.file == STDIN:
        raise UsageError("standard input cannot be edited", hint="name a file")
    environ = surroundings.environ
    editor = find_editor(environ)
    path, settings = _file(options)
    options = replace(options, file=str(path))
    with claimed(path):
        known = _known(options, settings, console)
        session = _Session(options, settings, known, console, now)
        with stored(environ, console) as text:
            text.write(_first_text(known))
            try:
                with border():
                    return session.run(text, editor, environ)
            except CliError as error:
                if text.is_changed():
                    error.afterwards = _kept(text.keep(without_reason), is_mistaken=session.is_mistake(error))
                raise
            except BaseException:
                if text.is_changed():
                    console.pass_on("\n".join(_kept(text.keep(without_reason))))
                raise


def _file(options: EditOptions) -> tuple[Path, FileSettings]:
    """Return the file to edit, and what counts for it. Raises CliError if it is to be sealed for several targets."""
    path = Path(options.file)
    called = shown_path(path, "argument 1")
    if MARK in options.file:
        found = files_for(path, options.projects, options.certificate, {}, called)
        if len(found) > 1:
            raise UsageError(
                f"edit opens one file, and {MARK} stands for several targets: {', '.join(one.target for one in found)}",
                hint=f"choose one: --target {found[0].target}; sealwright set FILE KEY changes an item in all of them",
            )
        return found[0].path or path, found[0].settings
    settings = options.projects.settings_for(path, called)
    if len(settings.targets) > 1:
        settings.request(options.certificate)  # before anything is typed
    return path, settings


def _known(options: EditOptions, settings: FileSettings, console: Console) -> Known:
    """Return the object, and its values if keys are given. Raises CliError."""
    target = open_target(options.file, options.name, options.namespace, console)
    target = replace(target, sealed=read_object(target.manifest, options.namespace, settings.namespace))
    opened: Mapping[str, bytes] = {}
    if options.keys:
        keyring = read_keyring(options.keys)
        with border(target.called, (target.sealed, keyring)):
            opened = unseal(replace(target.sealed, template=Template()), keyring, lambda *_: b"").secret.items
    return Known(target, opened, options.namespace, settings.namespace)


def _first_text(known: Known) -> str:
    target = known.target
    called = f"{KIND} {place_of(target.sealed)} of {target.source.name}"
    return written(native(target.manifest.node), known.values, called, target.sealed.scope)


def _kept(path: Path, *, is_mistaken: bool = False) -> list[str]:
    """Return the lines that say where the text is kept, and how to go on with it."""
    again = shlex.quote(f"cp {shlex.quote(str(path))}")
    return [
        f"what you typed is kept in {path}; remove it when it is no longer needed",
        f"to use it again, {'correct it there, and ' if is_mistaken else ''}run this command with VISUAL={again}",
    ]


@record
class _Session:
    """One edit, from the editor to the file."""

    options: EditOptions
    settings: FileSettings
    known: Known
    console: Console
    now: datetime
    mistakes: list[CliError] = field(default_factory=list)

    def is_mistake(self, error: CliError) -> bool:
        """Tell whether an error is one of the text, not of sealing or writing."""
        return any(one is error for one in self.mistakes)

    def run(self, text: Stored, editor: Sequence[str], environ: Mapping[str, str]) -> ExitStatus:
        """Run the editor until there is no mistake, and write the file.

        Raises the CliError of a mistake if the person leaves it as it is, and those of sealing and writing.
        """
        before, mistakes = text.first, self.mistakes
        while True:
            run(editor, text.path, environ)
            after = text.read()
            is_left = without_reason(after) == without_reason(before)
            if mistakes and (is_left or len(mistakes) == _MOST_MISTAKES):
                raise mistakes[-1]
            found = with_reason(after, lambda body: self._mistake(body, text.first))
            if found is None:
                wanted = self._wanted(without_reason(after), text.first, self.console)
                return self._unchanged() if wanted is None else self._write(wanted)
            before, mistake = found
            mistakes.append(mistake)
            text.write(before)

    def _mistake(self, body: str, first: str) -> CliError | None:
        try:
            self._wanted(body, first, replace(self.console, quiet=True))
        except CliError as error:
            return error
        return None

    def _wanted(self, body: str, first: str, console: Console) -> Wanted | None:
        """Return what a text asks for; None if that is nothing. Raises CliError for a mistake."""
        page = None if body == first else read(body)
        if page is None:
            return None
        wanted = find_wanted(page, self.known, console)
        doubts = doubts_of(wanted.typed, wanted.sealed.template.type)
        tell(doubts, self.known.target.called, console, is_strict=self.options.is_strict)
        return wanted

    def _write(self, wanted: Wanted) -> ExitStatus:
        """Seal what was typed and write the file. Raises CliError; nothing is written then."""
        target = self.known.target
        certificate = None
        if wanted.typed:
            certificate = get_valid_certificate(self.settings.request(self.options.certificate), self.console, self.now)
        changes = changes_for(wanted, target, certificate)
        if not changes:
            return self._unchanged()
        target.write(changes, self.console)
        _warn(wanted, target, self.console)
        key = f" with key {short(certificate.fingerprint)}" if certificate else ""
        where = f"{place_of(wanted.sealed)} ({wanted.sealed.scope})"
        self.console.tell(f"{target.source.name}: {_done(wanted, target)} in {where}{key}")
        return ExitStatus.OK

    def _unchanged(self) -> ExitStatus:
        self.console.tell(f"{self.known.target.source.name}: unchanged")
        return ExitStatus.OK


def _done(wanted: Wanted, target: Target) -> str:
    """Return what was done, in words."""
    old = target.sealed.items
    added = [name for name in wanted.items if name not in old and name not in wanted.renamed.values()]
    sealed = [f"{name} (new)" if name in added else name for name in wanted.items if name in {*wanted.typed, *added}]
    removed = [name for name in old if name not in wanted.items and name not in wanted.renamed]
    renamed = [f"{name} to {new}" for name, new in wanted.renamed.items()]
    told = {"set": sealed, "renamed": renamed, **_exchanged(wanted, target), "removed": removed}
    return "; ".join(f"{verb} {listed(names)}" for verb, names in told.items() if names) or "changed other fields"


def _exchanged(wanted: Wanted, target: Target) -> dict[str, list[str]]:
    """Return which ciphertexts took the place of others, in words: those that left their own, and copies."""
    moved: dict[str, list[str]] = {"moved": [], "copied": []}
    for place, item in wanted.items.items():
        if isinstance(item, Kept) and item.of != place and place in target.sealed.items:
            stays = wanted.items.get(item.of) == Kept(item.of)
            moved["copied" if stays else "moved"].append(f"{item.of} to {place}")
    return moved


def _warn(wanted: Wanted, target: Target, console: Console) -> None:
    """Warn of what may surprise: a comment that gives a value away, a template that wins or lacks an item."""
    for line in (line for one in target.documents for line in lines_that_repeat(one, wanted.typed.values())):
        console.warn(f"{target.source.name}: line {line}: a comment repeats a value that is now sealed; remove it")
    texts = wanted.sealed.template.data
    for item in wanted.items:
        if item in texts and (item in wanted.typed or item not in target.sealed.items):
            console.warn(f"{target.called}: template.data has {item} too, and its text is what the Secret gets")
    for item in target.sealed.items:
        if item not in wanted.items and (users := [one for one in templates_with(target, item) if one in texts]):
            console.warn(f"{target.called}: template.data.{users[0]} seems to use {item}, which is gone")
    if target.sealed.items and not wanted.items:
        console.warn(f"{target.called}: {NO_ITEM_LEFT}")
    if target.sealed.template.immutable:
        console.warn(f"{target.called}: its Secret is immutable: delete it, and the controller makes it anew")


def _run(call: Call) -> ExitStatus:
    options = EditOptions(
        file=call["file"],
        certificate=certificate_request(call, call["cert"]),
        name=call["name"],
        namespace=call["namespace"],
        keys=call["key"],
        is_strict=call["strict"],
        projects=projects(call),
    )
    return edit(options, call.console, call.surroundings, now=call.now)


VERB = Verb(
    """\
Edit a SealedSecret in an editor.

Opens the SealedSecret in FILE in $VISUAL or $EDITOR. Each item stands there as <sealed>: what stays so keeps its
ciphertext, and what is written in its place is sealed. Items can be added, removed and renamed; so can type, labels,
templates and the scope. All else of FILE stays as it is. After a mistake the editor opens again, with the reason at the
top. With --target NAME, {target} in FILE stands for NAME.
""",
    """\
EDITOR=nano sealwright edit db.yaml
sealwright edit db.yaml --key backup.yaml""",
    _run,
    (Argument("file", "FILE", is_required=True),),
    (
        replace(PRIVATE_KEYS, help="Private keys: show the values in place of <sealed>. May be repeated."),
        STRICT,
        name("Which SealedSecret of the file, if it holds several."),
        SEALED_NAMESPACE,
        CERT,
        TARGET,
        *CONFIG_OPTIONS,
        QUIET,
        *CERTIFICATE_OPTIONS,
    ),
)
