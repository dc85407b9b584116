"""The form of a result: by --format, by the name of its file, else as the input; a contradiction is told."""

import json
from pathlib import Path

import pytest
from tests.support.builders import sealed_secret
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, seal, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus

SECRET_AS_JSON = json.dumps(
    {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "team-a"}, "stringData": {"a": "b"}}
)
VERBS = {
    "seal": ["seal", "secret.yaml", "--cert", CERTIFICATE],
    "create": ["create", "db", "-n", "team-a", "--generate", "password", "--cert", CERTIFICATE],
    "merge": ["merge", "db.json", "secret.yaml", "--cert", CERTIFICATE],
    "reencrypt": ["reencrypt", "--force", "db.json", "--key", PRIVATE_KEY, "--cert", CERTIFICATE],
    "unseal": ["unseal", "db.json", "--key", PRIVATE_KEY],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "secret.yaml").write_text(SECRET)
    (tmp_path / "secret.json").write_text(SECRET_AS_JSON)
    (tmp_path / "db.json").write_text(json.dumps(sealed_secret()))
    return tmp_path


@pytest.mark.parametrize("words", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize(("form", "name"), [("json", "x.yaml"), ("yaml", "x.json"), ("json", "x.YML")])
def test_a_name_that_says_another_form_is_told(words: list[str | Path], form: str, name: str, folder: Path) -> None:
    run = sealwright(*words, "--format", form, "--output", name, cwd=folder)
    assert run.status == ExitStatus.OK, run.stderr
    assert f"warning: {name} gets {form.upper()}, as --format says\n" in run.stderr
    assert (folder / name).read_text().startswith("{") is (form == "json")


@pytest.mark.parametrize("words", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("name", ["x.json", "x", "x.txt"])
def test_a_name_that_does_not_is_taken(words: list[str | Path], name: str, folder: Path) -> None:
    run = sealwright(*words, "--format", "json", "--output", name, cwd=folder)
    assert run.status == ExitStatus.OK, run.stderr
    assert "kind" in json.loads((folder / name).read_text())


@pytest.mark.parametrize(
    ("source", "output", "begin"),
    [
        ("secret.yaml", "sealed/{name}.json", "{"),
        ("secret.json", "sealed/{name}.yaml", "---"),
        ("secret.yaml", "sealed/{name}.yml", "---"),
        ("secret.yaml", "sealed/{name}.txt", "---"),
        ("secret.json", "sealed/{name}.txt", "{"),
    ],
)
def test_the_project_file_s_output_says_the_form(source: str, output: str, begin: str, folder: Path) -> None:
    rule = f"{{path: '*', certificate: {CERTIFICATE}, output: '{output}'}}"
    (folder / ".sealwright.yaml").write_text(f"rules: [{rule}]\n")
    run = sealwright("seal", source, cwd=folder)
    assert run.status == ExitStatus.OK, run.stderr
    text = (folder / output.replace("{name}", "secret")).read_text()
    assert text.startswith(begin)
    assert "SealedSecret" in text


def test_json_in_a_yaml_file_stays_json_in_another_folder(folder: Path) -> None:
    (folder / "odd.yaml").write_text(SECRET_AS_JSON)
    run = seal("odd.yaml", "--output-dir", "out", cwd=folder)
    assert run.status == ExitStatus.OK, run.stderr
    assert json.loads((folder / "out/odd.yaml").read_text())["kind"] == "SealedSecret"


def test_of_several_targets_each_line_names_the_file(folder: Path) -> None:
    certs = ["--cert", f"dev={CERTIFICATE}", "--cert", f"prod={CERTIFICATE}"]
    run = sealwright("seal", "secret.yaml", *certs, "-w", "x-{target}.yaml", cwd=folder)
    assert run.status == ExitStatus.OK
    lines = run.stderr.splitlines()
    assert [line.partition(", 1 item")[2] for line in lines] == [
        ", for dev, in x-dev.yaml",
        ", for prod, in x-prod.yaml",
    ]
