"""docs/guides/review-a-pull-request.md: its commands, typed in order, print what it says; its hooks exist."""

import re
from pathlib import Path

from tests.support.git_repository import GitRepository
from tests.support.repository import ROOT
from tests.support.typed_pages import Shell, commands_of

PAGE = (ROOT / "docs/guides/review-a-pull-request.md").read_text(encoding="utf-8")


def test_its_commands_print_what_it_says(tmp_path: Path) -> None:
    repository = GitRepository.new(tmp_path)
    repository.seal(namespace="shop", user="u", password="p")
    repository.commit("one")
    repository.git("branch", "feature")
    shell = Shell(repository.folder, repository.env)
    try:
        for section in PAGE.split("\n## "):
            if section.startswith("See"):
                repository.git("checkout", "-q", "feature")
                repository.seal(namespace="shop", password="q", token="t")
                repository.commit("feature")
                repository.git("checkout", "-q", "main")
            if section.startswith("Merge"):
                repository.seal(namespace="shop", user="v")
                repository.commit("ours")
            for command, said in printed(section):
                found = without_digests(shell.run(command)).replace(f"{repository.folder}/", "")
                for line in without_digests(said).splitlines():
                    assert line in ("…", *found.splitlines()), found
    finally:
        shell.close()
    assert repository.unsealed() == {"user": "v", "password": "q", "token": "t"}


def test_its_hooks_are_those_of_the_repository() -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert re.findall(r"- id: (\S+)", PAGE) == re.findall(r"- id: (\S+)", hooks)


def printed(section: str) -> list[tuple[str, str]]:
    """Return the commands of a section, each with what the page says that it prints."""
    blocks = "".join(re.findall(r"```console\n(.*?)```", section, re.DOTALL))
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", blocks, re.MULTILINE)
    assert [command for command, _ in found] == commands_of(section)
    return found


def without_digests(text: str) -> str:
    return re.sub(r"sealed [0-9a-f]{32}", "sealed …", text)
