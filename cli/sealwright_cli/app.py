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
from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.cert import CertFetchOptions, CertShowOptions, fetch, show
from sealwright_cli.commands.raw import RawOptions, raw
from sealwright_cli.commands.seal import SealOptions, seal
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.options import (
    SCOPES,
    CertificateArgument,
    CertificateOption,
    FormOption,
    Inputs,
    Namespace,
    NoHints,
    OneInput,
    Output,
    Quiet,
    ScopeOption,
    ToTerminal,
    takes_certificate,
    takes_cluster_certificate,
    takes_controller,
)
from sealwright_cli.process import console
from sealwright_cli.usage import Command, usage_error
from sealwright_crypto import Scope, __version__
from sealwright_manifests.text.documents import Form

# Help without rich (it takes 100 ms to import), tracebacks without local variables (they may be secrets).
app = typer.Typer(name="sealwright", rich_markup_mode=None, pretty_exceptions_enable=False)
cert_app = typer.Typer(rich_markup_mode=None, help="Fetch sealing certificates and look at them.")
app.add_typer(cert_app, name="cert")


@app.callback(invoke_without_command=True)
def sealwright(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Keep Kubernetes Secrets in Git: seal them to the cluster's public key, let only the cluster open them."""
    if version:
        typer.echo(f"sealwright version: v{__version__}")
        raise typer.Exit
    _check_command(context)


@app.command("seal", cls=Command)
@takes_certificate
def seal_command(
    *,
    request: CertificateRequest,
    inputs: Inputs = None,
    cert: CertificateOption = None,
    scope: ScopeOption = None,
    namespace: Namespace = "",
    name: Annotated[
        str, typer.Option(metavar="NAME", help="The name, in place of the Secret's own.", show_default=False)
    ] = "",
    form: FormOption = None,
    output: Output = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Replace each file by its sealed form.")] = False,
    output_dir: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write each file's sealed form below this folder, under the same name."),
    ] = None,
    allow_empty: Annotated[bool, typer.Option("--allow-empty", help="Seal Secrets without data too.")] = False,
    no_hints: NoHints = False,
    quiet: Quiet = False,
) -> None:
    """Turn Secrets into SealedSecrets.

    Reads files, all manifests of folders, or (nothing, or -) standard input: YAML and JSON, many documents, Lists.
    Whatever is no Secret passes through as it is. Without --output, --in-place or --output-dir the result is printed.
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
        hints=not no_hints,
    )
    raise typer.Exit(seal(options, console(quiet=quiet), now=datetime.now(UTC), clock=time.monotonic))


@app.command("raw", cls=Command)
@takes_certificate
def raw_command(
    *,
    request: CertificateRequest,
    cert: CertificateOption = None,
    scope: Annotated[Scope, typer.Option(metavar=SCOPES, help="Where the ciphertext may be used.")] = Scope.STRICT,
    namespace: Annotated[
        str, typer.Option("--namespace", "-n", metavar="NAME", help="The namespace to seal for.", show_default=False)
    ] = "",
    name: Annotated[
        str, typer.Option(metavar="NAME", help="The name of the SealedSecret to seal for.", show_default=False)
    ] = "",
    from_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the value from a file, byte for byte.")
    ] = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Seal one value and print its ciphertext.

    The value is read from standard input as it is, a last line break included; on a terminal it is asked for and not
    shown.
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


@app.command("unseal", cls=Command)
def unseal_command(
    *,
    inputs: Inputs = None,
    key: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Private keys: PEM, a key Secret, a List of them. May be repeated."),
    ] = None,
    form: FormOption = None,
    output: Output = None,
    to_terminal: ToTerminal = False,
    quiet: Quiet = False,
) -> None:
    """Recover Secrets from SealedSecrets with the cluster's private keys.

    For the day on which the cluster is gone and the backup of its keys is there. Reads files, all manifests of
    folders, or (nothing, or -) standard input. The file of --output can be read by its owner only.
    """
    from sealwright_cli.commands.unseal import UnsealOptions, unseal  # noqa: PLC0415 - others need no templates

    options = UnsealOptions(keys=key or (), inputs=inputs or (), form=form, output=output, to_terminal=to_terminal)
    raise typer.Exit(unseal(options, console(quiet=quiet)))


@app.command("merge", cls=Command)
@takes_certificate
def merge_command(
    *,
    request: CertificateRequest,
    target: Annotated[Path, typer.Argument(metavar="TARGET", hidden=True)],
    source: OneInput = "-",
    cert: CertificateOption = None,
    form: FormOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-w", metavar="FILE", help="Write the result here; TARGET stays.")
    ] = None,
    allow_empty: Annotated[bool, typer.Option("--allow-empty", help="Merge a Secret without data too.")] = False,
    no_hints: NoHints = False,
    quiet: Quiet = False,
) -> None:
    """Merge the items of a Secret into the SealedSecret in a file.

    TARGET is the file with the SealedSecret, FILE the one with the Secret; without, that is standard input.

    Items are sealed under the name, namespace and scope of the SealedSecret, whatever the Secret is called. Everything
    else in the file, comments and the other ciphertexts included, stays as it is.
    """
    from sealwright_cli.commands.merge import MergeOptions, merge  # noqa: PLC0415 - each call needs one command

    options = MergeOptions(
        target=target,
        input=source,
        certificate=_request(request, cert),
        output=output,
        form=form,
        allow_empty=allow_empty,
        hints=not no_hints,
    )
    raise typer.Exit(merge(options, console(quiet=quiet), now=datetime.now(UTC)))


@app.command("verify", cls=Command)
@takes_controller
def verify_command(*, request: CertificateRequest, inputs: Inputs = None, quiet: Quiet = False) -> None:
    """Ask the controller whether it can unseal SealedSecrets.

    Reads files, all manifests of folders, or (nothing, or -) standard input. No value is shown, to nobody.
    """
    from sealwright_cli.commands.verify import VerifyOptions, verify  # noqa: PLC0415 - as above

    request = _request(request, None)
    options = VerifyOptions(inputs or (), request.cluster, request.controller, request.surroundings)
    raise typer.Exit(verify(options, console(quiet=quiet)))


@app.command("reencrypt", cls=Command)
@takes_certificate
def reencrypt_command(
    *,
    request: CertificateRequest,
    file: OneInput = "-",
    key: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Do it here, with these private keys, to --cert. May be repeated."),
    ] = None,
    cert: CertificateOption = None,
    form: FormOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-w", metavar="FILE", help="Write the result here; FILE stays.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Seal the items of SealedSecrets again, to the newest key.

    The controller does it, and nobody gets to see a value; with --key it is done here, without a cluster. FILE is
    rewritten, and everything in it but the ciphertexts stays as it is; without, standard input is read.
    """
    from sealwright_cli.commands.reencrypt import ReencryptOptions, reencrypt  # noqa: PLC0415 - as above

    options = ReencryptOptions(file, key or (), _request(request, cert), output, form)
    raise typer.Exit(reencrypt(options, console(quiet=quiet), now=datetime.now(UTC)))


