"""Credentials from the exec plug-in that a kubeconfig names: how it is started, and what it has to answer.

The protocol is Kubernetes' (client.authentication.k8s.io). Nothing that the plug-in prints on standard output is ever
quoted: it is a credential. Its standard error goes to the user's.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sealwright_cli.cluster.kubeconfigfile import Cluster, credential_file
from sealwright_cli.errors import ClusterError
from sealwright_cli.files import reason

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_CLUSTER_EXTENSION = "client.authentication.k8s.io/exec"


@dataclass(frozen=True)
class Credentials:
    """What identifies the user: a bearer token, a client certificate with its key (PEM), or both."""

    token: str = field(default="", repr=False)
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)


def run_plugin(settings: Mapping[str, Any], cluster: Cluster, environ: Mapping[str, str]) -> Credentials:
    """Run the plug-in of a user's `exec` settings and return what it answers. Raises ClusterError."""
    command, version = str(settings["command"]), str(settings["apiVersion"])
    if version not in _VERSIONS:
        raise ClusterError(
            f"the exec plug-in {command} is of apiVersion {version}", hint=f"known are {' and '.join(_VERSIONS)}"
        )
    interactive = _is_interactive(settings, command, version)
    spec: dict[str, Any] = {"interactive": interactive}
    if settings.get("provideClusterInfo"):
        spec["cluster"] = _cluster_info(cluster)
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": spec}
    try:
        done = subprocess.run(  # noqa: S603 - running what the user's kubeconfig names is the feature
            [command, *map(str, settings.get("args") or ())],
            stdin=None if interactive else subprocess.DEVNULL,  # else it would eat what is to be sealed
            stdout=subprocess.PIPE,
            env={**environ, **_variables(settings), "KUBERNETES_EXEC_INFO": json.dumps(info)},
            check=False,
        )
    except OSError as error:
        hint = str(settings.get("installHint") or "") or "install it, or choose another context"
        raise ClusterError(f"the exec plug-in {command} cannot be run: {reason(error)}", hint=hint) from None
    if done.returncode:
        raise ClusterError(
            f"the exec plug-in {command} failed with status {done.returncode}",
            hint="see its words above",
            unreachable=True,  # it may not have reached whom it asks
            final=True,
        )
    return _credentials(done.stdout, command, version)


def _is_interactive(settings: Mapping[str, Any], command: str, version: str) -> bool:
    """Tell whether the plug-in may read from the terminal. Raises ClusterError when it has to and there is none."""
    mode = settings.get("interactiveMode") or ("Always" if version == _VERSIONS[0] else "IfAvailable")
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    if mode == "Always" and not is_terminal:
        raise ClusterError(
            f"the exec plug-in {command} needs a terminal on standard input",
            hint="set its interactiveMode to Never or IfAvailable in the kubeconfig, if it can do without",
        )
    return is_terminal and mode != "Never"


def _variables(settings: Mapping[str, Any]) -> dict[str, str]:
    listed = settings.get("env") or ()
    return {
        str(one["name"]): str(one.get("value") or "") for one in listed if isinstance(one, dict) and one.get("name")
    }


def _cluster_info(cluster: Cluster) -> dict[str, Any]:
    """Return the cluster as a plug-in that asks for it sees it."""
    from base64 import b64encode  # noqa: PLC0415 - few plug-ins ask

    authority = cluster.certificate_authority_data or credential_file(
        cluster.certificate_authority, "certificate-authority"
    )
    config = [
        one.get("extension")
        for one in cluster.extensions
        if isinstance(one, dict) and one.get("name") == _CLUSTER_EXTENSION
    ]
    info: dict[str, Any] = {
        "server": cluster.server,
        "tls-server-name": cluster.tls_server_name,
        "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
        "certificate-authority-data": b64encode(authority).decode("ascii"),
        "proxy-url": cluster.proxy_url,
        "disable-compression": cluster.disable_compression,
        "config": config[0] if config else None,
    }
    return {key: value for key, value in info.items() if value}


def _credentials(output: bytes, command: str, version: str) -> Credentials:
    try:
        answer = json.loads(output)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or answer.get("kind") != "ExecCredential":
        raise ClusterError(f"the exec plug-in {command} answered with something that is no ExecCredential")
    if answer.get("apiVersion") != version:
        raise ClusterError(f"the exec plug-in {command} answered in another apiVersion than {version}")
    status = answer.get("status")
    status = status if isinstance(status, dict) else {}
    token, certificate, key = (
        str(status.get(name) or "") for name in ("token", "clientCertificateData", "clientKeyData")
    )
    if bool(certificate) != bool(key) or not (token or certificate):
        raise ClusterError(
            f"the exec plug-in {command} answered with neither a token nor a client certificate with its key"
        )
    return Credentials(token, certificate.encode(), key.encode())
