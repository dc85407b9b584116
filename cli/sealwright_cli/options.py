"""The options that several commands share, as Typer's annotated types; the commands decide what they mean.

Many options choose a certificate: `takes_certificate` adds them all to a command. kubectl's rarer options are hidden
from the help to keep it short, and listed in docs/reference/sealwright.md.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.naming import check_name, check_namespace
from sealwright_cli.usage import CERTIFICATE, CLUSTER, WHAT, WHERE
from sealwright_conventions.kubeconfig.choosing import ClusterFlags
from sealwright_crypto import Scope
from sealwright_manifests.text.documents import Form

SCOPES = "strict|namespace-wide|cluster-wide"

# Hidden from the help's list of arguments, where Typer would show the Python type; the descriptions mention it.
Inputs = Annotated[list[str] | None, typer.Argument(metavar="[FILE|FOLDER]...", hidden=True)]
OneInput = Annotated[str, typer.Argument(metavar="[FILE]", hidden=True)]
OneTree = Annotated[str, typer.Argument(metavar="[FILE|FOLDER]", hidden=True)]
CertificateOption = Annotated[
    str | None,
    typer.Option(
        "--cert",
        metavar="FILE|URL",
        envvar="SEALWRIGHT_CERT",
        help="Certificate to seal with (file or URL). Default: fetched from the controller.",
        rich_help_panel=CERTIFICATE,
    ),
]
CertificateArgument = Annotated[str | None, typer.Argument(metavar="[FILE|URL]", envvar="SEALWRIGHT_CERT", hidden=True)]
ScopeOption = Annotated[
    Scope | None,
    typer.Option(
        metavar=SCOPES,
        help="Where the ciphertexts can be decrypted. Default: as the Secret's annotations say, else strict.",
        rich_help_panel=WHAT,
    ),
]
Namespace = Annotated[
    str,
    typer.Option(
        "--namespace",
        "-n",
        metavar="NAME",
        callback=check_namespace,
        help="Namespace for Secrets without metadata.namespace; another one in the file is an error.",
        show_default=False,
        rich_help_panel=WHAT,
    ),
]
SealedNamespace = Annotated[
    str,
    typer.Option(
        "--namespace",
        "-n",
        metavar="NAME",
        callback=check_namespace,
        help="Namespace for SealedSecrets without metadata.namespace; another one in the file is an error.",
        show_default=False,
        rich_help_panel=WHAT,
    ),
]
RawScope = Annotated[
    Scope, typer.Option(metavar=SCOPES, help="Where the ciphertext can be decrypted.", rich_help_panel=WHAT)
]
RawNamespace = Annotated[
    str,
    typer.Option(
        "--namespace",
        "-n",
        metavar="NAME",
        callback=check_namespace,
        help="Namespace of the SealedSecret.",
        show_default=False,
        rich_help_panel=WHAT,
    ),
]
RawName = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        callback=check_name,
        help="Name of the SealedSecret.",
        show_default=False,
        rich_help_panel=WHAT,
    ),
]
NewName = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        callback=check_name,
        help="Name to use instead of the Secret's.",
        show_default=False,
        rich_help_panel=WHAT,
    ),
]
FromFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Read the value from this file, byte for byte.", rich_help_panel=WHAT),
]
PrivateKeys = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="Private keys to decrypt with: PEM, DER, a key Secret or a list of them. May be repeated.",
        rich_help_panel=WHAT,
    ),
]
AllowEmpty = Annotated[bool, typer.Option("--allow-empty", help="Accept Secrets without data.", rich_help_panel=WHAT)]
FormOption = Annotated[
    Form | None,
    typer.Option(
        "--format",
        "-o",
        metavar="yaml|json",
        help="Output format. Default: as the input.",
        show_default=False,
        rich_help_panel=WHERE,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-w",
        metavar="FILE",
        help="Write the result to this file. Default: standard output.",
        show_default=False,
        rich_help_panel=WHERE,
    ),
]
OutputElsewhere = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-w",
        metavar="FILE",
        help="Write the result to this file and leave the old one as it is.",
        show_default=False,
        rich_help_panel=WHERE,
    ),
]
NoKeyAnnotation = Annotated[
    bool,
    typer.Option(
        "--no-key-annotation",
        help="Do not write the annotation sealwright.dev/key-fingerprints.",
        rich_help_panel=WHAT,
    ),
]
NoHints = Annotated[bool, typer.Option("--no-hints", help="The old name of --no-key-annotation.", hidden=True)]
ToTerminal = Annotated[
    bool, typer.Option("--to-terminal", help="Allow secrets to be printed to a terminal.", rich_help_panel=WHERE)
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show errors only.")]

_DEFAULT = ControllerAddress()
_OF_DOUBTFUL_ONES = ("insecure_http", "allow_weak_certificate")


def _shown(name: str, metavar: str, help_text: str, group: str = CLUSTER, **more: Any) -> Any:
    return typer.Option(name, metavar=metavar, help=help_text, show_default=False, rich_help_panel=group, **more)


def _flag(name: str, help_text: str) -> Any:
    return typer.Option(name, help=help_text, rich_help_panel=CERTIFICATE)


def _of_kubectl(name: str, metavar: str, help_text: str) -> Any:
    return typer.Option(name, metavar=metavar, help=help_text, show_default=False, hidden=True)


def certificate_request(
    *,
    cert_fingerprint: Annotated[
        list[str] | None,
        _shown(
            "--cert-fingerprint",
            "HEX",
            "Accept only a certificate with this fingerprint (32 to 64 digits of it). May be repeated.",
            CERTIFICATE,
            envvar="SEALWRIGHT_CERT_FINGERPRINT",
        ),
    ] = None,
    offline: Annotated[bool, _flag("--offline", "Use the cached certificate; do not contact the cluster.")] = False,
    offline_ok: Annotated[
        bool, _flag("--offline-ok", "Fall back to the cached certificate if the cluster cannot be reached.")
    ] = False,
    insecure_http: Annotated[
        bool, _flag("--insecure-http", "Accept a certificate over http:// without --cert-fingerprint.")
    ] = False,
    allow_weak_certificate: Annotated[
        bool, _flag("--allow-weak-certificate", "Accept a certificate that is weak or not valid yet.")
    ] = False,
    kubeconfig: Annotated[str, _shown("--kubeconfig", "FILE", "Kubeconfig file. Default: the same as kubectl.")] = "",
    context: Annotated[
        str, _shown("--context", "NAME", "Context of the kubeconfig. Default: its current context.")
    ] = "",
    controller_name: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the controller's Service.", rich_help_panel=CLUSTER)
    ] = _DEFAULT.name,
    controller_namespace: Annotated[
        str, typer.Option(metavar="NAME", help="Namespace of the controller.", rich_help_panel=CLUSTER)
    ] = _DEFAULT.namespace,
    request_timeout: Annotated[
        str, _shown("--request-timeout", "DURATION", "How long to wait for the cluster's answer: 30, 30s, 1m.")
    ] = "0",
    cluster: Annotated[str, _of_kubectl("--cluster", "NAME", "Cluster of the kubeconfig.")] = "",
    user: Annotated[str, _of_kubectl("--user", "NAME", "User of the kubeconfig.")] = "",
    server: Annotated[str, _of_kubectl("--server", "URL", "URL of the API server.")] = "",
    token: Annotated[str, _of_kubectl("--token", "TOKEN", "Bearer token.")] = "",
    username: Annotated[str, _of_kubectl("--username", "NAME", "User name for basic authentication.")] = "",
    password: Annotated[str, _of_kubectl("--password", "PASSWORD", "Password for basic authentication.")] = "",
    impersonate_user: Annotated[str, _of_kubectl("--as", "NAME", "User to act as.")] = "",
    impersonate_groups: Annotated[
        list[str] | None, _of_kubectl("--as-group", "NAME", "Group to act as. May be repeated.")
    ] = None,
    impersonate_uid: Annotated[str, _of_kubectl("--as-uid", "UID", "UID to act as.")] = "",
    certificate_authority: Annotated[
        str, _of_kubectl("--certificate-authority", "FILE", "Certificate authority of the API server.")
    ] = "",
    client_certificate: Annotated[str, _of_kubectl("--client-certificate", "FILE", "Client certificate.")] = "",
    client_key: Annotated[str, _of_kubectl("--client-key", "FILE", "Private key of --client-certificate.")] = "",
    insecure_skip_tls_verify: Annotated[
        bool,
        typer.Option(
            "--insecure-skip-tls-verify", help="Do not check the API server's certificate: unsafe.", hidden=True
        ),
    ] = False,
    tls_server_name: Annotated[
        str, _of_kubectl("--tls-server-name", "NAME", "Name in the API server's certificate.")
    ] = "",
    proxy_url: Annotated[str, _of_kubectl("--proxy-url", "URL", "Proxy in front of the API server.")] = "",
    disable_compression: Annotated[
        bool,
        typer.Option("--disable-compression", help="Accepted for compatibility with kubectl, no effect.", hidden=True),
    ] = False,
) -> CertificateRequest:
    """Return the certificate options, without the source and the values from the environment."""
    flags = ClusterFlags(
        kubeconfig=kubeconfig,
        context=context,
        cluster=cluster,
        user=user,
        server=server,
        token=token,
        impersonate_user=impersonate_user,
        impersonate_groups=tuple(impersonate_groups or ()),
        impersonate_uid=impersonate_uid,
        certificate_authority=certificate_authority,
        client_certificate=client_certificate,
        client_key=client_key,
        insecure_skip_tls_verify=insecure_skip_tls_verify,
        tls_server_name=tls_server_name,
        request_timeout=request_timeout,
        username=username,
        password=password,
        proxy_url=proxy_url,
        disable_compression=disable_compression,
    )
    return CertificateRequest(
        pins=tuple(cert_fingerprint or ()),
        offline=offline,
        offline_ok=offline_ok,
        cluster=flags,
        controller=ControllerAddress(controller_namespace, controller_name),
        allow_weak=allow_weak_certificate,
        insecure_http=insecure_http,
    )


def takes_certificate(command: Callable[..., None]) -> Callable[..., None]:
    """Replace a command's parameter `request` by the options of `certificate_request`; it receives their result."""
    return _with_request(command, inspect.signature(certificate_request).parameters)


