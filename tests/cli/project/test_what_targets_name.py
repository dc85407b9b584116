"""A certificate or context of a target that is not there: messages name the project file, the line and the target."""

import json
from pathlib import Path

import pytest
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, sealwright

RULE = "rules: [{path: '**', target: staging}]\n"
SEALED = ["seal", "secret.yaml", "--cert", str(CERTIFICATE), "--no-config", "-w", "db.yaml"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "secret.yaml").write_text(SECRET)
    (tmp_path / "value").write_text("hunter2")
    assert sealwright(*SEALED, cwd=tmp_path).status == 0
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["create", "x", "-n", "n", "--from-file", "../value"],
        ["seal", "../secret.yaml"],
        ["set", "../db.yaml", "token", "--generate"],
        ["inspect", "../db.yaml"],
        ["lint", "../db.yaml"],
        ["explain", "../db.yaml", "--key", str(PRIVATE_KEY)],
        ["reencrypt", "../db.yaml", "--key", str(PRIVATE_KEY)],
        ["cert", "check"],
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize("path", ["certs/none.pem", "certs/none"])
def test_a_certificate_that_is_missing(tree: Path, words: list[str], path: str) -> None:
    (tree / ".sealwright.yaml").write_text(f"targets:\n  staging: {{certificate: {path}}}\n{RULE}")
    done = sealwright(*words, cwd=tree / "sub")
    said = done.stderr + done.stdout.decode()
    assert done.status == 4, said
    called = tree / path if path.endswith(".pem") else "the project's certificate"
    assert f"{tree}/.sealwright.yaml: line 2: target staging: {called}: no such file" in said
    assert "hint: correct the path; it is counted from the project file's folder" in said


def test_one_that_stands_in_a_rule(tree: Path) -> None:
    (tree / ".sealwright.yaml").write_text("rules:\n- path: '**'\n  certificate: none.pem\n")
    done = sealwright("seal", "secret.yaml", cwd=tree)
    assert f"error: {tree}/.sealwright.yaml: line 3: {tree}/none.pem: no such file or directory\n" in done.stderr


def test_one_on_the_command_line_is_taken_from_the_working_folder(tree: Path) -> None:
    done = sealwright("seal", "secret.yaml", "--cert", "none.pem", cwd=tree)
    assert "error: none.pem: no such file or directory\nhint: check the path; it is taken from" in done.stderr


def cluster_target(tree: Path) -> str:
    target = f"targets:\n  staging: {{certificate: '{CERTIFICATE}', context: staging}}\n"
    (tree / ".sealwright.yaml").write_text(target + RULE)
    return f"staging ({tree}/.sealwright.yaml: line 2, target staging)"


@pytest.mark.parametrize("words", [["verify", "db.yaml"], ["cert", "check"], ["explain", "db.yaml", "--cluster"]])
def test_a_context_without_a_kubeconfig(tree: Path, words: list[str]) -> None:
    named = cluster_target(tree)
    done = sealwright(*words, cwd=tree)
    said = done.stderr + done.stdout.decode()
    assert f"there is no kubeconfig that has the context {named}" in said
    assert "--context" not in said
    assert done.status == 3, said


def test_a_context_that_the_kubeconfig_has_not(tree: Path) -> None:
    named = cluster_target(tree)
    (tree / "kc").write_text(json.dumps({"contexts": [{"name": "other", "context": {}}]}))
    done = sealwright("verify", "db.yaml", cwd=tree, env={"KUBECONFIG": str(tree / "kc")})
    assert (done.status, "--context" in done.stderr) == (3, False)
    assert f"the context {named} does not exist; there are: other" in done.stderr
