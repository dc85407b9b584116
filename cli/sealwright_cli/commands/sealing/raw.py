"""`sealwright raw`: one value → one ciphertext, for an item in a SealedSecret written by hand."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.commandline.options import (
    CERT,
    CERTIFICATE_OPTIONS,
    FROM_FILE,
    OUTPUT,
    QUIET,
    SCOPES,
    STRICT,
    certificate_request,
    name,
    namespace,
)
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, TARGET, projects
from sealwright_cli.commandline.spec import WHAT, Call, Option, Verb
from sealwright_cli.files.disk import read_file, read_stream, write_result
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import Console, short
from sealwright_cli.project.settings import Projects
from sealwright_cli.sealed.doubts import of_value, tell
from sealwright_conventions.records import field, record, replace
from sealwright_crypto import Scope, ScopeError, label_for, seal_item


@record
class RawOptions:
    """The ciphertext's place, the source of the value (`from_file`, else standard input), and the output.

    `default_namespace` is called if a namespace is needed and none is given; it may raise CliError. `line_break` ends
    the output with a line break. `doubts_values` reports a value that looks like a mistake, an error if `is_strict`.
    `output` None is standard output. `projects` say the certificate if `certificate` does not, for the working folder.
    """

    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    scope: Scope = Scope.STRICT
    namespace: str = ""
    name: str = ""
    from_file: Path | None = None
    output: Path | None = None
    line_break: bool = True
    default_namespace: Callable[[], str] | None = field(default=None, repr=False)
    doubts_values: bool = True
    is_strict: bool = False
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))


@border()
def raw(options: RawOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Seal one value, its bytes as they are, and print the ciphertext on one line.

    On a terminal it prompts for the value without echo. A value is never an argument: others on the machine could read
    it. Raises CliError.
    """
    value = _read_file(options.from_file) if options.from_file else None
    settings = options.projects.settings_for(None)
    certificate = get_valid_certificate(settings.request(options.certificate), console, now)
    if not options.namespace and options.default_namespace and options.scope is not Scope.CLUSTER_WIDE:
        options = replace(options, namespace=options.default_namespace())
    try:
        label = label_for(options.scope, options.namespace, options.name)
    except ScopeError as error:
        missing = [f"--{part}" for part in ("namespace", "name") if not getattr(options, part)]
        hint = f"give {' and '.join(missing)}" if missing else "give the name that it has"
        raise UsageError(str(error), hint=hint) from None
    value = _read_value(console) if value is None else value
    _warn_of_value(value, options, console)
    with border("the value"):
        ciphertext = seal_item(value, certificate, label)
    end = b"\n" if options.line_break else b""
    write_result(console.stdout, options.output, ciphertext.encode("ascii") + end)
    paste = _paste(options)
    console.tell(f"sealed for {_place(options)} with key {short(certificate.fingerprint)}; {paste}")
    return ExitStatus.OK


def _read_file(path: Path) -> bytes:
    return read_file(path, name=shown_path(path, "the file that --from-file names"))


def _read_value(console: Console) -> bytes:
    if not console.stdin.closed and console.stdin.isatty():
        try:
            return console.ask("value to seal (not shown): ").encode()
        except EOFError:
            raise InputError("no value was given", hint="type one, or name a file with --from-file") from None
    return read_stream(console.stdin, "standard input")


def _warn_of_value(value: bytes, options: RawOptions, console: Console) -> None:
    """Warn about an empty value, the line break of `echo` and other doubts. Raises InputError instead if it is strict.

    In a file, a line break may be intended.
    """
    if not value:
        console.warn("the value is empty")
    doubts = []
    if options.from_file is None and value.endswith(b"\n") and value.count(b"\n") == 1:
        doubts.append("ends with a line break, which is sealed too; printf writes none")
        value = value.rstrip()
    if options.doubts_values:
        doubts += of_value("", value)
    tell([f"the value {words}" for words in doubts], "", console, is_strict=options.is_strict)


def _paste(options: RawOptions) -> str:
    called = "/".join(filter(None, [options.namespace, options.name])) if options.scope is Scope.STRICT else ""
    return " ".join(filter(None, ["paste it as spec.encryptedData.KEY of the SealedSecret", called]))


def _place(options: RawOptions) -> str:
    match options.scope:
        case Scope.CLUSTER_WIDE:
            return "any place (cluster-wide)"
        case Scope.NAMESPACE_WIDE:
            return f"any name in namespace {options.namespace} (namespace-wide)"
        case Scope.STRICT:
            return f"{options.namespace}/{options.name} (strict)"


def _run(call: Call) -> ExitStatus:
    options = RawOptions(
        certificate=certificate_request(call, call["cert"]),
        scope=call["scope"],
        namespace=call["namespace"],
        name=call["name"],
        from_file=call["from_file"],
        output=call["output"],
        is_strict=call["strict"],
        projects=projects(call),
    )
    return raw(options, call.console, now=call.now)


VERB = Verb(
    """\
Seal one value and print its ciphertext.

Reads the value from standard input, byte for byte (use printf, not echo); on a terminal it prompts without echo.
""",
    """\
printf %s "$PASSWORD" | sealwright raw --namespace team-a --name db
sealwright raw --namespace team-a --name db --from-file password.txt""",
    _run,
    (),
    (
        CERT,
        Option(
            ("--scope",),
            "Where the ciphertext can be decrypted.",
            SCOPES,
            WHAT,
            Scope,
            Scope.STRICT,
            shows_default=True,
        ),
        namespace("Namespace of the SealedSecret."),
        name("Name of the SealedSecret."),
        FROM_FILE,
        STRICT,
        OUTPUT,
        TARGET,
        *CONFIG_OPTIONS,
        QUIET,
        *CERTIFICATE_OPTIONS,
    ),
)
