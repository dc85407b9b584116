"""A running test API server as its users see it: where it is, how to get in, and how to put a server behind it.

Who started it and who ends it is said elsewhere: controlplane.py owns processes, shared_controlplane.py shares one set.
"""

import json
from pathlib import Path
from typing import Any

from tests.support.kubeapi import KubeApi

SERVICE_PORT = 8080
# Every exposed pod has this address of TEST-NET-2 (RFC 5737): endpoints may not be loopback addresses, and no real host
# has it. egress.py answers for it.
POD_ADDRESS = "198.51.100.10"


class Cluster:
    """An API server at https://127.0.0.1:`port` whose certificate `ca_file` vouches for."""

    def __init__(self, *, folder: Path, port: int, admin_token: str) -> None:
        self.folder = folder
        self.host = "127.0.0.1"
        self.port = port
        self.url = f"https://127.0.0.1:{port}"
        self.ca_file = folder / "ca.crt"
        self.admin_token = admin_token

    def kube(self, token: str | None = None) -> KubeApi:
        """Return a client that speaks with `token`, or as the administrator."""
        return KubeApi(self.port, self.ca_file, token or self.admin_token)

    def kubeconfig(self, path: Path, *, token: str | None = None, namespace: str = "default") -> Path:
        """Write a kubeconfig for `token`, or for the administrator, to `path` (mode 0600), and return `path`."""
        cluster = {"server": self.url, "certificate-authority": str(self.ca_file)}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "tests",
            "clusters": [{"name": "tests", "cluster": cluster}],
            "users": [{"name": "tests", "user": {"token": token or self.admin_token}}],
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "tests", "namespace": namespace}}],
        }
        path.touch(mode=0o600)
        path.write_text(json.dumps(content, indent=2))  # every reader of YAML reads JSON
        return path

    def service_account_token(self, namespace: str, name: str) -> str:
        """Return a fresh one-hour token of a ServiceAccount that exists, as a pod would be given (TokenRequest)."""
        path = self.kube().path("v1/ServiceAccount", namespace, name, "token")
        spec = {"expirationSeconds": 3600}
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        answer = json.loads(self.kube().request("POST", path, json.dumps(request).encode()))
        token: str = answer["status"]["token"]
        return token

    def expose(self, namespace: str, service_name: str, port_name: str, local_port: int) -> str:
        """Put the HTTP server at 127.0.0.1:`local_port` behind a Service, and return its path in the service proxy.

        `kube.request("GET", path + "/v1/cert.pem")` then reaches it. Calling this again moves the Service to another
        port. There are neither nodes nor kubelets here, so the Pod and the endpoints that a cluster would make are
        written by hand; the proxy insists on a Pod that has the endpoint's address as its own.
        """
        kube = self.kube()
        for obj in _backing(namespace, service_name, port_name, local_port):
            kube.apply(obj, namespace)
        running = {"status": {"phase": "Running", "podIP": POD_ADDRESS, "podIPs": [{"ip": POD_ADDRESS}]}}
        kube.patch("v1/Pod", service_name, running, namespace, subresource="status")
        return kube.path("v1/Service", namespace, f"http:{service_name}:{port_name}", "proxy")


def _backing(namespace: str, name: str, port_name: str, port: int) -> list[dict[str, Any]]:
    """Return Pod, Service, Endpoints (which older API servers look at) and EndpointSlice of one exposed server."""
    target = {"kind": "Pod", "namespace": namespace, "name": name}
    endpoint_port = {"name": port_name, "port": port}
    return [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {"containers": [{"name": "server", "image": "runs-on-the-host"}]},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name},
            "spec": {"ports": [{"name": port_name, "port": SERVICE_PORT, "targetPort": port}]},
        },
        {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": name},
            "subsets": [{"addresses": [{"ip": POD_ADDRESS, "targetRef": target}], "ports": [endpoint_port]}],
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": name, "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4",
            "ports": [endpoint_port],
            "endpoints": [{"addresses": [POD_ADDRESS], "targetRef": target, "conditions": {"ready": True}}],
        },
    ]