@app.command("render", cls=Command)
def render_command(
    *,
    file: OneInput = "-",
    values: Annotated[
        list[str] | None, typer.Option("--with", metavar="KEY=VALUE", help="The value of an item. May be repeated.")
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option("--with-file", metavar="KEY=PATH", help="The value of an item, from a file. May be repeated."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Open the items with these private keys. May be repeated."),
    ] = None,
    only: Annotated[
        str, typer.Option(metavar="KEY", help="Print the value of this key alone.", show_default=False)
    ] = "",
    output: Output = None,
    to_terminal: ToTerminal = False,
    quiet: Quiet = False,
) -> None:
    """Show what the templates of SealedSecrets will make, before they are deployed.

    Reads FILE; without, standard input. Items that are not given stand there as <KEY>. Of a Secret, the items that
    hold {{ are taken for templates. Neither a cluster nor a key is needed.
    """
    from sealwright_cli.commands.render import RenderOptions, render_templates  # noqa: PLC0415 - as above

    options = RenderOptions(file, values or (), files or (), key or (), only, output, to_terminal)
    raise typer.Exit(render_templates(options, console(quiet=quiet)))


@cert_app.callback(invoke_without_command=True)
def cert(context: typer.Context) -> None:
    """Fetch sealing certificates and look at them."""
    _check_command(context)


@cert_app.command("show", cls=Command)
@takes_certificate
def cert_show_command(
    *,
    request: CertificateRequest,
    source: CertificateArgument = None,
    form: Annotated[
        Form | None,
        typer.Option(
            "--format", "-o", metavar="yaml|json", help="Print for programs, not for people.", show_default=False
        ),
    ] = None,
) -> None:
    """Show a certificate's subject, fingerprint, size and age, and whether it has expired.

    Without FILE or URL, the certificate is the one that SEALWRIGHT_CERT names, else the controller's.
    """
    options = CertShowOptions(_request(request, source), form)
    raise typer.Exit(show(options, console(), now=datetime.now(UTC)))


@cert_app.command("fetch", cls=Command)
@takes_cluster_certificate
def cert_fetch_command(*, request: CertificateRequest, output: Output = None) -> None:
    """Print the certificate of the controller in the cluster, to be kept in a file and sealed to with --cert.

    It is asked for through the API server's service proxy; where that is not allowed or fails, by a port-forward to
    one of the controller's pods, then from the Secrets of its keys, of which only the certificate is read.
    """
    options = CertFetchOptions(_request(request, None), output)
    raise typer.Exit(fetch(options, console(), now=datetime.now(UTC)))


def main() -> None:
    """Run the command line."""
    process.run(_run)


def _run() -> None:
    try:
        status = app(prog_name="sealwright", standalone_mode=False)
    except typer.TyperException as error:
        raise usage_error(error, sys.argv[1:]) from None
    sys.exit(status)


def _check_command(context: typer.Context) -> None:
    """Show the help when a command is missing behind a name that stands for several."""
    if context.invoked_subcommand is None:
        for line in context.get_help().splitlines():
            console().tell(line)
        raise typer.Exit(ExitStatus.USAGE)


def _request(request: CertificateRequest, source: str | None) -> CertificateRequest:
    """Add what the options do not say: the source, and what the environment tells."""
    surroundings = process.surroundings()
    cache = cache_folder(surroundings.environ, surroundings.home)
    return replace(request, source=source, surroundings=surroundings, cache=cache)
