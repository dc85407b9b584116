"""Runs that are killed while they write plaintext: whatever the moment, git takes none of it and the next run tidies up."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")

# Kills itself right before the call of the given number that leaves Python: each system call of ours is one of them.
KILLED_AT = """\
import json, os, signal, sys
from pathlib import Path
from sealwright_cli.files import replacing
from sealwright_cli.files.disk import write_file

path, unnamed, old = Path(sys.argv[1]), sys.argv[2] == "unnamed", sys.argv[3] == "old"
if not unnamed:
    replacing._UNNAMED = 0

def seen():
    return {one.relative_to(path.parent).as_posix(): one.read_text() for one in path.parent.rglob("*") if one.is_file()}

def killed_at(number):
    left = [number]
    def count(frame, event, called):
        if event == "c_call":
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.setprofile(count)
    write_file(path, b"plaintext", private=True)
    sys.setprofile(None)
    os._exit(0)

number, ended, moments = 0, None, []
while ended != 0:
    number += 1
    for one in path.parent.iterdir():
        if one.name != ".git":
            if one.is_dir():
                for inner in one.iterdir():
                    inner.unlink()
                one.rmdir()
            else:
                one.unlink()
    if old:
        path.write_text("old")
    child = os.fork()
    if not child:
        killed_at(number)
    ended = os.waitpid(child, 0)[1]
    there = seen()
    tracked = None
    if set(there) - {path.name, ".git"}:
        os.system(f"git -C {path.parent} add -A")
        tracked = os.popen(f"git -C {path.parent} diff --cached --name-only").read().split()
        os.system(f"git -C {path.parent} reset -q")
    write_file(path, b"plaintext", private=True)
    moments.append({"there": there, "tracked": tracked, "after": seen()})
print(json.dumps(moments))
"""


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "repository"
    for command in (["init", "-q", folder], ["-C", folder, "commit", "-q", "--allow-empty", "-m", "x"]):
        names = {f"GIT_{who}_{what}": "x@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        subprocess.run(["git", *command], check=True, env=os.environ | names)
    shutil.move(folder / ".git", tmp_path / "git")
    (folder / ".git").write_text(f"gitdir: {tmp_path / 'git'}\n")
    return folder


@pytest.mark.parametrize("before", ["old", "none"])
@pytest.mark.parametrize("how", ["unnamed", "named"])
def test_whatever_the_moment_git_takes_nothing_and_the_next_run_tidies_up(
    work_tree: Path, how: str, before: str
) -> None:
    path = work_tree / "out.yaml"
    command = [sys.executable, "-c", KILLED_AT, str(path), how, before]
    moments: list[dict[str, Any]] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert len(moments) > 20
    allowed = {"plaintext", "old"} if before == "old" else {"plaintext", None}
    assert {moment["there"].get("out.yaml") for moment in moments} == allowed
    for moment in moments:
        taken = set(moment["tracked"] or ()) - {"out.yaml"}
        assert not any(moment["there"][one] for one in taken), "git takes plaintext"  # but an empty .gitignore
        assert set(moment["after"]) == {"out.yaml", ".git"}
    left = [moment for moment in moments if moment["tracked"] is not None]
    if how == "unnamed" and before == "none":
        assert left == []  # there is never a second name
