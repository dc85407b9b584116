"""What the API server's refusals and the network's failures mean to the controller, and what may be said of them.

Every answer that is not a success, and every exception of the client below, becomes one of the gateway's errors here.
The server's own words are passed on only where they cannot quote a Secret: for a Secret that was sent to it, they
are replaced by field paths, reasons and texts known to hold no value.
"""

import re
from collections.abc import Mapping, Sequence
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

MAX_MESSAGE_CHARACTERS = 500
"""How much of a message of the API server is passed on."""

_BY_CODE: Mapping[int, type[GatewayError]] = {
    404: NotFoundError,
    408: UnavailableError,
    410: ExpiredError,
    429: UnavailableError,
}

# Texts of Kubernetes' own validation and admission, found in a message, and what is said in their place.
_KNOWN_TEXTS = (
    ("field is immutable when `immutable` is set", "field is immutable when `immutable` is set"),
    ("field is immutable", "field is immutable"),
    ("is being terminated", "its namespace is being deleted"),
    ("exceeded quota", "a quota of its namespace is used up"),
    ("request is too large", "it is larger than the cluster stores"),
    ("message larger than max", "it is larger than the cluster stores"),
    ("illegal base64 data", "a value in data is not base64"),
)
# The two refusals whose names (of the user, the right, the webhook) a person needs; both forms leave no room for data.
_KNOWN_FORMS = (
    re.compile(
        r'User "[^"]{1,300}" cannot \w+ resource "[\w/]+" in API group "[\w.]*"'
        r'( in the namespace "[\w.-]+"| at the cluster scope)'
    ),
    re.compile(r'admission webhook "[\w.-]+" denied the request'),
)
# What etcd, or the way to it, says of an object that is too large: with code 500, but no other try will end otherwise.
_TOO_LARGE = re.compile(r"request is too large|message larger than max")
_FIELD_PATH = re.compile(r"[\w.\[\]/-]{1,200}")
_FIELD_TEXTS: Mapping[str, str] = {
    "FieldValueDuplicate": "is there twice",
    "FieldValueForbidden": "is not allowed",
    "FieldValueInvalid": "is invalid",
    "FieldValueNotSupported": "is not supported",
    "FieldValueRequired": "is required",
    "FieldValueTooLong": "is too long",
    "FieldValueTooMany": "has too many entries",
    "FieldValueTypeInvalid": "has the wrong type",
}


def status_of(body: bytes) -> Mapping[str, Any]:
    """Return the Status object in an answer's body; a body that holds none counts as an empty Status."""
    try:
        status = read_json(body)
    except ValueError:
        return {}
    return status if isinstance(status, dict) else {}


def answer_error(code: int, status: Mapping[str, Any], about: str, *, confidential: bool) -> GatewayError:
    """Return the error that an answer of the API server means.

    `code` is the HTTP status or a watch error's `code`; `status` the metav1.Status that came with it; `about` what the
    call was about, in words. With `confidential`, no text of the server is passed on that may quote what was sent.
    """
    text = _known_text(status) if confidential else _text(status)
    return _error_type(code, status)(f"{about}: {text or 'refused'} (HTTP {code})")


def connection_error(error: Exception, about: str) -> UnavailableError:
    """Return the error for a call that got no answer.

    Of the exception, only an operating system's or TLS error is quoted: others may hold a header with the token.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    why = type(error).__name__ if cause is None else cause.strerror or str(cause) or type(cause).__name__
    return UnavailableError(f"{about}: no answer from the API server ({_trimmed(why)})")


def _error_type(code: int, status: Mapping[str, Any]) -> type[GatewayError]:
    if code == 409:
        return AlreadyExistsError if status.get("reason") == "AlreadyExists" else ConflictError
    if code == 403 and any(cause.get("reason") == "NamespaceTerminating" for cause in _causes(status)):
        return NamespaceEndingError
    if code == 500 and _TOO_LARGE.search(str(status.get("message", ""))):
        return TooLargeError
    return _BY_CODE.get(code) or (RefusedError if 400 <= code < 500 else UnavailableError)


def _text(status: Mapping[str, Any]) -> str:
    return _trimmed(str(status.get("message") or status.get("reason") or ""))


def _known_text(status: Mapping[str, Any]) -> str:
    fields = [_field_text(cause) for cause in _causes(status) if cause.get("field")]
    return "; ".join(fields) or _known_part(str(status.get("message", ""))) or _word(status.get("reason"))


def _field_text(cause: Mapping[str, Any]) -> str:
    field = str(cause["field"]) if _FIELD_PATH.fullmatch(str(cause["field"])) else "a field"
    known = _known_part(str(cause.get("message", "")))
    return f"{field}: {known}" if known else f"{field} {_FIELD_TEXTS.get(str(cause.get('reason')), 'is refused')}"


def _known_part(message: str) -> str:
    for found, said in _KNOWN_TEXTS:
        if found in message:
            return said
    forms = (form.search(message) for form in _KNOWN_FORMS)
    return next((form.group() for form in forms if form), "")


def _causes(status: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    details = status.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    return [cause for cause in causes if isinstance(cause, dict)] if isinstance(causes, list) else []


def _word(reason: object) -> str:
    return reason if isinstance(reason, str) and reason.isalpha() else ""


def _trimmed(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_MESSAGE_CHARACTERS else text[: MAX_MESSAGE_CHARACTERS - 1] + "…"
