"""The program that renders templates: it reads requests from standard input and writes answers to standard output.

Its arguments are the process id of the controller, and how many bytes of memory the templates of an object may take.
It imports everything that a template may need, confines itself, reports that it is ready, and serves until its input
ends.
"""

import gc
import os
import sys
import time
import traceback
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import PurePath

from sealwright_controller.process import allocator
from sealwright_controller.renderer import confinement
from sealwright_controller.renderer.frames import (
    LENGTH,
    MAX_REQUEST_BYTES,
    READY,
    Answer,
    Request,
    answer_frame,
    read_request,
)
from sealwright_controller.renderer.templates import (
    MAX_SECONDS,
    ExhaustedError,
    SlowWorkError,
    TemplateRendering,
    too_much,
)
from sealwright_controller.renderer.zones import LoadedZones
from sealwright_templating import TemplateError, TemplateLimitError
from sealwright_templating import render as render_in_process
from sealwright_templating.context import Zones
from sealwright_templating.functions.index import FAMILIES

QUICK_SECONDS = 0.1
"""Processor time for the templates of an object in the quick renderer; those that take longer go to the patient one."""
MAX_SLOW_CHARACTERS = 128 * 1024
"""The length of all templates of an object that makes keys or hashes, because scrypt takes most of the memory."""
_GRACE_SECONDS = 0.1
"""The kernel ends the renderer this much later if templates do not stop by themselves when their time is over."""
_INPUT, _OUTPUT = 0, 1
_FAILED, _DONE = 1, 0
_LAZY_MODULES = ("_strptime", "encodings.idna", "encodings.latin_1", "encodings.utf_16", "encodings.utf_32")
"""Modules that Python imports at their first use, when the renderer can no longer open files."""
_WARM_UP = '{{ genCAWithKey "warm-up" 1 (genPrivateKey "ecdsa") | typeOf }}'
"""Makes cryptography import all its modules, which differ between versions."""


def main() -> None:
    """Serve until the input ends; ends the process, without a traceback, which might quote a value."""
    try:
        parent, memory_bytes = int(sys.argv[1]), int(sys.argv[2])
        zones = _prepare(parent, memory_bytes)
    except Exception as error:  # noqa: BLE001 - the controller logs it
        _write_frame(f"{type(error).__name__}: {error}".encode("ascii", "replace"))
        os._exit(_FAILED)
    try:
        _write_frame(READY)
        _serve(memory_bytes, zones)
    except BaseException:  # noqa: BLE001 - the controller notices the end of this process
        os._exit(_FAILED)
    os._exit(_DONE)


def _prepare(parent: int, memory_bytes: int) -> Zones:
    confinement.die_with(parent)
    allocator.keep_little()
    for family in FAMILIES:
        import_module(f"sealwright_templating.functions.{family}")
    for module in _LAZY_MODULES:
        import_module(module)
    render_in_process(_WARM_UP, {})
    zones = LoadedZones()
    gc.collect()
    gc.freeze()
    confinement.confine(memory_bytes)
    return zones


def _serve(memory_bytes: int, zones: Zones) -> None:
    stopwatch = confinement.Stopwatch()
    while (body := _read_frame()) is not None:
        request = read_request(body)
        del body
        stopwatch.begin(_seconds(request) + _GRACE_SECONDS)
        answer = render(request, zones, stopwatch)
        worn = not _has_room(memory_bytes)
        frame = answer_frame(request, replace(answer, worn=worn))
        stopwatch.end()
        _write(frame)
        if worn:
            return


def render(request: Request, zones: Zones, stopwatch: confinement.Stopwatch) -> Answer:
    """Render the templates of an object one after the other, up to the first that fails.

    All are parsed first: whether a text is a valid template does not depend on values, so it is reported before
    anything that does. For a request that is not patient, each template is rendered up to its slow work, and all
    together as long as their time lasts; a template that exceeds a limit fails here.
    """
    values: dict[str, bytes] = {}
    defects: list[str] = []
    rendering = TemplateRendering(
        time.process_time,
        max_seconds=_seconds(request),
        zones=zones,
        before_slow_work=partial(_begin_slow_work, request, stopwatch),
        on_defect=lambda _, error: defects.append(_defect(error)),
    )
    failure: TemplateError | None = None
    key, long = "", False
    try:
        for key, text in request.texts.items():
            rendering.prepare(key, text)
        for key, text in request.texts.items():
            stopwatch.go_on()
            try:
                value = rendering(key, text, request.data)
            except SlowWorkError:
                long = True
            if not long:
                values[key] = value
    except ExhaustedError as error:
        long = not request.patient
        failure = None if long else TemplateLimitError(error.name, error.line, error.column, error.reason)
    except TemplateError as error:
        # A new exception, because the raised one refers to the frames of the rendering with all values.
        failure = type(error)(error.name, error.line, error.column, error.reason)
    if long and failure is None:
        return Answer({}, long=True)
    failed_key = "" if failure is None else key
    return Answer(values, frozenset(rendering.varying), failure, failed_key, defects[0] if defects else "")


def _seconds(request: Request) -> float:
    return MAX_SECONDS if request.patient else QUICK_SECONDS


def _begin_slow_work(request: Request, stopwatch: confinement.Stopwatch) -> None:
    if sum(map(len, request.texts.values())) > MAX_SLOW_CHARACTERS:
        what = f"make keys or password hashes, and have more than {MAX_SLOW_CHARACTERS} characters"
        raise too_much(next(iter(request.texts)), what)
    if not request.patient:
        raise SlowWorkError
    stopwatch.slow()


def _defect(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    at = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    return f"{type(error).__name__} at {at}"


def _has_room(memory_bytes: int) -> bool:
    if confinement.has_room(memory_bytes):
        return True
    gc.collect()
    confinement.give_back_memory()
    return confinement.has_room(memory_bytes)


def _read_frame() -> bytes | None:
    """Return the body of the next frame, or None at the end of the input."""
    head = _read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    body = _read(min(size, MAX_REQUEST_BYTES))
    return body if len(body) == size else None


def _read(count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        chunk = os.read(_INPUT, count - len(received))
        if not chunk:
            break
        received += chunk
    return bytes(received)


def _write_frame(body: bytes) -> None:
    _write(LENGTH.pack(len(body)) + body)


def _write(frame: bytes) -> None:
    rest = memoryview(frame)
    while rest:
        rest = rest[os.write(_OUTPUT, rest) :]


if __name__ == "__main__":
    main()
