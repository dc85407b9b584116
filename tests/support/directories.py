"""Folders for the tests of directory mode: what people put into them, and what they find in them."""

import json
import os
import stat
from pathlib import Path
from typing import Any, Protocol

import pytest
from ruamel.yaml import YAML

from sealwright_controller.directory.gateway import DirGateway, Layout
from sealwright_controller.gateway import Gateway, ObjectKey, Resource

DB = ObjectKey("default", "db")
TEXT = """\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db}
spec: {encryptedData: {a: AgBy}}
"""
LINKS = pytest.mark.skipif(os.name == "nt", reason="Windows lets only some users make links")


class Time:
    """A monotonic clock that tests set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Make(Protocol):
    """Makes a gateway over the test's folder."""

    def __call__(self, *, layout: Layout = "manifests", **options: Any) -> DirGateway: ...


def manifest(name: str = "db", namespace: str = "default") -> dict[str, Any]:
    """Return a SealedSecret."""
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"encryptedData": {"password": "AgBy"}},
    }


def secret(name: str = "db", **metadata: Any) -> dict[str, Any]:
    """Return a Secret."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "default", **metadata},
        "type": "Opaque",
        "data": {"password": "cGxhaW50ZXh0", "user": "YWRtaW4="},
    }


def owned(gateway: Gateway) -> dict[str, Any]:
    """Return the metadata of a Secret that the SealedSecret `db` controls."""
    found = gateway.get_sealed_secret(DB)
    assert found is not None
    owner = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "db", "controller": True}
    return {"ownerReferences": [owner | {"uid": found["metadata"]["uid"]}]}


def put(root: Path, name: str, content: str | bytes | dict[str, Any] = TEXT) -> Path:
    """Write a file below `root`."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, dict):
        content = json.dumps(content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def sealed_names(gateway: Gateway) -> list[str]:
    """Return the SealedSecrets that are there, as namespace/name."""
    return sorted(str(ObjectKey.of(item)) for item in gateway.list_page(Resource.SEALED_SECRETS).items)


def problems(root: Path) -> dict[str, str]:
    """Return what people are told about files that cannot be used."""
    path = root / "status" / "_files.yaml"
    return {entry["file"]: entry["problem"] for entry in load(path)} if path.exists() else {}


def load(path: Path) -> Any:
    """Read a YAML file."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def mode(path: Path) -> int:
    """Return a path's permission bits."""
    return stat.S_IMODE(path.stat().st_mode)
