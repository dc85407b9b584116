"""Why the API server refused a Secret: the cause, and what may be reported about it. Pure.

The server's own words may quote the Secret that was sent, and webhooks and policies can write any text. So only fixed
texts are passed on, and names (of a policy, webhook, quota, permission, field or item), found where Kubernetes itself
writes them: at the beginning of a message, before any free text.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sealwright_controller.gateway import bad_item_name
from sealwright_controller.objects.reasons import Reason
from sealwright_manifests.names import is_item_name

IMMUTABLE = "the target Secret is immutable"
"""Upstream's text, which tools match."""

_NAME = r"([\w.:-]{1,253})"
_ABOUT = r'(?:[a-z]+(?: "[\w.-]*")? is forbidden: )?'


class Refusal(NamedTuple):
    """The cause, and a text that never holds a value and may be empty.

    It `is_certain` if Kubernetes itself names who refused; then the HTTP status, which others may choose, is ignored.
    """

    reason: Reason
    text: str
    is_certain: bool = False


class _Form(NamedTuple):
    """How a message begins, and its replacement, with the names in it."""

    pattern: re.Pattern[str]
    reason: Reason
    text: str


_FORMS = (
    _Form(
        re.compile(
            rf"{_ABOUT}((?:Validating|Mutating)AdmissionPolicy) '{_NAME}' with binding '{_NAME}' denied request"
        ),
        Reason.POLICY_DENIED,
        "{0} {1} (binding {2}) denied it",
    ),
    _Form(
        re.compile(rf'admission webhook "{_NAME}" denied the request'),
        Reason.WEBHOOK_DENIED,
        'admission webhook "{0}" denied it',
    ),
    _Form(
        re.compile(rf'Internal error occurred: failed calling webhook "{_NAME}"'),
        Reason.WEBHOOK_UNAVAILABLE,
        'admission webhook "{0}" cannot be called',
    ),
    _Form(
        re.compile(rf"{_ABOUT}exceeded quota: {_NAME},"), Reason.QUOTA_EXCEEDED, "quota {0} of its namespace is used up"
    ),
    _Form(
        re.compile(
            rf'{_ABOUT}(User "[^"]{{1,300}}" cannot \w+ resource "[\w/]+" in API group "[\w.]*"'
            r'(?: in the namespace "[\w.-]+"| at the cluster scope))'
        ),
        Reason.FORBIDDEN,
        "{0}",
    ),
)
_TOO_LARGE = "it is larger than the cluster stores"
# Texts of Kubernetes' own validation in a message, and their replacements.
_TEXTS = (
    ("field is immutable when `immutable` is set", Refusal(Reason.IMMUTABLE, IMMUTABLE)),
    ("field is immutable", Refusal(Reason.IMMUTABLE, "field is immutable")),
    ("request is too large", Refusal(Reason.TOO_LARGE, _TOO_LARGE)),
    ("message larger than max", Refusal(Reason.TOO_LARGE, _TOO_LARGE)),
    ("illegal base64 data", Refusal(Reason.REFUSED, "a value in data is not base64")),
)
_ENDING = Refusal(Reason.REFUSED, "its namespace is being deleted")
_FIELD_PATH = re.compile(r"[\w.\[\]/-]{1,200}")
_ITEM_PATH = re.compile(r"data\[(.+)\]", re.DOTALL)
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


def refusal_of(status: Mapping[str, Any]) -> Refusal:
    """Return why a Secret was refused, from the metav1.Status in the answer."""
    message = str(status.get("message", ""))
    for form in _FORMS:
        if found := form.pattern.match(message):
            return Refusal(form.reason, form.text.format(*found.groups()), is_certain=True)
    if is_ending(status):
        return _ENDING
    fields = [_of_field(cause) for cause in causes_of(status) if cause.get("field")]
    if fields:
        reason = next((one.reason for one in fields if one.reason is not Reason.REFUSED), Reason.REFUSED)
        return Refusal(reason, "; ".join(dict.fromkeys(one.text for one in fields)))
    if status.get("reason") == "RequestEntityTooLarge":
        return Refusal(Reason.TOO_LARGE, _TOO_LARGE)
    return _by_text(message) or Refusal(Reason.REFUSED, _word(status.get("reason")))


def is_ending(status: Mapping[str, Any]) -> bool:
    """Tell whether the object was refused because its namespace is being deleted."""
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes_of(status))


def causes_of(status: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the causes in a Status' details, except invalid ones."""
    details = status.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    return [cause for cause in causes if isinstance(cause, dict)] if isinstance(causes, list) else []


def _of_field(cause: Mapping[str, Any]) -> Refusal:
    field = str(cause["field"])
    item = _ITEM_PATH.fullmatch(field)
    if item and not is_item_name(item[1]):
        return Refusal(Reason.ITEM_NAME_INVALID, bad_item_name(item[1]))
    known = _by_text(str(cause.get("message", "")))
    if known is not None and known.text == IMMUTABLE:
        return known
    shown = field if _FIELD_PATH.fullmatch(field) else "a field"
    if known is not None:
        return Refusal(known.reason, f"{shown}: {known.text}")
    return Refusal(Reason.REFUSED, f"{shown} {_FIELD_TEXTS.get(str(cause.get('reason')), 'is refused')}")


def _by_text(message: str) -> Refusal | None:
    return next((refusal for found, refusal in _TEXTS if found in message), None)


def _word(reason: object) -> str:
    return reason if isinstance(reason, str) and reason.isalpha() else ""
