"""Links in a repository that lead out of it: nothing is read or written through them that its author chose."""

import json
import subprocess
from pathlib import Path

import pytest
from tests.support.builders import sealed_secret
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, files_below, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus

PROJECT = """\
targets: {{p: {{certificate: cert.pem}}}}
rules: [{{path: "**", target: p, output: "{output}"}}]
"""
OTHERS = SECRET.replace("name: db", "name: of-the-user")


class Clone:
    """A clone of a repository, and the folder of the user around it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "clone"
        self.folder.mkdir()
        subprocess.run(["git", "init", "-q"], cwd=self.folder, check=True)
        (self.folder / "cert.pem").write_bytes(CERTIFICATE.read_bytes())
        (self.folder / "secret.yaml").write_text(SECRET)

    def project(self, output: str) -> None:
        (self.folder / ".sealwright.yaml").write_text(PROJECT.format(output=output))

    def run(self, *words: object):
        return sealwright(*words, cwd=self.folder)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


@pytest.mark.parametrize("output", ["out/.bash_profile", "out/new/.bash_profile", "file.yaml", "deep/out/x.yaml"])
def test_no_result_is_written_through_a_link_that_leads_out(clone: Clone, output: str) -> None:
    (clone.folder / "out").symlink_to("..")
    (clone.folder / "file.yaml").symlink_to("../new.yaml")
    (clone.folder / "deep").mkdir()
    (clone.folder / "deep/out").symlink_to("../..")
    clone.project(output)
    before = files_below(clone.home)
    run = clone.run("seal", "secret.yaml")
    assert run.status == ExitStatus.INPUT
    assert "output in" in run.stderr
    assert "leads outside the folder of that file" in run.stderr
    assert files_below(clone.home) == before


@pytest.mark.parametrize("output", [".git/x", ".GIT/hooks/post-checkout", "into/x"])
def test_no_result_is_written_into_gits_own_folder(clone: Clone, output: str) -> None:
    (clone.folder / "into").symlink_to(".git/hooks")
    clone.project(output)
    run = clone.run("seal", "secret.yaml")
    assert (run.status, "leads into git's own folder" in run.stderr) == (ExitStatus.INPUT, True)


def test_a_link_within_the_repository_is_followed(clone: Clone) -> None:
    (clone.folder / "real").mkdir()
    (clone.folder / "out").symlink_to("real")
    clone.project("out/{name}.yaml")
    assert clone.run("seal", "secret.yaml").status == ExitStatus.OK
    assert "kind: SealedSecret" in (clone.folder / "real/secret.yaml").read_text()


@pytest.mark.parametrize("in_place", [False, True], ids=["elsewhere", "in place"])
def test_a_found_link_that_leads_out_is_passed_over(clone: Clone, *, in_place: bool) -> None:
    (clone.home / "backup.yaml").write_text(OTHERS)
    (clone.folder / "app.yaml").symlink_to("../backup.yaml")
    clone.project("sealed/{name}.yaml")
    run = clone.run("seal", ".", *(["--in-place"] if in_place else []))
    assert run.status == ExitStatus.OK
    assert f"warning: app.yaml: a link that leads out of {clone.folder}; skipped (name it to read it)\n" in run.stderr
    assert (clone.home / "backup.yaml").read_text() == OTHERS
    assert not (clone.folder / "sealed/app.yaml").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["reencrypt", "--key", PRIVATE_KEY, "--cert", CERTIFICATE, "--force"],
        ["lint", "--fix"],
        ["unseal", "--key", PRIVATE_KEY],
    ],
    ids=["reencrypt", "lint", "unseal"],
)
def test_every_verb_passes_over_it_in_a_folder(clone: Clone, words: list) -> None:
    theirs = clone.home / "theirs.yaml"
    theirs.write_text(json.dumps(sealed_secret("of-the-user", "team-a")))
    (clone.folder / "own.yaml").write_text(json.dumps(sealed_secret()))
    (clone.folder / "app.yaml").symlink_to("../theirs.yaml")
    before = theirs.read_bytes()
    run = clone.run(*words, ".")
    assert "app.yaml: a link that leads out of" in run.stderr
    assert theirs.read_bytes() == before
    assert b"of-the-user" not in run.stdout


def test_a_named_link_that_leads_out_is_not_sealed_by_the_project_file(clone: Clone) -> None:
    (clone.home / "backup.yaml").write_text(OTHERS)
    (clone.folder / "app.yaml").symlink_to("../backup.yaml")
    (clone.folder / "folder").symlink_to("..")
    clone.project("sealed/{name}.yaml")
    for path in ("app.yaml", "folder/backup.yaml"):
        run = clone.run("seal", path)
        assert (run.status, "a link on its path leads out of" in run.stderr) == (ExitStatus.INPUT, True), run.stderr
    assert not (clone.folder / "sealed").exists()


def test_by_the_user_s_own_certificate_it_is(clone: Clone) -> None:
    (clone.home / "backup.yaml").write_text(OTHERS)
    (clone.folder / "app.yaml").symlink_to("../backup.yaml")
    run = clone.run("seal", "app.yaml", "--no-config", "--cert", CERTIFICATE)
    assert (run.status, b"kind: SealedSecret" in run.stdout) == (ExitStatus.OK, True)


def test_a_checkout_behind_a_link_is_like_any_other(clone: Clone) -> None:
    clone.project("sealed/{name}.yaml")
    (clone.home / "work").symlink_to("clone")
    assert sealwright("seal", "secret.yaml", cwd=clone.home / "work").status == ExitStatus.OK
    assert (clone.folder / "sealed/secret.yaml").exists()
