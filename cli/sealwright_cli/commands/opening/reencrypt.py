"""`sealwright reencrypt`: re-encrypts SealedSecrets to the newest key, by the controller or with given keys."""

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.commandline.options import (
    CERTIFICATE_OPTIONS,
    FORM,
    INPUTS,
    OUTPUT_ELSEWHERE,
    QUIET,
    SEALED_NAMESPACE,
    manifest_form,
)
from sealwright_cli.commandline.projectoptions import (
    CERTS,
    CHOICE_OPTIONS,
    CONFIG_OPTIONS,
    TARGET,
    certificate_requests,
    choice,
    projects,
)
from sealwright_cli.commandline.spec import WHAT, WHERE, Call, Option, Verb
from sealwright_cli.commands.opening.reencryptreport import Outcome, Report
from sealwright_cli.files import parallel
from sealwright_cli.files.choosing import Choice
from sealwright_cli.files.inputs import STDIN, Source, find_sources
from sealwright_cli.files.rewriting import Edited, write_edited
from sealwright_cli.files.templatefiles import note
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, ClusterError, InputError, KilledError, RefusedError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.progress import Progress
from sealwright_cli.messages.ui import Console
from sealwright_cli.project.settings import FileSettings, Projects
from sealwright_cli.project.targets import MARK, Share
from sealwright_cli.sealed.keyfiles import read_keyring
from sealwright_cli.sealed.renewing import How, Renewed, renew
from sealwright_cli.sealed.resealers import ByAnnotation, KeysAtHand, Sealer, TheController, controller_of, newest_of
from sealwright_cli.sealed.sealedinput import check_fields, find_sealed, may_hold, patched_items
from sealwright_conventions.records import field, record, replace
from sealwright_crypto import KIND
from sealwright_manifests.text.documents import Form


@record
class ReencryptOptions:
    """Which files and folders to re-encrypt (`-` is standard input), and who does it.

    `namespace` is for objects that name none. With `keys`, files with private keys, it is done here, to `certificate`;
    without them, the controller that `certificate` names does it. `output` None rewrites the files themselves. `form`
    None keeps a file's form, or takes that of the suffix of `output` if that is another file. Items that are on the
    newest key stay as they are, unless `force`. `is_dry` writes nothing; `is_check` does not either, and fails if
    something is not on the newest key; with both, `form` is that of a report on standard output.

    `targets` are certificates by the names of targets: then `keys` are needed, and each has an output of its own. What
    the others do not say, `projects` do. `choice` says which files of folders are read.
    """

    inputs: Sequence[str] = ()
    keys: Sequence[str] = ()
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    output: Path | None = None
    form: Form | None = None
    namespace: str = ""
    force: bool = False
    is_dry: bool = False
    is_check: bool = False
    manners: Manners = SEALWRIGHT
    targets: Mapping[str, CertificateRequest] = field(default_factory=dict)
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))
    choice: Choice = field(default_factory=Choice)

    @property
    def writes(self) -> bool:
        """Whether anything is written."""
        return not (self.is_dry or self.is_check)


@border()
def reencrypt(options: ReencryptOptions, console: Console, *, now: datetime, clock: Callable[[], float]) -> ExitStatus:
    """Encrypt the items of the SealedSecrets again, in files and all files of folders; all else stays as it is.

    A file is written only if all of its objects succeed. `clock` (monotonic seconds) decides when to show progress.
    Raises CliError for problems of the whole run.
    """
    if options.targets:
        return _for_targets(options, console, now, clock)
    sources = find_sources(options.inputs, choice=options.choice)
    _check(options, sources)
    run = Report(console, options.writes, options.is_check, None if options.writes else options.form)
    try:
        with Progress(console, len(sources), "re-encrypting", clock) as progress:
            for group in _by_certificate(sources, options, run):
                _work(run, group, options, now, progress)
    except KilledError as error:
        run.errors.append(error)
        run.is_written = options.writes  # perhaps: the results of some files are lost
    except KeyboardInterrupt:
        run.stop(len(sources))
        raise
    if not (run.found or run.errors):
        where = f"{options.inputs[0]}: no {KIND} in this folder" if len(options.inputs) == 1 else f"no {KIND} in them"
        raise InputError(where, hint=f"name files with kind: {KIND}, or a folder with such")
    run.finish()
    return run.status()


