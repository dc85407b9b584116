"""Which proxy the environment's variables name, by the rules of Go programs."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from sealwright_cli.cluster.urls import proxy_url, server_url
from sealwright_conventions.kubeconfig.stanzas import Cluster


def proxy_of(cluster: Cluster, environ: Mapping[str, str]) -> str:
    """Return the proxy for a cluster's server: its own, else the environment's. Raises KubeconfigError."""
    if cluster.proxy_url:
        return proxy_url(cluster.proxy_url, "the proxy-url of the cluster")
    return proxy_for(server_url(cluster.server), environ)


def proxy_for(url: str, environ: Mapping[str, str]) -> str:
    """Return the proxy's URL for an http or https URL; empty for a direct connection.

    HTTPS_PROXY applies to https, HTTP_PROXY to http, and so do the lower-case names. NO_PROXY lists hosts, domains,
    addresses and networks that are reached directly; this machine always is. Raises KubeconfigError for a value that is
    not the URL of a proxy.
    """
    parts = urlsplit(url)
    proxy = _variable(environ, f"{parts.scheme}_proxy")
    host = parts.hostname or ""
    if not proxy or _is_local(host) or _is_listed(host, parts.port, _variable(environ, "no_proxy")):
        return ""
    return proxy_url(proxy, f"what {parts.scheme.upper()}_PROXY names")


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name.upper()) or environ.get(name) or ""


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_listed(host: str, port: int | None, listed: str) -> bool:
    return any(_fits(host, port, entry.strip().lower()) for entry in listed.split(",") if entry.strip())


def _fits(host: str, port: int | None, entry: str) -> bool:
    if entry == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        pass
    name, _, wanted = entry.partition(":")
    if wanted and wanted != str(port):
        return False
    bare = name.removeprefix("*").removeprefix(".")
    return host.endswith(f".{bare}") or (host == bare and name == bare)
