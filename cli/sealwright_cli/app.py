"""The command line of `sealwright`: options → one command → exit status. The only module that reads the environment."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sealwright_cli import process
from sealwright_cli.certificates import CertificateRequest
from sealwright_cli.commands.cert import CertShowOptions, show
from sealwright_cli.commands.raw import RawOptions, raw
from sealwright_cli.commands.seal import SealOptions, seal
from sealwright_cli.documents import Form
from sealwright_cli.process import console
from sealwright_crypto import Scope, __version__

# Help without rich (it takes 100 ms to import), tracebacks without local variables (they may be secrets).
app = typer.Typer(name="sealwright", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
cert_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at sealing certificates.")
app.add_typer(cert_app, name="cert")

_SCOPES = "strict|namespace-wide|cluster-wide"

# Hidden from the help's list of arguments, where Typer would show its Python type; the descriptions tell of it.
Inputs = Annotated[list[str] | None, typer.Argument(metavar="FILE|FOLDER", hidden=True)]
Certificate = Annotated[
    str | None,
    typer.Option("--cert", metavar="FILE|URL", envvar="SEALWRIGHT_CERT", help="The certificate to seal to."),
]
ScopeOption = Annotated[
    Scope | None,
    typer.Option(
        metavar=_SCOPES, help="Where the ciphertext may be used; without, the Secret's annotations decide, else strict."
    ),
]
Namespace = Annotated[
    str,
    typer.Option(
        "--namespace", "-n", metavar="NAME", help="The namespace, for Secrets that name none.", show_default=False
    ),
]
FormOption = Annotated[
    Form | None,
    typer.Option(
        "--format", "-o", metavar="yaml|json", help="Write YAML or JSON; without, what was read.", show_default=False
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-w", metavar="FILE", help="Write everything to this file.", show_default=False),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")]


@app.callback(invoke_without_command=True)
def sealwright(
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Keep Kubernetes Secrets in Git: seal them to the cluster's public key, let only the cluster open them."""
    if version:
        typer.echo(f"sealwright version: v{__version__}")
        raise typer.Exit


@app.command("seal")
def seal_command(
    *,
    inputs: Inputs = None,
    cert: Certificate = None,
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
    no_hints: Annotated[
        bool, typer.Option("--no-hints", help="Leave out the annotation that tells the controller which key fits.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Turn Secrets into SealedSecrets.

    Reads files, all manifests of folders, or (nothing, or -) standard input: YAML and JSON, many documents, Lists.
    Whatever is no Secret passes through as it is. Without --output, --in-place or --output-dir the result is printed.
    """
    options = SealOptions(
        inputs=inputs or (),
        certificate=_certificate_request(cert),
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


@app.command("raw")
def raw_command(
    *,
    cert: Certificate = None,
    scope: Annotated[Scope, typer.Option(metavar=_SCOPES, help="Where the ciphertext may be used.")] = Scope.STRICT,
    namespace: Annotated[
        str, typer.Option("--namespace", "-n", metavar="NAME", help="The namespace to seal for.", show_default=False)
    ] = "",
    name: Annotated[
        str, typer.Option(metavar="NAME", help="The name of the SealedSecret to seal for.", show_default=False)
    ] = "",
    from_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the value from a file, byte for byte.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Seal one value and print its ciphertext.

    The value is read from standard input as it is, a last line break included; on a terminal it is asked for and not
    shown.
    """
    options = RawOptions(
        certificate=_certificate_request(cert), scope=scope, namespace=namespace, name=name, from_file=from_file
    )
    raise typer.Exit(raw(options, console(quiet=quiet), now=datetime.now(UTC)))


@app.command("unseal")
def unseal_command(
    *,
    inputs: Inputs = None,
    key: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Private keys: PEM, a key Secret, a List of them. May be repeated."),
    ] = None,
    form: FormOption = None,
    output: Output = None,
    to_terminal: Annotated[
        bool, typer.Option("--to-terminal", help="Allow secrets to be printed to a terminal.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Recover Secrets from SealedSecrets with the cluster's private keys.

    For the day on which the cluster is gone and the backup of its keys is there. Reads files, all manifests of
    folders, or (nothing, or -) standard input. The file of --output can be read by its owner only.
    """
    from sealwright_cli.commands.unseal import UnsealOptions, unseal  # noqa: PLC0415 - others need no templates

    options = UnsealOptions(keys=key or (), inputs=inputs or (), form=form, output=output, to_terminal=to_terminal)
    raise typer.Exit(unseal(options, console(quiet=quiet)))


@cert_app.callback()
def cert() -> None:
    """Look at sealing certificates."""


@cert_app.command("show")
def cert_show_command(
    *,
    source: Annotated[
        str | None,
        typer.Argument(metavar="FILE|URL", envvar="SEALWRIGHT_CERT", hidden=True),
    ] = None,
    form: Annotated[
        Form | None,
        typer.Option(
            "--format", "-o", metavar="yaml|json", help="Print for programs, not for people.", show_default=False
        ),
    ] = None,
) -> None:
    """Show a certificate's subject, fingerprint, size and age, and whether it has expired.

    Without FILE or URL, the certificate is the one that SEALWRIGHT_CERT names.
    """
    options = CertShowOptions(_certificate_request(source), form)
    raise typer.Exit(show(options, console(), now=datetime.now(UTC)))


def main() -> None:
    """Run the command line."""
    process.run(lambda: app(prog_name="sealwright"))


def _certificate_request(source: str | None) -> CertificateRequest:
    return CertificateRequest(source, surroundings=process.surroundings())
