"""Fuzzing finds what it is there for, and nothing in a small run over every target."""

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from tools.checkout import ROOT
from tools.fuzz import guided, mutating, running, working
from tools.fuzz.findings import Finding, from_plain
from tools.fuzz.judging import Judge, prepare
from tools.fuzz.running import Watch
from tools.fuzz.targets import table
from tools.fuzz.targets.target import Target

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="time and memory are measured as Linux counts them")
INPUTS = 40


def target(check: Callable[[bytes], None]) -> Target:
    return Target("broken", check, [b"some example"])


def raising(data: bytes) -> None:
    if b"\xff" in data:
        raise KeyError("not one of our errors")


def looping(data: bytes) -> None:
    while True:
        with contextlib.suppress(Exception):  # nothing stops it
            len(data)


def growing(_: bytes) -> None:
    len(bytearray(150 * 2**20))


class TestOneInput:
    @pytest.fixture(autouse=True)
    def prepared(self) -> None:
        prepare()

    def test_any_error_that_leaves_is_found_and_shrunk(self) -> None:
        judge = Judge(target(raising))
        (found,) = judge.run("x", b"before\xffbehind")
        assert (found.kind, judge.shrunk(found, lambda _: None).data) == ("error", b"\xff")
        assert "KeyError" in found.shown()
        assert base64.b64encode(b"before\xffbehind").decode() in found.shown()
        assert judge.run("x", b"well") == []

    def test_what_takes_too_long_is_ended_and_found(self) -> None:
        (found,) = Judge(target(looping), seconds=0.2).run("x", b"a")
        assert found.kind == "slow"
        assert "looping" in found.about

    def test_what_takes_too_much_memory_is_found_among_others(self) -> None:
        judge = Judge(target(lambda data: growing(data) if data == b"b" else None))
        found = judge.batch([("1", b"a"), ("2", b"b"), ("3", b"c")], lambda _: None)
        assert [(one.kind, one.origin) for one in found] == [("memory", "2")]

    def test_a_finding_survives_being_written(self) -> None:
        found = Finding("a", "error", "seed 1", b"\x00\xff", "about", "same")
        assert from_plain(json.loads(json.dumps(found.to_plain()))) == found


@pytest.mark.parametrize("name", table.TARGETS)
def test_a_few_inputs_of_each_target_keep_its_laws(name: str) -> None:
    prepare()
    made = table.TARGETS[name]()
    inputs = [(f"{number}", made.input(Random(f"0/{name}/{number}"))) for number in range(INPUTS)]
    found = Judge(made).batch([*inputs, *(("example", one) for one in made.examples[:5])], lambda _: None)
    assert [one.shown() for one in found] == []
    assert len({data for _, data in inputs}) > INPUTS // 2, "inputs differ"


def test_the_same_seed_makes_the_same_inputs() -> None:
    def inputs(seed: int) -> list[bytes]:
        made = [table.TARGETS[name]() for name in ("envelope", "body", "editing", "sealed-object")]
        return [one.input(Random(f"{seed}/{number}")) for one in made for number in range(10)]

    assert inputs(1) == inputs(1) != inputs(2)


def test_spoiled_data_stays_plain_and_is_not_changed_itself() -> None:
    tree = {"a": {"b": [1, {"c": None}]}, "d": "x"}
    before = json.dumps(tree)
    made = {json.dumps(mutating.spoiled(Random(number), tree, ["n"])) for number in range(300)}
    assert len(made) > 200
    assert json.dumps(tree) == before


def dying(data: bytes) -> None:
    os._exit(3)  # this runs in a process of its own


@pytest.mark.parametrize(("check", "kind"), [(dying, "died"), (raising, "error")])
def test_the_watch_tells_what_processes_find_and_how_they_end(
    check: Callable[[bytes], None], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(table.TARGETS, "broken", lambda: target(check))
    told: list[Finding] = []
    watch = Watch(working.Share(["broken"], 0, 0, 2, time.monotonic() + 60, inputs=2000), told.append)
    watch.run()
    assert {one.kind for one in told} == {kind}
    assert len(told) == 1, "of one cause, one is told"
    if kind == "error":
        assert watch.tallies["broken"].random >= 2000


def stuck(data: bytes) -> None:
    """Hang where no signal ends it: the handler of the alarm is gone."""
    signal.signal(signal.SIGPROF, signal.SIG_IGN)
    looping(data)


def hard_to_shrink(data: bytes) -> None:
    """Raise, and take more time for all the tries of a smaller input than one input has."""
    until = time.process_time() + 0.02
    while time.process_time() < until:
        pass
    if len(data) > 300:
        raise KeyError("not one of our errors")


@pytest.fixture
def hasty_watch(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[bytes], None]], list[Finding]]:
    """Return what runs a few inputs over which the watch waits 1 s of a core, and gives what it told."""
    monkeypatch.setattr(running, "STUCK_SECONDS", 1.0)

    def run(check: Callable[[bytes], None]) -> list[Finding]:
        monkeypatch.setitem(table.TARGETS, "broken", lambda: Target("broken", check, [b"some example" * 50]))
        told: list[Finding] = []
        Watch(working.Share(["broken"], 0, 0, 1, time.monotonic() + 60, inputs=1), told.append).run()
        return told

    return run


def test_what_no_signal_ends_is_stuck_and_told_with_its_place(hasty_watch: Callable) -> None:
    (found,) = hasty_watch(stuck)
    assert found.kind == "stuck"
    assert "in looping" in found.about


def test_a_search_for_a_smaller_input_is_not_stuck(hasty_watch: Callable) -> None:
    assert {one.kind for one in hasty_watch(hard_to_shrink)} == {"error"}


def test_what_ends_the_process_under_atheris_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Stands for a Python in which the library that atheris brings has ended the process.
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nwhile [ "$1" != --folder ]; do shift; done\n'
                      'printf xyz > "$2/kept-crash-1"; echo libFuzzer: fuzz target exited >&2; exit 77\n')  # fmt: skip
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    tried, (found,) = guided.Run("template", 1.0, 5).result()
    assert (tried, found.kind, found.data) == (0, "died", b"xyz")
    assert "ended with 77" in found.about
    assert "fuzz target exited" in found.about


@pytest.mark.skipif(not guided.is_there(), reason="atheris is not installed")
def test_a_run_under_atheris_ends_with_its_figures() -> None:
    tried, found = guided.Run("envelope", 2.0, 5).result()
    assert (tried > 10, found) == (True, [])


def fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.fuzz", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_a_run_ends_with_its_figures() -> None:
    done = fuzz("--only", "envelope,plugin-answer", "--inputs", "100", "--seed", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert "seed 3" in done.stdout
    assert "envelope" in done.stdout
    assert "0 findings" in done.stdout
    assert ("atheris is not installed" in done.stdout) is not guided.is_there()


def test_one_input_is_tried_again() -> None:
    done = fuzz("--only", "kubeconfig", "--input", base64.b64encode(b"kind: Config").decode())
    assert (done.returncode, done.stdout.partition(" with")[0]) == (0, "kubeconfig: nothing is wrong")


def test_an_unknown_target_is_told() -> None:
    done = fuzz("--only", "nothing")
    assert done.returncode == 2
    assert "no such target: nothing; there are: envelope, " in done.stderr
