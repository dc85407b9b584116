"""What each answer of the API server means to the controller, and that no error quotes what was sent."""

import json
import ssl
from http.client import IncompleteRead
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_controller.gateway import (
    AlreadyExistsError,
    ConflictError,
    ExpiredError,
    GatewayError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    UnavailableError,
)
from sealwright_controller.kube.errors import MAX_MESSAGE_CHARACTERS, answer_error, connection_error, status_of
from sealwright_controller.objects.reasons import Reason

VALUE = "hunter2"


def rows(table: list[Any]) -> dict[str, Any]:
    """Return the arguments of `parametrize` for a table whose first column names the rows."""
    return {"argvalues": [row[1:] for row in table], "ids": [row[0] for row in table]}


def status(message: str = "", reason: str = "", *causes: dict[str, str]) -> dict[str, Any]:
    return {"kind": "Status", "message": message, "reason": reason, "details": {"causes": list(causes)}}


def cause(field: str, message: str, reason: str = "FieldValueInvalid") -> dict[str, str]:
    return {"field": field, "message": message, "reason": reason}


MEANINGS = [
    ("bad request", 400, "BadRequest", RefusedError),
    ("not logged in", 401, "Unauthorized", RefusedError),
    ("not allowed", 403, "Forbidden", RefusedError),
    ("not there", 404, "NotFound", NotFoundError),
    ("method not allowed", 405, "MethodNotAllowed", RefusedError),
    ("form not offered", 406, "NotAcceptable", RefusedError),
    ("took too long to send", 408, "Timeout", UnavailableError),
    ("name taken", 409, "AlreadyExists", AlreadyExistsError),
    ("changed meanwhile", 409, "Conflict", ConflictError),
    ("conflict without a reason", 409, "", ConflictError),
    ("version too old", 410, "Expired", ExpiredError),
    ("too large", 413, "RequestEntityTooLarge", RefusedError),
    ("invalid", 422, "Invalid", RefusedError),
    ("too many requests", 429, "TooManyRequests", UnavailableError),
    ("server error", 500, "InternalError", UnavailableError),
    ("gateway error", 502, "", UnavailableError),
    ("shutting down", 503, "ServiceUnavailable", UnavailableError),
    ("gateway timeout", 504, "Timeout", UnavailableError),
    ("redirect, which is not followed", 302, "", UnavailableError),
    ("success without an object", 200, "", UnavailableError),
]


@pytest.mark.parametrize(
    ("code", "reason", "expected"), [row[1:] for row in MEANINGS], ids=[row[0] for row in MEANINGS]
)
@pytest.mark.parametrize("confidential", [False, True])
def test_an_answer_means(code: int, reason: str, expected: type[GatewayError], confidential: bool) -> None:
    error = answer_error(code, status("says the server", reason), "Secret a/b", confidential=confidential)
    assert type(error) is expected
    assert str(error).startswith("Secret a/b: ")
    assert str(error).endswith(f" (HTTP {code})")


@pytest.mark.parametrize(
    "message",
    [
        "etcdserver: request is too large",
        "rpc error: code = ResourceExhausted desc = trying to send message larger than max (2109932 vs. 2097152)",
    ],
)
@pytest.mark.parametrize("confidential", [False, True])
def test_what_etcd_has_no_room_for_is_refused_and_no_passing_trouble(message: str, confidential: bool) -> None:
    error = answer_error(500, status(message), "Secret a/b", confidential=confidential)
    assert type(error) is TooLargeError
    said = "it is larger than the cluster stores" if confidential else message
    assert str(error) == f"Secret a/b: {said} (HTTP 500)"


