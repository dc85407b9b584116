"""The command line of `sealwright`: options → one command → exit status."""

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sealwright_cli import process
from sealwright_cli.certificates.cache import cache_folder
from sealwright_cli.certificates.request import CertificateRequest, check_kubeconfig
from sealwright_cli.commands.cert import CertFetchOptions, CertShowOptions, fetch, show
from sealwright_cli.commands.raw import RawOptions, raw
from sealwright_cli.commands.seal import SealOptions, seal
from sealwright_cli.examples import EXAMPLES
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.options import (
    AllowEmpty,
    CertificateArgument,
    CertificateOption,
    FormOption,
    FromFile,
    Inputs,
    Namespace,
    NewName,
    NoHints,
    NoKeyAnnotation,
    OneInput,
    OneTree,
    Output,
    OutputElsewhere,
    PrivateKeys,
    Quiet,
    RawName,
    RawNamespace,
    RawScope,
    ScopeOption,
    SealedNamespace,
    ToTerminal,
    takes_certificate,
    takes_cluster_certificate,
    takes_controller,
)
from sealwright_cli.process import console
from sealwright_cli.usage import SETTINGS, WHAT, WHERE, Command, Group, usage_error
from sealwright_crypto import Scope, __version__
from sealwright_manifests.text.documents import Form

_NOTHING_TO_SHOW = "no certificate: give its file or URL, or a kubeconfig so that it can be fetched"
_NOTHING_TO_ASK = "no cluster: give a kubeconfig, so that the certificate can be fetched"

