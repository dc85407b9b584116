"""Fetching a small file over http or https with the standard library; imported only when there is a URL."""

import http.client
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from sealwright_cli.errors import CertificateError
from sealwright_cli.ui import without_password

_HINT = "is that the address of a certificate (…/v1/cert.pem)? a browser or curl shows what is there"


def fetch(url: str, *, limit: int, timeout_seconds: float) -> bytes:
    """Return the body behind a URL, of at most `limit` bytes.

    Redirects are followed to http and https only; the usual proxy variables and the system's certificate authorities
    count. Raises CertificateError for anything but status 200.
    """
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
        with opener.open(url, timeout=timeout_seconds) as response:
            if response.status != http.client.OK:
                raise CertificateError(f"{without_password(url)}: the server answered {response.status}", hint=_HINT)
            content: bytes = response.read(limit + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise CertificateError(f"{without_password(url)}: the server answered {error.code}", hint=_HINT) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        cause = getattr(error, "reason", None) or error
        raise CertificateError(
            f"{without_password(url)}: {cause}", hint="or save the certificate to a file and name that"
        ) from None
    if len(content) > limit:
        raise CertificateError(f"{without_password(url)}: larger than {limit:,} bytes", hint=_HINT)
    return content


def path_of_file_url(url: str) -> Path:
    """Return the path that a file URL names. Raises CertificateError for one that names none."""
    try:
        return Path(urllib.request.url2pathname(urllib.parse.urlsplit(url).path))
    except (OSError, ValueError) as error:
        raise CertificateError(f"{url}: {error}", hint="write file:///, then the path from the root") from None
