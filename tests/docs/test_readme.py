"""The README: what it is, how to install it, three commands, then the two of a checkout; each is run somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.repository import ROOT
from tests.support.typed_pages import commands_of
from tools.building.make_venv import wheelhouse

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL))


def test_it_begins_with_what_people_need_first() -> None:
    assert list(SECTIONS)[:3] == ["Install", "Three commands", "In a checkout"]
    assert [len(commands_of(SECTIONS[name])) for name in list(SECTIONS)[:3]] == [3, 3, 2]
    assert [command.split()[1] for command in commands_of(SECTIONS["In a checkout"])] == ["demo", "test"]


def test_its_three_commands_are_those_of_getting_started_where_they_are_run() -> None:
    page = (ROOT / "docs/getting-started.md").read_text(encoding="utf-8")
    assert set(commands_of(SECTIONS["Three commands"])) <= set(commands_of(page))


@pytest.mark.parametrize("page", ["docs/getting-started.md", "docs/guides/switch-from-kubeseal.md"])
def test_every_page_says_how_to_install_as_it_does(page: str) -> None:
    commands = commands_of((ROOT / page).read_text(encoding="utf-8"))
    assert set(commands_of(SECTIONS["Install"])) <= set(commands)


@pytest.mark.wheel
@pytest.mark.skipif(os.name == "nt", reason="the page speaks to a POSIX shell")
def test_installing_works_as_written(tmp_path: Path) -> None:
    guide = (ROOT / "docs/guides/switch-from-kubeseal.md").read_text(encoding="utf-8")
    script = "\n".join(["set -e", f"cd '{ROOT}'", *commands_of(guide.split("\n## 2")[0]), "sealwright --version"])
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # the Python that the wheels are for
        "HOME": str(tmp_path),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheelhouse()),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kubeseal version: v" in done.stdout
