"""Explains refusals of an API server, and of the controller behind it, with a hint for each."""

import json
import re
from collections.abc import Mapping
from typing import Any

from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.cluster.connection import Answer
from sealwright_cli.messages.errors import BusyError, CliError, ClusterError, InputError, UnsealingError
from sealwright_conventions.records import record

MAX_WORDS = 300
"""How many characters of a server's own message are shown."""

_HOW_TO_NAME_IT = "name the controller's Service with --controller-name and --controller-namespace"
_FORBIDDEN_USER = re.compile(r'is forbidden: User "([^"]{1,253})" cannot')
_TEMPORARY = (502, 503, 504)


@record
class Right:
    """One right, as RBAC grants it: `verb` on `resource`, in a namespace, for the object `name`; if empty, for all."""

    verb: str
    resource: str
    namespace: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}{f' on {self.name}' * bool(self.name)} in namespace {self.namespace}"


def status_of(answer: Answer) -> Mapping[str, Any] | None:
    """Return the Kubernetes Status in the API server's own answer; None for any other body."""
    try:
        status = json.loads(answer.body)
    except ValueError:
        return None
    return status if isinstance(status, dict) and status.get("kind") == "Status" else None


def is_about_the_way(answer: Answer) -> bool:
    """Tell whether an answer of the service proxy may mean that the Service or its port has another name.

    The API server answers "no endpoints" (503) for a port that does not exist, and "no Service" (404) for a Service
    without endpoints. A right (403) may exist for another port.
    """
    return answer.status in (403, 404) or (answer.status == 503 and status_of(answer) is not None)


def no_service(address: ControllerAddress) -> ClusterError:
    """Return the error for a Service that does not exist."""
    return ClusterError(
        f"there is no Service {address.name} in namespace {address.namespace}", hint=_HOW_TO_NAME_IT, final=True
    )


def refusal(answer: Answer, right: Right, hint: str = "") -> ClusterError:
    """Return the error for a refusal by the API server; `right` was needed, `hint` tells who grants it."""
    words = _words(answer)
    if answer.status == 401:
        return ClusterError(
            f"the API server rejected your credentials (401){words}",
            hint="log in again, or renew the token",
            final=True,
        )
    if answer.status == 403:
        return _forbidden(answer, right, hint or "ask for that right")
    return ClusterError(f"the API server answered {answer.status}{words}", unreachable=answer.status in _TEMPORARY)


def proxy_refusal(answer: Answer, address: ControllerAddress, right: Right, endpoint: str) -> CliError:
    """Return the error for an unsuccessful answer of the service proxy.

    It says who answered: the API server, with a Status, or the controller behind it.
    """
    status = status_of(answer)
    if answer.status == 401 or (answer.status == 403 and status is not None):
        return refusal(answer, right, "the Role sealed-secrets-service-proxier of the controller's manifests grants it")
    if status is None:
        return _of_the_controller(answer, address, endpoint)
    message = str(status.get("message"))
    if answer.status == 404:
        return ClusterError(
            f"there is no Service {address.name} in namespace {address.namespace}, or no pod behind it",
            hint=_HOW_TO_NAME_IT,
        )
    if answer.status == 503 and "no endpoints" in message:
        return ClusterError(
            f"the Service {address} has no endpoints (503): the controller is not running, or not ready",
            hint=f"look at its pods in namespace {address.namespace}, and whether that is its Service",
            unreachable=True,
        )
    return ClusterError(
        f"the API server could not reach the controller {address}: it answered {answer.status}{_words(answer)}",
        hint=f"is the controller running? kubectl -n {address.namespace} get pods -l name={address.name}",
        unreachable=answer.status in _TEMPORARY,
    )


def _forbidden(answer: Answer, right: Right, hint: str) -> ClusterError:
    """Name the missing right and the user without it, instead of the server's longer message."""
    words = _words(answer)
    user = _FORBIDDEN_USER.search(words)
    who, words = (f"user {user[1]}", "") if user else ("you", words)
    return ClusterError(f"forbidden: {who} may not {right}{words}", hint=hint)


def _of_the_controller(answer: Answer, address: ControllerAddress, endpoint: str) -> CliError:
    code, words = answer.status, _words(answer)
    match code:
        case 409:
            return UnsealingError(
                f"the controller {address} could not unseal it (409){words}",
                hint="seal it again with this cluster's certificate, for exactly this name, namespace and scope",
            )
        case 400 | 413 | 422:
            return InputError(f"the controller {address} does not accept it ({code}){words}", hint="correct the object")
        case 429:
            return BusyError(
                f"the controller {address} accepts no more requests at present (429)",
                hint="try again in a minute",
                pause_seconds=answer.retry_after_seconds,
            )
        case _ if answer.is_success:
            return ClusterError(
                f"the Service {address} answers /v1/{endpoint} with a web page",
                hint=_HOW_TO_NAME_IT,
            )
        case 404:
            return ClusterError(f"the Service {address} has no /v1/{endpoint} (404)", hint=_HOW_TO_NAME_IT)
    return ClusterError(
        f"the controller {address} answered {code} to /v1/{endpoint}{words}",
        unreachable=code in _TEMPORARY,
        about_object=True,
    )


def _words(answer: Answer) -> str:
    """Return the server's message, to follow ours; empty for a page for browsers."""
    status = status_of(answer)
    text = str(status.get("message") or "") if status is not None else answer.body.decode("utf-8", errors="replace")
    text = " ".join(text.split())
    if not text or answer.is_page:
        return ""
    return f": {text[:MAX_WORDS]}{'…' * (len(text) > MAX_WORDS)}"