# What the API server says about a Secret that was sent to it, and what may be said of that.
RBAC = (
    'secrets is forbidden: User "system:serviceaccount:kube-system:x" cannot create resource "secrets" in API group "" '
    'in the namespace "team-a"'
)
CONFIDENTIAL = [
    (
        "an immutable Secret",
        status(
            f"data: Forbidden: {VALUE}",
            "Invalid",
            cause("data", "Forbidden: field is immutable when `immutable` is set"),
        ),
        "the target Secret is immutable",
    ),
    (
        "another type",
        status("", "Invalid", cause("type", f'Invalid value: "{VALUE}": field is immutable')),
        "type: field is immutable",
    ),
    (
        "a label's value",
        status("", "Invalid", cause("metadata.labels", f'Invalid value: "{VALUE} !": a valid label must be …')),
        "metadata.labels is invalid",
    ),
    (
        "an item that a type demands",
        status("", "Invalid", cause("data[tls.crt]", "Required value", "FieldValueRequired")),
        "data[tls.crt] is required",
    ),
    (
        "two fields",
        status("", "Invalid", cause("data", VALUE, "FieldValueTooLong"), cause("type", VALUE, "FieldValueRequired")),
        "data is too long; type is required",
    ),
    ("a field and an unknown reason", status("", "Invalid", cause("data[a]", VALUE, "Odd")), "data[a] is refused"),
    ("a field that is no path", status("", "Invalid", cause(f'"{VALUE}" !', VALUE)), "a field is invalid"),
    (
        "an item of a name that no Secret has",
        status("", "Invalid", cause("data[my key]", f'Invalid value: "my key": {VALUE}')),
        'item "my key" has a name that Secrets cannot have',
    ),
    (
        "an item whose name would end the line",
        status("", "Invalid", cause("data[a\nb]", VALUE)),
        'item "a\\nb" has a name that Secrets cannot have',
    ),
    (
        "base64",
        status(f"illegal base64 data at input byte 4 of {VALUE}", "BadRequest"),
        "a value in data is not base64",
    ),
    ("JSON of a wrong type", status(f"cannot unmarshal {VALUE} into Go struct field", "BadRequest"), "BadRequest"),
    ("a missing right", status(f"{RBAC}: {VALUE}", "Forbidden"), RBAC.removeprefix("secrets is forbidden: ")),
    (
        "a webhook with an opinion",
        status(f'admission webhook "policy.example.com" denied the request: no {VALUE} here', "Forbidden"),
        'admission webhook "policy.example.com" denied it',
    ),
    (
        "a webhook that quotes another form",
        status(f'admission webhook "a.example.com" denied the request: exceeded quota: {VALUE}, no', "Forbidden"),
        'admission webhook "a.example.com" denied it',
    ),
    (
        "a webhook that cannot be called",
        status(
            f'Internal error occurred: failed calling webhook "a.example.com": Post "https://{VALUE}"', "InternalError"
        ),
        'admission webhook "a.example.com" cannot be called',
    ),
    (
        "a policy",
        status(
            "secrets \"db\" is forbidden: ValidatingAdmissionPolicy 'no-dev' with binding 'everywhere' denied "
            f"request: no {VALUE} here",
            "Invalid",
        ),
        "ValidatingAdmissionPolicy no-dev (binding everywhere) denied it",
    ),
    (
        "a form that is not at the beginning",
        status(f'x: admission webhook "{VALUE}" denied the request', "Forbidden"),
        "Forbidden",
    ),
    (
        "a namespace that is going",
        status(
            f"unable to create new content in namespace {VALUE} because it is being terminated",
            "Forbidden",
            {"reason": "NamespaceTerminating", "message": VALUE, "field": "metadata.namespace"},
        ),
        "its namespace is being deleted",
    ),
    (
        "a quota",
        status(f'secrets "db" is forbidden: exceeded quota: few, requested: secrets={VALUE}', "Forbidden"),
        "quota few of its namespace is used up",
    ),
    ("unforeseen words", status(f"{VALUE} is a bad password", "Forbidden"), "Forbidden"),
    ("a reason that is no word", status(VALUE, f"it is {VALUE}"), "refused"),
    ("nothing at all", {}, "refused"),
    ("details of a wrong shape", {"details": {"causes": VALUE}}, "refused"),
    ("causes of a wrong shape", {"details": {"causes": [VALUE, {"field": "data"}]}}, "data is refused"),
    ("no details", {"details": None, "reason": "Invalid"}, "Invalid"),
]


@pytest.mark.parametrize(("answer", "said"), **rows(CONFIDENTIAL))
def test_of_a_refused_secret_only_what_is_known_to_be_harmless_is_said(answer: dict[str, Any], said: str) -> None:
    assert str(answer_error(422, answer, "Secret a/b", confidential=True)) == f"Secret a/b: {said} (HTTP 422)"


REASONS = [
    ("a policy, whatever code it chose", 422, "secrets \"db\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: x", Reason.POLICY_DENIED),
    ("a webhook", 403, 'admission webhook "a.example.com" denied the request: x', Reason.WEBHOOK_DENIED),
    ("a webhook that answers with a server's error", 500, 'admission webhook "a.example.com" denied the request: x', Reason.WEBHOOK_DENIED),
    ("a webhook that answers with a conflict", 409, 'admission webhook "a.example.com" denied the request: x', Reason.WEBHOOK_DENIED),
    ("a dead webhook", 500, 'Internal error occurred: failed calling webhook "a.example.com": failed to call', Reason.WEBHOOK_UNAVAILABLE),
    ("a quota", 403, 'secrets "db" is forbidden: exceeded quota: few, requested: secrets=1', Reason.QUOTA_EXCEEDED),
    ("a missing right", 403, RBAC, Reason.FORBIDDEN),
    ("too large a request", 413, "Request entity too large: limit is 3145728", Reason.REFUSED),
    ("anything else", 400, "no", Reason.REFUSED),
]  # fmt: skip


