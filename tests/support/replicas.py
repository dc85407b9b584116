"""Several controllers of one installation, each a process."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.controller_process import ControllerProcess
from tests.support.installation import SEALED_SECRET, Installation
from tests.support.wait import eventually

SECONDS = 60.0
"""How long a replica has to take over, on a machine that does much else."""


class Replicas:
    """Two controllers of one installation."""

    def __init__(self, installation: Installation, folders: Sequence[Path], flags: Sequence[str] = ()) -> None:
        self.installation = installation
        arguments = ["--kubeconfig", str(installation.controller_kubeconfig), "--key-size=2048", *flags]
        environment = {"POD_NAMESPACE": installation.namespace}
        self.both = [ControllerProcess(arguments, folder=folder, environment=environment) for folder in folders]

    def leader(self) -> ControllerProcess:
        """Wait until one leads; return it."""
        return eventually(lambda: next(filter(leads, self.both), None), timeout=SECONDS, what="a replica leads")

    def other_than(self, one: ControllerProcess) -> ControllerProcess:
        return next(each for each in self.both if each is not one)

    def seal(self, namespace: str, name: str, value: str) -> None:
        """Seal a value with what the replicas serve, and apply it."""
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}}
        secret["stringData"] = {"a": value}
        self.installation.apply(self.installation.sealwright("seal", "-o", "json", stdin=json.dumps(secret)))

    def wait_for(self, namespace: str, name: str, value: str) -> None:
        self.installation.wait_for_items(namespace, name, {"a": value}, SECONDS)
        self.installation.wait_for_condition(namespace, name, "True")


@contextmanager
def running(replicas: Replicas) -> Iterator[Replicas]:
    """Start both at the same moment, and stop them at the end."""
    try:
        for one in replicas.both:
            one.start(wait=False)
        for one in replicas.both:
            one.wait_until_ready()
        replicas.installation.certificate.write_text(replicas.both[0].get("/v1/cert.pem")[1])
        yield replicas
    finally:
        for one in replicas.both:
            one.stop()
            print(f"a controller's log: {one.log}")  # shown beside a failure


def leads(one: ControllerProcess) -> bool:
    return "sealwright_leader 1.0" in one.metrics()


def versions(installation: Installation, namespace: str) -> dict[tuple[str, str], str]:
    """Return the resourceVersion of all that controllers write."""
    kinds = (SEALED_SECRET, "v1/Secret", "v1/Event")
    found = [(kind, obj["metadata"]) for kind in kinds for obj in installation.kube.list(kind, namespace)]
    return {(kind, metadata["name"]): metadata["resourceVersion"] for kind, metadata in found}
