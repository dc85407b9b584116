"""Whether a cluster's answer can be trusted: what the connection to its API server is verified against.

Two kubeconfigs may name the same address and trust different certificates. So an answer for one is not used for the
other, and an answer over a connection that others could have intercepted is never remembered.
"""

import ipaddress
import json
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

from sealwright_cli.cluster.kubeconfig import Kubeconfig
from sealwright_cli.cluster.kubeconfigfile import credential_file
from sealwright_cli.cluster.proxies import proxy_of
from sealwright_cli.cluster.urls import server_url
from sealwright_cli.messages.ui import without_password
from sealwright_conventions.records import record

_OF_OPENSSL = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""The variables that name the system's certificate authorities."""


@record
class Trust:
    """An API server and how it is authenticated.

    `server` is its URL without a password. `identity` (64 hexadecimal digits) is equal for two kubeconfigs only if
    address, authority, TLS name and proxy are. `is_secure` means that the connection cannot be intercepted.
    """

    server: str
    identity: str
    is_secure: bool


def trust_of(kubeconfig: Kubeconfig) -> Trust:
    """Return what a kubeconfig, which has to be usable, trusts. Raises KubeconfigError."""
    cluster = kubeconfig.cluster
    server = without_password(cluster.server)
    url = server_url(cluster.server)
    proxy = proxy_of(cluster, kubeconfig.environ)
    parts = {
        "server": server,
        "authority": _authority(cluster.certificate_authority, cluster.certificate_authority_data, kubeconfig.environ),
        "name": cluster.tls_server_name,
        "proxy": without_password(proxy),
    }
    is_checked = urlsplit(url).scheme == "https" and not cluster.insecure_skip_tls_verify
    return Trust(
        server,
        sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest(),
        is_checked or (not proxy and urlsplit(url).scheme == "http" and _is_this_machine(url)),
    )


def _authority(path: str, data: bytes, environ: Mapping[str, str]) -> str:
    content = data or credential_file(path, "certificate-authority")
    if content:
        return sha256(content).hexdigest()
    return " ".join(["the system's", *(environ.get(name, "") for name in _OF_OPENSSL)])


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
