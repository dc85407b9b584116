"""f06: a block text that ends the file without a line break ends with one, as Kubernetes reads it; the file does not."""

from pathlib import Path

import pytest
from tests.support.cli import CERTIFICATE, kubeseal, seal
from tests.support.edits import ciphertext, items_of, merge_into, reencrypt_file, sealed_text, shape

from sealwright_cli.messages.exitcodes import ExitStatus

HEAD = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: team-a\nstringData:\n  a: "
ENDS = {
    "|\n    x\n    y": "x\ny\n",
    "|+\n    x\n    y": "x\ny\n",
    "|-\n    x\n    y": "x\ny",
    ">\n    x\n    y": "x y\n",
    ">+\n    x\n    y": "x y\n",
    "|+\n    x\n\n": "x\n\n",
    "|+\n    x\n  ": "x\n\n",
    "|2\n      x": "  x\n",
    "|\n    x\r\n    y": "x\ny\n",
    "x": "x",
    "": "",
    "'x'": "x",
}


@pytest.mark.parametrize("end", ENDS)
def test_a_secret_is_read_as_kubernetes_reads_it(end: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    for run in (seal(stdin=HEAD + end), kubeseal("--cert", CERTIFICATE, "-o", "yaml", stdin=HEAD + end)):
        assert run.status == ExitStatus.OK, run.stderr
        path.write_bytes(run.stdout)
        assert items_of(path) == {"a": ENDS[end]}


@pytest.mark.parametrize("head", ["|", "|+", ">", ">-", "|2-"])
def test_the_file_ends_as_it_did(head: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    text = sealed_text(f"\n    a: {head} # c\n      {ciphertext('v')}")
    path.write_text(text)
    merge_into(path, {"a": "w"})
    assert shape(path.read_bytes()) == shape(text.encode())
    reencrypt_file(path)
    assert shape(path.read_bytes()) == shape(text.encode())
    merge_into(path, {"new": "n"})
    assert shape(path.read_bytes()) == shape(text.encode()) + b"\n    new: <C>"
    assert items_of(path) == {"a": "w", "new": "n"}
