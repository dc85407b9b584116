"""The connection to the API server: the only module of the controller that imports the official client.

The client's models, watches and informers are not used: they read whole objects into classes, fail on unexpected
content, and cost more than the request.
"""

import tempfile
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import urllib3
from kubernetes import client, config
from kubernetes.utils.keepalive import tcp_keepalive_socket_options

from sealwright_controller.gateway import RefusedError
from sealwright_controller.kube.kubeconfig import ApiServer, read_kubeconfigs
from sealwright_controller.kube.tls import verifying_as_go
from sealwright_crypto import __version__

# A dead connection is noticed after idle plus count times interval seconds.
_KEEPALIVE = {"idle": 30, "interval": 10, "count": 3}


def connect(
    kubeconfigs: Path | Sequence[Path] = (),
    context: str = "",
    *,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
    max_connections: int = 32,
) -> client.ApiClient:
    """Return a client of the API server that kubeconfigs name or, without any, of the cluster that this runs in.

    `context` picks a context instead of the current one; in a cluster, the ServiceAccount's token is read again as it
    rotates. An exec plug-in of a kubeconfig runs in `environ`; `clock` (seconds since 1970) tells when tokens expire.
    `max_connections` are kept open for reuse. Raises RefusedError if the configuration is missing or invalid; the
    server itself is not contacted yet.
    """
    configuration = client.Configuration()
    configuration.connection_pool_maxsize = max_connections
    configuration.socket_options = tcp_keepalive_socket_options(**_KEEPALIVE)
    configuration.retries = False  # the work queue and the watchers retry, and know when it helps
    paths = (kubeconfigs,) if isinstance(kubeconfigs, Path) else tuple(kubeconfigs)
    if paths:
        return _client_of(read_kubeconfigs(paths, context, environ or {}, clock), configuration)
    try:
        config.load_incluster_config(configuration)  # type: ignore[no-untyped-call]  # untyped there
    except config.ConfigException as error:
        raise RefusedError(f"in-cluster configuration: {str(error).rstrip('.')}") from None
    except Exception as error:  # noqa: BLE001 - a parser's message may quote the file, which holds tokens
        raise RefusedError(f"in-cluster configuration: unusable ({type(error).__name__})") from None
    # Setting it again fixes a proxy from the environment; else the client looks for it before every request.
    configuration.proxy = configuration.proxy
    return _client(configuration)


def _client_of(server: ApiServer, configuration: client.Configuration) -> client.ApiClient:
    configuration.host = server.url
    configuration.verify_ssl = server.is_checked
    if not server.is_checked:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the kubeconfig asks for no verification
    configuration.ca_cert_data = server.authority or None
    configuration.tls_server_name = server.tls_server_name or None
    configuration.proxy = server.proxy or configuration.proxy
    if server.proxy:
        configuration.no_proxy = None  # it applies only to proxies from the environment
        configuration.proxy_headers = dict(server.proxy_headers)

    def refresh(changed: client.Configuration) -> None:
        changed.api_key["BearerToken"] = server.authorization()

    if server.authorization():
        refresh(configuration)
        configuration.refresh_api_key_hook = refresh  # type: ignore[assignment]  # it is typed as None there
    folder = _shown_files(server, configuration) if server.certificate else None
    try:
        made = _client(configuration)
    except ImportError:
        raise RefusedError("a SOCKS proxy needs the package PySocks: pip install 'sealwright[socks]'") from None
    if folder is not None:
        weakref.finalize(made, folder.cleanup)
    for name, value in server.headers.items():
        made.set_default_header(name, value)  # type: ignore[no-untyped-call]  # untyped there
    return made


def _shown_files(server: ApiServer, configuration: client.Configuration) -> tempfile.TemporaryDirectory[str]:
    """Write the client certificate and its key where the client reads them, until the folder is removed."""
    folder = tempfile.TemporaryDirectory(prefix="sealwright-")
    for name, content in (("cert_file", server.certificate), ("key_file", server.key)):
        path = Path(folder.name, name)
        path.touch(mode=0o600)
        path.write_bytes(content)
        setattr(configuration, name, str(path))
    return folder


def _client(configuration: client.Configuration) -> client.ApiClient:
    made = client.ApiClient(configuration)
    made.user_agent = f"sealwright-controller/{__version__}"
    has_authority = bool(configuration.ssl_ca_cert or configuration.ca_cert_data)
    # The client has no setting for this; its pool passes these arguments to every connection.
    made.rest_client.pool_manager.connection_pool_kw["ssl_context"] = verifying_as_go(
        verify=configuration.verify_ssl, has_authority=has_authority
    )
    return made
