"""Where it happens: a control plane with Sealwright's manifests, replicas behind proxies, and records of all they say."""

import base64
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from tests.support.chaos.people import SEALED_SECRET
from tests.support.chaos.replicas import LAUNCHER, Replica
from tests.support.chaos.truth import Found, Key, Object
from tests.support.controlplane import ControlPlane
from tests.support.installation import KEY_LABEL, NAME, NAMESPACE, Installation
from tests.support.old_versions import OldVersions
from tests.support.unreliable_proxy import Exchange, UnreliableProxy
from tests.support.wire_faults import WireFaults

from sealwright_crypto import KeyMaterialError, load_certificate

OTHER_KINDS = ("v1/Event", "v1/ConfigMap", "coordination.k8s.io/v1/Lease")


class Stage:
    """A context manager. `plane` is running; `folder` is empty and short-lived, and gets whatever is written."""

    def __init__(
        self, plane: ControlPlane, folder: Path, faults: WireFaults, namespaces: list[str], launcher: Path = LAUNCHER
    ) -> None:
        self.plane = plane
        self.folder = folder
        self.kube = plane.kube()
        self.namespaces = namespaces
        self.faults = faults
        self.replicas: list[Replica] = []
        self.secret_writes: Counter[str] = Counter()
        self._launcher = launcher
        self._old = OldVersions()
        self._requests = (folder / "requests.log").open("ab")
        self._answers = (folder / "answers.log").open("ab")
        self._lock = threading.Lock()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self.faults.heal()
        (self.folder / "installation").mkdir()
        installation = Installation(self.plane, self.folder / "installation")
        installation.install()
        for name in self.namespaces:
            self.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        return self

    def __exit__(self, *_: object) -> None:
        for replica in self.replicas:
            replica.resume()
            replica.kill()
        self._open.close()
        self._requests.close()
        self._answers.close()

    def add_replica(self, *flags: str) -> Replica:
        """Start one more replica, behind a proxy of its own."""
        proxy = self._open.enter_context(UnreliableProxy(self.plane, self.faults, recorded=self._record, old=self._old))
        token = self.plane.service_account_token(NAMESPACE, NAME)
        folder = self.folder / f"replica-{len(self.replicas) + 1}"
        replica = Replica(proxy, token, folder, flags, self._launcher)
        self.replicas.append(replica)
        replica.start()
        return replica

    def note_answer(self, about: str, answer: str) -> None:
        """Keep an answer over HTTP for the search."""
        self._answers.write(f"{about}: {answer}\n".encode())

    def find(self) -> Found:
        """Look at everything that the wishes are about."""
        sealed, secrets = (self._all(kind) for kind in (SEALED_SECRET, "v1/Secret"))
        keys = self.kube.list("v1/Secret", NAMESPACE, labels=KEY_LABEL)
        return Found(sealed, secrets, counted(keys), {each["metadata"]["name"] for each in keys})

    def versions(self) -> dict[tuple[str, ...], str]:
        """Return the resourceVersion of all that controllers write, but for their Leases."""
        found = {}
        for kind in (SEALED_SECRET, "v1/Secret", "v1/Event"):
            for namespace in (*self.namespaces, NAMESPACE):
                for obj in self.kube.list(kind, namespace):
                    found[kind, namespace, obj["metadata"]["name"]] = obj["metadata"]["resourceVersion"]
        return found

    def events_told(self) -> int:
        """Return how often anything was told in Events that are there."""
        return sum(int(each.get("count") or 1) for team in self.namespaces for each in self.kube.list("v1/Event", team))

    def said(self) -> Iterator[tuple[str, bytes]]:
        """Yield all that came to light anywhere but in the data of Secrets, each with its place."""
        for replica in self.replicas:
            yield from replica.said()
        for file in (self._requests, self._answers):
            file.flush()
        for name in ("requests.log", "answers.log"):
            yield name, (self.folder / name).read_bytes()
        for path in self.plane.folder.glob("*.log"):
            yield path.name, path.read_bytes()
        for kind in (SEALED_SECRET, *OTHER_KINDS):
            for namespace in (*self.namespaces, NAMESPACE):
                for obj in self.kube.list(kind, namespace):
                    yield f"{kind} {namespace}/{obj['metadata']['name']}", json.dumps(obj).encode()
        for namespace in self.namespaces:
            for secret in self.kube.list("v1/Secret", namespace):
                about = f"metadata of Secret {namespace}/{secret['metadata']['name']}"
                yield about, json.dumps({**secret, "data": None}).encode()

    def _all(self, kind: str) -> dict[Key, Object]:
        found = [obj for namespace in self.namespaces for obj in self.kube.list(kind, namespace)]
        return {(obj["metadata"]["namespace"], obj["metadata"]["name"]): obj for obj in found}

    def _record(self, exchange: Exchange) -> None:
        """Keep what a controller sent, except for Secrets, which are to hold values."""
        asked = exchange.asked
        is_secret = "/secrets" in asked.path
        with self._lock:
            if is_secret and asked.kind == "write" and 200 <= exchange.status < 300:
                self.secret_writes[asked.method] += 1
            body = b"" if is_secret else exchange.body
            self._requests.write(f"{asked.method} {asked.target} {exchange.status} ".encode() + body + b"\n")


def counted(key_secrets: list[dict[str, Any]]) -> dict[str, str]:
    """Return the fingerprints of those key Secrets that count, by name."""
    return {each["metadata"]["name"]: found for each in key_secrets if (found := _fingerprint(each))}


def _fingerprint(key_secret: dict[str, Any]) -> str:
    if key_secret["metadata"]["labels"][KEY_LABEL] != "active":
        return ""
    try:
        return str(load_certificate(base64.b64decode(key_secret["data"]["tls.crt"])).fingerprint)
    except (KeyError, ValueError, KeyMaterialError):
        return ""