def takes_cluster_certificate(command: Callable[..., None]) -> Callable[..., None]:
    """The same, without options that are useless for a command that takes the cluster's certificate as it is."""
    shared = inspect.signature(certificate_request).parameters
    return _with_request(command, {name: one for name, one in shared.items() if name not in _OF_DOUBTFUL_ONES})


def takes_controller(command: Callable[..., None]) -> Callable[..., None]:
    """The same, with only the options that choose the controller, for a command that seals to no certificate."""
    shared = inspect.signature(certificate_request).parameters
    of_certificates = ("cert_fingerprint", "offline", "offline_ok", *_OF_DOUBTFUL_ONES)
    return _with_request(command, {name: one for name, one in shared.items() if name not in of_certificates})


def _with_request(command: Callable[..., None], shared: Mapping[str, inspect.Parameter]) -> Callable[..., None]:
    """Return the command with these options after its own.

    Typer reads options from a function's signature only, so a new signature is made.
    """
    own = {name: one for name, one in inspect.signature(command).parameters.items() if name != "request"}

    @functools.wraps(command)
    def run(**given: Any) -> None:
        request = certificate_request(**{name: given.pop(name) for name in shared})
        command(request=request, **given)

    parameters = [*own.values(), *shared.values()]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it, mypy does not know
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run
