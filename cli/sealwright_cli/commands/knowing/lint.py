"""`sealwright lint`: what is wrong with the manifests of a repository. Opens nothing, and asks nobody."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sealwright_cli.certificates.request import CertificateRequest, ObtainedCertificate
from sealwright_cli.certificates.sources import obtain_certificate
from sealwright_cli.commandline.options import INPUTS, OUTPUT, QUIET, namespace
from sealwright_cli.commandline.projectoptions import CHOICE_OPTIONS, CONFIG_OPTIONS, choice, projects
from sealwright_cli.commandline.spec import CERTIFICATE, WHAT, WHERE, Call, Option, Verb
from sealwright_cli.files.choosing import Choice
from sealwright_cli.files.disk import write_result
from sealwright_cli.files.inputs import Source, check_any_readable, find_sources
from sealwright_cli.files.templatefiles import TemplateFileError
from sealwright_cli.lint.ciphers import expiring
from sealwright_cli.lint.finding import Finding
from sealwright_cli.lint.onefile import FileResult
from sealwright_cli.lint.placing import Placing
from sealwright_cli.lint.repairs import repair
from sealwright_cli.lint.reports import Outcome, Report, report, table_of_rules
from sealwright_cli.lint.settings import DAYS_BEFORE_EXPIRY, KeyAtHand, LintSettings
from sealwright_cli.lint.tree import TreeResult, add_between, examine, lint_sources
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console, counted
from sealwright_cli.project.finding import absolute
from sealwright_cli.project.model import Target
from sealwright_cli.project.settings import Projects
from sealwright_conventions.records import field, record, replace


@record
class LintOptions:
    """What to examine (files, folders, `-`; empty means the current folder), by which rules, and how to report.

    `certificate` None leaves out the rules that compare with one; its source has to be a file or a URL. `fix` writes
    safe corrections into the files. `exits_zero` gives status 0 in spite of findings. `lists_rules` lists the rules
    instead. `choice` says which files of folders are read. `namespace` is for objects that name none. What the
    others do not say, `projects` do.
    """

    inputs: Sequence[str] = ()
    settings: LintSettings = field(default_factory=LintSettings)
    certificate: CertificateRequest | None = None
    fix: bool = False
    report: Report = Report.TEXT
    output: Path | None = None
    exits_zero: bool = False
    lists_rules: bool = False
    choice: Choice = field(default_factory=Choice)
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))
    namespace: str = ""


_ROUNDS = 3
"""How often a file is corrected: a corrected object may show more that is correctable."""


@border()
def lint(options: LintOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Examine all files and report; the status is FINDINGS if something was found, INPUT if a file cannot be read.

    Raises CliError for problems of the whole run.
    """
    if options.lists_rules:
        write_result(console.stdout, options.output, table_of_rules(options.report).encode())
        return ExitStatus.OK
    sources = find_sources(options.inputs or ["."], choice=options.choice)
    check_any_readable(sources)
    placing = _placing(options, console, now)
    if options.fix and any(source.path is None for source in sources):
        raise UsageError("--fix changes files, not standard input", hint="name the file")
    result = lint_sources(sources, console, placing)
    fixed = _repair(sources, result, console, placing) if options.fix else []
    skipped = _skipped(sources, result, console)
    findings = [*_of_certificates(placing, options, now), *result.findings]
    outcome = Outcome(len(result.files) - len(skipped), findings, fixed, skipped)
    write_result(console.stdout, options.output, report(options.report, outcome).encode())
    for error in result.errors:
        console.error(error)
    _tell(outcome, console, len(result.errors))
    if result.errors:
        return result.errors[0].status
    return ExitStatus.FINDINGS if findings and not options.exits_zero else ExitStatus.OK


def _placing(options: LintOptions, console: Console, now: datetime) -> Placing:
    """Return what counts for each file. Raises CliError for a certificate or a rule's id that cannot be used."""
    options.settings.rules()
    key = _at_hand(obtain_certificate(options.certificate, console, now)) if options.certificate else None
    return Placing(options.settings, options.projects, key, _reader(console, now), options.namespace)


def _reader(console: Console, now: datetime) -> Callable[[Target], KeyAtHand | None]:
    known: dict[str, KeyAtHand] = {}

    def read(target: Target) -> KeyAtHand | None:
        path = target.certificate
        if not path or "://" in path:
            return None
        if path not in known:
            obtained = obtain_certificate(replace(target.request(CertificateRequest()), pins=()), console, now)
            here = absolute(Path())
            is_below = Path(path).is_relative_to(here)
            origin = str(Path(path).relative_to(here)) if is_below else obtained.origin
            known[path] = _at_hand(replace(obtained, origin=origin))
        return known[path]

    return read


