"""What no template can do: the renderer's limits, and every bomb that once took the controller down."""

import base64
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.renderers import ask_as_controller
from tests.support.template_bombs import BOMBS

from sealwright_controller.renderer.child import QUICK_SECONDS
from sealwright_controller.renderer.frames import Answer, Request
from sealwright_controller.renderer.process import Cause, RendererProcess, command
from sealwright_controller.renderer.service import MEMORY_BYTES, Renderers
from sealwright_templating import TemplateLimitError
from sealwright_templating.functions.index import names

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux confines a renderer")

CALM = Request({"a": "{{ .p | upper }}"}, {"p": b"hunter2"})
RESIDENT_BYTES = MEMORY_BYTES + 48 * 1024 * 1024
"""What a renderer may have at most: its own, libraries included, and the templates'."""


@pytest.fixture(scope="module")
def renderers() -> Iterator[Renderers]:
    with Renderers() as made:
        made.ask("calm", CALM)
        yield made


def pid_of(renderers: Renderers) -> int:
    """Return the process that is kept, 0 while there is none."""
    return next(iter(renderers.pids()), 0)


def cpu_seconds(pid: int) -> float:
    """Return how long a process has been on a processor; what its kernel counts for clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid << 3) | 2)


def most_resident_bytes(pid: int) -> int:
    return 1024 * int(Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0])


def ask(renderers: Renderers, text: str, **data: bytes) -> Answer:
    return ask_as_controller(renderers, "hostile", Request({"k": text}, data))


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_costs_the_renderer_for_all_little_and_the_next_object_notices_nothing(
    renderers: Renderers, bomb: str
) -> None:
    assert renderers.ask("calm", CALM).values == {"a": b"HUNTER2"}
    pid = pid_of(renderers)
    before = cpu_seconds(pid)
    answer = ask(renderers, BOMBS[bomb])
    assert isinstance(answer.failure, TemplateLimitError), answer
    if pid_of(renderers) == pid:  # else the kernel has ended it
        assert cpu_seconds(pid) - before < QUICK_SECONDS + 0.1
        assert most_resident_bytes(pid) < RESIDENT_BYTES
    assert renderers.ask("calm", CALM).values == {"a": b"HUNTER2"}
    counts = renderers.counts()
    assert (counts[Cause.CRASH], counts[Cause.GARBAGE], counts[Cause.STUCK]) == (0, 0, 0)


WITH_TIME = """
from sealwright_controller.renderer import child
child.QUICK_SECONDS = child.MAX_SECONDS = 60.0
child.main()
"""
"""A renderer that gives each object as much time as the slowest machine needs."""


def test_to_find_out_how_much_memory_is_taken_takes_little() -> None:
    with Renderers(lambda memory: [sys.executable, "-I", "-c", WITH_TIME, str(os.getpid()), str(memory)]) as renderers:
        renderers.ask("calm", CALM)
        pid = pid_of(renderers)
        before = most_resident_bytes(pid)
        failure = ask(renderers, BOMBS["five lists of numbers"]).failure
        assert str(failure).endswith("its values take more than 8388608 bytes")
        assert most_resident_bytes(pid) - before < 20 * 1024 * 1024


def test_templates_that_take_long_to_parse_do_not_end_their_renderer(renderers: Renderers) -> None:
    renderers.ask("calm", CALM)
    pid, before = pid_of(renderers), renderers.counts()[Cause.TIME]
    texts = {f"k{number}": "{{1}}" * 14_000 for number in range(8)}
    failure = ask_as_controller(renderers, "hostile", Request(texts, {})).failure
    assert isinstance(failure, TemplateLimitError)
    assert "take more than 0.4 seconds together" in str(failure)
    assert (pid_of(renderers), renderers.counts()[Cause.TIME]) == (pid, before)


UNCOUNTED = """
import sys
from sealwright_controller.renderer import child
from sealwright_controller.renderer.templates import TemplateRendering
def act(self, key, text, data):
    {act}
