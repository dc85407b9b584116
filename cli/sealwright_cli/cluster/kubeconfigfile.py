"""One kubeconfig file → its clusters, users and contexts, checked as client-go checks them. Merges nothing.

Fields that are not listed here are left alone, as client-go leaves them. Messages name the field and never its value:
it may be a token.
"""

import base64
import binascii
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from sealwright_cli.border import border
from sealwright_cli.errors import InputError, KubeconfigError
from sealwright_cli.files import check_readable, decode, read_file
from sealwright_cli.naming import named
from sealwright_manifests.errors import SyntaxProblemError
from sealwright_manifests.text.documents import read_documents
from sealwright_manifests.text.tree import native

MAX_KUBECONFIG_BYTES = 4 * 1024 * 1024
MAX_CREDENTIAL_BYTES = 16 * 1024 * 1024

PROXY_SCHEMES = ("http", "https", "socks5")
"""What a proxy-url may begin with."""

_PATHS = ("certificate_authority", "client_certificate", "client_key", "token_file")


def _as(key: str) -> dict[str, str]:
    return {"key": key}


@dataclass(frozen=True)
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

    def problems(self, name: str) -> list[str]:
        """Tell what keeps a cluster of this name from being used, as clientcmd's validation does."""
        found = []
        if not self.server:
            found.append(f"the cluster {name} has no server" if name else "no server is named")
        if self.proxy_url and self.proxy_url.partition("://")[0].lower() not in PROXY_SCHEMES:
            found.append(f"the proxy-url of cluster {name} does not begin with {'://, '.join(PROXY_SCHEMES)}://")
        if self.certificate_authority and self.certificate_authority_data:
            found.append(f"the cluster {name} has both certificate-authority and certificate-authority-data")
        return found + _unreadable("certificate-authority", self.certificate_authority)


@dataclass(frozen=True)
class User:
    """Who speaks. `exec` and `auth_provider` are the maps of the file: how to get credentials from elsewhere."""

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

    def problems(self, name: str) -> list[str]:
        """Tell what keeps a user of this name from being used, as clientcmd's validation does."""
        who = f"the user {name}" if name else "the user"
        found = []
        if self.token and (self.username or self.password):
            found.append(f"{who} has both a token and a user name with password; only one of them can be used")
        if self.client_certificate or self.client_certificate_data:
            found += self._certificate_problems(who)
        if self.exec:
            found += self._exec_problems(who)
        if (self.impersonate_groups or self.impersonate_extra or self.impersonate_uid) and not self.impersonate_user:
            found.append(f"{who} is to act as a group or uid (as-group, as-uid), but not as a user (as)")
        return found

    def _certificate_problems(self, who: str) -> list[str]:
        found = []
        if self.client_certificate and self.client_certificate_data:
            found.append(f"{who} has both client-certificate and client-certificate-data")
        if self.client_key and self.client_key_data:
            found.append(f"{who} has both client-key and client-key-data")
        if not self.client_key and not self.client_key_data:
            found.append(f"{who} has a client certificate and no client-key")
        found += _unreadable("client-certificate", self.client_certificate)
        return found + _unreadable("client-key", self.client_key)

    def _exec_problems(self, who: str) -> list[str]:
        found = [
            f"the exec plug-in of {who} has no {key}" for key in ("command", "apiVersion") if not self.exec.get(key)
        ]
        if self.auth_provider:
            found.append(f"{who} has both an exec plug-in and an auth-provider")
        return found


@dataclass(frozen=True)
class Context:
    """A cluster with a user by their names, and the namespace for what names none."""

    cluster: str = ""
    user: str = ""
    namespace: str = ""


@dataclass(frozen=True)
class KubeconfigFile:
    """What one file, or several merged ones, hold; relative paths in it are already resolved."""

    current_context: str = ""
    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=dict)
    contexts: Mapping[str, Context] = field(default_factory=dict)


def read_kubeconfig_file(path: Path) -> KubeconfigFile:
    """Read a file of YAML or JSON. Raises KubeconfigError naming it, and FileNotFoundError when there is none."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError from None
    except (OSError, ValueError):
        pass  # reading it says what is wrong
    try:
        with border():
            root = _root(path)
    except InputError as error:
        raise KubeconfigError(error.message, hint=error.hint) from None
    return _Reader(path).read(root)


def credential_file(path: str, what: str) -> bytes:
    """Return the content of a file that a field or a flag names; nothing for no path. Raises KubeconfigError."""
    try:
        return read_file(Path(path), MAX_CREDENTIAL_BYTES, name=named(what, path)) if path else b""
    except InputError as error:
        raise KubeconfigError(error.message) from None


def _root(path: Path) -> Any:
    """Return the plain data of the file's first document; None for an empty one. Raises InputError."""
    text = decode(read_file(path, MAX_KUBECONFIG_BYTES), str(path))
    for document in read_documents(text, str(path)):
        if document.root is not None:
            try:
                return native(document.root)
            except SyntaxProblemError as problem:
                document.fail(problem)
    return None


