"""Checks URLs of API servers and proxies before the libraries, whose errors would quote them.

Messages say where a URL comes from, and show only what `shown_server` shows of it.
"""

from urllib.parse import SplitResult, urlsplit

from sealwright_cli.messages.errors import KubeconfigError
from sealwright_cli.messages.naming import shown_server
from sealwright_conventions.kubeconfig.stanzas import PROXY_SCHEMES

_SCHEMES = (*PROXY_SCHEMES, "socks5h")
"""The schemes of a proxy's URL, as for Go programs."""


def server_url(server: str) -> str:
    """Return the base URL of a server; one without a scheme is plain http, as for kubectl. Raises KubeconfigError."""
    parts = _parts(server if "://" in server else f"http://{server}")
    if parts is None or parts.scheme not in ("http", "https"):
        raise KubeconfigError(f"the server {shown_server(server)} is not an http or https URL")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


def proxy_url(written: str, origin: str) -> str:
    """Return the URL of a proxy; one without a scheme is plain http. Raises KubeconfigError naming `origin`."""
    url = written if "://" in written else f"http://{written}"
    parts = _parts(url)
    if parts is None or parts.scheme not in _SCHEMES:
        raise KubeconfigError(
            f"{origin} is not the URL of a proxy",
            hint=f"write SCHEME://[USER:PASSWORD@]HOST[:PORT]; schemes are {', '.join(PROXY_SCHEMES)}",
        )
    return url


def _parts(url: str) -> SplitResult | None:
    """Return the parts of a URL with a host; None for a text that the libraries would not accept."""
    from urllib3.exceptions import LocationParseError  # noqa: PLC0415 - sealing offline does not need it
    from urllib3.util import parse_url  # noqa: PLC0415 - as above

    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        parse_url(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())
        host.encode("idna")
    except (ValueError, LocationParseError):
        return None
    is_whole = host.isprintable() and not any(char.isspace() or char in "%\\" for char in host)
    return parts if host and is_whole else None
