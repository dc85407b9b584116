"""What the command line asks of a cluster: the controller's certificate, whether it opens an object, a new sealing.

All of it goes through the API server's service proxy, which needs one right on one Service. How requests are sent is
`kubehttp`'s business, what refusals mean `clustererrors`'.
"""

import json
from typing import Any, Self
from urllib.parse import quote

from sealwright_cli.clustererrors import (
    is_about_the_port,
    no_service,
    refusal,
    status_of,
)
from sealwright_cli.controlleraddress import ControllerAddress
from sealwright_cli.errors import ClusterError
from sealwright_cli.kubeconfig import Kubeconfig
from sealwright_cli.kubehttp import Answer, Connection

DEFAULT_PORT = "http"
"""The name of the Service's port in the controller's manifests."""

_JSON = "application/json"


class ControllerClient:
    """Speaks to one controller through the API server of a Kubeconfig; `close` it, or use it as a context manager."""

    def __init__(self, kubeconfig: Kubeconfig, address: ControllerAddress) -> None:
        """Prepare the connection. Raises KubeconfigError, and ClusterError when an exec plug-in fails."""
        self.address = address
        self.connection = Connection(kubeconfig)
        self._port = DEFAULT_PORT

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def fetch_certificate(self) -> bytes:
        """Return what the controller serves as its certificate: PEM, if all is well. Raises ClusterError."""
        return self._call("GET", "cert.pem")

    def verify(self, body: bytes) -> None:
        """Ask the controller whether it opens a SealedSecret (one manifest, JSON or YAML). Raises ClusterError."""
        self._call("POST", "verify", body)

    def rotate(self, body: bytes) -> bytes:
        """Return a SealedSecret sealed anew by the controller to its current key, as JSON. Raises ClusterError."""
        return self._call("POST", "rotate", body)

    def _call(self, method: str, verb: str, body: bytes | None = None) -> bytes:
        """Call an endpoint at the port that is known or usual and, if that one is not there, at the Service's own."""
        answer = self._send(method, verb, body)
        if not _is_success(answer) and self._port == DEFAULT_PORT and _may_be_the_port(answer):
            port = self._service_port(answer)
            if port is not None and port != self._port:
                self._port = port
                answer = self._send(method, verb, body)
        if not _is_success(answer):
            raise refusal(answer, self.address, self._port, method, verb)
        return answer.body

    def _send(self, method: str, verb: str, body: bytes | None) -> Answer:
        path = f"{self._service_path(f'http:{self.address.name}:{self._port}')}/proxy/v1/{verb}"
        return self.connection.request(method, path, body, content_type=_JSON if body is not None else "")

    def _service_path(self, name: str) -> str:
        return f"/api/v1/namespaces/{quote(self.address.namespace, safe='')}/services/{quote(name, safe=':')}"

    def _service_port(self, first: Answer) -> str | None:
        """Return the name of the Service's first port, "" when it has none; None when nobody lets us look.

        Raises ClusterError when there is no such Service, and when the look-up was needed and forbidden.
        """
        answer = self.connection.request("GET", self._service_path(self.address.name), accept=_JSON)
        if _is_success(answer):
            return _first_port(answer.body)
        if answer.status == 404:
            raise no_service(self.address)
        if first.status == 403:
            return None  # the first refusal says what is missing
        if answer.status in (401, 403):
            raise refusal(answer, self.address, None, "GET", "")
        return None


def _is_success(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def _may_be_the_port(answer: Answer) -> bool:
    """Tell whether the Service's port could have another name than the one that was tried."""
    return answer.status in (403, 404) or (answer.status == 503 and is_about_the_port(status_of(answer)))


def _first_port(body: bytes) -> str | None:
    try:
        service: Any = json.loads(body)
        return str(service["spec"]["ports"][0].get("name") or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ClusterError("the API server's description of the controller's Service has no ports") from None
