"""A folder as a world that a controller can work in (see worlds.py): people write files, and read what it wrote."""

import base64
import contextlib
import re
import shutil
from pathlib import Path

import yaml
from ruamel.yaml import YAML
from tests.support.worlds import Object, Said, World, labelled, now, relabelled

from sealwright_controller.directory.gateway import DirGateway, Layout
from sealwright_controller.gateway import Gateway, ObjectKey
from sealwright_controller.options.selectors import LabelSelector

_LEAVING_SECONDS = 0.2
_EVENT_LINE = re.compile(r"\S+ (?P<type>\w+) (?P<reason>\w+) (?P<about>\S+) (?P<message>.*?)(?: \(x(?P<count>\d+)\))?")


class DirectoryWorld(World):
    """A folder; people edit its files."""

    namespace = "team-a"
    keys_namespace = "kube-system"

    def __init__(self, root: Path, layout: Layout = "manifests", *, notifications: bool = True) -> None:
        super().__init__()
        self.root = root
        self.layout = layout
        self.notifications = notifications
        for name in ("sealed", "secrets", "keys"):
            (root / name).mkdir(parents=True)

    def put_sealed(self, manifest: Object) -> None:
        path = self._sealed_path(ObjectKey.of(manifest))
        path.parent.mkdir(exist_ok=True)
        _dump(manifest, path)

    def delete_sealed(self, key: ObjectKey) -> None:
        self._sealed_path(key).unlink()

    def sealed(self, key: ObjectKey) -> Object | None:
        manifest = _load(self._sealed_path(key))
        record = _load(self.root / "status" / key.namespace / f"{key.name}.yaml") or {}
        return None if manifest is None else manifest | {"status": record.get("status") or {}}

    def put_secret(self, manifest: Object) -> None:
        key = ObjectKey.of(manifest)
        known = self.secret(key) or {"metadata": {}}
        metadata = {name: value for name, value in manifest["metadata"].items() if name != "resourceVersion"}
        if "uid" in known["metadata"]:
            metadata["uid"] = known["metadata"]["uid"]
        path = self._secret_path(key)
        path.parent.mkdir(exist_ok=True)
        if self.layout == "manifests":
            _dump(manifest | {"metadata": metadata}, path)
            return
        data = manifest.get("data", {})
        (path / "..data").mkdir(parents=True, exist_ok=True)
        _dump({**manifest, "metadata": metadata, "data": {}}, path / "..data" / "..secret.yaml")
        for gone in _value_names(path) - set(data):
            (path / gone).unlink()
        for name, value in data.items():
            (path / name).write_bytes(base64.b64decode(value))

    def delete_secret(self, key: ObjectKey) -> None:
        path = self._secret_path(key)
        if self.layout == "manifests":
            path.unlink()
        else:
            away = path.rename(self.root / f"removed-{path.name}")  # in one step, so that nobody sees half of it
            shutil.rmtree(away)

    def secret(self, key: ObjectKey) -> Object | None:
        path = self._secret_path(key)
        if self.layout == "manifests":
            return _load(path)
        if not path.is_dir():
            return None
        envelope = _load(path / "..data" / "..secret.yaml") or {}
        with contextlib.suppress(FileNotFoundError):  # it is just being removed
            values = {name: base64.b64encode((path / name).read_bytes()).decode() for name in _value_names(path)}
            return envelope | {"data": values}
        return None

    def events(self, key: ObjectKey) -> list[Said]:
        said: dict[tuple[str, str, str], Said] = {}
        log = self.root / "events.log"
        for line in log.read_text().splitlines() if log.exists() else []:
            found = _EVENT_LINE.fullmatch(line)
            assert found is not None, f"not an event's line: {line}"
            if found["about"] == str(key):
                one = Said(found["type"], found["reason"], found["message"], int(found["count"] or 1))
                said[one[:3]] = one
        return list(said.values())

    def relabel_key(self, name: str, value: str | None) -> None:
        secret = _load(self._key_path(name))
        assert secret is not None
        _dump(relabelled(secret, value), self._key_path(name))

    def remove_key(self, name: str) -> None:
        self._key_path(name).unlink()

    def stored_key(self, name: str) -> Object | None:
        return _load(self._key_path(name))

    def key_names(self) -> set[str]:
        found = [_load(path) for path in (self.root / "keys").glob("*.yaml")]
        return labelled([secret for secret in found if secret is not None])

    def _connect(self, page_size: int, selector: LabelSelector) -> Gateway:
        return DirGateway(
            self.root,
            namespace=self.namespace,
            clock=now,
            layout=self.layout,
            selector=selector,
            key_secrets_in=self.key_secrets_in,
            poll_seconds=0.05,
            leaving_seconds=_LEAVING_SECONDS,
            notifications=self.notifications,
        )

    def _put_key(self, manifest: Object) -> None:
        _dump(manifest, self._key_path(manifest["metadata"]["name"]))

    def _sealed_path(self, key: ObjectKey) -> Path:
        return self.root / "sealed" / key.namespace / f"{key.name}.yaml"

    def _secret_path(self, key: ObjectKey) -> Path:
        folder = self.root / "secrets" / key.namespace
        return folder / f"{key.name}.yaml" if self.layout == "manifests" else folder / key.name

    def _key_path(self, name: str) -> Path:
        return self.root / "keys" / f"{name}.yaml"


def _value_names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith("..")}


def _dump(manifest: Object, path: Path) -> None:
    """Write a file as an editor does: emptied first, then filled."""
    # PyYAML quotes texts that mean something else in YAML 1.1, such as yes.
    path.write_text(yaml.safe_dump(manifest, allow_unicode=True), encoding="utf-8")


def _load(path: Path) -> Object | None:
    try:
        loaded: Object | None = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return loaded
