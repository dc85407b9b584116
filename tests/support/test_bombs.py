"""The bombs are many, are what they say, and fit into an API server; the cage holds."""

import json
import subprocess
import sys

import pytest
from tests.support.bombs import BOMBS, ROOM, WORST, Bomb, named
from tests.support.builders import sealing_key
from tests.support.cages import Cage, resident_bytes
from tests.support.wait import eventually
from tools.checks.bomb_run import Figures

MIB = 2**20
GREEDY = "import sys; held = []; sys.stdin.readline()\nwhile len(held) < 400: held.append(bytes(b'x') * 1048576)\nprint('all of it')"


def test_there_are_sixty_and_more_each_with_a_name_and_a_sentence():
    assert len({bomb.name for bomb in BOMBS}) == len(BOMBS) >= 60
    assert len({bomb.about for bomb in BOMBS}) == len(BOMBS)
    assert {named(name).name for name in WORST} == set(WORST)
    assert len(WORST) == 8


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.name)
def test_an_api_server_takes_it(bomb: Bomb):
    manifest = bomb.manifest("team-a", sealing_key().certificate)
    assert len(manifest) <= ROOM + 50_000
    read = json.loads(manifest)
    assert (read["kind"], read["metadata"]["namespace"]) == ("SealedSecret", "team-a")
    annotations = read["metadata"].get("annotations", {})
    assert sum(len(name) + len(text.encode()) for name, text in annotations.items()) <= 256 * 1024


def test_a_broken_promise_is_seen():
    held = Figures("x", calm=[0.1], live=[0.01], resident=[[60.0, 40.0]], api=[0.5])
    assert held.broken() == []
    assert "held" in str(held)
    broken = Figures("x", calm=[4.0], live=[1.5], resident=[[60.0], [150.0, 51.0]], deaths=1, api=[0.5])
    assert len(broken.broken()) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and measured as Linux does it")
class TestTheCage:
    @pytest.fixture
    def cage(self):
        made = Cage(100 * MIB)
        yield made
        eventually(lambda: closed(made), what="the cage is empty")

    def test_a_process_that_wants_more_does_not_get_it(self, cage):
        process = subprocess.Popen([sys.executable, "-c", GREEDY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
        cage.hold(process.pid)
        said, _ = process.communicate(b"go\n", timeout=60)
        assert process.returncode != 0
        assert b"all of it" not in said

    def test_its_kind_is_said(self, cage):
        assert cage.kind in ("cgroup v2", "cgroup v1", "RLIMIT_DATA")

    def test_the_memory_of_children_counts_too(self):
        child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {GREEDY.replace('400', '50')!r} + '; input()'])"
        process = subprocess.Popen([sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            alone = sum(resident_bytes(process.pid))
            process.stdin.write(b"go\n")
            process.stdin.flush()
            eventually(lambda: sum(resident_bytes(process.pid)) > alone + 50 * MIB, what="the child's memory")
        finally:
            process.communicate(b"\n", timeout=60)


def closed(cage):
    try:
        cage.close()
    except OSError:
        return False
    return True
