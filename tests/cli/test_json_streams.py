"""A stream of YAML documents that becomes JSON: it has to be one that is read as JSON again."""

import json
from pathlib import Path

import pytest
from tests.support.builders import sealed_secret
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, files_below, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus

VALUES = ["text", "12", "null", "'x'", "|\n  x\n  y", "2001-01-01"]
VERBS: dict[str, list[str | Path]] = {
    "seal": ["--cert", CERTIFICATE],
    "seal --in-place": ["--cert", CERTIFICATE],
    "seal --output-dir out": ["--cert", CERTIFICATE],
    "merge": ["--cert", CERTIFICATE],
    "reencrypt --force": ["--cert", CERTIFICATE, "--key", PRIVATE_KEY],
    "unseal": ["--key", PRIVATE_KEY],
}


def run(verb: str, folder: Path, text: str) -> tuple[int, bytes, str]:
    """Convert a file with this text by a verb."""
    (folder / "a.yaml").write_text(text)
    stdin = SECRET if verb == "merge" else ""
    done = sealwright(*verb.split(), *VERBS[verb], "--format", "json", "a.yaml", stdin=stdin, cwd=folder)
    return done.status, done.stdout, done.stderr


def manifest_for(verb: str) -> str:
    return SECRET if verb.startswith("seal") else json.dumps(sealed_secret()) + "\n"


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("verb", VERBS)
def test_one_that_begins_with_a_bare_value_is_refused(tmp_path: Path, verb: str, value: str) -> None:
    text = f"{value}\n---\n{manifest_for(verb)}"
    status, stdout, stderr = run(verb, tmp_path, text)
    assert (status, stdout) == (ExitStatus.INPUT, b""), stderr
    assert "error: a.yaml: document 1: a bare value, and a stream that begins with one is not read as JSON\n" in stderr
    assert "hint: remove that document, or write YAML (--format yaml)\n" in stderr
    assert files_below(tmp_path) == {"a.yaml": text.encode()}


@pytest.mark.parametrize("verb", VERBS)
def test_bare_values_behind_the_first_object_are_kept(tmp_path: Path, verb: str) -> None:
    status, stdout, stderr = run(verb, tmp_path, f"---\n# c\n---\n{manifest_for(verb)}---\ntext\n---\n12\n")
    assert status == ExitStatus.OK, stderr
    made = stdout or (files_below(tmp_path).get("out/a.yaml") or files_below(tmp_path)["a.yaml"])
    assert made.endswith(b'}\n"text"\n12\n')
