"""`sealwright seal`: Secrets in files, folders or standard input → SealedSecrets."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commandline.options import (
    ALLOW_EMPTY,
    CERTIFICATE_OPTIONS,
    FORM,
    HINTS,
    INPUTS,
    NAMESPACE,
    OUTER,
    OUTPUT,
    PRIVATE_KEYS,
    QUIET,
    SCOPE,
    STRICT,
    manifest_form,
    name,
    wants_hints,
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
from sealwright_cli.commandline.spec import WHERE, Call, Option, Verb
from sealwright_cli.commands.sealing.sealreport import Report
from sealwright_cli.files import parallel
from sealwright_cli.files.choosing import Choice
from sealwright_cli.files.disk import write_result
from sealwright_cli.files.inputs import Source, find_sources, unreadable
from sealwright_cli.files.replacing import Original
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, InputError, KilledError, OutputClosedError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.progress import Progress
from sealwright_cli.messages.ui import Console, stopped
from sealwright_cli.project.settings import Projects
from sealwright_cli.project.targets import Certificates, Share, check_places, shares
from sealwright_cli.sealed.filesealing import RENEW, FileSealer, Outcome
from sealwright_cli.sealed.outer import Outer, outer
from sealwright_cli.sealed.resultplaces import below, in_place, places
from sealwright_cli.sealed.sealing import SealingRules
from sealwright_conventions.records import changing_record, field, record, replace
from sealwright_crypto import Scope
from sealwright_manifests.text.documents import Document, Form, form_of, join, new_text


@record
class SealOptions:
    """What to seal, how, and where to write it.

    `inputs` are files, folders and `-`; an empty one means standard input. At most one of `output` (one file for
    everything), `in_place` and `output_dir` (a file for each input) is set; without, everything goes to standard
    output. `form` None keeps each document's own form, or takes that of `output`'s suffix. `default_namespace`,
    `manners` and `is_strict` are those of SealingRules; for kubeseal, everything goes to one output, and `form` is set.

    `targets` are certificates by the names of targets, in the place of `certificate`: the result of each goes to a
    place of its own. What neither says, `projects` do. `choice` says which files of folders are read.
    """

    inputs: Sequence[str] = ()
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    scope: Scope | None = None
    namespace: str = ""
    name: str = ""
    form: Form | None = None
    output: Path | None = None
    in_place: bool = False
    output_dir: Path | None = None
    allow_empty: bool = False
    hints: bool = True
    default_namespace: Callable[[], str] | None = field(default=None, repr=False)
    manners: Manners = SEALWRIGHT
    outer: Outer = field(default_factory=Outer)
    is_strict: bool = False
    targets: Mapping[str, CertificateRequest] = field(default_factory=dict)
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))
    choice: Choice = field(default_factory=Choice)


@border()
def seal(options: SealOptions, console: Console, *, now: datetime, clock: Callable[[], float]) -> ExitStatus:
    """Seal everything that the options name and report the results on stderr.

    `now` (aware) decides whether the certificate has expired, `clock` (monotonic seconds) when to show progress. A
    single output is written only if everything could be sealed. Separate files are written one by one, and those that
    fail stay as they were. Raises CliError for problems of the whole run.
    """
    _check(options)
    sources = find_sources(options.inputs, besides=options.output_dir, choice=options.choice)
    missing = unreadable(sources)
    if len(missing) == len(sources):
        return _fail(missing, console)
    try:
        runs = _prepared(options, sources, console, now)
    except CliError as error:
        return _fail([*missing, error], console)
    total = sum(len(run.rules) for run in runs)
    try:
        with Progress(console, total, "sealing", clock) as progress:
            for run in runs:
                run.work(progress)
    except KeyboardInterrupt:
        if total > 1:
            done = [run.report.files for run in runs if run.report.is_written]
            console.tell(stopped(sum(done), total))
        raise
    errors = [error for run in runs for error in run.report.errors]
    if not errors:
        return ExitStatus.OK
    return ExitStatus.PARTLY_DONE if any(run.report.is_written for run in runs) else errors[0].status


def _fail(errors: Sequence[CliError], console: Console) -> ExitStatus:
    """Raise the only one of errors for which nothing was begun, or show all and return the status."""
    if len(errors) == 1:
        raise errors[0]
    for error in errors:
        console.error(error)
    return errors[0].status


def _prepared(options: SealOptions, sources: Sequence[Source], console: Console, now: datetime) -> list["_Run"]:
    """Return the runs for all targets. Raises CliError."""
    found = shares(sources, options.projects, options.certificate, options.targets)
    check_places(found, output=options.output, folder=options.output_dir, in_place=options.in_place)
    if len(found) > 1:
        sources = [source.held(console) for source in sources]
        found = shares(sources, options.projects, options.certificate, options.targets)
    certificates = Certificates(console, now)
    return [_prepare(options, console, share, certificates, sources) for share in found]


def _prepare(
    options: SealOptions, console: Console, share: Share, certificates: Certificates, sources: Sequence[Source]
) -> "_Run":
    """Return the run for one target. Raises CliError."""
    rules = {
        source: SealingRules(
            certificates.get(request),
            options.scope,
            options.namespace,
            options.name,
            options.allow_empty,
            options.hints,
            options.default_namespace or functools.partial(getattr, settings, "namespace"),
            options.manners,
            default_scope=settings.scope,
            outer=options.outer.over(settings.labels, settings.annotations),
            is_strict=options.is_strict,
        )
        for source, (request, settings) in share.sources.items()
    }
    placed = replace(options, output=share.place(options.output), output_dir=share.place(options.output_dir))
    report = Report(len(rules))
    return _Run(placed, console, rules, _places(placed, share, sources), share.name, report=report)


_WORTHWHILE = 64
"""For fewer files, starting processes takes longer than they save: a file takes a millisecond or two."""
_READING = 0o044  # read permission of group and others


@changing_record
class _Run:
    """The state of one run: what was collected, and what there is to report."""

    options: SealOptions
    console: Console
    rules: dict[Source, SealingRules]
    targets: dict[Source, Path]
    target: str = ""
    """The name of the target that is sealed for, if it has one."""
    documents: list[Document] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    most_private: Original | None = None
    """Of the files that go to one output, the one with the fewest readers."""

    def work(self, progress: Progress) -> None:
        """Seal all sources and report the results; what was written is reported after Ctrl-C too."""
        try:
            for outcome in self._outcomes():
                self.take(outcome)
                progress.advance()
        except KilledError as error:
            self.report.errors.append(error)
            self.report.is_written = True  # perhaps: the results of some files are lost
        except KeyboardInterrupt:
            if self.report.is_written:
                self.report.show(self.console)
            raise
        self.finish()
        self.report.show(self.console)

    def _outcomes(self) -> Iterator[Outcome]:
        """Yield what became of each source: on all cores if each has a file of its own for its result."""
        options, sources = self.options, list(self.rules)
        names = set[str]() if options.name and options.manners.takes_mixed_files else None
        work = FileSealer(
            self.console, self.rules, self.targets, options.in_place, options.form, options.manners, names
        )
        if names is None and len(self.targets) == len(sources):
            return parallel.each(work, sources, _WORTHWHILE)
        return map(work, sources)

    def take(self, outcome: Outcome) -> None:
        """Show and count what became of one source. Raises KeyboardInterrupt if that came meanwhile."""
        self.console.pass_on(outcome.said)
        shared = self.options.output if self.target else None
        self.report.count(outcome, self.target, outcome.place or shared)
        if outcome.is_sealed and not outcome.is_written:
            self._collect(outcome)
        if outcome.is_stopped:
            raise KeyboardInterrupt

    def _collect(self, outcome: Outcome) -> None:
        """Keep a result that goes to the same output as others."""
        self.documents += outcome.result.documents
        self.objects += outcome.result.objects
        original = outcome.original
        if original and (self.most_private is None or original.rights & _READING < self.most_private.rights & _READING):
            self.most_private = original

    def finish(self) -> None:
        """Write the single output, unless something failed. Raises OutputClosedError."""
        if self.report.errors or (self.targets and not self.documents):
            return
        if not self.documents:
            self.report.errors.append(
                InputError("every Secret in what was given is sealed already", hint=RENEW)
                if self.report.already
                else InputError("no Secret (kind: Secret) in what was given", hint="check the folder's path")
            )
            return
        try:
            with border():
                text = self._text()
            write_result(self.console.stdout, self.options.output, text.encode(), source=self.most_private)
            self.report.is_written = True
        except OutputClosedError:
            raise
        except CliError as error:
            self.report.errors.append(error)

    def _text(self) -> str:
        form = self.options.form or form_of(self.options.output)
        return new_text(self.objects, form) if self.objects and form else join(self.documents, form)


def _check(options: SealOptions) -> None:
    given = {
        "--output": options.output is not None,
        "--in-place": options.in_place,
        "--output-dir": options.output_dir is not None,
    }
    chosen = [name for name, is_given in given.items() if is_given]
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude each other", hint="choose one place for the result")


def _places(options: SealOptions, share: Share, sources: Sequence[Source]) -> dict[Source, Path]:
    """Return the output file of each source; empty if all go to one output. Raises UsageError."""
    own = list(share.sources)
    if (options.in_place or options.output_dir is not None) and any(source.path is None for source in own):
        raise UsageError("standard input has no file to write to", hint="use --output FILE, or name the files")
    if options.in_place:
        return places(own, in_place, sources)
    if options.output_dir is not None:
        return places(own, below(options.output_dir), sources, by="--output-dir")
    if options.output is not None:
        return {}
    found = places(own, share.result_of, sources, by="the project file's output")
    _check_form(options.form, found)
    return found


def _check_form(form: Form | None, found: Mapping[Source, Path]) -> None:
    """Raise UsageError if the project file gives a result a name that says another form than --format."""
    for source, place in found.items():
        named = form_of(place)
        if form is not None and named not in (None, form):
            raise UsageError(
                f"{source.name}: --format {form}, and the project file's output is {place.name}",
                hint="leave out --format, or name another file with --output",
            )


def _run(call: Call) -> ExitStatus:
    if call["update"] is not None:
        from sealwright_cli.commands.sealing.update import run  # noqa: PLC0415 - few runs need it

        return run(call)
    if call["key"]:
        raise UsageError("--key needs --update", hint="it opens the items of the SealedSecret that is updated")
    certificate, targets = certificate_requests(call)
    options = SealOptions(
        inputs=call["inputs"],
        certificate=certificate,
        targets=targets,
        projects=projects(call),
        choice=choice(call),
        scope=call["scope"],
        namespace=call["namespace"],
        name=call["name"],
        form=manifest_form(call),
        output=call["output"],
        in_place=call["in_place"],
        output_dir=call["output_dir"],
        allow_empty=call["allow_empty"],
        hints=wants_hints(call),
        outer=outer(call["outer_label"], call["outer_annotation"]),
        is_strict=call["strict"],
    )
    return seal(options, call.console, now=call.now, clock=call.clock)


VERB = Verb(
    """\
