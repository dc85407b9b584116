"""Fetches a small file over http or https with the standard library; imported only if there is a URL."""

import base64
import http.client
import ipaddress
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import IO

from sealwright_cli.deadline import DeadlineError, within
from sealwright_cli.files.disk import reason
from sealwright_cli.messages.errors import CertificateError
from sealwright_cli.messages.naming import shown_url
from sealwright_conventions.records import field, record

MAX_REDIRECTS = 10
"""As many redirects as Go's client, and so kubeseal, follows."""

_HINT = "check the URL (it ends in /v1/cert.pem at a controller), or give the certificate as a file"
_ESCAPE = "write special characters of a URL as % and two hexadecimal digits, or save the certificate to a file"
_ELSEWHERE = "check the URL, or download the certificate and give the file"
SECURE_IT = "use https, or pin the key (--cert-fingerprint); --insecure-http accepts it unchecked"
"""The usual hint for plain http."""


@record
class Fetched:
    """The content of a URL; `is_plain` means that others on the network path could have replaced it."""

    content: bytes = field(repr=False)
    is_plain: bool


def fetch(
    url: str,
    *,
    limit: int,
    seconds: float,
    is_pinned: bool = False,
    insecure_http: bool = False,
    hint: str = SECURE_IT,
) -> Fetched:
    """Return the body at a URL, at most `limit` bytes; a user name and password in the URL are sent (Basic).

    It takes at most `seconds` in all. Redirects are followed to http and https only; the usual proxy variables and the
    system's certificate authorities are used. A password is never shown, nor sent to the target of a redirect. Plain
    http is allowed for this machine, or if the certificate `is_pinned`; `insecure_http` allows it everywhere, and also
    redirects from https to http. Raises CertificateError for anything else, with this `hint` for plain http, and for
    any status but 200.
    """
    shown = shown_url(url)
    hops = _Hops(shown, is_pinned=is_pinned, insecure_http=insecure_http, hint=hint)
    try:
        content = within(seconds, lambda: _fetch(url, shown, hops, limit, seconds))
    except DeadlineError:
        raise CertificateError(
            f"{shown}: the answer was not complete after {seconds:g} seconds", hint=_ELSEWHERE
        ) from None
    if len(content) > limit:
        raise CertificateError(f"{shown}: larger than {limit:,} bytes", hint=_HINT)
    return Fetched(content, hops.is_plain)


def _fetch(url: str, shown: str, hops: "_Hops", limit: int, seconds: float) -> bytes:
    try:
        hops.check(_request(url).full_url, "")
        with _opener(hops).open(_request(url), timeout=seconds) as response:
            if response.status != http.client.OK:
                raise CertificateError(f"{shown}: the server answered {response.status}", hint=_HINT)
            content: bytes = response.read(limit + 1)
            return content
    except urllib.error.HTTPError as error:
        error.close()
        raise CertificateError(f"{shown}: the server answered {error.code}", hint=_HINT) from None
    except (http.client.InvalidURL, ValueError):  # their text quotes the URL
        raise CertificateError(f"{shown}: cannot be used as a URL", hint=_ESCAPE) from None
    except (OSError, http.client.HTTPException) as error:
        raise CertificateError(f"{shown}: {_words(error)}", hint=_ELSEWHERE) from None


def _words(error: Exception) -> str:
    """Return what went wrong, in our words: those of libraries may quote a variable, or show their code."""
    match getattr(error, "reason", None) or error:
        case ssl.SSLCertVerificationError(verify_message=why):
            words = f"its TLS certificate is not accepted ({why})"
        case ssl.SSLError():
            words = "does not answer with TLS; check scheme and port"
        case socket.gaierror():
            words = "the host name cannot be resolved"
        case TimeoutError():
            words = "no answer in time"
        case OSError() as cause if cause.strerror:
            words = f"cannot be reached: {reason(cause)}"
        case http.client.HTTPException():
            words = "does not answer as a web server"
        case _:
            words = "cannot be reached; check that HTTPS_PROXY and HTTP_PROXY are URLs of a proxy"
    return words


class _Hops:
    """Decides which of the addresses that a fetch is redirected to may be asked."""

    def __init__(self, shown: str, *, is_pinned: bool, insecure_http: bool, hint: str) -> None:
        self._shown = shown
        self._is_pinned = is_pinned
        self._insecure_http = insecure_http
        self._hint = hint
        self.is_plain = False

    def check(self, url: str, before: str) -> None:
        """Raise CertificateError unless `url` may be asked; `before` is the URL that redirects to it, if any."""
        if urllib.parse.urlsplit(url).scheme != "http":
            return
        if urllib.parse.urlsplit(before).scheme == "https" and not self._insecure_http:
            raise CertificateError(
                f"{self._shown}: redirects from https to plain http: anybody on the network path could replace the "
                "certificate",
                hint="give a URL that stays on https, or save the certificate to a file",
            )
        if _is_on_this_machine(url) and urllib.parse.urlsplit(before).scheme != "https":
            return
        if not (self._is_pinned or self._insecure_http):
            raise CertificateError(
                f"{self._shown}: plain http: anybody on the network path could replace the certificate",
                hint=self._hint,
            )
        self.is_plain = True


class _RedirectHandler(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS

    def __init__(self, check: Callable[[str, str], None]) -> None:
        self._check = check

    def redirect_request(  # noqa: PLR0917 - the library's signature
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        """Return the request for the target of a redirect, if it may be followed."""
        try:
            self._check(newurl, req.full_url)
        except CertificateError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]  # typeshed: HTTPMessage


def _opener(hops: _Hops) -> urllib.request.OpenerDirector:
    # Not urlopen: it would also follow a redirect to a ftp, file or data URL.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        _RedirectHandler(hops.check),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _is_on_this_machine(url: str) -> bool:
    """Tell whether a URL names this machine without a proxy, for which the name would mean another machine."""
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(parts.netloc):
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _request(url: str) -> urllib.request.Request:
    """Return the request for a URL: the library would take a user name in it as part of the host."""
    parts = urllib.parse.urlsplit(url)
    request = urllib.request.Request(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())  # noqa: S310 - the handlers decide
    if parts.username is not None:
        user, password = (urllib.parse.unquote_to_bytes(part or "") for part in (parts.username, parts.password))
        authorization = f"Basic {base64.b64encode(user + b':' + password).decode('ascii')}"
        request.add_unredirected_header("Authorization", authorization)
    return request


def path_of_file_url(url: str) -> Path:
    """Return the path that a file URL names. Raises CertificateError if it names none."""
    try:
        return Path(urllib.request.url2pathname(urllib.parse.urlsplit(url).path))
    except (OSError, ValueError):
        hint = "write file:///, then the path from the root"
        raise CertificateError(f"{shown_url(url)}: cannot be used as a URL", hint=hint) from None
