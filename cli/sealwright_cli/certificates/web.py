"""Fetching a small file over http or https with the standard library; imported only when there is a URL."""

import base64
import http.client
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from sealwright_cli.errors import CertificateError
from sealwright_cli.ui import without_password

_HINT = "is that the address of a certificate (…/v1/cert.pem)? a browser or curl shows what is there"
_ESCAPE = "write % and two hexadecimal digits for what is special in a URL, or save the certificate to a file"


def fetch(url: str, *, limit: int, timeout_seconds: float) -> bytes:
    """Return the body behind a URL, of at most `limit` bytes; a user name and password in it are sent (Basic).

    Redirects are followed to http and https only; the usual proxy variables and the system's certificate authorities
    count. Nothing of a password is sent on to where a redirect leads, or shown. Raises CertificateError for anything
    but status 200.
    """
    shown = without_password(url)
    # Not urlopen: it would also open ftp, file and data URLs that a redirect names.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    try:
        with opener.open(_request(url), timeout=timeout_seconds) as response:
            if response.status != http.client.OK:
                raise CertificateError(f"{shown}: the server answered {response.status}", hint=_HINT)
            content: bytes = response.read(limit + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise CertificateError(f"{shown}: the server answered {error.code}", hint=_HINT) from None
    except (http.client.InvalidURL, ValueError):  # whose words quote the URL
        raise CertificateError(f"{shown}: cannot be used as a URL", hint=_ESCAPE) from None
    except (OSError, http.client.HTTPException) as error:
        cause = getattr(error, "reason", None) or error
        raise CertificateError(f"{shown}: {cause}", hint="or save the certificate to a file and name that") from None
    if len(content) > limit:
        raise CertificateError(f"{shown}: larger than {limit:,} bytes", hint=_HINT)
    return content


def _request(url: str) -> urllib.request.Request:
    """Return the request for a URL: the library would take a user name in it for a part of the host's."""
    parts = urllib.parse.urlsplit(url)
    request = urllib.request.Request(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())  # noqa: S310 - the handlers decide
    if parts.username is not None:
        user, password = (urllib.parse.unquote_to_bytes(part or "") for part in (parts.username, parts.password))
        authorization = f"Basic {base64.b64encode(user + b':' + password).decode('ascii')}"
        request.add_unredirected_header("Authorization", authorization)
    return request


def path_of_file_url(url: str) -> Path:
    """Return the path that a file URL names. Raises CertificateError for one that names none."""
    try:
        return Path(urllib.request.url2pathname(urllib.parse.urlsplit(url).path))
    except (OSError, ValueError):
        hint = "write file:///, then the path from the root"
        raise CertificateError(f"{without_password(url)}: cannot be used as a URL", hint=hint) from None