Turn Secrets into SealedSecrets.

Reads files, all manifests in folders, or standard input (default, or -): YAML and JSON, with several documents
and Lists. Other objects stay as they are. The result is printed unless --output, --in-place or --output-dir says
where to write it. With several --cert NAME=FILE, or several targets in the project file, each target has a
result of its own: {target} in --output or --output-dir stands for its name. With --update, the ciphertexts of
values that have not changed stay: --key opens the old ones, or an earlier --update here has remembered them.
""",
    """\
sealwright seal secret.yaml -w sealed.yaml
sealwright seal secret.yaml --update sealed.yaml
sealwright seal --cert cert.pem --in-place secrets/""",
    _run,
    (INPUTS,),
    (
        CERTS,
        TARGET,
        SCOPE,
        NAMESPACE,
        name("Name to use instead of the Secret's."),
        *OUTER,
        ALLOW_EMPTY,
        STRICT,
        *HINTS,
        FORM,
        OUTPUT,
        Option(("--in-place",), "Replace each file with its result.", group=WHERE),
        Option(("--output-dir",), "Write each file's result to this folder, by the same name.", "FOLDER", WHERE, Path),
        Option(
            ("--update",),
            "Seal one Secret over the SealedSecret in this file; what has not changed keeps its ciphertext.",
            "FILE",
            WHERE,
            Path,
        ),
        replace(
            PRIVATE_KEYS, help="With --update: private keys that tell whether a value has changed. May be repeated."
        ),
        *CHOICE_OPTIONS,
        *CONFIG_OPTIONS,
        QUIET,
        *CERTIFICATE_OPTIONS,
    ),
)