@pytest.mark.parametrize(("code", "message", "reason"), **rows(REASONS))
def test_each_cause_has_its_reason(code: int, message: str, reason: Reason) -> None:
    error = answer_error(code, status(message), "Secret a/b", confidential=True)
    assert isinstance(error, RefusedError)
    assert error.reason is reason


FIELD_REASONS = [
    ("an immutable Secret", cause("data", "field is immutable when `immutable` is set"), Reason.IMMUTABLE),
    ("another type", cause("type", 'Invalid value: "x": field is immutable'), Reason.IMMUTABLE),
    ("an item's name", cause("data[my key]", "x"), Reason.ITEM_NAME_INVALID),
    ("a label", cause("metadata.labels", "x"), Reason.REFUSED),
]


@pytest.mark.parametrize(("cause_", "reason"), **rows(FIELD_REASONS))
def test_each_field_s_cause_has_its_reason(cause_: dict[str, str], reason: Reason) -> None:
    error = answer_error(422, status("", "Invalid", cause_), "Secret a/b", confidential=True)
    assert isinstance(error, RefusedError)
    assert error.reason is reason


def test_a_request_that_is_too_large_has_a_reason_of_its_own() -> None:
    error = answer_error(413, status("x", "RequestEntityTooLarge"), "Secret a/b", confidential=True)
    assert isinstance(error, RefusedError)
    assert error.reason is Reason.TOO_LARGE


@given(
    value=st.text("0123456789", min_size=6), code=st.integers(200, 599), field=st.sampled_from(["data", "", "no path"])
)
def test_no_value_gets_through_wherever_the_server_repeats_it(value: str, code: int, field: str) -> None:
    answer = status(f"no {value}", f"Because {value}", cause(field, value, value))
    assert value not in str(answer_error(code, answer, "Secret", confidential=True))


def test_of_other_objects_the_servers_words_are_passed_on_in_one_line() -> None:
    error = answer_error(422, status("spec.x:\n  Required value"), "SealedSecret a/b", confidential=False)
    assert str(error) == "SealedSecret a/b: spec.x: Required value (HTTP 422)"


def test_a_long_message_is_cut() -> None:
    error = answer_error(500, status("x" * 10_000), "list", confidential=False)
    assert len(str(error)) < MAX_MESSAGE_CHARACTERS + 50


@pytest.mark.parametrize("body", [b"", b"404 page not found", b"[1]", b"null", b"\xff\xfe"])
def test_a_body_without_a_status_is_an_empty_status(body: bytes) -> None:
    assert status_of(body) == {}


def test_a_status_is_read_from_its_body() -> None:
    assert status_of(json.dumps(status("gone", "NotFound")).encode())["reason"] == "NotFound"


def raised_from(error: Exception, cause: BaseException | None) -> Exception:
    error.__cause__ = cause
    return error


FAILURES = [
    ("connection refused", ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
    ("timeout", TimeoutError("timed out"), "timed out"),
    ("a wrapped timeout", raised_from(RuntimeError(VALUE), TimeoutError("timed out")), "timed out"),
    ("an untrusted certificate", ssl.SSLError(1, "certificate verify failed"), "certificate verify failed"),
    ("an error without words", ConnectionResetError(), "ConnectionResetError"),
    ("a header with the token in it", ValueError(f"Invalid header value b'Bearer {VALUE}'"), "ValueError"),
    ("a body cut off", IncompleteRead(VALUE.encode(), 10), "IncompleteRead"),
]


@pytest.mark.parametrize(("failure", "said"), **rows(FAILURES))
def test_a_call_without_an_answer_says_why_but_quotes_only_the_system(failure: Exception, said: str) -> None:
    error = connection_error(failure, "Secret a/b")
    assert str(error) == f"Secret a/b: no answer from the API server ({said})"


def test_a_missing_right_is_the_reason() -> None:
    message = 'leases.coordination.k8s.io "a" is forbidden: User "u" cannot get resource "leases"'
    error = answer_error(403, status(message, "Forbidden"), "Lease n/a", confidential=False)
    assert isinstance(error, RefusedError)
    assert error.reason is Reason.FORBIDDEN
