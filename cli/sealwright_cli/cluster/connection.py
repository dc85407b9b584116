"""Requests to one API server, as kubectl would send them: connections, proxies, timeouts. Knows no resources.

urllib3 sends them; the official Kubernetes client uses it too. That client is not used here: it sends tokens over plain
HTTP, has no impersonation, and lets an exec plug-in read the standard input that is to be sealed.
"""

import json
import ssl
import time
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import urllib3

from sealwright_cli.cluster.identity import credentials_of, tls_context
from sealwright_cli.cluster.kubeconfig import Kubeconfig
from sealwright_cli.cluster.kubeconfigfile import told
from sealwright_cli.cluster.proxies import proxy_of
from sealwright_cli.cluster.urls import server_url
from sealwright_cli.deadline import DeadlineError, within
from sealwright_cli.files.disk import reason
from sealwright_cli.messages.errors import ClusterError, KubeconfigError
from sealwright_cli.messages.naming import shown_server
from sealwright_cli.messages.ui import without_password
from sealwright_conventions.kubeconfig.credentials import identity_of, impersonation_of
from sealwright_conventions.records import field, record
from sealwright_crypto import __version__

CONNECT_TIMEOUT_SECONDS = 30.0
ANSWER_TIMEOUT_SECONDS = 65.0
"""How long a whole answer may take: the API server itself gives up on a request after 60 seconds."""
MAX_CONNECTIONS = 8
"""How many connections are kept for further requests."""
MAX_ANSWER_BYTES = 32 * 1024 * 1024
JSON = "application/json"

_WRONG_NAME = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED


@record
class Answer:
    """The server's answer: the HTTP status, the body, and the seconds to wait before a retry, if given."""

    status: int
    body: bytes = field(repr=False)
    retry_after_seconds: int | None = None

    @property
    def is_page(self) -> bool:
        """Tell whether the body is a page for browsers, as proxies in front of a server send them."""
        return self.body.lstrip()[:1] == b"<"

    @property
    def is_success(self) -> bool:
        """Tell whether the request succeeded."""
        return 200 <= self.status < 300

    def object(self, what: str) -> dict[str, Any]:
        """Return the object in the body, which is JSON. Raises ClusterError naming `what` was expected."""
        try:
            content = json.loads(self.body)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise ClusterError(
                f"the API server's answer for {what} is not an object", hint="is the server's URL right?"
            )
        return content


