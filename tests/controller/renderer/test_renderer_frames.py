"""What goes over a renderer's pipes: it comes out as it went in, and whatever else comes is refused."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_controller.renderer import frames
from sealwright_controller.renderer.frames import LENGTH, Answer, FrameError, Request
from sealwright_templating import (
    OUTPUT_LIMIT_BYTES,
    TemplateError,
    TemplateExecutionError,
    TemplateLimitError,
    TemplateParseError,
)

any_text = st.text(st.characters(codec=None))
"""Lone surrogates too: JSON can hold them."""


def body(frame: bytes) -> bytes:
    assert LENGTH.unpack(frame[: LENGTH.size]) == (len(frame) - LENGTH.size,)
    return frame[LENGTH.size :]


def told(error: TemplateError | None) -> object:
    return error and (type(error), error.name, error.line, error.column, error.reason, error.detail)


@given(st.dictionaries(any_text, any_text), st.dictionaries(any_text, st.binary()))
def test_a_request_comes_out_as_it_went_in_and_in_the_same_order(
    texts: Mapping[str, str], data: Mapping[str, bytes]
) -> None:
    read = frames.read_request(body(frames.request_frame(Request(texts, data))))
    assert list(read.texts.items()) == list(texts.items())
    assert list(read.data.items()) == list(data.items())


@pytest.mark.parametrize("patient", [False, True])
def test_whether_a_request_is_patient_goes_with_it(patient: bool) -> None:
    asked = Request({"a": "x"}, {}, patient=patient)
    assert frames.read_request(body(frames.request_frame(asked))) == asked


def test_only_who_is_not_patient_is_told_that_there_is_long_work() -> None:
    frame = body(frames.answer_frame(REQUEST, Answer({}, long=True)))
    assert frames.read_answer(REQUEST, frame) == Answer({}, long=True)
    with pytest.raises(FrameError, match="put off"):
        frames.read_answer(Request(REQUEST.texts, REQUEST.data, patient=True), frame)


REQUEST = Request({"a": "x", "b": "y", "c": "z"}, {"p": b"hunter2"})
FAILURES = [
    TemplateParseError("b", 3, 7, "this action is not closed"),
    TemplateExecutionError("b", 1, 1, "näh\ud800"),
    TemplateLimitError("b", 1, 2, "it takes more than 500000 steps"),
]


@pytest.mark.parametrize("worn", [False, True])
def test_an_answer_comes_out_as_it_went_in(worn: bool) -> None:
    answer = Answer({"a": b"1", "b": b"", "c": b"\xff"}, frozenset({"b"}), worn=worn)
    assert frames.read_answer(REQUEST, body(frames.answer_frame(REQUEST, answer))) == answer


@pytest.mark.parametrize("failure", FAILURES, ids=lambda error: type(error).__name__)
def test_a_failure_comes_out_as_the_error_that_it_was(failure: TemplateError) -> None:
    answer = Answer({"a": b"1"}, frozenset({"b", "c"}), failure, "b", "KeyError at x.py:7")
    read = frames.read_answer(REQUEST, body(frames.answer_frame(REQUEST, answer)))
    assert told(read.failure) == told(failure)
    assert (read.values, read.varying, read.defect) == ({"a": b"1"}, {"b", "c"}, "KeyError at x.py:7")


def test_what_a_failure_knows_of_values_does_not_leave_the_renderer() -> None:
    failure = TemplateExecutionError("a", 1, 1, "the template says so", detail="hunter2")
    frame = frames.answer_frame(REQUEST, Answer({}, failure=failure, failed_key="a"))
    assert b"hunter2" not in frame
    read = frames.read_answer(REQUEST, body(frame))
    assert read.failure is not None
    assert read.failure.detail == ""


def test_a_reason_without_end_is_cut_off() -> None:
    failure = TemplateExecutionError("a", 1, 1, "x" * 1_000_000)
    read = frames.read_answer(REQUEST, body(frames.answer_frame(REQUEST, Answer({}, failure=failure, failed_key="a"))))
    assert read.failure is not None
    assert read.failure.reason == "x" * frames.MAX_REASON_CHARACTERS


def test_requests_have_a_largest_size() -> None:
    with pytest.raises(FrameError, match="too large"):
        frames.request_frame(Request({"a": ""}, {"p": bytes(frames.MAX_REQUEST_BYTES)}))


GOOD = body(frames.answer_frame(REQUEST, Answer({"a": b"1", "b": b"2", "c": b"3"})))
BAD = {
    "nothing": b"",
    "one byte too few": GOOD[:-1],
    "one byte too many": GOOD + b"x",
    "more values than templates": body(
        frames.answer_frame(Request(dict.fromkeys("abcd", ""), {}), Answer(dict.fromkeys("abcd", b"")))
    ),
    "fewer values, and no failure": body(
        frames.answer_frame(Request(dict.fromkeys("ab", ""), {}), Answer(dict.fromkeys("ab", b"")))
    ),
    "a failure of a template that has a value": body(
        frames.answer_frame(
            REQUEST, Answer({"a": b"1"}, failure=TemplateExecutionError("a", 1, 1, "no"), failed_key="a")
        )
    ),
    "a failure after the last value": GOOD[:1] + b"\1" + GOOD[2:],
    "a kind of failure that there is not": GOOD[:1] + b"\4" + GOOD[2:],
    "neither worn nor not": b"\2" + GOOD[1:],
    "too many bytes in all": body(
        frames.answer_frame(REQUEST, Answer(dict.fromkeys("abc", bytes(OUTPUT_LIMIT_BYTES // 2))))
    ),
    "a length beyond the end": GOOD[:7] + b"\xff\xff\xff\xff" + GOOD[11:],
}


@pytest.mark.parametrize("case", BAD)
def test_an_answer_that_is_none_is_refused(case: str) -> None:
    with pytest.raises(FrameError):
        frames.read_answer(REQUEST, BAD[case])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(junk: bytes) -> None:
    for read in (lambda: frames.read_answer(REQUEST, junk), lambda: frames.read_request(junk)):
        try:
            read()
        except FrameError as error:
            assert error.__cause__ is None  # noqa: PT017 - it may as well be read


def test_neither_requests_nor_answers_show_values_in_their_repr() -> None:
    assert "hunter2" not in repr(REQUEST) + repr(Answer({"a": b"hunter2"}))
