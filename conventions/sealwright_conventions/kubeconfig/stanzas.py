"""Clusters, users and contexts of kubeconfigs, and their validation, as client-go does it.

Fields that are not listed here are ignored, as client-go ignores them. Messages name the field and never its value,
which may be a token.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sealwright_conventions.records import field, record

_HALF = re.compile(r"[\ud800-\udfff]")
PROXY_SCHEMES = ("http", "https", "socks5")
"""The schemes of a proxy-url."""


class KubeconfigError(Exception):
    """A kubeconfig is malformed, contradicts itself, or gives no credentials; `hint` may say what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CredentialFiles(Protocol):
    """Reads the files that a kubeconfig names; callers provide it. `what` is the field that names the file."""

    def read(self, path: str, what: str) -> bytes:
        """Return the content. Raises KubeconfigError."""
        ...

    def objection(self, path: str, what: str) -> str:
        """Return why the file cannot be read; empty if it can."""
        ...


def in_whole_characters(data: Any) -> Any:
    """Return plain data with U+FFFD in place of each half of a surrogate pair, as Go's reader of JSON has it.

    JSON can spell such a half, and no encoding can carry it: not a header field, a path, or an argument.
    """
    if isinstance(data, str):
        return _HALF.sub("\ufffd", data)
    if isinstance(data, Mapping):
        return {in_whole_characters(key): in_whole_characters(value) for key, value in data.items()}
    return [in_whole_characters(value) for value in data] if isinstance(data, list) else data


def _as(key: str) -> dict[str, str]:
    return {"key": key}


@record
class Cluster:
    """How to reach an API server and how to recognise it; paths are absolute or relative to the working directory."""

    server: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    certificate_authority: str = ""
    certificate_authority_data: bytes = field(default=b"", repr=False)
    proxy_url: str = field(default="", repr=False)
    disable_compression: bool = False
    extensions: Sequence[Any] = field(default=(), repr=False)

    def problems(self, name: str, files: CredentialFiles) -> list[str]:
        """Return why a cluster of this name cannot be used, by clientcmd's validation."""
        found = []
        if not self.server:
            found.append(f"the cluster {name} has no server" if name else "no server is named")
        if self.proxy_url and self.proxy_url.partition("://")[0].lower() not in PROXY_SCHEMES:
            found.append(f"the proxy-url of cluster {name} does not begin with {'://, '.join(PROXY_SCHEMES)}://")
        if self.certificate_authority and self.certificate_authority_data:
            found.append(f"the cluster {name} has both certificate-authority and certificate-authority-data")
        return found + _unreadable(files, "certificate-authority", self.certificate_authority)


@record
class User:
    """The user. `exec` and `auth_provider` are the file's maps: how to get credentials from a plug-in or provider."""

    client_certificate: str = ""
    client_certificate_data: bytes = field(default=b"", repr=False)
    client_key: str = ""
    client_key_data: bytes = field(default=b"", repr=False)
    token: str = field(default="", repr=False)
    token_file: str = field(default="", metadata=_as("tokenFile"))
    impersonate_user: str = field(default="", metadata=_as("as"))
    impersonate_uid: str = field(default="", metadata=_as("as-uid"))
    impersonate_groups: Sequence[str] = field(default=(), metadata=_as("as-groups"))
    impersonate_extra: Mapping[str, Any] = field(default_factory=dict, metadata=_as("as-user-extra"))
    username: str = ""
    password: str = field(default="", repr=False)
    auth_provider: Mapping[str, Any] = field(default_factory=dict, repr=False)
    exec: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def problems(self, name: str, files: CredentialFiles) -> list[str]:
        """Return why a user of this name cannot be used, by clientcmd's validation."""
        who = f"the user {name}" if name else "the user"
        found = []
        if self.token and (self.username or self.password):
            found.append(f"{who} has both a token and a user name with password; only one of them can be used")
        if self.client_certificate or self.client_certificate_data:
            found += self._certificate_problems(who, files)
        if self.exec:
            found += self._exec_problems(who)
        if (self.impersonate_groups or self.impersonate_extra or self.impersonate_uid) and not self.impersonate_user:
            found.append(f"{who} is to act as a group or uid (as-group, as-uid), but not as a user (as)")
        return found

    def _certificate_problems(self, who: str, files: CredentialFiles) -> list[str]:
        found = []
        if self.client_certificate and self.client_certificate_data:
            found.append(f"{who} has both client-certificate and client-certificate-data")
        if self.client_key and self.client_key_data:
            found.append(f"{who} has both client-key and client-key-data")
        if not self.client_key and not self.client_key_data:
            found.append(f"{who} has a client certificate and no client-key")
        found += _unreadable(files, "client-certificate", self.client_certificate)
        return found + _unreadable(files, "client-key", self.client_key)

    def _exec_problems(self, who: str) -> list[str]:
        found = [
            f"the exec plug-in of {who} has no {key}" for key in ("command", "apiVersion") if not self.exec.get(key)
        ]
        texts = ("command", "apiVersion", "installHint", "interactiveMode")
        found += [
            f"the {key} of {who}'s exec plug-in is not text"
            for key in texts
            if self.exec.get(key) and not isinstance(self.exec[key], str)
        ]
        if self.auth_provider:
            found.append(f"{who} has both an exec plug-in and an auth-provider")
        return found


@record
class Context:
    """A cluster and a user by name, and the namespace of objects that name none."""

    cluster: str = ""
    user: str = ""
    namespace: str = ""


@record
class KubeconfigFile:
    """What one file, or several merged files, hold; relative paths are already resolved."""

    current_context: str = ""
    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=dict)
    contexts: Mapping[str, Context] = field(default_factory=dict)


def _unreadable(files: CredentialFiles, what: str, path: str) -> list[str]:
    """Return what is wrong with a file that a field names; empty if nothing is."""
    objection = files.objection(path, what) if path else ""
    return [objection] if objection else []
