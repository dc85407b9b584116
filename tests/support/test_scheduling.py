"""The order in which processes of pytest-xdist get the files of tests, and what is remembered of their durations."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.support.scheduling import CACHE_KEY, longest_first

ROOT = Path(__file__).parents[2]


def item(nodeid: str, *fixtures: str) -> Any:
    return SimpleNamespace(nodeid=nodeid, fixturenames=fixtures)


def order(items: list[Any], **known: float) -> list[str]:
    return [one.nodeid for one in longest_first(items, {f"{name}.py": seconds for name, seconds in known.items()})]


def test_the_file_that_took_longest_is_first_and_keeps_its_order() -> None:
    items = [item("a.py::z"), item("a.py::y"), item("b.py::x"), item("c.py::w")]
    assert order(items, a=1, b=2, c=3) == ["c.py::w", "b.py::x", "a.py::z", "a.py::y"]


def test_files_that_took_as_long_are_not_mixed() -> None:
    items = [item("b.py::1"), item("a.py::1"), item("b.py::2"), item("a.py::2")]
    assert order(items, a=1, b=1) == ["a.py::1", "a.py::2", "b.py::1", "b.py::2"]


def test_a_file_that_is_not_known_counts_by_its_tests_and_by_an_api_server_of_its_own() -> None:
    items = [item("few.py::1"), *(item(f"many.py::{number}") for number in range(3))]
    items += [item("shared.py::1", "control_plane", "apiserver_assets"), item("own.py::1", "apiserver_assets")]
    assert order(items) == ["own.py::1", "many.py::0", "many.py::1", "many.py::2", "few.py::1", "shared.py::1"]


def test_a_session_goes_by_what_the_last_one_took_and_remembers_its_own(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        text = f"def test_it():\n    with open({str(tmp_path / 'ran')!r}, 'a') as ran:\n        ran.write({name!r})\n"
        (tmp_path / f"test_{name}.py").write_text(text)
    remembered = tmp_path / "cache" / "v" / CACHE_KEY
    remembered.parent.mkdir(parents=True)
    remembered.write_text(json.dumps({"test_b.py": 90.0, "test_c.py": 50.0, "test_gone.py": 70.0}))
    options = ["-n1", "--dist=loadfile", "--no-loadscope-reorder", "-p", "tests.support.scheduling"]
    options += ["-o", f"cache_dir={tmp_path / 'cache'}", "--rootdir", str(tmp_path), "-c", str(tmp_path / "pytest.ini")]
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COVERAGE_"))}
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=outer, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "ran").read_text() == "bca"
    now = json.loads(remembered.read_text())
    assert now["test_gone.py"] == 70
    assert max(now[f"test_{name}.py"] for name in ("a", "b", "c")) < 50