def _unreadable(field_name: str, path: str) -> list[str]:
    """Return what is wrong with a file that a field names, if anything."""
    try:
        if path:
            check_readable(Path(path), name=named(field_name, path))
    except InputError as error:
        return [error.message]
    return []


T = TypeVar("T", Cluster, User, Context)


class _Reader:
    """Turns one file's plain data into dataclasses. Raises KubeconfigError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = Path.cwd() / path.parent  # links in it stay, as client-go leaves them

    def read(self, root: Any) -> KubeconfigFile:
        if root is None:
            return KubeconfigFile()
        if not isinstance(root, Mapping):
            raise self._error("is no map of clusters, users and contexts")
        if root.get("kind") not in (None, "", "Config") or root.get("apiVersion") not in (None, "", "v1"):
            raise self._error("is no kubeconfig (apiVersion: v1, kind: Config)")
        return KubeconfigFile(
            current_context=self._text(root.get("current-context"), "current-context"),
            clusters=self._named(root, "clusters", "cluster", Cluster),
            users=self._named(root, "users", "user", User),
            contexts=self._named(root, "contexts", "context", Context),
        )

    def _named(self, root: Mapping[str, Any], plural: str, singular: str, kind: type[T]) -> dict[str, T]:
        """Read a list of {name, <singular>}; a name that is there twice is refused, as client-go does."""
        found: dict[str, T] = {}
        for number, entry in enumerate(self._list(root.get(plural), plural), start=1):
            where = f"{plural}, entry {number}"
            data = self._map(entry, where)
            name = self._text(data.get("name"), f"{where}: name")
            if name in found:
                raise self._error(f"{plural}: the name {name} is there twice")
            found[name] = self._stanza(self._map(data.get(singular), where), kind, f"{singular} {name}")
        return found

    def _stanza(self, data: Mapping[str, Any], kind: type[T], where: str) -> T:
        readers: dict[type, Callable[[Any, str], Any]] = {
            str: self._text,
            bool: self._switch,
            bytes: self._base64,
            tuple: self._list,
            dict: self._map,
        }
        empty = kind()
        values = {}
        for one in fields(kind):
            key = one.metadata.get("key", one.name.replace("_", "-"))
            values[one.name] = readers[type(getattr(empty, one.name))](data.get(key), f"{where}: {key}")
        stanza = replace(empty, **values)
        return replace(stanza, **self._resolved(stanza))

    def _resolved(self, stanza: Cluster | User | Context) -> dict[str, Any]:
        """Return the fields whose paths are relative to this file; a plug-in is one when its command has a slash."""
        written = {name: getattr(stanza, name, "") for name in _PATHS}
        changed: dict[str, Any] = {name: str(self._folder / path) for name, path in written.items() if path}
        command = stanza.exec.get("command") if isinstance(stanza, User) else None
        if isinstance(stanza, User) and isinstance(command, str) and os.sep in command:
            changed["exec"] = {**stanza.exec, "command": str(self._folder / command)}
        return changed

    def _text(self, value: Any, where: str) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        raise self._error(f"{where} is no text; put it in quotes")

    def _switch(self, value: Any, where: str) -> bool:
        if value is None or isinstance(value, bool):
            return bool(value)
        raise self._error(f"{where} is neither true nor false")

    def _base64(self, value: Any, where: str) -> bytes:
        try:
            return base64.b64decode("".join(self._text(value, where).split("\n")), validate=True)
        except (binascii.Error, ValueError):
            raise self._error(f"{where} is not base64") from None

    def _list(self, value: Any, where: str) -> tuple[Any, ...]:
        if value is None or isinstance(value, list):
            return tuple(value or ())
        raise self._error(f"{where} is no list")

    def _map(self, value: Any, where: str) -> dict[str, Any]:
        if value is None or isinstance(value, dict):
            return value or {}
        raise self._error(f"{where} is no map")

    def _error(self, problem: str) -> KubeconfigError:
        return KubeconfigError(f"{self._path}: {problem}", hint="correct the kubeconfig, or name another: --kubeconfig")
