"""etcd, kube-apiserver and the parts of kube-controller-manager that tests need, owned by this process.

Knows how they are started and stopped; not where their binaries come from (make_apiserver.py), nor how one control
plane serves many test processes (shared_controlplane.py).
"""

import http.client
import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.cluster import Cluster
from tests.support.egress import EgressProxy, egress_selector
from tests.support.kubeapi import ApiError
from tests.support.pki import write_control_plane_pki
from tests.support.processes import Component, ReservedPort, cpu_seconds
from tests.support.wait import eventually

START_SECONDS = 300  # it takes three; a machine that does much else at the same time takes its time
PROJECT_CRD = Path(__file__).parents[2] / "manifests" / "crd.yaml"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class ControlPlane(Cluster):
    """A control plane of one's own: a context manager that starts it, and ends it.

    `assets` holds the binaries; `folder` is an empty one for data, keys, tokens and logs, which only its owner
    can read, and whose path is short enough for a Unix socket in it (100 characters). `crds` are files with one
    CustomResourceDefinition each, installed before the garbage collector starts: it learns of later ones only every
    thirty seconds. `users` are known by their tokens, and have no rights until somebody gives them some: token → name.
    Start it from a thread that lives as long as it should (see tools/building/die_with_parent.py).
    """

    def __init__(
        self, assets: Path, folder: Path, *, crds: Sequence[Path] = (), users: Mapping[str, str] | None = None
    ) -> None:
        self._ports = [ReservedPort() for _ in range(3)]
        super().__init__(folder=folder, port=self._ports[0].number, admin_token=secrets.token_hex(16))
        self._crds = crds
        self._users = dict(users or {})
        self._custom: list[str] = []  # the paths that the installed ones are served at
        self._egress = EgressProxy(folder / "egress.sock")
        self._data = folder / "etcd"
        etcd_url, peer_url = (f"http://127.0.0.1:{port.number}" for port in self._ports[1:])
        self._etcd = Component(assets / "etcd", self._etcd_arguments(etcd_url, peer_url), folder=folder)
        self._apiserver = Component(assets / "kube-apiserver", self._apiserver_arguments(etcd_url), folder=folder)
        self._manager = Component(assets / "kube-controller-manager", self._manager_arguments(), folder=folder)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything; returns when the API server is ready. After a failure nothing is left running.

        Raises ComponentDiedError when a component ends, and ApiError when a CustomResourceDefinition is refused.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything at once; what was stored is of no more use to anybody."""
        self._manager.stop()
        self._apiserver.stop()
        self._etcd.stop()
        self._egress.stop()
        for port in self._ports:
            port.close()

    def start_apiserver(self) -> None:
        """Start the API server, at the same address and with the same data as before, and wait until it is ready."""
        self._serve()
        self._manager.start()

    def stop_apiserver(self) -> None:
        """Stop the API server as an upgrade would, so that every watch ends; connections are refused afterwards."""
        # Without an API server the manager ends by itself after ten seconds, or goes on, as it happens.
        self._manager.stop()
        self._apiserver.stop(grace=20)

    def restart_apiserver(self) -> None:
        """Stop the API server and start it again; returns when it is ready."""
        self.stop_apiserver()
        self.start_apiserver()

    def kill_apiserver(self) -> None:
        """End the API server at once, whatever it is writing, and start it again; returns when it is ready."""
        self._manager.stop()
        self._apiserver.stop()
        self.start_apiserver()

    def kill_etcd(self, *, saved_to: Path | None = None, restored_from: Path | None = None) -> None:
        """End etcd and the API server at once, and start both again; returns when the API server is ready.

        Meanwhile the stored state is copied to a folder that is not there yet, or replaced by such a copy: as when an
        administrator restores a backup, versions go back with it.
        """
        for component in (self._manager, self._apiserver, self._etcd):
            component.stop()
        if saved_to is not None:
            shutil.copytree(self._data, saved_to)
        if restored_from is not None:
            shutil.rmtree(self._data)
            shutil.copytree(restored_from, self._data)
        self._etcd.start()
        self.start_apiserver()

    def signal_apiserver(self, number: int) -> None:
        """Send a signal to the API server: stopped by SIGSTOP it answers nothing until SIGCONT."""
        self._apiserver.signal(number)

    def cpu_seconds(self) -> float:
        """Return the processor time of the running API server and of etcd."""
        return sum(cpu_seconds(component.pid) for component in (self._etcd, self._apiserver))

    def check_running(self) -> None:
        """Raise ComponentDiedError, with the end of its log, if a component has ended by itself."""
        for component in (self._etcd, self._apiserver, self._manager):
            component.check_running()

    def _start(self) -> None:
        write_control_plane_pki(self.folder)
        (self.folder / "egress.json").write_text(egress_selector(self.folder / "egress.sock"))
        (self.folder / "tokens.csv").touch(mode=0o600)
        tokens = [f'{self.admin_token},admin,admin,"system:masters"', *(f"{t},{u},{u}" for t, u in self._users.items())]
        (self.folder / "tokens.csv").write_text("".join(f"{line}\n" for line in tokens))
        self._egress.start()
        self._etcd.start()
        self.kubeconfig(self.folder / "kubeconfig.json")
        self._serve()
        for crd in self._crds:
            self._install(crd)
        self._manager.start()

    def _serve(self) -> None:
        self._apiserver.start()
        eventually(self._is_ready, timeout=START_SECONDS, what="kube-apiserver ready")

    def _is_ready(self) -> bool:
        self.check_running()
        kube = self.kube()
        try:
            # Custom resources are not part of /readyz: at first they are not there, then "storage is (re)initializing".
            return kube.request("GET", "/readyz") == b"ok" and all(kube.request("GET", path) for path in self._custom)
        except (ApiError, OSError, http.client.HTTPException):
            return False

    def _install(self, crd: Path) -> None:
        made = self.kube().request("POST", CRDS, crd.read_bytes(), content_type="application/yaml")
        spec = json.loads(made)["spec"]
        served = [version["name"] for version in spec["versions"] if version["served"]]
        self._custom += [f"/apis/{spec['group']}/{version}/{spec['names']['plural']}" for version in served]
        eventually(self._is_ready, timeout=START_SECONDS, what=f"the custom resources of {crd} served")

    def _etcd_arguments(self, url: str, peer_url: str) -> list[str]:
        return [
            f"--data-dir={self._data}",
            f"--listen-client-urls={url}",
            f"--advertise-client-urls={url}",
            f"--listen-peer-urls={peer_url}",
            f"--initial-advertise-peer-urls={peer_url}",
            f"--initial-cluster=default={peer_url}",
            "--socket-reuse-port",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]

    def _apiserver_arguments(self, etcd_url: str) -> list[str]:
        return [
            f"--etcd-servers={etcd_url}",
            f"--secure-port={self.port}",
            "--permit-port-sharing",
            "--bind-address=127.0.0.1",
            # Never dialled; without it the API server looks for a network, and there is none offline.
            "--advertise-address=192.0.2.1",
            "--endpoint-reconciler-type=none",
            "--service-cluster-ip-range=10.96.0.0/16",
            f"--tls-cert-file={self.folder / 'server.crt'}",
            f"--tls-private-key-file={self.folder / 'server.key'}",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            f"--client-ca-file={self.folder / 'ca.crt'}",
            "--authorization-mode=RBAC",
            f"--service-account-key-file={self.folder / 'service-accounts.key'}",
            f"--service-account-signing-key-file={self.folder / 'service-accounts.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            # It would refuse every Pod until a controller, which does not run here, has made service accounts.
            "--disable-admission-plugins=ServiceAccount",
            # As on OpenShift: who changes the owner of an object has to have the right to delete it.
            "--enable-admission-plugins=OwnerReferencesPermissionEnforcement",
            # Without it, watches are kept open, and the process with them, for a minute after SIGTERM.
            "--shutdown-watch-termination-grace-period=1s",
            f"--egress-selector-config-file={self.folder / 'egress.json'}",
        ]

    def _manager_arguments(self) -> list[str]:
        return [
            f"--kubeconfig={self.folder / 'kubeconfig.json'}",
            # The last one fills in the tokens of ServiceAccounts, in Secrets that ask for them.
            "--controllers=garbagecollector,namespace,resourcequota,serviceaccount-token",
            f"--service-account-private-key-file={self.folder / 'service-accounts.key'}",
            "--leader-elect=false",
            "--secure-port=0",  # it serves nothing
            # Every test leaves a namespace to clear: the default of 20 requests a second would fall behind.
            "--kube-api-qps=500",
            "--kube-api-burst=1000",
        ]
