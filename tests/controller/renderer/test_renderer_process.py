"""A renderer that hangs, dies, or answers anything: what the controller makes of it. The renderers here are impostors."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sealwright_controller.renderer.process import Cause, RendererEndedError, RendererProcess

READY = "import os, struct, sys, time, signal; say = lambda b: os.write(1, struct.pack('>I', len(b)) + b); "
SAYS_READY = READY + "say(b'ready'); "
READS = SAYS_READY + "n, = struct.unpack('>I', os.read(0, 4)); got = os.read(0, n); "
Start = Callable[[str], RendererProcess]
FRAME = b"\0\0\0\5hello"


@pytest.fixture
def start() -> Iterator[Start]:
    """Start an impostor that runs a program."""
    started: list[RendererProcess] = []

    def start(program: str) -> RendererProcess:
        started.append(RendererProcess([sys.executable, "-I", "-c", program]))
        return started[-1]

    yield start
    for renderer in started:
        renderer.kill()


def cause_of(act: Callable[[], object]) -> Cause:
    with pytest.raises(RendererEndedError) as caught:
        act()
    return caught.value.cause


def test_a_good_one_answers(start: Start) -> None:
    renderer = start(READS + "say(got[::-1]); sys.stdin.read()")
    renderer.wait_until_ready()
    assert renderer.ask(FRAME, 100, 10.0) == b"olleh"
    renderer.end()
    assert not Path(f"/proc/{renderer.pid}").exists()


def test_large_requests_and_answers_go_through_the_pipes(start: Start) -> None:
    size = 3_000_000
    program = (
        SAYS_READY + "n, = struct.unpack('>I', os.read(0, 4)); b = sys.stdin.buffer.read(n); say(b); sys.stdin.read()"
    )
    renderer = start(program)
    renderer.wait_until_ready()
    body = os.urandom(size)
    assert renderer.ask(size.to_bytes(4) + body, size, 30.0) == body


@pytest.mark.parametrize(
    ("what", "program", "said"),
    [
        ("it says why", READY + "say(b'OSError: no prctl')", "OSError: no prctl"),
        ("it ends", "raise SystemExit(3)", "status 3"),
        ("it is killed", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("it says too much", READY + "say(bytes(5000))", "too long"),
    ],
)
def test_one_that_does_not_get_ready_is_told(start: Start, what: str, program: str, said: str) -> None:
    renderer = start(program)
    with pytest.raises(RendererEndedError, match=said) as caught:
        renderer.wait_until_ready()
    assert caught.value.cause is Cause.START


def test_one_that_is_never_ready_is_not_waited_for_without_end(start: Start) -> None:
    renderer = start("import time; time.sleep(1000)")
    assert cause_of(lambda: renderer.wait_until_ready(0.2)) is Cause.START
    assert not Path(f"/proc/{renderer.pid}").exists()


def test_what_there_is_not_cannot_be_started() -> None:
    with pytest.raises(OSError, match="No such file"):
        RendererProcess(["/nowhere/python"])


ENDS = [
    ("it hangs before it reads", SAYS_READY + "time.sleep(1000)", Cause.STUCK, 0.3),
    ("it hangs after it has read", READS + "time.sleep(1000)", Cause.STUCK, 0.3),
    ("it says half of it and hangs", READS + "os.write(1, b'\\0\\0\\0\\5he'); time.sleep(1000)", Cause.STUCK, 0.3),
    ("it ends", READS + "os._exit(0)", Cause.CRASH, 10),
    ("it says half of it and ends", READS + "os.write(1, b'\\0\\0\\0\\5he'); os._exit(0)", Cause.CRASH, 10),
    ("it is killed", READS + "os.kill(os.getpid(), signal.SIGKILL)", Cause.KILLED, 10),
    ("it crashes", READS + "os.kill(os.getpid(), signal.SIGSEGV)", Cause.CRASH, 10),
    ("it ends before it is asked", SAYS_READY + "os._exit(1)", Cause.CRASH, 10),
    ("it has had its time", READS + "os.kill(os.getpid(), signal.SIGPROF)", Cause.TIME, 10),
    ("it has had its time, says the other limit", READS + "os.kill(os.getpid(), signal.SIGXCPU)", Cause.TIME, 10),
    ("it says too much", READS + "say(bytes(101)); time.sleep(1000)", Cause.GARBAGE, 10),
    ("it promises a terabyte", READS + "os.write(1, b'\\xff\\xff\\xff\\xff'); time.sleep(1000)", Cause.GARBAGE, 10),
    ("it closes its pipe and goes on", READS + "os.close(1); time.sleep(1000)", Cause.GARBAGE, 10),
]  # fmt: skip


@pytest.mark.parametrize(("program", "cause", "seconds"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_one_that_fails_is_ended_and_the_cause_is_told(
    start: Start, program: str, cause: Cause, seconds: float
) -> None:
    renderer = start(program)
    renderer.wait_until_ready()
    assert cause_of(lambda: renderer.ask(FRAME, 100, seconds)) is cause
    assert not Path(f"/proc/{renderer.pid}").exists()


def test_one_that_does_not_read_a_large_request_is_not_waited_for_without_end(start: Start) -> None:
    renderer = start(SAYS_READY + "time.sleep(1000)")
    renderer.wait_until_ready()
    assert cause_of(lambda: renderer.ask((3_000_000).to_bytes(4) + bytes(3_000_000), 100, 0.3)) is Cause.STUCK


def test_it_has_nothing_of_the_environment_and_is_in_a_session_of_its_own(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "hunter2")
    renderer = start(READS + "say(repr((dict(os.environ), os.getsid(0) == os.getpid())).encode()); sys.stdin.read()")
    renderer.wait_until_ready()
    said = renderer.ask(FRAME, 1000, 10.0).decode()
    assert "hunter2" not in said
    assert "TOKEN" not in said
    assert said.endswith("True)")


def test_work_can_be_interrupted_from_another_thread(start: Start) -> None:
    renderer = start(READS + "time.sleep(1000)")
    renderer.wait_until_ready()
    timer = threading.Timer(0.2, renderer.interrupt)
    timer.start()
    assert cause_of(lambda: renderer.ask(FRAME, 100, 60.0)) is Cause.KILLED
    timer.join()


def test_the_cause_of_a_signal_is_named_for_the_log(start: Start) -> None:
    renderer = start(READS + "os.kill(os.getpid(), signal.SIGSEGV)")
    renderer.wait_until_ready()
    with pytest.raises(RendererEndedError, match=signal.SIGSEGV.name):
        renderer.ask(FRAME, 100, 10.0)
