"""What the refusals of an API server, and of the controller behind it, mean to a person, and what to do about each."""

import json
from collections.abc import Mapping
from typing import Any

from sealwright_cli.controlleraddress import ControllerAddress
from sealwright_cli.errors import ClusterError, UnsealingError
from sealwright_cli.kubehttp import Answer

MAX_WORDS = 300
"""How many characters of a server's own words are passed on."""

_ROLE = "the Role sealed-secrets-service-proxier of the controller's manifests grants it"
_WHERE = "name the controller's Service with --controller-name and --controller-namespace"


def status_of(answer: Answer) -> Mapping[str, Any] | None:
    """Return the Kubernetes Status in an answer of the API server itself; None for any other body."""
    try:
        status = json.loads(answer.body)
    except ValueError:
        return None
    return status if isinstance(status, dict) and status.get("kind") == "Status" else None


def is_about_the_port(status: Mapping[str, Any] | None) -> bool:
    """Tell whether the API server says that the Service has no port of that name."""
    return status is not None and "no service port" in str(status.get("message"))


def no_service(address: ControllerAddress) -> ClusterError:
    """Return the error for a Service that does not exist."""
    return ClusterError(f"there is no Service {address.name} in namespace {address.namespace}", hint=_WHERE)


def refusal(answer: Answer, address: ControllerAddress, port: str | None, method: str, verb: str) -> Exception:
    """Return what to raise for an answer that is no success.

    `port` is the port that was asked through the service proxy, None when the Service itself was read; `verb` the
    controller's endpoint.
    """
    status = status_of(answer)
    words = _words(answer, status)
    if answer.status == 401:
        return ClusterError(
            f"the API server does not know who you are (401){words}", hint="log in again, or renew the token"
        )
    if answer.status == 403 and (status is not None or port is None):
        return _forbidden(address, port, method, words)
    if status is not None:
        return _of_the_api_server(answer.status, status, address, words)
    return _of_the_controller(answer.status, address, verb, words)


def _forbidden(address: ControllerAddress, port: str | None, method: str, words: str) -> ClusterError:
    right = "get" if method == "GET" else "create"
    if port is None:
        what = f"{right} services on {address.name}"
    else:
        what = f"{right} services/proxy on http:{address.name}:{port}"
    return ClusterError(
        f"forbidden: you may not {what} in namespace {address.namespace}{words}",
        hint=f"ask for the right to {what} there; {_ROLE}",
    )


def _of_the_api_server(code: int, status: Mapping[str, Any], address: ControllerAddress, words: str) -> ClusterError:
    if code == 404:
        return no_service(address)
    if code == 503 and "no endpoints" in str(status.get("message")):
        return ClusterError(
            f"the Service {address} has no endpoints (503): the controller is not running, or not ready",
            hint=f"look at its pods in namespace {address.namespace}",
        )
    return ClusterError(f"the API server could not reach the controller {address}: it answered {code}{words}")


def _of_the_controller(code: int, address: ControllerAddress, verb: str, words: str) -> Exception:
    if code == 409:
        return UnsealingError(f"the object could not be unsealed by the controller {address} (409){words}")
    if code == 429:
        return ClusterError(f"the controller {address} answers no more for now (429)", hint="try again in a while")
    if code == 404:
        return ClusterError(f"what answers at the Service {address} has no /v1/{verb} (404)", hint=_WHERE)
    return ClusterError(f"the controller {address} answered {code} to /v1/{verb}{words}")


def _words(answer: Answer, status: Mapping[str, Any] | None) -> str:
    """Return the server's words, to be put behind ours; nothing where they are a page for browsers."""
    text = str(status.get("message") or "") if status is not None else answer.body.decode("utf-8", errors="replace")
    text = " ".join(text.split())
    if not text or text.startswith("<"):
        return ""
    return f": {text[:MAX_WORDS]}" + "…" * (len(text) > MAX_WORDS)
