"""`sealwright raw`: one value → one ciphertext, for an item in a SealedSecret written by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sealwright_cli.border import border
from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.errors import InputError, UsageError
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.files import read_file, read_stream, write_result
from sealwright_cli.naming import shown_path
from sealwright_cli.ui import Console, short
from sealwright_crypto import Scope, ScopeError, label_for, seal_item


@dataclass(frozen=True)
class RawOptions:
    """The ciphertext's place, the source of the value (`from_file`, else standard input), and the output.

    `default_namespace` is called if a namespace is needed and none is given; it may raise CliError. `line_break` ends
    the output with a line break. `output` None is standard output.
    """

    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    scope: Scope = Scope.STRICT
    namespace: str = ""
    name: str = ""
    from_file: Path | None = None
    output: Path | None = None
    line_break: bool = True
    default_namespace: Callable[[], str] | None = field(default=None, repr=False)


@border()
def raw(options: RawOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Seal one value, its bytes as they are, and print the ciphertext on one line.

    On a terminal it prompts for the value without echo. A value is never an argument: others on the machine could read
    it. Raises CliError.
    """
    certificate = get_valid_certificate(options.certificate, console, now)
    if not options.namespace and options.default_namespace and options.scope is not Scope.CLUSTER_WIDE:
        options = replace(options, namespace=options.default_namespace())
    try:
        label = label_for(options.scope, options.namespace, options.name)
    except ScopeError as error:
        missing = [f"--{part}" for part in ("namespace", "name") if not getattr(options, part)]
        hint = f"give {' and '.join(missing)}" if missing else "give the name that it has"
        raise UsageError(str(error), hint=hint) from None
    value = _read_value(options, console)
    _warn_of_value(value, options, console)
    with border("the value"):
        ciphertext = seal_item(value, certificate, label)
    end = b"\n" if options.line_break else b""
    write_result(console.stdout, options.output, ciphertext.encode("ascii") + end)
    paste = _paste(options)
    console.tell(f"sealed for {_place(options)} with key {short(certificate.fingerprint)}; {paste}")
    return ExitStatus.OK


def _read_value(options: RawOptions, console: Console) -> bytes:
    if options.from_file is not None:
        return read_file(options.from_file, name=shown_path(options.from_file, "the file that --from-file names"))
    if not console.stdin.closed and console.stdin.isatty():
        try:
            return console.ask("value to seal (not shown): ").encode()
        except EOFError:
            raise InputError("no value was given", hint="type one, or name a file with --from-file") from None
    return read_stream(console.stdin, "standard input")


def _warn_of_value(value: bytes, options: RawOptions, console: Console) -> None:
    """Warn about an empty value and about the line break of `echo`; in a file, a line break may be intended."""
    if not value:
        console.warn("the value is empty")
    elif options.from_file is None and value.endswith(b"\n") and value.count(b"\n") == 1:
        console.warn("the value ends with a line break, which is sealed too; printf writes none")


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