def _at_hand(obtained: ObtainedCertificate) -> KeyAtHand:
    certificate = obtained.certificate
    return KeyAtHand(certificate.fingerprint, (certificate.bits + 7) // 8, certificate.not_after, obtained.origin)


def _of_certificates(placing: Placing, options: LintOptions, now: datetime) -> Iterator[Finding]:
    for key in placing.keys("SW204"):
        if problem := expiring(key, options.settings.days_before_expiry, now):
            yield Finding(key.origin, 1, 1, "SW204", problem.message, problem.hint)


def _repair(sources: Sequence[Source], result: TreeResult, console: Console, placing: Placing) -> list[Finding]:
    """Correct the files with correctable findings, and examine these again; errors are collected."""
    by_name = {source.name: source for source in sources}
    fixed: list[Finding] = []
    for place in range(len(result.files)):
        for _ in range(_ROUNDS):
            one = result.files[place]
            if not any(finding.fix for finding in one.findings):
                break
            source = by_name[one.name]
            try:
                with border():
                    fixed += repair(source, console, placing(source))
            except CliError as error:
                result.errors.append(error)
                break
            again = examine(source, console, placing(source))
            if isinstance(again, FileResult):
                result.files[place] = again
    for finding in fixed:
        console.tell(f"{finding.file}:{finding.line}: {finding.rule} fixed: {finding.fix}")
    for one in result.files:
        one.findings = [finding for finding in one.findings if finding.rule not in ("SW109", "SW205")]
    add_between(result.files)
    return fixed


def _skipped(sources: Sequence[Source], result: TreeResult, console: Console) -> dict[str, str]:
    """Return the files that were passed over, and why; one that the user named is an error."""
    named = {source.name for source in sources if source.named}
    skipped = {one.name: one.skipped for one in result.files if one.skipped}
    for name, reason in skipped.items():
        if name not in named:
            console.warn(f"{name}: {reason}; skipped")
        elif not any(finding.file == name for finding in result.findings):
            hint = "render it first (helm template), and give the result"
            result.errors.append(TemplateFileError(f"{name}: {reason}", hint=hint))
    return skipped


def _tell(outcome: Outcome, console: Console, errors: int) -> None:
    parts = [counted(len(outcome.findings), "finding") if outcome.findings else "nothing found"]
    if outcome.fixed:
        parts.append(f"{len(outcome.fixed):,} fixed")
    if fixable := sum(bool(finding.fix) for finding in outcome.findings):
        parts.append(f"--fix corrects {fixable:,}")
    if errors:
        parts.append(counted(errors, "error"))
    console.tell(f"{'; '.join(parts)} ({counted(outcome.files, 'file')})")


def _words(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.strip() for one in given for word in one.split(",") if word.strip())


def _run(call: Call) -> ExitStatus:
    if call["expires_within"] < 0:
        raise UsageError("--expires-within: less than 0 days", hint="give 0 to report expired certificates only")
    called = "the file that --cert names"
    is_default = call["cert"] == call.surroundings.environ.get("SEALWRIGHT_CERT")
    if is_default:
        called = "the file that SEALWRIGHT_CERT names"
    options = LintOptions(
        call["inputs"],
        LintSettings(_words(call["select"]), _words(call["ignore"]), call["expires_within"]),
        CertificateRequest(call["cert"], is_default=is_default, called=called) if call["cert"] else None,
        call["fix"],
        call["format"],
        call["output"],
        call["exit_zero"],
        call["rules"],
        choice(call),
        projects(call),
        call["namespace"],
    )
    return lint(options, call.console, now=call.now)


VERB = Verb(
    """\
Find what is wrong with the manifests of a repository.

Reads files, all manifests in folders (default: the current one), or standard input (-). Needs no cluster and no key,
and shows no value. Each rule has an id, such as SW101: --rules lists them, docs/reference/lint.md explains them. A
comment switches one off: # sealwright: ignore[SW101]; .sealwright.yaml says which count for which files, and names
certificates to compare with. The status is 10 if something was found.
""",
    """\
sealwright lint apps/
sealwright lint --cert cert.pem --ignore SW203 -o sarif -w lint.sarif""",
    _run,
    (INPUTS,),
    (
        Option(
            ("--select",),
            "Run only these rules, whatever the project file says: ids, their beginnings (SW1), names.",
            "RULE,...",
            WHAT,
            many=True,
        ),
        Option(("--ignore",), "Leave out these rules. A longer beginning of an id wins.", "RULE,...", WHAT, many=True),
        Option(("--fix",), "Correct in the files what is safe to correct.", group=WHAT),
        Option(("--rules",), "List the rules.", group=WHAT),
        Option(
            ("--cert",),
            "Also compare with this certificate (file or URL): key sizes, older keys, its end. "
            "Default: the file that the project file names.",
            "FILE|URL",
            CERTIFICATE,
            variable="SEALWRIGHT_CERT",
        ),
        Option(
            ("--expires-within",),
            "Report a certificate that ends within so many days.",
            "DAYS",
            CERTIFICATE,
            int,
            DAYS_BEFORE_EXPIRY,
            shows_default=True,
        ),
        Option(
            ("--format", "-o"),
            "Format of the report. Default: text.",
            "text|json|sarif|github",
            WHERE,
            Report,
            Report.TEXT,
        ),
        OUTPUT,
        Option(("--exit-zero",), "End with status 0 in spite of findings.", group=WHERE),
        namespace("Namespace of SealedSecrets without metadata.namespace, to compare them with others."),
        *CHOICE_OPTIONS,
        *CONFIG_OPTIONS,
        QUIET,
    ),
)
