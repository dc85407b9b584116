"""Requests to one API server, as kubectl would send them: TLS, who speaks, proxies, timeouts. Knows no resources.

urllib3 sends them; the official client stands on it too. It is not used for this: it sends tokens over plain http, has
no impersonation, and lets an exec plug-in read the standard input that is to be sealed.
"""

import os
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import urllib3

from sealwright_cli.errors import ClusterError, KubeconfigError
from sealwright_cli.execplugin import Credentials, run_plugin
from sealwright_cli.files import reason
from sealwright_cli.kubeconfig import Kubeconfig
from sealwright_cli.kubeconfigfile import Cluster, User
from sealwright_cli.proxies import proxy_for
from sealwright_cli.ui import without_password
from sealwright_crypto import __version__

CONNECT_TIMEOUT_SECONDS = 30.0
ANSWER_TIMEOUT_SECONDS = 65.0
"""How long the server may be silent: the API server gives up on a request after 60 seconds itself."""
MAX_ANSWER_BYTES = 32 * 1024 * 1024

_WRONG_NAME = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED


@dataclass(frozen=True)
class Answer:
    """What the server said: the HTTP status, the body, and what it calls the body (`content_type`)."""

    status: int
    body: bytes = field(repr=False)
    content_type: str = ""


class Connection:
    """Speaks to the API server of a Kubeconfig; `close` it, or use it as a context manager."""

    def __init__(self, kubeconfig: Kubeconfig) -> None:
        """Prepare everything; nothing is sent yet, but an exec plug-in runs.

        Raises KubeconfigError, UsageError for --request-timeout, ClusterError when the plug-in fails.
        """
        kubeconfig.check_usable()
        self._kubeconfig = kubeconfig
        self.server = _url(kubeconfig.cluster.server)
        self.is_secure = self.server.startswith("https://")
        limit = kubeconfig.timeout_seconds
        self._timeout = urllib3.Timeout(
            total=limit, connect=CONNECT_TIMEOUT_SECONDS, read=ANSWER_TIMEOUT_SECONDS if limit is None else limit
        )
        # A plain connection could be read by anybody on the way: nothing secret is sent over it.
        self.credentials = _credentials(kubeconfig) if self.is_secure else Credentials()
        self.headers = _headers(kubeconfig.user, self.credentials, is_secure=self.is_secure)
        self._pool = self._pool_manager()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def request(
        self, method: str, path: str, body: bytes | None = None, *, content_type: str = "", accept: str = "*/*"
    ) -> Answer:
        """Send one request and return the answer, whatever its status. Raises ClusterError when there is none."""
        headers = [*self.headers, ("Accept", accept), *([("Content-Type", content_type)] if content_type else [])]
        try:
            response = self._pool.request(
                method,
                self.server + path,
                body=body,
                headers=urllib3.HTTPHeaderDict(headers),
                timeout=self._timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                content = response.read(MAX_ANSWER_BYTES + 1)
            finally:
                response.close()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._failure(error) from None
        if len(content) > MAX_ANSWER_BYTES:
            raise ClusterError(f"{self.name}: the answer is larger than {MAX_ANSWER_BYTES // (1024 * 1024)} MiB")
        return Answer(response.status, content, response.headers.get("Content-Type", ""))

    @property
    def name(self) -> str:
        """What messages call the server."""
        return f"API server {without_password(self.server)}"

    def _pool_manager(self) -> urllib3.PoolManager:
        options: dict[str, Any] = {"num_pools": 2}
        if self.is_secure:
            options["ssl_context"] = tls_context(self._kubeconfig.cluster, self.credentials)
            if self._kubeconfig.cluster.tls_server_name:
                options["server_hostname"] = self._kubeconfig.cluster.tls_server_name
        proxy = self._kubeconfig.cluster.proxy_url or proxy_for(self.server, self._kubeconfig.environ)
        if not proxy:
            return urllib3.PoolManager(**options)
        if proxy.lower().startswith("socks"):
            return _socks_manager(proxy, options)
        return _proxy_manager(proxy, options)

    def _failure(self, error: Exception) -> ClusterError:
        """Return what to tell of an exchange that failed."""
        cause = _innermost(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return self._distrust(cause)
        if isinstance(error, urllib3.exceptions.ProxyError):
            return ClusterError(
                f"{self.name}: the proxy before it did not let us through: {_words(cause)}",
                hint="look at proxy-url in the kubeconfig, and at HTTPS_PROXY and NO_PROXY",
                unreachable=True,
            )
        if isinstance(error, (urllib3.exceptions.TimeoutError, TimeoutError)):
            return ClusterError(
                f"{self.name}: no answer in time", hint="--request-timeout sets another limit", unreachable=True
            )
        return ClusterError(
            f"{self.name}: cannot be reached: {_words(cause)}",
            hint="is the cluster running, and the right context chosen (--context)?",
            unreachable=True,
        )

    def _distrust(self, error: ssl.SSLCertVerificationError) -> ClusterError:
        if error.verify_code in _WRONG_NAME:
            wanted = self._kubeconfig.cluster.tls_server_name or urlsplit(self.server).hostname
            return ClusterError(
                f"{self.name}: its TLS certificate is for other names than {wanted}",
                hint="use a name that the certificate has, in the URL or as --tls-server-name",
            )
        if error.verify_code == _EXPIRED:
            return ClusterError(f"{self.name}: its TLS certificate has expired")
        return ClusterError(
            f"{self.name}: its TLS certificate is signed by an unknown authority ({error.verify_message})",
            hint="name the cluster's authority with --certificate-authority or in the kubeconfig",
        )


def tls_context(cluster: Cluster, credentials: Credentials) -> ssl.SSLContext:
    """Return how to recognise the server and which client certificate to show. Raises KubeconfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    # As Go verifies: authorities of clusters lack extensions that RFC 5280 wants, and may be the server's own
    # certificate.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    authority = cluster.certificate_authority_data or _file(cluster.certificate_authority, "certificate-authority")
    if cluster.insecure_skip_tls_verify:
        if authority:
            raise KubeconfigError(
                "a certificate-authority is named, and insecure-skip-tls-verify says not to look at it",
                hint="leave one of them out",
            )
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the user asked for it
    elif authority:
        _trust(context, authority)
    else:
        context.load_default_certs()
    if credentials.certificate:
        _show(context, credentials)
    return context


def _trust(context: ssl.SSLContext, authority: bytes) -> None:
    try:
        context.load_verify_locations(cadata=authority.decode("ascii", errors="ignore"))
    except (ssl.SSLError, ValueError):
        raise KubeconfigError("the certificate-authority holds no PEM certificate") from None


def _show(context: ssl.SSLContext, credentials: Credentials) -> None:
    """Load the client certificate; the ssl module reads files only, so the key is in one, ours alone, for a moment."""
    with tempfile.TemporaryDirectory(prefix="sealwright-") as folder:
        path = Path(folder, "client.pem")
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(credentials.certificate + b"\n" + credentials.key)
        try:
            context.load_cert_chain(path, password=lambda: b"")
        except (ssl.SSLError, OSError, ValueError):
            raise KubeconfigError(
                "the client certificate and its key do not fit each other, or are not PEM",
                hint="look at client-certificate and client-key",
            ) from None


def _credentials(kubeconfig: Kubeconfig) -> Credentials:
    user = kubeconfig.user
    certificate = user.client_certificate_data or _file(user.client_certificate, "client-certificate")
    key = user.client_key_data or _file(user.client_key, "client-key")
    token = _token(user)
    if user.exec and not (token or certificate or user.username):
        return run_plugin(user.exec, kubeconfig.cluster, kubeconfig.environ)
    return Credentials(token, certificate, key if certificate else b"")


def _token(user: User) -> str:
    """Return the bearer token; of a token and a file of tokens, the file, which somebody keeps fresh, goes first."""
    if user.token_file:
        try:
            return Path(user.token_file).read_text(encoding="utf-8").strip() or user.token
        except (OSError, ValueError) as error:
            if not user.token:
                words = reason(error) if isinstance(error, OSError) else "is no text"
                raise KubeconfigError(f"tokenFile {user.token_file}: {words}") from None
    return user.token


def _headers(user: User, credentials: Credentials, *, is_secure: bool) -> list[tuple[str, str]]:
    headers = [("User-Agent", f"sealwright/{__version__}")]
    if is_secure and user.username:
        headers += urllib3.make_headers(basic_auth=f"{user.username}:{user.password}").items()
    elif credentials.token:
        headers.append(("Authorization", f"Bearer {credentials.token}"))
    if user.impersonate_user:
        headers.append(("Impersonate-User", user.impersonate_user))
        headers += [("Impersonate-Group", str(group)) for group in user.impersonate_groups]
        headers += [("Impersonate-Uid", user.impersonate_uid)] if user.impersonate_uid else []
        headers += _extra(user.impersonate_extra)
    return headers


def _extra(extra: Mapping[str, Any]) -> list[tuple[str, str]]:
    from urllib.parse import quote  # noqa: PLC0415 - hardly anybody has these

    return [
        (f"Impersonate-Extra-{quote(key, safe='')}", str(value))
        for key, values in extra.items()
        for value in (values if isinstance(values, list) else [])
    ]


def _url(server: str) -> str:
    """Return the base URL of a server; one without a scheme is plain http, as for kubectl. Raises KubeconfigError."""
    url = server if "://" in server else f"http://{server}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise KubeconfigError(f"the server {without_password(server)} is no http or https URL")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _file(path: str, what: str) -> bytes:
    try:
        return Path(path).read_bytes() if path else b""
    except OSError as error:
        raise KubeconfigError(f"{what} {path}: {reason(error)}") from None


def _proxy_manager(proxy: str, options: Mapping[str, Any]) -> urllib3.PoolManager:
    parts = urlsplit(proxy)
    headers = {}
    if parts.username:
        from urllib.parse import unquote  # noqa: PLC0415 - few proxies ask who it is

        headers = urllib3.make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")
    return urllib3.ProxyManager(without_password(proxy), proxy_headers=headers, **options)


def _socks_manager(proxy: str, options: Mapping[str, Any]) -> urllib3.PoolManager:
    try:
        from urllib3.contrib.socks import SOCKSProxyManager  # noqa: PLC0415 - it needs a package that may be missing
    except ImportError:
        raise KubeconfigError("a SOCKS proxy needs the package PySocks", hint="pip install PySocks") from None
    return SOCKSProxyManager(proxy, **options)


def _innermost(error: BaseException) -> BaseException:
    """Return the exception that the others only pass on."""
    for inner in (getattr(error, "reason", None), getattr(error, "original_error", None), error.__cause__):
        if isinstance(inner, BaseException) and inner is not error:
            return _innermost(inner)
    return next((one for one in error.args if isinstance(one, BaseException)), error)


def _words(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return reason(error)
    return str(error).rpartition(": ")[2] or type(error).__name__