class Connection:
    """Speaks to the API server of a Kubeconfig; `close` it, or use it as a context manager."""

    def __init__(self, kubeconfig: Kubeconfig) -> None:
        """Prepare the connection; nothing is sent yet, but an exec plug-in runs.

        Raises KubeconfigError, UsageError for --request-timeout, ClusterError when the plug-in fails.
        """
        kubeconfig.check_usable()
        cluster, user = kubeconfig.cluster, kubeconfig.user
        self.server = server_url(cluster.server)
        self.name = f"API server {shown_server(cluster.server).rstrip('/')}"
        """What messages call the server."""
        self.tls: ssl.SSLContext | None = None
        self.tls_server_name = cluster.tls_server_name
        self.proxy = proxy_of(cluster, kubeconfig.environ)
        self.headers = [("User-Agent", f"sealwright/{__version__}")]
        if self.server.startswith("https://"):
            credentials = credentials_of(kubeconfig, time.time())
            self.tls = tls_context(cluster, credentials)
            if self.tls.verify_mode is ssl.CERT_NONE:
                urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the user asked for it
            with told():
                self.headers += identity_of(user, credentials)
        with told():
            self.headers += impersonation_of(user)
        limit = kubeconfig.timeout_seconds
        self.answer_timeout_seconds = ANSWER_TIMEOUT_SECONDS if limit is None else limit
        self._timeout = urllib3.Timeout(total=limit, connect=CONNECT_TIMEOUT_SECONDS, read=self.answer_timeout_seconds)
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
        """Send one request and return the answer, whatever its status.

        Raises ClusterError when there is no answer, or it is not complete in time.
        """
        headers = [*self.headers, ("Accept", accept), *([("Content-Type", content_type)] if content_type else [])]
        try:
            return within(self.answer_timeout_seconds, lambda: self._exchange(method, path, body, headers))
        except DeadlineError:
            raise self.too_slow() from None

    def _exchange(self, method: str, path: str, body: bytes | None, headers: list[tuple[str, str]]) -> Answer:
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
                # No compression was requested, and a small compressed body may expand to a large one.
                content = response.read(MAX_ANSWER_BYTES + 1, decode_content=False)
            finally:
                response.close()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._failure(error) from None
        if len(content) > MAX_ANSWER_BYTES:
            raise ClusterError(f"{self.name}: the answer is larger than {MAX_ANSWER_BYTES // (1024 * 1024)} MiB")
        pause = response.headers.get("Retry-After", "")
        return Answer(response.status, content, int(pause) if pause.isdecimal() and pause.isascii() else None)

    def too_slow(self) -> ClusterError:
        """Return the error for an answer that is missing or incomplete when time is up."""
        return ClusterError(
            f"{self.name}: no answer in time",
            hint="--request-timeout sets another limit",
            unreachable=True,
            final=True,
        )

    def _pool_manager(self) -> urllib3.PoolManager:
        options: dict[str, Any] = {"maxsize": MAX_CONNECTIONS}
        if self.tls is not None:
            options |= {"ssl_context": self.tls, "server_hostname": self.tls_server_name or None}
        if not self.proxy:
            return urllib3.PoolManager(**options)
        return _socks_manager(self.proxy, options) if self.proxy.startswith("socks") else _proxied(self.proxy, options)

    def _failure(self, error: Exception) -> ClusterError:
        """Return the message for an exchange that failed."""
        cause = _innermost(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return self._distrust(cause)
        if isinstance(error, urllib3.exceptions.ProxyError):
            return ClusterError(
                f"{self.name}: the proxy in front of it refused the connection: {_words(cause)}",
                hint="look at proxy-url in the kubeconfig, and at HTTPS_PROXY and NO_PROXY",
                unreachable=True,
                final=True,
            )
        is_refused = isinstance(error, urllib3.exceptions.NewConnectionError)  # urllib3 counts a timeout here too
        if isinstance(error, (urllib3.exceptions.TimeoutError, TimeoutError)) and not is_refused:
            return self.too_slow()
        return ClusterError(
            f"{self.name}: cannot be reached: {_words(cause)}",
            hint="is the cluster running, and the right context chosen (--context)?",
            unreachable=True,
            final=True,
        )

    def _distrust(self, error: ssl.SSLCertVerificationError) -> ClusterError:
        if error.verify_code in _WRONG_NAME:
            wanted = "--tls-server-name or the kubeconfig asks for" if self.tls_server_name else "its URL has"
            return ClusterError(
                f"{self.name}: its TLS certificate is not for the name that {wanted}",
                hint="use a name that the certificate has, in the URL or as --tls-server-name",
                final=True,
            )
        if error.verify_code == _EXPIRED:
            return ClusterError(f"{self.name}: its TLS certificate has expired", final=True)
        return ClusterError(
            f"{self.name}: its TLS certificate is signed by an unknown authority ({error.verify_message})",
            hint="name the cluster's authority with --certificate-authority or in the kubeconfig",
            final=True,
        )


def proxy_authorization(proxy: str) -> dict[str, str]:
    """Return the header fields that authenticate the user to a proxy, from the name and password in its URL."""
    parts = urlsplit(proxy)
    if not parts.username:
        return {}
    who = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {str(name): str(value) for name, value in urllib3.make_headers(proxy_basic_auth=who).items()}


def _proxied(proxy: str, options: Mapping[str, Any]) -> urllib3.PoolManager:
    return urllib3.ProxyManager(without_password(proxy), proxy_headers=proxy_authorization(proxy), **options)


def _socks_manager(proxy: str, options: Mapping[str, Any]) -> urllib3.PoolManager:
    try:
        from urllib3.contrib.socks import SOCKSProxyManager  # noqa: PLC0415 - needs a package that may be missing
    except ImportError:
        raise KubeconfigError(
            "a SOCKS proxy needs the package PySocks", hint="pip install 'sealwright[socks]'"
        ) from None
    # The proxy resolves names, as for Go programs; urllib3 calls that socks5h.
    return SOCKSProxyManager(proxy.replace("socks5://", "socks5h://", 1), **options)


def _innermost(error: BaseException) -> BaseException:
    """Return the original exception, which the others only wrap."""
    for inner in (getattr(error, "reason", None), getattr(error, "original_error", None), error.__cause__):
        if isinstance(inner, BaseException) and inner is not error:
            return _innermost(inner)
    return next((one for one in error.args if isinstance(one, BaseException)), error)


def _words(error: BaseException) -> str:
    if isinstance(error, ssl.SSLError):  # its text names a line of the library
        return "it does not answer with TLS as expected"
    if isinstance(error, OSError) and error.strerror:
        return reason(error)
    return str(error).rpartition(": ")[2] or type(error).__name__
