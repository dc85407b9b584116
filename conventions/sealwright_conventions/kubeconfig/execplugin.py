"""Credentials from the exec plug-in that a kubeconfig names: how to start it, and what it has to answer.

The protocol is Kubernetes' (client.authentication.k8s.io). The command and the controller start the plug-in
themselves. Standard output of the plug-in is never quoted: it is a credential.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from sealwright_conventions.kubeconfig.credentials import Credentials, CredentialsError
from sealwright_conventions.kubeconfig.stanzas import Cluster, CredentialFiles, in_whole_characters
from sealwright_conventions.records import field, record

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
CANNOT_BE_GIVEN = "an argument holds a zero byte, or the name of a variable is none"
"""Why no program can be started with what its settings say."""
_CLUSTER_EXTENSION = "client.authentication.k8s.io/exec"


@record
class Plugin:
    """How to start a plug-in: its command, its additional environment variables, whether it gets the terminal."""

    words: tuple[str, ...]
    version: str
    variables: Mapping[str, str] = field(repr=False)
    interactive: bool
    install_hint: str

    def cannot_run(self, reason: str) -> CredentialsError:
        """Return the message for a plug-in that could not be started."""
        hint = self.install_hint or "install it, or choose another context"
        return CredentialsError(f"the exec plug-in {self.words[0]} cannot be run: {reason}", hint=hint)

    def failed(self, status: int) -> CredentialsError:
        """Return the message for a plug-in that failed; it may not have reached its server."""
        return CredentialsError(
            f"the exec plug-in {self.words[0]} failed with status {status}", hint="see its words above", may_pass=True
        )


def plugin_of(settings: Mapping[str, Any], cluster: Cluster, files: CredentialFiles, *, is_terminal: bool) -> Plugin:
    """Return how to start the plug-in that a user's `exec` settings name.

    `is_terminal` is True if standard input is a terminal. Raises CredentialsError, and KubeconfigError when the
    certificate authority, which the plug-in is given, cannot be read.
    """
    command, version = str(settings["command"]), str(settings["apiVersion"])
    if version not in _VERSIONS:
        raise CredentialsError(
            f"the exec plug-in {command} is of apiVersion {version}", hint=f"known are {' and '.join(_VERSIONS)}"
        )
    interactive = _is_interactive(settings, command, version, is_terminal=is_terminal)
    spec: dict[str, Any] = {"interactive": interactive}
    if settings.get("provideClusterInfo"):
        spec["cluster"] = _cluster_info(cluster, files)
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": spec}
    return Plugin(
        words=(command, *map(str, _list(settings, "args", command))),
        version=version,
        variables={**_variables(settings, command), "KUBERNETES_EXEC_INFO": json.dumps(info)},
        interactive=interactive,
        install_hint=str(settings.get("installHint") or ""),
    )


def read_answer(output: bytes, plugin: Plugin) -> Credentials:
    """Return the credentials that a plug-in printed. Raises CredentialsError."""
    command = plugin.words[0]
    try:
        answer = in_whole_characters(json.loads(output))
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or answer.get("kind") != "ExecCredential":
        raise CredentialsError(f"the exec plug-in {command} answered with something that is not an ExecCredential")
    if answer.get("apiVersion") != plugin.version:
        raise CredentialsError(f"the exec plug-in {command} answered in another apiVersion than {plugin.version}")
    status = answer.get("status")
    status = status if isinstance(status, dict) else {}
    token, certificate, key = (
        str(status.get(name) or "") for name in ("token", "clientCertificateData", "clientKeyData")
    )
    if bool(certificate) != bool(key) or not (token or certificate):
        raise CredentialsError(
            f"the exec plug-in {command} answered with neither a token nor a client certificate with its key"
        )
    return Credentials(token, certificate.encode(), key.encode(), str(status.get("expirationTimestamp") or ""))


def _is_interactive(settings: Mapping[str, Any], command: str, version: str, *, is_terminal: bool) -> bool:
    """Tell whether the plug-in may read from the terminal. Raises CredentialsError if a needed one is missing."""
    mode = settings.get("interactiveMode") or ("Always" if version == _VERSIONS[0] else "IfAvailable")
    if mode == "Always" and not is_terminal:
        raise CredentialsError(
            f"the exec plug-in {command} needs a terminal on standard input",
            hint="set its interactiveMode to Never or IfAvailable in the kubeconfig, if it can do without",
        )
    return is_terminal and mode != "Never"


def _list(settings: Mapping[str, Any], key: str, command: str) -> list[Any]:
    """Return a setting that is a list; an absent one is empty. Raises CredentialsError."""
    found = settings.get(key) or []
    if not isinstance(found, list):
        raise CredentialsError(
            f"the exec plug-in {command} cannot be run: its {key} is not a list", hint="correct the kubeconfig"
        )
    return found


def _variables(settings: Mapping[str, Any], command: str) -> dict[str, str]:
    listed = _list(settings, "env", command)
    return {
        str(one["name"]): str(one.get("value") or "") for one in listed if isinstance(one, dict) and one.get("name")
    }


def _cluster_info(cluster: Cluster, files: CredentialFiles) -> dict[str, Any]:
    """Return the description of the cluster for a plug-in that asks for it."""
    authority = cluster.certificate_authority_data or files.read(cluster.certificate_authority, "certificate-authority")
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
