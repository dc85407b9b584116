"""The command line of `sealwright`: options → one command → exit status. The only module that reads the environment."""

import io
import os
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sealwright_cli.certcache import cache_folder
from sealwright_cli.certificates import CertificateRequest
from sealwright_cli.commands.cert import CertFetchOptions, CertShowOptions, fetch, show
from sealwright_cli.commands.raw import RawOptions, raw
from sealwright_cli.commands.seal import SealOptions, seal
from sealwright_cli.documents import Form
from sealwright_cli.errors import CliError, OutputClosedError
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.kubeconfig import Surroundings
from sealwright_cli.options import (
    SCOPES,
    CertificateArgument,
    CertificateOption,
    FormOption,
    Inputs,
    Namespace,
    Output,
    Quiet,
    ScopeOption,
    takes_certificate,
)
from sealwright_cli.ui import Console
from sealwright_crypto import Scope, __version__

# Help without rich (it takes 100 ms to import), tracebacks without local variables (they may be secrets).
app = typer.Typer(name="sealwright", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
cert_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Fetch sealing certificates and look at them.")
app.add_typer(cert_app, name="cert")


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
    raise typer.Exit(seal(options, _console(quiet=quiet), now=datetime.now(UTC), clock=time.monotonic))


@app.command("raw")
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
    quiet: Quiet = False,
) -> None:
    """Seal one value and print its ciphertext.

    The value is read from standard input as it is, a last line break included; on a terminal it is asked for and not
    shown.
    """
    options = RawOptions(
        certificate=_request(request, cert), scope=scope, namespace=namespace, name=name, from_file=from_file
    )
    raise typer.Exit(raw(options, _console(quiet=quiet), now=datetime.now(UTC)))


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
    raise typer.Exit(unseal(options, _console(quiet=quiet)))


@cert_app.callback()
def cert() -> None:
    """Fetch sealing certificates and look at them."""


@cert_app.command("show")
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
    raise typer.Exit(show(options, _console(quiet=False), now=datetime.now(UTC)))


@cert_app.command("fetch")
@takes_certificate
def cert_fetch_command(*, request: CertificateRequest, output: Output = None) -> None:
    """Print the certificate of the controller in the cluster, to be kept in a file and sealed to with --cert.

    It is asked for through the API server's service proxy; where that is not allowed or fails, by a port-forward to
    one of the controller's pods, then from the Secrets of its keys, of which only the certificate is read.
    """
    options = CertFetchOptions(_request(request, None), output)
    raise typer.Exit(fetch(options, _console(quiet=False), now=datetime.now(UTC)))


def main() -> None:
    """Run the command line; every expected error becomes a message, a hint and an exit status."""
    _unwind_when_told_to_stop()
    try:
        app(prog_name="sealwright")
    except CliError as error:
        _drop_stdout()
        if not isinstance(error, OutputClosedError):
            _console(quiet=False).error(error)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(ExitStatus.INTERRUPTED)


def _unwind_when_told_to_stop() -> None:
    """Make SIGTERM and a closed terminal end the run as Ctrl-C does: with what was begun cleaned up."""

    def stop(number: int, _: object) -> None:
        sys.exit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), stop)


def _request(request: CertificateRequest, source: str | None) -> CertificateRequest:
    """Add what the options do not say: the source, and what the environment tells."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() fails where there is none
    return replace(
        request,
        source=source,
        surroundings=Surroundings(os.environ, home),
        cache=cache_folder(os.environ, home),
    )


def _console(*, quiet: bool) -> Console:
    # A stream that was closed before the start (<&-, >&-, 2>&-) is None.
    stdin = sys.stdin.buffer if sys.stdin else io.BytesIO()
    stdout = sys.stdout.buffer if sys.stdout else _closed()
    return Console(stdin, stdout, sys.stderr or io.StringIO(), _ask, quiet)


def _closed() -> io.BytesIO:
    stream = io.BytesIO()
    stream.close()
    return stream


def _ask(prompt: str) -> str:
    import getpass  # noqa: PLC0415 - only people at a terminal wait for it

    return getpass.getpass(prompt)


def _drop_stdout() -> None:
    """Keep Python from writing what is left of a failed output once more at its end, and from complaining then."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return
