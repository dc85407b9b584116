"""The renderers as a whole: what comes of an object when they fail, and what an object gets that does no harm."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.builders import keyring, sealed_secret
from tests.support.renderers import ask_as_controller
from tests.support.wait import eventually

from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.metrics.renderers import RendererMetrics
from sealwright_controller.objects.decide import Action, decide
from sealwright_controller.renderer import service
from sealwright_controller.renderer.child import MAX_SLOW_CHARACTERS
from sealwright_controller.renderer.frames import MAX_REQUEST_BYTES, Answer, Request
from sealwright_controller.renderer.process import Cause
from sealwright_controller.renderer.rendering import LongWorkError
from sealwright_controller.renderer.service import Renderers, RendererUnavailableError
from sealwright_templating import TemplateExecutionError, TemplateLimitError, TemplateParseError

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux confines a renderer")

ASKED = Request({"a": "{{ .p }}"}, {"p": b"hunter2"})
PATIENT = replace(ASKED, patient=True)
IMPOSTOR = (
    "import os, struct, sys, time\n"
    "say = lambda b: os.write(1, struct.pack('>I', len(b)) + b)\n"
    "say(b'ready')\n"
    "n, = struct.unpack('>I', os.read(0, 4)); os.read(0, n)\n"
)


@pytest.fixture(scope="module")
def renderers() -> Iterator[Renderers]:
    with Renderers() as made:
        yield made


def impostors(*programs: str) -> Callable[[int], Sequence[str]]:
    """Return a command line that runs one program after the other, at each start the next, and then the last for ever.

    Which one is next stands in a file beside the programs.
    """
    chosen = (
        "import os, sys\n"
        f"programs = {programs!r}\n"
        "count = os.open(sys.argv[1], os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)\n"
        "os.write(count, b'x')\n"
        "exec(programs[min(os.fstat(count).st_size, len(programs)) - 1])\n"
    )
    return lambda _: [sys.executable, "-I", "-c", chosen]


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[Callable[..., Renderers]]:
    """Make renderers out of programs, as `impostors` does."""
    made: list[Renderers] = []

    def make(*programs: str) -> Renderers:
        command = impostors(*programs)
        made.append(Renderers(lambda memory: [*command(memory), str(tmp_path / "count")]))
        return made[-1]

    yield make
    for one in made:
        one.close()


GOOD = IMPOSTOR + "say(b'\\0\\0\\0\\0\\0\\1' + b'\\0\\0\\0\\0\\2ok'); sys.stdin.read()"
DIES = IMPOSTOR + "os.kill(os.getpid(), 11)"
KILLED = IMPOSTOR + "os.kill(os.getpid(), 9)"
SPENT = IMPOSTOR + "os.kill(os.getpid(), 27)"
JUNK = IMPOSTOR + "say(b'junk'); time.sleep(1000)"
WORN = IMPOSTOR + "say(b'\\1\\0\\0\\0\\0\\1' + b'\\0\\0\\0\\0\\2ok')"


def restarts(renderers: Renderers) -> dict[str, int]:
    return {cause.value: count for cause, count in renderers.counts().items() if count}


def test_for_how_long_others_were_rendered_before_is_known(renderers: Renderers) -> None:
    begun = threading.Event()

    def occupy() -> None:
        with renderers._quick.turns.turn("other"):
            begun.set()
            eventually(lambda: renderers._quick.turns.waiting() == 1, what="somebody waits")

    with ThreadPoolExecutor(1) as threads:
        occupied = threads.submit(occupy)
        assert begun.wait(10)
        rendering = renderers.rendering(patient=False)
        assert rendering("a", "x", {}) == b"x"
        occupied.result()
    assert rendering.waited_seconds > 0


SLOW_START = (
    "import time; time.sleep(0.5)\n" + IMPOSTOR + "say(b'\\0\\0\\0\\0\\0\\1' + b'\\0\\0\\0\\0\\2ok'); sys.stdin.read()"
)
DAWDLES = IMPOSTOR + "time.sleep(0.5); say(b'\\0\\0\\0\\0\\0\\1' + b'\\0\\0\\0\\0\\2ok'); sys.stdin.read()"
TOILS = (
    IMPOSTOR
    + "while time.process_time() < 0.5: pass\n"
    + "say(b'\\0\\0\\0\\0\\0\\1' + b'\\0\\0\\0\\0\\2ok'); sys.stdin.read()"
)


@pytest.mark.parametrize("program", [SLOW_START, DAWDLES], ids=["its start", "a processor that others have"])
def test_an_object_is_not_to_blame_for_time_in_which_its_renderer_does_not_work(
    fake: Callable[..., Renderers], program: str
) -> None:
    answer = fake(program).ask("a", ASKED)
    assert answer.waited_seconds > 0.45
    assert answer.worked_seconds < 0.2


def test_an_object_is_to_blame_for_the_work_of_its_renderer(fake: Callable[..., Renderers]) -> None:
    assert fake(TOILS).ask("a", ASKED).worked_seconds > 0.3


@pytest.mark.parametrize("program", [SPENT, WORN, DIES, JUNK], ids=["time", "memory", "crash", "garbage"])
def test_a_renderer_that_is_to_be_started_anew_counts_for_whoever_ended_it(
    fake: Callable[..., Renderers], program: str
) -> None:
    renderers = fake(program, GOOD)
    assert renderers.ask("a", ASKED).worked_seconds >= service.START_COST_SECONDS
    assert renderers.ask("b", ASKED).worked_seconds < service.START_COST_SECONDS / 2


def test_a_renderer_that_is_not_kept_counts_for_whoever_needs_it(fake: Callable[..., Renderers]) -> None:
    renderers = fake(GOOD)
    for namespace in ("a", "b"):
        assert renderers.ask(namespace, PATIENT).worked_seconds >= service.START_COST_SECONDS


def test_a_text_that_is_no_template_is_told_whatever_the_templates_before_it_make_of_the_values(
    renderers: Renderers,
) -> None:
    texts = {"a": '{{ if eq .pin "1" }}{{ fail "no" }}{{ end }}', "b": "\n{{ "}
    said = 'template "b", line 2, column 1: this action is not closed: }} is missing'
    answers = [renderers.ask("n", Request(texts, {"pin": pin})) for pin in (b"1", b"2")]
    assert [(type(answer.failure), str(answer.failure)) for answer in answers] == [(TemplateParseError, said)] * 2
    assert [answer.failed_key for answer in answers] == ["b", "b"]


def test_which_of_the_templates_fails_does_not_show_in_what_may_differ(renderers: Renderers) -> None:
    texts = {"a": '{{ if eq .pin "1" }}{{ fail "no" }}{{ end }}', "b": '{{ $n := now }}{{ fail "no" }}', "c": "fine"}
    answers = [renderers.ask("n", Request(texts, {"pin": pin})) for pin in (b"1", b"2")]
    assert [(answer.failed_key, answer.varying) for answer in answers] == [("a", {"b"}), ("b", {"b"})]


def test_an_object_is_rendered_as_in_process(renderers: Renderers) -> None:
    answer = renderers.ask("a", Request({"a": "{{ .p | upper }}", "b": "{{ randAlpha 3 | len }}"}, {"p": b"x\xff"}))
    assert answer == Answer({"a": b"X\xef\xbf\xbd", "b": b"3"}, frozenset({"b"}))


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (
            "{{ fail .p }}",
            TemplateExecutionError,
            'template "b", line 1, column 4: function "fail" failed: the template says so',
        ),
        (
            "{{ range 100000000 }}{{ end }}",
            TemplateLimitError,
            'template "b", line 1, column 4: it takes more than 500000 steps',
        ),
    ],
)
def test_errors_come_as_they_are_after_the_values_before_them(
    renderers: Renderers, text: str, kind: type[Exception], message: str
) -> None:
    rendering = renderers.rendering(patient=True)
    data = {"p": b"hunter2"}
    rendering.expect("n", {"a": "{{ .p }}", "b": text, "c": "never"})
    assert rendering("a", "{{ .p }}", data) == b"hunter2"
    with pytest.raises(kind) as caught:
        rendering("b", text, data)
    assert type(caught.value) is kind
    assert str(caught.value) == message
    assert "hunter2" not in repr(vars(caught.value))


LONG = "{{ $x := . | toJson }}{{ range 200 }}{{ range 2000 }}{{ $x | upper | lower }}{{ end }}{{ end }}"


@pytest.mark.parametrize("text", ["{{ htpasswd `a` `b` | len }} {{ genPrivateKey `ecdsa` | len | lt 100 }}", LONG])
def test_slow_and_long_work_is_left_to_who_has_patience(renderers: Renderers, text: str) -> None:
    renderers.ask("a", ASKED)
    kept = renderers.pids()
    request = Request({"a": text}, {"p": b"x"})
    assert renderers.ask("a", request) == Answer({}, long=True)
    assert renderers.pids() == kept
    with pytest.raises(LongWorkError):
        renderers.rendering(patient=False)("a", text, request.data)


def test_for_long_work_there_is_a_renderer_of_its_own_which_goes_when_it_is_done(renderers: Renderers) -> None:
    renderers.ask("a", ASKED)
    kept = renderers.pids()
    text = "{{ htpasswd `a` `b` | len }} {{ genPrivateKey `ecdsa` | len | lt 100 }}"
    assert renderers.ask("a", Request({"a": text}, {}, patient=True)).values == {"a": b"62 true"}
    assert renderers.pids() == kept


def ask_without_patience(renderers: Renderers, **texts: str) -> Answer:
    return renderers.ask("a", Request(texts, {"p": b"x"}))


@pytest.mark.parametrize(
    "text",
    ["{{/* bcrypt */}}x", "genCA htpasswd x", "{{ if false }}{{ bcrypt .p }}{{ end }}x", "{{ `derivePassword` }}"],
)
def test_words_of_a_text_are_no_slow_work(renderers: Renderers, text: str) -> None:
    assert ask_without_patience(renderers, a=text).failure is None


def test_a_template_that_asks_for_too_much_fails_before_the_slow_work_of_another(renderers: Renderers) -> None:
    texts = {"a": "{{ bcrypt .p }}", "b": "fine", "c": "{{ repeat 99999999 .p }}"}
    failure = ask_without_patience(renderers, **texts).failure
    assert isinstance(failure, TemplateLimitError)
    assert failure.name == "c"


def test_slow_work_is_not_done_for_templates_that_are_large(renderers: Renderers) -> None:
    texts = {"a": "{{ bcrypt .p }}", "b": "x" * MAX_SLOW_CHARACTERS}
    failure = ask_without_patience(renderers, **texts).failure
    assert isinstance(failure, TemplateLimitError)
    assert "make keys or password hashes, and have more than 131072 characters" in str(failure)
    large = Request({"a": "x" * MAX_SLOW_CHARACTERS + "{{ .p }}"}, {"p": b"bcrypt"})
    assert renderers.ask("a", large).failure is None


def test_decisions_are_made_with_it(renderers: Renderers) -> None:
    manifest = sealed_secret(template={"data": {"url": "x://{{ .password }}", "n": "{{ now | date `2006` }}"}})
    decision = decide(manifest, None, keyring(), renderers.rendering(patient=True))
    assert decision.action is Action.CREATE, decision.message
    assert decision.secret is not None
    assert set(decision.secret["data"]) == {"password", "url", "n"}


@pytest.mark.parametrize("program", [SPENT, DIES, JUNK], ids=["time", "crash", "garbage"])
def test_templates_that_end_the_renderer_for_all_are_left_to_who_has_patience(
    fake: Callable[..., Renderers], program: str
) -> None:
    renderers = fake(program, GOOD)
    assert renderers.ask("a", ASKED) == Answer({}, long=True)
    assert ask_as_controller(renderers, "a", ASKED).values == {"a": b"ok"}
    assert sum(restarts(renderers).values()) == 1


def test_a_renderer_that_was_killed_once_fails_nobody(fake: Callable[..., Renderers]) -> None:
    renderers = fake(DIES, GOOD)
    assert renderers.ask("a", PATIENT).values == {"a": b"ok"}
    assert restarts(renderers) == {"crash": 1}


@pytest.mark.parametrize("asked", [ASKED, PATIENT], ids=["quick", "patient"])
def test_templates_are_not_blamed_for_renderers_that_something_outside_killed(
    fake: Callable[..., Renderers], asked: Request
) -> None:
    renderers = fake(KILLED, KILLED, GOOD)
    with pytest.raises(RendererUnavailableError, match="the renderer was killed from outside"):
        renderers.ask("a", asked)
    assert renderers.ask("a", asked).values == {"a": b"ok"}
    assert restarts(renderers) == {"killed": 2}


def test_templates_that_end_two_renderers_have_failed(fake: Callable[..., Renderers]) -> None:
    renderers = fake(DIES, DIES, GOOD)
    failure = renderers.ask("a", PATIENT).failure
    assert isinstance(failure, TemplateLimitError)
    assert "end the process that renders them" in str(failure)
    assert renderers.ask("b", PATIENT).values == {"a": b"ok"}
    assert restarts(renderers) == {"crash": 2}


def test_templates_that_take_too_much_time_have_failed_at_once(fake: Callable[..., Renderers]) -> None:
    renderers = fake(SPENT, GOOD)
    failure = renderers.ask("a", PATIENT).failure
    assert isinstance(failure, TemplateLimitError)
    assert str(failure) == (
        'template "a", line 1, column 1: the templates of this object take more than 0.4 seconds together'
    )
    assert renderers.ask("b", PATIENT).values == {"a": b"ok"}
    assert restarts(renderers) == {"time": 1}


def test_an_answer_that_is_none_counts_as_a_crash_of_its_own_kind(fake: Callable[..., Renderers]) -> None:
    renderers = fake(JUNK, JUNK, GOOD)
    assert isinstance(renderers.ask("a", PATIENT).failure, TemplateLimitError)
    assert renderers.ask("a", PATIENT).values == {"a": b"ok"}
    assert restarts(renderers) == {"garbage": 2}


def test_a_renderer_that_is_worn_is_replaced_and_its_answer_holds(fake: Callable[..., Renderers]) -> None:
    renderers = fake(WORN, GOOD)
    assert renderers.ask("a", ASKED).values == {"a": b"ok"}
    assert renderers.ask("a", ASKED).values == {"a": b"ok"}
    assert restarts(renderers) == {"memory": 1}


def test_a_renderer_that_does_not_start_is_passing_trouble_and_not_tried_all_the_time(
    fake: Callable[..., Renderers], tmp_path: Path
) -> None:
    renderers = fake("raise SystemExit(7)")
    with pytest.raises(RendererUnavailableError, match=r"did not start: .* status 7"):
        renderers.ask("a", ASKED)
    with pytest.raises(RendererUnavailableError, match="a moment ago"):
        renderers.ask("a", ASKED)
    assert (tmp_path / "count").stat().st_size == 1


def test_a_renderer_whose_program_is_gone_is_passing_trouble() -> None:
    with (
        Renderers(lambda _: ["/nowhere/python"]) as renderers,
        pytest.raises(RendererUnavailableError, match="No such"),
    ):
        renderers.ask("a", ASKED)


def test_a_renderer_that_is_stuck_is_passing_trouble(
    fake: Callable[..., Renderers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "QUICK_ANSWER_SECONDS", 0.3)
    renderers = fake(IMPOSTOR + "time.sleep(1000)", GOOD)
    with pytest.raises(RendererUnavailableError, match="did not answer in time"):
        renderers.ask("a", ASKED)
    assert renderers.ask("a", ASKED).values == {"a": b"ok"}
    assert restarts(renderers) == {"stuck": 1}


def test_an_object_that_no_request_can_hold_has_failed(renderers: Renderers) -> None:
    rendering = renderers.rendering(patient=True)
    rendering.expect("n", {"a": "x"})
    with pytest.raises(TemplateLimitError, match="their data are too large"):
        rendering("a", "x", {"p": bytes(MAX_REQUEST_BYTES)})


def test_causes_are_logged_once_each_and_counted_always(
    fake: Callable[..., Renderers], capsys: pytest.CaptureFixture[str]
) -> None:
    renderers = fake(SPENT, SPENT, DIES, GOOD)
    for _ in range(3):
        renderers.ask("a", ASKED)
    lines = [line for line in capsys.readouterr().out.splitlines() if "a renderer ended" in line]
    assert [cause in line for cause, line in zip(("time", "crash"), lines, strict=True)] == [True, True]
    assert "hunter2" not in "".join(lines)
    metrics = Metrics("test")
    metrics.register(RendererMetrics(renderers))
    said = metrics.exposition().decode()
    assert 'sealwright_renderer_restarts_total{cause="time"} 2.0' in said
    assert 'sealwright_renderer_restarts_total{cause="crash"} 1.0' in said
    assert {f'sealwright_renderer_restarts_total{{cause="{cause.value}"}}' in said for cause in Cause} == {True}


def test_when_it_is_closed_running_work_ends_at_once_and_no_process_stays(fake: Callable[..., Renderers]) -> None:
    renderers = fake(IMPOSTOR + "time.sleep(1000)")
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(renderers.ask, str(number), ASKED) for number in range(2)]
        (pid,) = eventually(renderers.pids, what="a renderer works")
        started = time.monotonic()
        renderers.close()
        assert time.monotonic() - started < 10
        for one in asked:
            with pytest.raises(RendererUnavailableError, match="stopping"):
                one.result(10)
    assert not Path(f"/proc/{pid}").exists()
    assert restarts(renderers) == {}


BOUND_TO_ITS_STARTER = (
    "import os, struct\n"
    "from sealwright_controller.renderer.confinement import die_with\n"
    "die_with(os.getppid())\n"
    "say = lambda b: os.write(1, struct.pack('>I', len(b)) + b)\n"
    "say(b'ready')\n"
    "while head := os.read(0, 4):\n"
    "    os.read(0, *struct.unpack('>I', head))\n"
    "    say(b'\\0\\0\\0\\0\\0\\1' + b'\\0\\0\\0\\0\\2ok')\n"
)
"""Ends with the thread that started it, as a renderer does, and has no limit on its processor time: a busy machine may
count so much of it that a renderer ends for that reason."""


def test_a_renderer_lives_on_when_a_thread_ends_that_has_used_it(fake: Callable[..., Renderers]) -> None:
    renderers = fake(BOUND_TO_ITS_STARTER)
    thread = threading.Thread(target=lambda: renderers.ask("a", ASKED))
    thread.start()
    thread.join()
    (pid,) = renderers.pids()
    assert renderers.ask("a", ASKED).values == {"a": b"ok"}
    assert renderers.pids() == [pid]
    assert restarts(renderers) == {}


def test_signals_to_all_processes_of_the_controller_do_not_end_it(renderers: Renderers) -> None:
    renderers.ask("a", ASKED)
    (pid,) = renderers.pids()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(pid, number)
    assert renderers.ask("a", ASKED).values == {"a": b"hunter2"}
    assert renderers.pids() == [pid]
