"""The worlds that a controller can work in, and what people do in them: simulator and real API server.

The third, a directory, is in directory_world.py.

A test that takes a `World` runs in each of them with the same words and the same expectations. What is done and seen
here goes past the gateway under test: through the simulated server's own methods, through files, through HTTP.
"""

import base64
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.cluster import Cluster
from tests.support.kubeapi import ApiError
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.simulator import SEALED_SECRET, SECRET, SimulatedServer

from sealwright_controller.gateway import KEY_LABEL, Gateway, ObjectKey
from sealwright_controller.kube.connecting import connect
from sealwright_controller.kube.gateway import KubeGateway
from sealwright_controller.options.selectors import LabelSelector, parse_label_selector
from sealwright_crypto import SealingKey

_SEALED_SECRET_KIND = "bitnami.com/v1alpha1/SealedSecret"
Object = dict[str, Any]


class Said(NamedTuple):
    """A message for people about one object, and how often it was said."""

    type: str
    reason: str
    message: str
    count: int


class World(ABC):
    """One test's world. `namespace` is the only one that its gateways serve; keys are kept in `keys_namespace`."""

    namespace: str
    keys_namespace: str

    key_secrets_in: tuple[str, ...] = ()
    """Where its gateways let other controllers' key Secrets be written."""

    def __init__(self) -> None:
        self._gateways: list[Gateway] = []

    def gateway(self, *, page_size: int = 500, selector: str = "") -> Gateway:
        """Return a new gateway to this world, as a controller that starts anew would make one."""
        made = self._connect(page_size, parse_label_selector(selector))
        self._gateways.append(made)
        return made

    def close(self) -> None:
        """Close every gateway and clear up."""
        for gateway in self._gateways:
            gateway.close()

    def key(self, name: str) -> ObjectKey:
        """Return the key of an object in the served namespace."""
        return ObjectKey(self.namespace, name)

    def status(self, key: ObjectKey) -> Object:
        """Return the status of a SealedSecret, empty when it has none."""
        status: Object = (self.sealed(key) or {}).get("status") or {}
        return status

    def items(self, key: ObjectKey) -> dict[str, bytes] | None:
        """Return the decoded items of a Secret, None when there is none."""
        secret = self.secret(key)
        data = None if secret is None else secret.get("data") or {}
        return None if data is None else {name: base64.b64decode(value) for name, value in data.items()}

    def add_key(self, key: SealingKey, *, name: str = "key-of-test", label: str | None = "active") -> str:
        """Put a sealing key there, as a person would who restores a backup; returns the Secret's name."""
        labels = {} if label is None else {KEY_LABEL: label}
        self._put_key(key_secret(key, name=name, namespace=self.keys_namespace, labels=labels))
        return name

    def stored_key(self, name: str) -> Object | None:
        """Return a key Secret; None when there is none."""
        return self.secret(ObjectKey(self.keys_namespace, name))

    @abstractmethod
    def put_sealed(self, manifest: Object) -> None:
        """Make a SealedSecret, or bring the one that is there to this form (`kubectl apply`, a commit)."""

    @abstractmethod
    def delete_sealed(self, key: ObjectKey) -> None:
        """Delete a SealedSecret."""

    @abstractmethod
    def sealed(self, key: ObjectKey) -> Object | None:
        """Return a SealedSecret with its status, as a person sees it; None when there is none."""

    @abstractmethod
    def put_secret(self, manifest: Object) -> None:
        """Make a Secret by hand, or edit the one that is there to this form."""

    @abstractmethod
    def delete_secret(self, key: ObjectKey) -> None:
        """Delete a Secret by hand."""

    @abstractmethod
    def secret(self, key: ObjectKey) -> Object | None:
        """Return a Secret; None when there is none."""

    @abstractmethod
    def events(self, key: ObjectKey) -> list[Said]:
        """Return what was said about an object, in no particular order."""

    @abstractmethod
    def relabel_key(self, name: str, value: str | None) -> None:
        """Give a key Secret another value of its label; None takes the label away."""

    @abstractmethod
    def remove_key(self, name: str) -> None:
        """Delete a key Secret."""

    @abstractmethod
    def key_names(self) -> set[str]:
        """Return the names of the key Secrets, whatever their label says."""

    @abstractmethod
    def _connect(self, page_size: int, selector: LabelSelector) -> Gateway: ...

    @abstractmethod
    def _put_key(self, manifest: Object) -> None: ...


class SimulatedWorld(World):
    """A server in memory."""

    namespace = "team-a"
    keys_namespace = "kube-system"

    def __init__(self) -> None:
        super().__init__()
        self.server = SimulatedServer()
        self.server.create_namespace(self.namespace)

    def put_sealed(self, manifest: Object) -> None:
        self.server.put_sealed_secret(manifest)

    def delete_sealed(self, key: ObjectKey) -> None:
        self.server.delete(SEALED_SECRET, key)

    def sealed(self, key: ObjectKey) -> Object | None:
        return self.server.find(SEALED_SECRET, key)

    def put_secret(self, manifest: Object) -> None:
        self.server.put_secret(manifest)

    def delete_secret(self, key: ObjectKey) -> None:
        self.server.delete(SECRET, key)

    def secret(self, key: ObjectKey) -> Object | None:
        return self.server.find(SECRET, key)

    def events(self, key: ObjectKey) -> list[Said]:
        about = [recorded for recorded in self.server.events if recorded.event.about == key]
        return [Said(said.event.type, said.event.reason, said.event.message, said.count) for said in about]

    def relabel_key(self, name: str, value: str | None) -> None:
        secret = self.server.find(SECRET, ObjectKey(self.keys_namespace, name))
        assert secret is not None
        self.server.put_secret(relabelled(secret, value))

    def remove_key(self, name: str) -> None:
        self.server.delete(SECRET, ObjectKey(self.keys_namespace, name))

    def key_names(self) -> set[str]:
        return labelled(self.server.objects(SECRET))

    def delete_namespace(self) -> None:
        self.server.delete_namespace(self.namespace)

    def _connect(self, page_size: int, selector: LabelSelector) -> Gateway:
        return SimulatedGateway(
            self.server,
            own_namespace=self.keys_namespace,
            served_namespaces=[self.namespace],
            selector=selector,
            page_size=page_size,
            key_secrets_in=self.key_secrets_in,
        )

    def _put_key(self, manifest: Object) -> None:
        self.server.put_secret(manifest)


