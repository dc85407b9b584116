"""A world whose controllers reach a real API server through an unreliable proxy; people reach it directly."""

from pathlib import Path

from tests.support.cluster import Cluster
from tests.support.unreliable_proxy import UnreliableProxy
from tests.support.wire_faults import WireFaults
from tests.support.worlds import ClusterWorld


class UnreliableWorld(ClusterWorld):
    """See ClusterWorld. `faults` can be healed; every gateway of this world meets them until then."""

    def __init__(self, cluster: Cluster, namespace: str, folder: Path, faults: WireFaults, *, tls: bool = True) -> None:
        super().__init__(cluster, namespace, folder)
        self.faults = faults
        self._proxy = UnreliableProxy(cluster, faults, tls=tls)
        self._proxy.__enter__()
        self._kubeconfig = self._proxy.kubeconfig(folder / "through-the-proxy")

    def close(self) -> None:
        super().close()
        self._proxy.__exit__(None, None, None)
