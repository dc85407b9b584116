"""Waiting with a deadline, and waiting for a lock."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.caches import cache_folder, held, locked
from tests.support.wait import eventually, stays_true

ROOT = Path(__file__).parents[2]


def counting(answer: Callable[[int], object]) -> Callable[[], object]:
    """Return a function that answers by how often it has been called."""
    calls = iter(range(1, 1000))
    return lambda: answer(next(calls))


def not_before(third: int) -> str:
    assert third >= 3, f"only the {third}. call"
    return "there"


def test_eventually_returns_what_came_true() -> None:
    assert eventually(counting(lambda call: call > 2 and call), interval=0) == 3


def test_a_failed_assertion_is_not_yet() -> None:
    assert eventually(counting(not_before), interval=0) == "there"


def test_the_deadline_names_what_was_waited_for_and_the_last_failure() -> None:
    with pytest.raises(AssertionError, match=r"the Secret: not within 0 s \(last failure: only the 1. call"):
        eventually(counting(not_before), timeout=0, what="the Secret")
    with pytest.raises(AssertionError, match=r"the Secret: not within 0 s \(last seen: None\)"):
        eventually(lambda: None, timeout=0, what="the Secret")


def test_any_other_exception_passes_at_once() -> None:
    with pytest.raises(ZeroDivisionError):
        eventually(lambda: 1 / 0)


def test_stays_true_ends_at_the_first_false() -> None:
    stays_true(lambda: True, seconds=0)
    with pytest.raises(AssertionError, match="two Secrets: no longer so after"):
        stays_true(counting(lambda call: call < 3), seconds=60, interval=0, what="two Secrets")


def test_a_lock_has_one_holder_and_is_free_when_its_process_is_killed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "folder" / "a.lock"
    assert not held(lock)
    program = "import sys, pathlib\nfrom tests.support.caches import locked\n"
    program += "with locked(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()"
    command = [sys.executable, "-c", program, str(lock)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held" + os.linesep.encode()
        assert held(lock)
        holder.kill()
    with locked(lock):
        assert held(lock)
    assert not held(lock)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        pytest.param({"SEALWRIGHT_DEV_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, "/a", id="its own variable goes first"),
        pytest.param({"XDG_CACHE_HOME": "/b"}, "/b/sealwright-dev", id="then the person's cache folder"),
        pytest.param({}, "/home/.cache/sealwright-dev", id="then the usual place"),
        pytest.param({"SEALWRIGHT_DEV_CACHE": ""}, "/home/.cache/sealwright-dev", id="an empty variable is none"),
    ],
)
def test_the_cache_folder(environment: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SEALWRIGHT_DEV_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Path, "home", lambda: Path("/home"))
    assert cache_folder() == Path(folder).absolute()