class ClusterWorld(World):
    """A real API server, in a namespace of the test's own and one more for the keys."""

    def __init__(self, cluster: Cluster, namespace: str, folder: Path) -> None:
        super().__init__()
        self._cluster = cluster
        self.kube = cluster.kube()
        self.namespace = namespace
        self.keys_namespace = f"{namespace}-keys"
        self._kubeconfig = cluster.kubeconfig(folder / "kubeconfig")
        self.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.keys_namespace}})

    def close(self) -> None:
        super().close()
        self.kube.delete("v1/Namespace", self.keys_namespace)

    def put_sealed(self, manifest: Object) -> None:
        self._put(_SEALED_SECRET_KIND, manifest)

    def delete_sealed(self, key: ObjectKey) -> None:
        self.kube.delete(_SEALED_SECRET_KIND, key.name, key.namespace)

    def sealed(self, key: ObjectKey) -> Object | None:
        return self.kube.find(_SEALED_SECRET_KIND, key.name, key.namespace)

    def put_secret(self, manifest: Object) -> None:
        self._put("v1/Secret", manifest)

    def delete_secret(self, key: ObjectKey) -> None:
        self.kube.delete("v1/Secret", key.name, key.namespace)

    def secret(self, key: ObjectKey) -> Object | None:
        return self.kube.find("v1/Secret", key.name, key.namespace)

    def events(self, key: ObjectKey) -> list[Said]:
        found = self.kube.list("v1/Event", key.namespace, fields=f"involvedObject.name={key.name}")
        return [Said(event["type"], event["reason"], event["message"], event["count"]) for event in found]

    def relabel_key(self, name: str, value: str | None) -> None:
        self.kube.patch("v1/Secret", name, {"metadata": {"labels": {KEY_LABEL: value}}}, self.keys_namespace)

    def remove_key(self, name: str) -> None:
        self.kube.delete("v1/Secret", name, self.keys_namespace)

    def key_names(self) -> set[str]:
        return labelled(self.kube.list("v1/Secret", self.keys_namespace))

    def delete_namespace(self) -> None:
        self.kube.delete("v1/Namespace", self.namespace)

    def _connect(self, page_size: int, selector: LabelSelector) -> Gateway:
        return KubeGateway(
            connect(self._kubeconfig),
            own_namespace=self.keys_namespace,
            served_namespaces=[self.namespace],
            selector=selector,
            clock=now,
            page_size=page_size,
            key_secrets_in=self.key_secrets_in,
        )

    def _put_key(self, manifest: Object) -> None:
        self._put("v1/Secret", manifest)

    def _put(self, kind: str, manifest: Object) -> None:
        """Make an object or replace it, whatever its version; somebody else may be faster, but not for ever."""
        key = ObjectKey.of(manifest)
        for _ in range(10):
            found = self.kube.find(kind, key.name, key.namespace)
            version = {} if found is None else {"resourceVersion": found["metadata"]["resourceVersion"]}
            written = {**manifest, "metadata": {**_unversioned(manifest["metadata"]), **version}}
            write: Callable[[Object], Object] = self.kube.create if found is None else self.kube.replace
            try:
                write(written)
            except ApiError as error:
                if error.status != 409:
                    raise
            else:
                return
        raise AssertionError(f"{key} changes faster than it can be written")


def key_secret(key: SealingKey, **metadata: Any) -> Object:
    """Return a key Secret's manifest."""
    pems = {"tls.crt": key.certificate.pem.encode(), "tls.key": key.private_key.pem()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "kubernetes.io/tls",
        "data": {name: base64.b64encode(pem).decode() for name, pem in pems.items()},
    }


def now() -> datetime:
    """Return the time, as gateways are given it."""
    return datetime.now(UTC)


def _unversioned(metadata: Object) -> Object:
    return {name: value for name, value in metadata.items() if name not in ("resourceVersion", "managedFields")}


def relabelled(secret: Object, value: str | None) -> Object:
    """Return a key Secret with another value of its label; None takes the label away."""
    labels = {name: text for name, text in (secret["metadata"].get("labels") or {}).items() if name != KEY_LABEL}
    if value is not None:
        labels[KEY_LABEL] = value
    return {**secret, "metadata": {**secret["metadata"], "labels": labels}}


def labelled(secrets: list[Object]) -> set[str]:
    """Return the names of those Secrets that carry the key label, whatever its value."""
    labelled = [secret["metadata"] for secret in secrets if KEY_LABEL in (secret["metadata"].get("labels") or {})]
    return {metadata["name"] for metadata in labelled}
