"""The bytes on a renderer's pipes: one request and one answer for each object. Does not read or write pipes.

A frame is a length in four bytes, followed by a body of that length; integers are big-endian and unsigned, texts UTF-8
after their length. Both ends check everything that they read: a template's author may have taken over the renderer.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from sealwright_templating import (
    OUTPUT_LIMIT_BYTES,
    TemplateError,
    TemplateExecutionError,
    TemplateLimitError,
    TemplateParseError,
)

LENGTH = struct.Struct(">I")
"""The beginning of every frame: the number of bytes that follow."""
MAX_REQUEST_BYTES = 16 * OUTPUT_LIMIT_BYTES
"""Far more than an object that Kubernetes stores can need; each text is in a request twice."""
MAX_REASON_CHARACTERS = 1_000
"""The length of a failure's reason; templating's own reasons quote at most a short name."""
MAX_DEFECT_CHARACTERS = 200
READY = b"ready"
"""The first frame from a renderer after it has confined itself; any other first frame says why it could not."""

_PATIENT = struct.Struct(">B")
_HEAD = struct.Struct(">BBI")
_WORN, _LONG = 1, 2
_VALUE = struct.Struct(">BI")
_VARIES = struct.Struct(">B")
_FAILURE = struct.Struct(">III")


class FrameError(ValueError):
    """These bytes are not a frame of this protocol. The message contains nothing of them."""


class _Kind(Enum):
    PARSE = TemplateParseError
    EXECUTION = TemplateExecutionError
    LIMIT = TemplateLimitError


_KINDS = tuple(_Kind)


@dataclass(frozen=True)
class Request:
    """The templates of one object, by key and in the order in which they are rendered, and the data for all of them.

    `patient` allows long and slow work; without it, the answer only says that such work is needed.
    """

    texts: Mapping[str, str] = field(repr=False)
    data: Mapping[str, bytes] = field(repr=False)
    patient: bool = False


@dataclass(frozen=True)
class Answer:
    """The values of all templates of a request; or those before the template of `failed_key`, and its failure.

    `varying` are the keys whose value may differ in another rendering, including keys without a value. `worn` says that
    the renderer has become too large to render another object, and has ended. `defect` is for the log if the template
    engine failed: class and place of an exception. `long` says that long or slow work is needed and the request was not
    patient. The controller measures `worked_seconds` (processor time) and `waited_seconds` (all other time until the
    answer).
    """

    values: Mapping[str, bytes] = field(repr=False)
    varying: frozenset[str] = frozenset()
    failure: TemplateError | None = None
    failed_key: str = ""
    defect: str = ""
    worn: bool = False
    long: bool = False
    worked_seconds: float = field(default=0.0, compare=False)
    waited_seconds: float = field(default=0.0, compare=False)


def request_frame(request: Request) -> bytes:
    """Return a request as a frame. Raises FrameError when it is larger than MAX_REQUEST_BYTES."""
    parts = [_PATIENT.pack(request.patient), LENGTH.pack(len(request.data))]
    for key, value in request.data.items():
        parts += [_text(key), LENGTH.pack(len(value)), value]
    parts.append(LENGTH.pack(len(request.texts)))
    for key, text in request.texts.items():
        parts += [_text(key), _text(text)]
    size = sum(map(len, parts))
    if size > MAX_REQUEST_BYTES:
        raise FrameError(f"a request of {size} bytes is too large")
    return LENGTH.pack(size) + b"".join(parts)


def read_request(body: bytes) -> Request:
    """Return the request in a frame's body. Raises FrameError."""
    reader = _Reader(body)
    (patient,) = reader.fields(_PATIENT)
    data = {reader.text(): reader.blob() for _ in range(reader.number())}
    texts = {reader.text(): reader.text() for _ in range(reader.number())}
    reader.finish()
    return Request(texts, data, bool(patient))


