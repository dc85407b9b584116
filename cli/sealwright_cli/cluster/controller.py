"""What the commands ask of the controller: its certificate, whether it opens an object, and to re-encrypt one.

All requests go through the API server's service proxy, which needs one right on one Service. `connection` sends the
requests, `refusals` explains refusals; other ways to the certificate are in `podaccess` and `keysecrets`.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import quote

from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.cluster.connection import JSON, Answer, Connection
from sealwright_cli.cluster.kubeconfig import Kubeconfig
from sealwright_cli.cluster.refusals import Right, is_about_the_way, no_service, proxy_refusal, refusal, status_of
from sealwright_cli.messages.errors import ClusterError

DEFAULT_PORT = "http"
"""The name of the Service's port in the controller's manifests."""
MAX_WAITS = 10
"""How often a request is sent to a controller that is too busy; kubectl's library retries as often."""
LONGEST_WAIT_SECONDS = 30


class ControllerClient:
    """Speaks to one controller through the API server of a Kubeconfig; `close` it, or use it as a context manager."""

    def __init__(
        self, kubeconfig: Kubeconfig, address: ControllerAddress, wait: Callable[[float], None] = time.sleep
    ) -> None:
        """Prepare the connection; `wait` sleeps for seconds. Raises KubeconfigError, and ClusterError for a plug-in."""
        self.address = address
        self._wait = wait
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
        """Return the body that the controller serves as its certificate: PEM if valid. Raises ClusterError."""
        return self._call("GET", "cert.pem")

    def verify(self, body: bytes, *, is_patient: bool = True) -> None:
        """Ask whether the controller can open a SealedSecret (one manifest, JSON or YAML).

        Raises UnsealingError if it cannot, ClusterError if it cannot be asked. Who is not patient gets a BusyError at
        once from a controller that is too busy.
        """
        self._call("POST", "verify", body, is_patient=is_patient)

    def rotate(self, body: bytes) -> bytes:
        """Have the controller re-encrypt a SealedSecret to its newest key; returns JSON. Raises as `verify`."""
        return self._call("POST", "rotate", body)

    def service(self) -> dict[str, Any]:
        """Return the controller's Service. Raises ClusterError."""
        answer = self.connection.request("GET", self._path(self.address.name), accept=JSON)
        if answer.status == 404:
            raise no_service(self.address)
        if not answer.is_success:
            raise refusal(answer, Right("get", "services", self.address.namespace, self.address.name))
        return answer.object("the controller's Service")

    def _call(self, method: str, endpoint: str, body: bytes | None = None, *, is_patient: bool = True) -> bytes:
        """Call an endpoint at the usual port and, if the Service may have another port, at that port."""
        answer = self._send(method, endpoint, body, is_patient=is_patient)
        if not answer.is_success and self._port == DEFAULT_PORT and is_about_the_way(answer):
            port = self._own_port(answer)
            if port != self._port:
                self._port = port
                answer = self._send(method, endpoint, body, is_patient=is_patient)
        if not answer.is_success or answer.is_page:
            verb = "get" if method == "GET" else "create"
            right = Right(verb, "services/proxy", self.address.namespace, self._proxied)
            raise proxy_refusal(answer, self.address, right, endpoint)
        return answer.body

    def _own_port(self, first: Answer) -> str:
        """Return the name of the Service's first port; "" if it has no name.

        For a user who may not read the Service, the `first` answer of the API server says more: the port stays as it
        is. Raises ClusterError if the Service does not exist, or if it may not be read and nothing else is known.
        """
        try:
            service = self.service()
        except ClusterError as error:
            if error.final or status_of(first) is None:
                raise
            return self._port
        try:
            return str(service["spec"]["ports"][0].get("name") or "")
        except (LookupError, TypeError, AttributeError):
            raise ClusterError(f"the Service {self.address} has no ports") from None

    @property
    def _proxied(self) -> str:
        """The Service in the notation of the proxy and of RBAC: scheme, name and port."""
        return f"http:{self.address.name}:{self._port}"

    def _send(self, method: str, endpoint: str, body: bytes | None, *, is_patient: bool) -> Answer:
        """Send a request; whoever is patient repeats it while the server is too busy and says when to retry."""
        path = f"{self._path(self._proxied)}/proxy/v1/{endpoint}"
        for _ in range(MAX_WAITS):
            answer = self.connection.request(method, path, body, content_type="" if body is None else JSON)
            pause = answer.retry_after_seconds
            is_busy = answer.status == HTTPStatus.TOO_MANY_REQUESTS
            if not (is_busy and is_patient) or pause is None or pause > LONGEST_WAIT_SECONDS:
                return answer
            self._wait(pause)
        return answer

    def _path(self, name: str) -> str:
        return f"/api/v1/namespaces/{quote(self.address.namespace, safe='')}/services/{quote(name, safe=':')}"