def _for_targets(options: ReencryptOptions, console: Console, now: datetime, clock: Callable[[], float]) -> ExitStatus:
    """Encrypt one file for each target, into a file of its own. Raises CliError."""
    if not options.keys:
        raise UsageError("--cert for targets needs --key", hint="give the private keys; or --context for one cluster")
    is_file = len(options.inputs) == 1 and options.inputs[0] != STDIN
    if not is_file or options.output is None or MARK not in str(options.output):
        raise UsageError(
            "several targets need a file, and an output for each",
            hint=f"name FILE, and put {MARK} into the result's name: --output 'sealed-{MARK}.yaml'",
        )
    statuses = [
        reencrypt(
            replace(options, certificate=request, targets={}, output=Share(name).place(options.output)),
            console,
            now=now,
            clock=clock,
        )
        for name, request in options.targets.items()
    ]
    return next((one for one in statuses if one), ExitStatus.OK)


@record
class _Group:
    """Files of one certificate or cluster; of no `request` if nothing in them needs either."""

    request: CertificateRequest | None
    sources: list[Source] = field(default_factory=list)
    settings: dict[Source, FileSettings] = field(default_factory=dict)


def _work(run: Report, group: _Group, options: ReencryptOptions, now: datetime, progress: Progress) -> None:
    """Re-encrypt the files of a group; if that cannot be begun, they are left as they are. Raises KilledError."""
    left = len(group.sources)
    try:
        with _sealer(options, group.request, run.console, now) as sealer:
            for outcome in _outcomes(_Worker(options, sealer, run.console, group.settings), group.sources):
                run.take(outcome)
                progress.advance()
                left -= 1
    except KilledError:
        raise
    except CliError as error:
        run.errors.append(error)
        run.left += left if left > 1 or run.found else 0


@record
class _Worker:
    """Re-encrypts one file after the other. `console` has the streams that a single file needs."""

    options: ReencryptOptions
    sealer: Sealer
    console: Console
    settings: Mapping[Source, FileSettings]

    def __call__(self, source: Source) -> Outcome:
        """Re-encrypt one file; on failure, it stays as it was."""
        said = io.StringIO()
        console = replace(self.console, stderr=said) if source.path is not None else self.console
        errors: list[CliError] = []
        renewed: list[Renewed] = []
        is_written = is_last = False
        try:
            edited, renewed = self._renew(source, console)
            if renewed:
                is_written = self._write(edited, renewed)
        except (InputError, RefusedError) as error:
            note(error, source, console, errors)
        except CliError as error:
            errors.append(error)
            is_last = isinstance(error, ClusterError)
        return Outcome(said.getvalue(), [] if errors else renewed, errors, is_written, is_last)

    def _renew(self, source: Source, console: Console) -> tuple[Edited, list[Renewed]]:
        """Return a file's documents, changed, and what became of its objects. Raises CliError."""
        options, manners = self.options, self.options.manners
        text, original = source.read_original(console, utf16=manners.reads_utf16)
        for item in patched_items(text):
            console.warn(
                f"{source.name}: the ciphertext of {item} is in a JSON patch, and is not re-encrypted: "
                "seal the value again"
            )
        with border():
            documents, manifests = find_sealed(text, source, console, manners)
            for manifest in manifests:
                check_fields(manifest, console, manners)
            settings = self.settings.get(source)
            how = How(
                options.namespace,
                settings.namespace if settings and manifests else "",
                is_dry=not options.writes,
                passes_empty=not manners.keeps_text,
            )
            renewed = [renew(manifest, self.sealer, how) for manifest in manifests]
        return Edited(source.path, original, documents), renewed

    def _write(self, edited: Edited, renewed: Sequence[Renewed]) -> bool:
        """Write a file's result; a file in which nothing changes is not replaced by itself. Raises CliError."""
        options = self.options
        is_changed = any(each.is_changed for each in renewed)
        if options.writes and (is_changed or options.form or not edited.is_at(options.output)):
            with border():
                write_edited(self.console.stdout, edited, options.output, options.form, options.manners)
        return options.writes


def _check(options: ReencryptOptions, sources: Sequence[Source]) -> None:
    if options.output and (len(sources) > 1 or not sources[0].named):
        raise UsageError("--output takes the result of one file", hint="leave it out, and each file is rewritten")
    dry = [name for name, is_given in (("--check", options.is_check), ("--dry-run", options.is_dry)) if is_given]
    if len(dry) > 1:
        raise UsageError(f"{' and '.join(dry)} exclude each other", hint="--check also fails if something is stale")
    if dry and options.output:
        raise UsageError(f"{dry[0]} and --output exclude each other", hint=f"{dry[0]} writes nothing")


