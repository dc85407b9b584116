"""What the API server's refusals and network failures mean to the controller, and what may be reported.

Every unsuccessful answer, and every exception of the client below, becomes one of the gateway's errors here. The
server's own words are passed on only where they cannot quote a Secret; if a Secret was sent, `refusals` gives a text
that is known to hold no value.
"""

import re
from collections.abc import Mapping
from typing import Any

from sealwright_controller.gateway import (
    AlreadyExistsError,
    ConflictError,
    ExpiredError,
    GatewayError,
    NamespaceEndingError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    UnavailableError,
)
from sealwright_controller.kube.boundedjson import read_json
from sealwright_controller.kube.refusals import is_ending, refusal_of
from sealwright_controller.objects.reasons import Reason

MAX_MESSAGE_CHARACTERS = 500
"""How much of an API server's message is passed on."""

_BY_CODE: Mapping[int, type[GatewayError]] = {
    404: NotFoundError,
    408: UnavailableError,
    410: ExpiredError,
    429: UnavailableError,
}

# What etcd, or its client, says of a too large object: with code 500, but every retry would fail too.
_TOO_LARGE = re.compile(r"request is too large|message larger than max")


def status_of(body: bytes) -> Mapping[str, Any]:
    """Return the Status object in an answer's body; empty if the body has none."""
    try:
        status = read_json(body)
    except ValueError:
        return {}
    return status if isinstance(status, dict) else {}


def answer_error(code: int, status: Mapping[str, Any], about: str, *, confidential: bool) -> GatewayError:
    """Return the error that an answer of the API server means.

    `code` is the HTTP status or a watch error's `code`; `status` the metav1.Status that came with it; `about` what the
    call was about, in words. With `confidential`, a text of the server that may quote what was sent is not passed on.
    """
    kind = _error_type(code, status)
    if not confidential:
        text = f"{about}: {_text(status) or 'refused'} (HTTP {code})"
        return RefusedError(text, Reason.FORBIDDEN) if code == 403 and kind is RefusedError else kind(text)
    refusal = refusal_of(status)
    text = f"{about}: {refusal.text or 'refused'} (HTTP {code})"
    if refusal.is_certain:  # a webhook or policy may choose any code
        return RefusedError(text, refusal.reason)
    return RefusedError(text, refusal.reason) if kind is RefusedError else kind(text)


def connection_error(error: Exception, about: str) -> UnavailableError:
    """Return the error for a call without an answer.

    Only operating system and TLS errors are quoted; other exceptions may hold a header with the token.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    why = type(error).__name__ if cause is None else cause.strerror or str(cause) or type(cause).__name__
    return UnavailableError(f"{about}: no answer from the API server ({_trimmed(why)})")


def _error_type(code: int, status: Mapping[str, Any]) -> type[GatewayError]:
    if code == 409:
        return AlreadyExistsError if status.get("reason") == "AlreadyExists" else ConflictError
    if code == 403 and is_ending(status):
        return NamespaceEndingError
    if code == 500 and _TOO_LARGE.search(str(status.get("message", ""))):
        return TooLargeError
    return _BY_CODE.get(code) or (RefusedError if 400 <= code < 500 else UnavailableError)


def _text(status: Mapping[str, Any]) -> str:
    return _trimmed(str(status.get("message") or status.get("reason") or ""))


def _trimmed(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_MESSAGE_CHARACTERS else text[: MAX_MESSAGE_CHARACTERS - 1] + "…"
