"""Gateways to a test API server, opened with what a test wants to be special and closed at its end."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.builders import NOW
from tests.support.cluster import Cluster

from sealwright_controller.kube.connecting import connect
from sealwright_controller.kube.gateway import KubeGateway


class KubeGateways:
    """A context manager that closes the gateways which were opened in it; they serve one namespace, with its keys."""

    def __init__(self, cluster: Cluster, namespace: str, folder: Path) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._folder = folder
        self._opened: list[KubeGateway] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for gateway in self._opened:
            gateway.close()

    def open(self, token: str | None = None, **options: Any) -> KubeGateway:
        """Open a gateway with a token, the administrator's by default, and with options of KubeGateway."""
        kubeconfig = self._cluster.kubeconfig(self._folder / "kubeconfig", token=token)
        usual = {"own_namespace": self._namespace, "served_namespaces": [self._namespace], "clock": lambda: NOW}
        gateway = KubeGateway(connect(kubeconfig), **(usual | options))
        self._opened.append(gateway)
        return gateway