def answer_frame(request: Request, answer: Answer) -> bytes:
    """Return the answer to a request as a frame."""
    kind = 0 if answer.failure is None else 1 + _KINDS.index(_Kind(type(answer.failure)))
    parts = [_HEAD.pack(_WORN * answer.worn | _LONG * answer.long, kind, len(answer.values))]
    for key, value in answer.values.items():
        parts += [_VALUE.pack(key in answer.varying, len(value)), value]
    if answer.failure is not None:
        keys, failure = list(request.texts), answer.failure
        parts += [_VARIES.pack(key in answer.varying) for key in keys[len(answer.values) :]]
        parts.append(_FAILURE.pack(keys.index(answer.failed_key), failure.line, failure.column))
        parts.append(_text(failure.reason[:MAX_REASON_CHARACTERS]))
        parts.append(_text(answer.defect[:MAX_DEFECT_CHARACTERS]))
    body = b"".join(parts)
    return LENGTH.pack(len(body)) + body


def most_bytes(request: Request) -> int:
    """Return the maximal length of the body of an answer to this request."""
    said = 4 * (MAX_REASON_CHARACTERS + MAX_DEFECT_CHARACTERS) + 2 * LENGTH.size
    return _HEAD.size + OUTPUT_LIMIT_BYTES + len(request.texts) * _VALUE.size + _FAILURE.size + said


def read_answer(request: Request, body: bytes) -> Answer:
    """Return the answer in a frame's body. Raises FrameError if it is not an answer to this request."""
    if len(body) > most_bytes(request):
        raise FrameError("the answer is too long")
    reader, keys = _Reader(body), list(request.texts)
    flags, kind, count = reader.fields(_HEAD)
    worn, long = bool(flags & _WORN), bool(flags & _LONG)
    if flags > _WORN | _LONG or kind > len(_KINDS) or not _fits(count, len(keys), failed=bool(kind), long=long):
        raise FrameError("the answer does not fit the request")
    values, varying = {}, set()
    for key in keys[:count]:
        varies, size = reader.fields(_VALUE)
        values[key] = reader.take(size)
        varying.update([key] if varies else [])
    if sum(map(len, values.values())) > OUTPUT_LIMIT_BYTES:
        raise FrameError("the answer holds too much")
    failure, failed, defect = None, "", ""
    if kind:
        varying.update(key for key in keys[count:] if reader.fields(_VARIES)[0])
        place, line, column = reader.fields(_FAILURE)
        if not count <= place < len(keys):
            raise FrameError("no template that was asked for has failed")
        failed = keys[place]
        failure = _KINDS[kind - 1].value(failed, line, column, reader.short_text(MAX_REASON_CHARACTERS))
        defect = reader.short_text(MAX_DEFECT_CHARACTERS)
    reader.finish()
    if long and request.patient:
        raise FrameError("work was put off that was to be done")
    return Answer(values, frozenset(varying), failure, failed, defect, worn, long)


def _fits(count: int, asked: int, *, failed: bool, long: bool) -> bool:
    """Tell whether an answer may have `count` values: all, fewer if a template failed, none for long work."""
    if long:
        return count == 0 and not failed
    return count < asked if failed else count == asked


def _text(text: str) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    return LENGTH.pack(len(encoded)) + encoded


class _Reader:
    """Reads a frame's body from beginning to end. Every method raises FrameError at the first mistake."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._position = 0

    def take(self, count: int) -> bytes:
        start = self._position
        if count > len(self._body) - start:
            raise FrameError("the frame is too short")
        self._position = start + count
        return self._body[start : self._position]

    def fields(self, form: struct.Struct) -> tuple[int, ...]:
        return form.unpack(self.take(form.size))

    def number(self) -> int:
        (number,) = self.fields(LENGTH)
        return number

    def blob(self) -> bytes:
        return self.take(self.number())

    def text(self) -> str:
        encoded = self.blob()
        try:
            return encoded.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # its text would contain the bytes
            pass
        raise FrameError("a text is not in UTF-8")

    def short_text(self, most: int) -> str:
        text = self.text()
        if len(text) > most:
            raise FrameError("a text is too long")
        return text

    def finish(self) -> None:
        if self._position != len(self._body):
            raise FrameError("the frame is too long")
