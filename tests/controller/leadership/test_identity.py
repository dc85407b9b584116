"""Telling processes apart, and recognising one that has ended."""

import subprocess
import sys
from pathlib import Path

import pytest

from sealwright_controller.leadership import identity
from sealwright_controller.leadership.identity import has_ended, own_identity

PROGRAM = """
import sys
from sealwright_controller.leadership.identity import own_identity
print(own_identity({}).process, flush=True)
sys.stdin.read()
"""


def test_each_process_has_a_name_of_its_own() -> None:
    environment = {"POD_NAME": "sealwright-5d4f", "POD_UID": "8a3c"}
    names = {own_identity(environment).name for _ in range(2)}
    assert len(names) == 2
    assert all(name.startswith("sealwright-5d4f_") for name in names)


def test_a_container_knows_that_the_one_before_it_in_its_pod_has_ended() -> None:
    own = own_identity({"POD_UID": "8a3c"}).process
    assert has_ended(own, own)
    assert not has_ended("pod/other", own)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc")
def test_a_process_of_this_machine_is_known_to_have_ended() -> None:
    own = own_identity({}).process
    assert own.startswith("host/")
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        process = other.stdout.readline().decode().strip()
        assert not has_ended(process, own)
        other.kill()
        other.wait()
        assert has_ended(process, own)
    assert not has_ended(own, own)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc")
def test_a_process_that_is_hidden_from_this_one_is_not_taken_for_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = own_identity({}).process
    hidden = own.rpartition("/")[0] + "/1"  # of this process's number, started at another time: so it has ended
    assert has_ended(hidden, own)
    for name in ("sys/kernel/random/boot_id", "self/ns"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).symlink_to(Path("/proc") / name)
    monkeypatch.setattr(identity, "_PROC", tmp_path)  # as with hidepid=2, where other users' processes are missing
    assert not has_ended(hidden, own)


@pytest.mark.parametrize(
    "process", ["", "host", "host/boot/ns/1/2", "host/////", "host/a/b/c/d", "pod/", "x/1/2/3/4", "host/a/b/-1/2"]
)
def test_of_any_other_process_nothing_is_known(process: str) -> None:
    assert not has_ended(process, own_identity({}).process)
    assert not has_ended(process, "")