TemplateRendering.__call__ = act
child.main()
"""
"""A renderer with a hole in its budgets: asked for anything, it does something that no budget knows."""


@pytest.fixture
def holed() -> Iterator[list[Renderers]]:
    made: list[Renderers] = []
    yield made
    for one in made:
        one.close()


def with_hole(made: list[Renderers], act: str) -> Renderers:
    program = UNCOUNTED.format(act=act)
    made.append(Renderers(lambda memory: [sys.executable, "-I", "-c", program, str(os.getpid()), str(memory)]))
    return made[-1]


ACTS = {
    "a call that holds the interpreter": ("int('7' * 4000) ** 10_000_000", Cause.TIME),
    "a loop": ("\n    while True: pass", Cause.TIME),
    "a loop that nothing in Python ends": (
        "\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        Cause.TIME,
    ),
}


@pytest.mark.parametrize("what", ACTS)
def test_what_no_budget_counts_is_ended_by_the_kernel(holed: list[Renderers], what: str) -> None:
    act, cause = ACTS[what]
    renderers = with_hole(holed, act)
    failure = ask_as_controller(renderers, "hostile", CALM).failure
    assert isinstance(failure, TemplateLimitError)
    assert "take more than 0.4 seconds together" in str(failure)
    assert renderers.counts()[cause] == 2  # without patience, and with


@pytest.mark.parametrize(
    "act", ["return bytes(1 << 30)", "\n    kept = []\n    while True: kept.append(bytes(100_000))"]
)
def test_memory_that_no_budget_counts_cannot_be_had(holed: list[Renderers], act: str) -> None:
    renderers = with_hole(holed, act)
    failure = ask_as_controller(renderers, "hostile", CALM).failure
    assert isinstance(failure, TemplateLimitError)
    assert renderers.counts()[Cause.TIME] == 0


OUTSIDE = {
    "a file": "open('/etc/hostname')",
    "a file to write": "open('/tmp/x', 'w')",
    "a socket": "__import__('_socket').socket()",
    "a pipe": "__import__('os').pipe()",
    "its own environment": "__import__('os').environ['PATH']",
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_nothing_outside_is_in_reach(holed: list[Renderers], what: str) -> None:
    act = f"\n    try:\n        {OUTSIDE[what]}\n    except (OSError, KeyError): return b'out of reach'"
    assert with_hole(holed, act).ask("hostile", CALM).values == {"a": b"out of reach"}


def test_a_renderer_has_two_pipes_no_environment_no_core_and_shows_no_value(renderers: Renderers) -> None:
    renderers.ask("calm", CALM)
    process = Path(f"/proc/{pid_of(renderers)}")
    limits = {line[:26].strip(): line[26:].split()[1] for line in (process / "limits").read_text().splitlines()}
    assert (limits["Max core file size"], limits["Max file size"], limits["Max processes"]) == ("0", "0", "0")
    assert limits["Max open files"] == "2"
    assert "hunter2" not in (process / "cmdline").read_text()
    if os.geteuid() == 0:  # nobody else may look: it is not to be traced, nor dumped
        assert (process / "environ").read_bytes() == b""
        kinds = {link.name: str(link.readlink()).partition(":")[0] for link in (process / "fd").iterdir()}
        assert kinds == {"0": "pipe", "1": "pipe"}


def test_every_function_works_where_no_module_can_be_imported(renderers: Renderers) -> None:
    texts = {f"k{number}": f"{{{{ if false }}}}{{{{ {name} }}}}{{{{ end }}}}" for number, name in enumerate(names())}
    assert renderers.ask("calm", Request(texts, {})).failure is None
    made = {
        "zones": '{{ dateInZone "15:04 MST" (toDate "2006-01-02" "2024-07-01") "Europe/Berlin" }}',
        "no zone": '{{ dateInZone "15:04 MST" (toDate "2006-01-02" "2024-07-01") "Europe/Nowhere" }}',
        "regex": '{{ regexReplaceAll "(\\\\p{Lu}+)" "aBc" "<$1>" }}',
        "json": '{{ dict "a" (list 1 2.5 "é") | toJson | fromJson | toPrettyJson }}',
        "certificate": '{{ (genSelfSignedCert "a.example" (list "10.0.0.1") (list "b.example") 1).Cert | hasPrefix "-----" }}',
        "password": '{{ derivePassword 1 "long" "password" "user" "example.com" }}',
        "aes": '{{ encryptAES "0123456789abcdef0123456789abcdef" "x" | decryptAES "0123456789abcdef0123456789abcdef" }}',
        "url": '{{ urlParse "https://u@example.com:1/p?q#f" | toJson }}',
        "version": '{{ semverCompare "^1.2.0" "1.3.0" }}',
        "case": '{{ "äß" | upper }}{{ camelcase "a_b" }}',
    }
    answer = ask_as_controller(renderers, "calm", Request(made, {}))
    assert answer.failure is None
    assert answer.values["zones"] == b"02:00 CEST" or answer.values["zones"].endswith(b"CEST")
    assert answer.values["no zone"].endswith(b"UTC")
    assert answer.values["certificate"] == b"true"
    assert answer.values["aes"] == b"x"


def test_a_renderer_says_why_it_does_not_start() -> None:
    renderer = RendererProcess([*command(MEMORY_BYTES)[:-2], "1", str(MEMORY_BYTES)])
    with pytest.raises(Exception, match="the process that started this one has ended"):
        renderer.wait_until_ready()
    renderer.kill()


def test_values_do_not_come_back_in_another_object(renderers: Renderers) -> None:
    secret = base64.b64encode(os.urandom(30))
    renderers.ask("one", Request({"a": "{{ .p }}"}, {"p": secret}))
    assert renderers.ask("other", Request({"a": "{{ . | toJson }}{{ $.p }}"}, {"q": b"1"})).values == {
        "a": b'{"q":"1"}<no value>'
    }
