"""The plain data of one kubeconfig file → its clusters, users and contexts. Merges nothing, reads no file."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sealwright_conventions.kubeconfig.stanzas import (
    Cluster,
    Context,
    KubeconfigError,
    KubeconfigFile,
    User,
    in_whole_characters,
)
from sealwright_conventions.records import fields, replace

_PATHS = ("certificate_authority", "client_certificate", "client_key", "token_file")


def read_kubeconfig(root: Any, name: str, resolve: Callable[[str], str]) -> KubeconfigFile:
    """Read the plain data of a kubeconfig; None stands for an empty file.

    `name` is what messages call the file; `resolve` makes a path relative to the file's folder absolute. Raises
    KubeconfigError.
    """
    return _Reader(name, resolve).read(in_whole_characters(root))


T = TypeVar("T", Cluster, User, Context)


class _Reader:
    """Turns one file's plain data into records. Raises KubeconfigError."""

    def __init__(self, name: str, resolve: Callable[[str], str]) -> None:
        self._name = name
        self._resolve = resolve

    def read(self, root: Any) -> KubeconfigFile:
        if root is None:
            return KubeconfigFile()
        if not isinstance(root, Mapping):
            raise self._error("is not a map of clusters, users and contexts")
        if root.get("kind") not in (None, "", "Config") or root.get("apiVersion") not in (None, "", "v1"):
            raise self._error("is not a kubeconfig (apiVersion: v1, kind: Config)")
        return KubeconfigFile(
            current_context=self._text(root.get("current-context"), "current-context"),
            clusters=self._named(root, "clusters", "cluster", Cluster),
            users=self._named(root, "users", "user", User),
            contexts=self._named(root, "contexts", "context", Context),
        )

    def _named(self, root: Mapping[str, Any], plural: str, singular: str, kind: type[T]) -> dict[str, T]:
        """Read a list of {name, <singular>}; a repeated name is refused, as by client-go."""
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
        """Return the fields that hold paths relative to this file; a plug-in's command is a path if it has a slash."""
        written = {name: getattr(stanza, name, "") for name in _PATHS}
        changed: dict[str, Any] = {name: self._resolve(path) for name, path in written.items() if path}
        command = stanza.exec.get("command") if isinstance(stanza, User) else None
        if isinstance(stanza, User) and isinstance(command, str) and ("/" in command or "\\" in command):
            changed["exec"] = {**stanza.exec, "command": self._resolve(command)}
        return changed

    def _text(self, value: Any, where: str) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        raise self._error(f"{where} is not text; put it in quotes")

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
        raise self._error(f"{where} is not a list")

    def _map(self, value: Any, where: str) -> dict[str, Any]:
        if value is None or isinstance(value, dict):
            return value or {}
        raise self._error(f"{where} is not a map")

    def _error(self, problem: str) -> KubeconfigError:
        return KubeconfigError(f"{self._name}: {problem}", hint="correct the kubeconfig, or name another: --kubeconfig")