def _by_certificate(sources: Sequence[Source], options: ReencryptOptions, run: Report) -> list[_Group]:
    """Return the files of each certificate or cluster; of several files, those without one are errors of the run.

    Raises CliError for a single file without one.
    """
    groups: dict[tuple[str, ...] | None, _Group] = {}
    for source in sources:
        try:
            settings, request, key = _need(source, options)
        except CliError as error:
            if may_hold(source):
                if len(sources) == 1:
                    raise
                run.errors.append(error)
                continue
            is_needed = False
        else:
            # What a file holds is looked up only while nothing else needs its certificate: reading takes time.
            is_needed = key in groups or may_hold(source)
        if is_needed:
            group = groups.setdefault(key, _Group(request))
            group.settings[source] = settings
        else:
            group = groups.setdefault(None, _Group(None))
        group.sources.append(source)
    return list(groups.values())


def _need(source: Source, options: ReencryptOptions) -> tuple[FileSettings, CertificateRequest, tuple[str, ...]]:
    """Return a file's settings, and its certificate or cluster with what tells it apart. Raises CliError."""
    settings = options.projects.settings_for(source.path, source.name)
    request = settings.request(options.certificate)
    target = settings.targets[0] if request is not options.certificate else None
    if target and target.certificate and not target.context and not options.keys and options.writes:
        raise InputError(
            f"{source.name}: its target has a certificate and no context: which cluster is to do it?",
            hint=f"add context: to the target ({target.place}), or give --context, or do it here with --key",
        )
    return settings, request, (target.place, target.name) if target else ()


def _outcomes(worker: _Worker, sources: Sequence[Source]) -> Iterator[Outcome | None]:
    """Yield what became of each file. A controller is asked about one after the other; None is not tried."""
    if not isinstance(worker.sealer, TheController):
        yield from parallel.each(worker, sources)
        return
    is_over = False
    for source in sources:
        outcome = None if is_over else worker(source)
        is_over |= outcome is not None and outcome.is_last
        yield outcome


@contextlib.contextmanager
def _sealer(
    options: ReencryptOptions, request: CertificateRequest | None, console: Console, now: datetime
) -> Iterator[Sealer]:
    """Provide who encrypts; if nothing needs it, one that does nothing. Raises CliError."""
    if request is None:
        yield ByAnnotation("")
    elif options.keys:
        keyring = read_keyring(options.keys)
        yield KeysAtHand(keyring, get_valid_certificate(request, console, now), options.force)
    elif not options.writes:
        yield ByAnnotation(get_valid_certificate(request, console, now).fingerprint)
    else:
        with controller_of(request, options.manners) as controller:
            asks = options.manners.reencrypts_here and not options.force
            yield TheController(controller, cache(lambda: newest_of(controller) if asks else ""))


def _run(call: Call) -> ExitStatus:
    certificate, targets = certificate_requests(call)
    options = ReencryptOptions(
        call["inputs"],
        call["key"],
        certificate,
        call["output"],
        manifest_form(call),
        call["namespace"],
        call["force"],
        call["dry_run"],
        call["check"],
        targets=targets,
        projects=projects(call),
        choice=choice(call),
    )
    return reencrypt(options, call.console, now=call.now, clock=call.clock)


VERB = Verb(
    """\
Encrypt the items of SealedSecrets to the newest key.

The controller does it, and shows no value; with --key it is done here, without a cluster. Rewrites each file with a
SealedSecret; only ciphertexts that are not on the newest key change in it, but the deprecated spec.data becomes
encryptedData. Default: from standard input to standard output. With --check, the exit status is 8 if anything is not
on the newest key.
""",
    """\
sealwright reencrypt apps/
sealwright reencrypt --check --cert cert.pem apps/
sealwright reencrypt --key backup.yaml --cert new-cert.pem sealed.yaml""",
    _run,
    (INPUTS,),
    (
        Option(
            ("--key",),
            "Re-encrypt offline: decrypt with these private keys, encrypt to --cert. May be repeated.",
            "FILE",
            WHAT,
            many=True,
        ),
        Option(("--force",), "Also encrypt again what is encrypted to the newest key already.", group=WHAT),
        Option(("--check",), "Write nothing; fail if anything is not on the newest key.", group=WHERE),
        Option(("--dry-run",), "Write nothing; tell what would be encrypted again.", group=WHERE),
        SEALED_NAMESPACE,
        CERTS,
        TARGET,
        replace(FORM, help="Output format. Default: as the input. With --check or --dry-run, that of a report."),
        OUTPUT_ELSEWHERE,
        *CHOICE_OPTIONS,
        *CONFIG_OPTIONS,
        QUIET,
        *CERTIFICATE_OPTIONS,
    ),
)