# Help without rich (it takes 100 ms to import), tracebacks without local variables (they may be secrets).
app = typer.Typer(
    name="sealwright",
    cls=Group,
    epilog=EXAMPLES[""],
    context_settings=SETTINGS,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
cert_app = typer.Typer(cls=Group, epilog=EXAMPLES["cert"], rich_markup_mode=None)
app.add_typer(cert_app, name="cert")


@app.callback(invoke_without_command=True, epilog=EXAMPLES[""])
def sealwright(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Encrypt Kubernetes Secrets so that they can be kept in Git: only the cluster can decrypt them."""
    if version:
        typer.echo(f"sealwright version: v{__version__}")
        raise typer.Exit
    _check_command(context)


@app.command("seal", cls=Command, epilog=EXAMPLES["seal"])
@takes_certificate
def seal_command(
    *,
    request: CertificateRequest,
    inputs: Inputs = None,
    cert: CertificateOption = None,
    scope: ScopeOption = None,
    namespace: Namespace = "",
    name: NewName = "",
    allow_empty: AllowEmpty = False,
    no_key_annotation: NoKeyAnnotation = False,
    no_hints: NoHints = False,
    form: FormOption = None,
    output: Output = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Replace each file with its result.", rich_help_panel=WHERE)
    ] = False,
    output_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Write each file's result to this folder, by the same name.", rich_help_panel=WHERE
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Turn Secrets into SealedSecrets.

    Reads files, all manifests in folders, or standard input (default, or -): YAML and JSON, with several documents
    and Lists. Other objects stay as they are. The result is printed unless --output, --in-place or --output-dir says
    where to write it.
    """
    options = SealOptions(
        inputs=inputs or (),
        certificate=_request(request, cert),
        scope=scope,
        namespace=namespace,
        name=name,
        form=form,
        output=output,
        in_place=in_place,
        output_dir=output_dir,
        allow_empty=allow_empty,
        hints=not (no_key_annotation or no_hints),
    )
    raise typer.Exit(seal(options, console(quiet=quiet), now=datetime.now(UTC), clock=time.monotonic))


@app.command("raw", cls=Command, epilog=EXAMPLES["raw"])
@takes_certificate
def raw_command(
    *,
    request: CertificateRequest,
    cert: CertificateOption = None,
    scope: RawScope = Scope.STRICT,
    namespace: RawNamespace = "",
    name: RawName = "",
    from_file: FromFile = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Seal one value and print its ciphertext.

    Reads the value from standard input, byte for byte (use printf, not echo); on a terminal it prompts without echo.
    """
    options = RawOptions(
        certificate=_request(request, cert),
        scope=scope,
        namespace=namespace,
        name=name,
        from_file=from_file,
        output=output,
    )
    raise typer.Exit(raw(options, console(quiet=quiet), now=datetime.now(UTC)))


@app.command("unseal", cls=Command, epilog=EXAMPLES["unseal"])
def unseal_command(
    *,
    inputs: Inputs = None,
    key: PrivateKeys = None,
    namespace: SealedNamespace = "",
    form: FormOption = None,
    output: Output = None,
    to_terminal: ToTerminal = False,
    quiet: Quiet = False,
) -> None:
    """Recover Secrets from SealedSecrets with private keys.

    For disaster recovery: needs a backup of the cluster's private keys. Reads files, all manifests in folders, or
    standard input (default, or -). Only its owner can read the file that --output makes.
    """
    from sealwright_cli.commands.unseal import UnsealOptions, unseal  # noqa: PLC0415 - only it needs templates

    options = UnsealOptions(
        keys=key or (),
        inputs=inputs or (),
        namespace=namespace,
        form=form,
        output=output,
        to_terminal=to_terminal,
    )
    raise typer.Exit(unseal(options, console(quiet=quiet)))


@app.command("merge", cls=Command, epilog=EXAMPLES["merge"])
@takes_certificate
def merge_command(
    *,
    request: CertificateRequest,
    target: Annotated[Path, typer.Argument(metavar="TARGET", hidden=True)],
    source: OneInput = "-",
    cert: CertificateOption = None,
    namespace: SealedNamespace = "",
    allow_empty: AllowEmpty = False,
    no_key_annotation: NoKeyAnnotation = False,
    no_hints: NoHints = False,
    form: FormOption = None,
    output: OutputElsewhere = None,
    quiet: Quiet = False,
) -> None:
    """Add or replace items of a SealedSecret.

    Seals the items of the Secret in FILE (default: standard input) into the SealedSecret in TARGET, for the name,
    namespace and scope of the SealedSecret; a Secret of another namespace is an error, one of another name a warning.
    Everything else in TARGET stays as it is, comments and other ciphertexts included.
    """
    from sealwright_cli.commands.merge import MergeOptions, merge  # noqa: PLC0415 - each run needs one command

    options = MergeOptions(
        target=target,
        input=source,
        certificate=_request(request, cert),
        namespace=namespace,
        output=output,
        form=form,
        allow_empty=allow_empty,
        hints=not (no_key_annotation or no_hints),
    )
    raise typer.Exit(merge(options, console(quiet=quiet), now=datetime.now(UTC)))


@app.command("verify", cls=Command, epilog=EXAMPLES["verify"])
@takes_controller
def verify_command(
    *, request: CertificateRequest, inputs: Inputs = None, namespace: SealedNamespace = "", quiet: Quiet = False
) -> None:
    """Check SealedSecrets in files and with the controller.

    Checks the files first, then asks the controller whether it can decrypt what is in them. Reads files, all manifests
    in folders, or standard input (default, or -). No value is ever shown.
    """
    from sealwright_cli.commands.verify import VerifyOptions, verify  # noqa: PLC0415 - as above

    request = _request(request, None)
    options = VerifyOptions(inputs or (), request.cluster, request.controller, request.surroundings, namespace)
    raise typer.Exit(verify(options, console(quiet=quiet)))


@app.command("reencrypt", cls=Command, epilog=EXAMPLES["reencrypt"])
@takes_certificate
def reencrypt_command(
    *,
    request: CertificateRequest,
    file: OneTree = "-",
    key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Re-encrypt offline: decrypt with these private keys, encrypt to --cert. May be repeated.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="With --key, also encrypt again what is encrypted to the key of --cert already.",
            rich_help_panel=WHAT,
        ),
    ] = False,
    namespace: SealedNamespace = "",
    cert: CertificateOption = None,
    form: FormOption = None,
    output: OutputElsewhere = None,
    quiet: Quiet = False,
) -> None:
    """Encrypt the items of SealedSecrets to the newest key.

    The controller does it, and shows no value; with --key it is done here, without a cluster. Rewrites FILE, or each
    file with a SealedSecret in FOLDER; only ciphertexts change in it, but the deprecated spec.data becomes
    encryptedData. Default: from standard input to standard output.
    """
    from sealwright_cli.commands.reencrypt import ReencryptOptions, reencrypt  # noqa: PLC0415 - as above

    options = ReencryptOptions(file, key or (), _request(request, cert), output, form, namespace, force)
    raise typer.Exit(reencrypt(options, console(quiet=quiet), now=datetime.now(UTC)))


@app.command("render", cls=Command, epilog=EXAMPLES["render"])
def render_command(
    *,
    file: OneTree = "-",
    values: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="KEY=VALUE", help="Value of an item. May be repeated.", rich_help_panel=WHAT),
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option(
            "--with-file",
            metavar="KEY=PATH",
            help="Value of an item, read from a file. May be repeated.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    key: PrivateKeys = None,
    namespace: SealedNamespace = "",
    only: Annotated[
        str,
        typer.Option(
            metavar="KEY", help="Print the result of this template only.", show_default=False, rich_help_panel=WHERE
        ),
    ] = "",
    output: Output = None,
    to_terminal: ToTerminal = False,
    quiet: Quiet = False,
) -> None:
    """Preview what the templates of SealedSecrets make.

    Reads a file, all manifests in a folder, or standard input. Items without a value appear as <KEY>. Given a Secret,
    items that contain {{ are previewed as templates; sealing does not make them templates. Needs no cluster and no key.
    """
    from sealwright_cli.commands.render import RenderOptions, render_templates  # noqa: PLC0415 - as above

    options = RenderOptions(file, values or (), files or (), key or (), only, output, to_terminal, namespace)
    raise typer.Exit(render_templates(options, console(quiet=quiet)))


@cert_app.callback(invoke_without_command=True, epilog=EXAMPLES["cert"])
def cert(context: typer.Context) -> None:
    """Fetch the controller's certificate, or show one."""
    _check_command(context)


@cert_app.command("show", cls=Command, epilog=EXAMPLES["cert show"])
@takes_certificate
def cert_show_command(
    *,
    request: CertificateRequest,
    source: CertificateArgument = None,
    form: Annotated[
        Form | None,
        typer.Option(
            "--format",
            "-o",
            metavar="yaml|json",
            help="Machine-readable output.",
            show_default=False,
            rich_help_panel=WHERE,
        ),
    ] = None,
) -> None:
    """Show a certificate: fingerprint, size, age and validity.

    Default: the certificate that SEALWRIGHT_CERT names, else the controller's.
    """
    options = CertShowOptions(replace(_request(request, source, "argument 1"), missing=_NOTHING_TO_SHOW), form)
    raise typer.Exit(show(options, console(), now=datetime.now(UTC)))


@cert_app.command("fetch", cls=Command, epilog=EXAMPLES["cert fetch"])
@takes_cluster_certificate
def cert_fetch_command(*, request: CertificateRequest, output: Output = None) -> None:
    """Save the controller's certificate, for later use with --cert.

    Asks through the API server's service proxy; if that is not allowed or fails, through a port-forward to a pod of
    the controller; then reads the Secrets of its keys, and only the certificate in them.
    """
    options = CertFetchOptions(replace(_request(request, None), missing=_NOTHING_TO_ASK), output)
    raise typer.Exit(fetch(options, console(), now=datetime.now(UTC)))


def main() -> None:
    """Run the command line."""
    process.run(_run)


def _run() -> None:
    try:
        status = app(prog_name="sealwright", standalone_mode=False)
    except typer.TyperException as error:
        raise usage_error(error, sys.argv[1:], EXAMPLES) from None
    sys.exit(status)


def _check_command(context: typer.Context) -> None:
    """Show the help when the subcommand of a command group is missing."""
    if context.invoked_subcommand is None:
        for line in context.get_help().splitlines():
            console().tell(line)
        raise typer.Exit(ExitStatus.USAGE)


def _request(
    request: CertificateRequest, source: str | None, called: str = "the file that --cert names"
) -> CertificateRequest:
    """Add what the options do not say: the source, and the values from the environment."""
    check_kubeconfig(request.cluster)
    surroundings = process.surroundings()
    cache = cache_folder(surroundings.environ, surroundings.home)
    if source == surroundings.environ.get("SEALWRIGHT_CERT"):
        called = "the file that SEALWRIGHT_CERT names"
    return replace(request, source=source, surroundings=surroundings, cache=cache, called=called)
