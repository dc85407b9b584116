"""docs/reference/controller.md is what the program's own tables say, and its exit statuses and signals are so."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.controller_process import EXECUTABLE, ControllerProcess
from tools.pages.controller_reference import ENDPOINTS, EVENTS, PAGE, SIGNALS, STATUSES, render

from sealwright_controller.objects.reasons import EventReason, Reason
from sealwright_controller.options.table import FLAGS

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_what_its_generator_writes() -> None:
    assert render() == TEXT, "run: python -m tools.pages.controller_reference"


def test_every_flag_has_its_row() -> None:
    assert re.findall(r"^\| `--([\w-]+)(?: [A-Z-]+)?` \|", TEXT, re.MULTILINE) == [flag.name for flag in FLAGS.flags]


def test_there_are_words_for_all_that_has_a_name_and_for_nothing_else() -> None:
    assert list(EVENTS) == list(EventReason)
    assert all(f"| `{reason.value}` | `" in TEXT for reason in Reason)
    assert all(f"| `{path}` | " in TEXT for path in ENDPOINTS)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there are no renderers to tell of")
def test_every_metric_of_a_running_controller_has_its_row_and_no_other(tmp_path: Path) -> None:
    controller = ControllerProcess(["--directory", "try", "--key-size=1024"], folder=tmp_path)
    controller.start()
    try:
        shown = re.findall(r"^# TYPE (\S+) (\S+)$", controller.metrics(), re.MULTILINE)
    finally:
        controller.stop()
    rows = re.findall(r"^\| `(\S+)` \| (\w+) \|", section("Metrics"), re.MULTILINE)
    assert sorted(shown) == sorted(rows)


@pytest.mark.parametrize(
    ("status", "arguments"),
    [(0, ["--version"]), (0, ["--help"]), (1, ["--kubeconfig", "no-such-file"]), (2, ["--no-such-flag"])],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_it_ends_as_the_page_says(tmp_path: Path, status: int, arguments: list[str]) -> None:
    environment = {"PATH": os.defpath, "HOME": str(tmp_path)}
    done = subprocess.run([EXECUTABLE, *arguments], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == status
    assert status in STATUSES


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_stops_it_in_good_order(tmp_path: Path, name: str) -> None:
    controller = ControllerProcess(["--directory", "try", "--key-size=1024"], folder=tmp_path)
    controller.start()
    process = controller._process
    assert process is not None
    process.send_signal(signal.Signals[name])
    assert process.wait(timeout=30) == 0
    assert name in SIGNALS


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]
