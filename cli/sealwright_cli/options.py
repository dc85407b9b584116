"""The options that several commands share, as Typer's annotated types; what they mean is the commands' business.

Many tell where a certificate comes from: `takes_certificate` gives them all to a command at once, and kubectl's
rarer ones are left out of the help, which would drown in them, and listed in docs/reference/sealwright.md.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.cluster.address import ControllerAddress
from sealwright_conventions.kubeconfig.choosing import ClusterFlags
from sealwright_crypto import Scope
from sealwright_manifests.text.documents import Form

SCOPES = "strict|namespace-wide|cluster-wide"

# Hidden from the help's list of arguments, where Typer would show its Python type; the descriptions tell of it.
Inputs = Annotated[list[str] | None, typer.Argument(metavar="[FILE|FOLDER]...", hidden=True)]
OneInput = Annotated[str, typer.Argument(metavar="[FILE]", hidden=True)]
CertificateOption = Annotated[
    str | None,
    typer.Option(
        "--cert",
        metavar="FILE|URL",
        envvar="SEALWRIGHT_CERT",
        help="The certificate to seal to; without, the controller in the cluster is asked for its own.",
    ),
]
CertificateArgument = Annotated[str | None, typer.Argument(metavar="[FILE|URL]", envvar="SEALWRIGHT_CERT", hidden=True)]
ScopeOption = Annotated[
    Scope | None,
    typer.Option(
        metavar=SCOPES, help="Where the ciphertext may be used; without, the Secret's annotations decide, else strict."
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
NoHints = Annotated[
    bool, typer.Option("--no-hints", help="Leave out the annotation that tells the controller which key fits.")
]
ToTerminal = Annotated[bool, typer.Option("--to-terminal", help="Allow secrets to be printed to a terminal.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")]

_DEFAULT = ControllerAddress()
_OF_DOUBTFUL_ONES = ("insecure_http", "allow_weak_certificate")


def _shown(name: str, metavar: str, help_text: str, **more: Any) -> Any:
    return typer.Option(name, metavar=metavar, help=help_text, show_default=False, **more)


def _of_kubectl(name: str, metavar: str, help_text: str) -> Any:
    return typer.Option(name, metavar=metavar, help=help_text, show_default=False, hidden=True)


def certificate_request(
    *,
    cert_fingerprint: Annotated[
        list[str] | None,
        _shown(
            "--cert-fingerprint",
            "HEX",
            "Accept only a certificate with this fingerprint, or one that begins so. May be repeated.",
            envvar="SEALWRIGHT_CERT_FINGERPRINT",
        ),
    ] = None,
    kubeconfig: Annotated[
        str, _shown("--kubeconfig", "FILE", "The kubeconfig; without, what kubectl would take.")
    ] = "",
    context: Annotated[str, _shown("--context", "NAME", "The kubeconfig's context; without, its current one.")] = "",
    controller_name: Annotated[
        str, typer.Option(metavar="NAME", help="The Service of the controller.")
    ] = _DEFAULT.name,
    controller_namespace: Annotated[
        str, typer.Option(metavar="NAME", help="The namespace of the controller.")
    ] = _DEFAULT.namespace,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody: take the certificate that the controller gave last time.")
    ] = False,
    offline_ok: Annotated[
        bool, typer.Option("--offline-ok", help="Do so when the cluster or its controller cannot be reached.")
    ] = False,
    insecure_http: Annotated[
        bool,
        typer.Option(
            "--insecure-http",
            help="Take a certificate by http:// without a pin.",
        ),
    ] = False,
    allow_weak_certificate: Annotated[
        bool,
        typer.Option("--allow-weak-certificate", help="Seal to a weak or not yet valid one too."),
    ] = False,
    request_timeout: Annotated[
        str, _shown("--request-timeout", "DURATION", "How long the cluster may take to answer: 30, 30s, 1m.")
    ] = "0",
    cluster: Annotated[str, _of_kubectl("--cluster", "NAME", "The kubeconfig's cluster.")] = "",
    user: Annotated[str, _of_kubectl("--user", "NAME", "The kubeconfig's user.")] = "",
    server: Annotated[str, _of_kubectl("--server", "URL", "The API server.")] = "",
    token: Annotated[str, _of_kubectl("--token", "TOKEN", "A bearer token.")] = "",
    username: Annotated[str, _of_kubectl("--username", "NAME", "A name for basic authentication.")] = "",
    password: Annotated[str, _of_kubectl("--password", "PASSWORD", "A password for it.")] = "",
    impersonate_user: Annotated[str, _of_kubectl("--as", "NAME", "The user to act as.")] = "",
    impersonate_groups: Annotated[
        list[str] | None, _of_kubectl("--as-group", "NAME", "A group to act as. May be repeated.")
    ] = None,
    impersonate_uid: Annotated[str, _of_kubectl("--as-uid", "UID", "The uid to act as.")] = "",
    certificate_authority: Annotated[
        str, _of_kubectl("--certificate-authority", "FILE", "Who vouches for the API server.")
    ] = "",
    client_certificate: Annotated[str, _of_kubectl("--client-certificate", "FILE", "A client certificate.")] = "",
    client_key: Annotated[str, _of_kubectl("--client-key", "FILE", "Its private key.")] = "",
    insecure_skip_tls_verify: Annotated[
        bool,
        typer.Option(
            "--insecure-skip-tls-verify", help="Trust whatever answers as the API server: unsafe.", hidden=True
        ),
    ] = False,
    tls_server_name: Annotated[
        str, _of_kubectl("--tls-server-name", "NAME", "The name that the API server's certificate is for.")
    ] = "",
    proxy_url: Annotated[str, _of_kubectl("--proxy-url", "URL", "The proxy before the API server.")] = "",
    disable_compression: Annotated[
        bool,
        typer.Option("--disable-compression", help="Accepted for kubectl's sake: nothing is compressed.", hidden=True),
    ] = False,
) -> CertificateRequest:
    """Return what the options say of the certificate, without its source and what only the environment tells."""
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
    """Put the options of `certificate_request` in the place of a command's parameter `request`: it gets the result."""
    return _with_request(command, inspect.signature(certificate_request).parameters)


def takes_cluster_certificate(command: Callable[..., None]) -> Callable[..., None]:
    """Do so without those that mean nothing to a command that takes the cluster's certificate as it is."""
    shared = inspect.signature(certificate_request).parameters
    return _with_request(command, {name: one for name, one in shared.items() if name not in _OF_DOUBTFUL_ONES})


def takes_controller(command: Callable[..., None]) -> Callable[..., None]:
    """Do so with those that say which controller is meant, for a command that seals to no certificate."""
    shared = inspect.signature(certificate_request).parameters
    of_certificates = ("cert_fingerprint", "offline", "offline_ok", *_OF_DOUBTFUL_ONES)
    return _with_request(command, {name: one for name, one in shared.items() if name not in of_certificates})


def _with_request(command: Callable[..., None], shared: Mapping[str, inspect.Parameter]) -> Callable[..., None]:
    """Return the command with these options behind its own.

    Typer learns of options from a function's signature alone, so it is made anew.
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
