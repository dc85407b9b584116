"""f05: tabs where kubectl takes them are taken, and stay where they are."""

from pathlib import Path

from tests.support.cli import CERTIFICATE, kubeseal, seal
from tests.support.edits import ciphertext, items_of, merge_into, reencrypt_file, sealed_text, shape

from sealwright_cli.messages.exitcodes import ExitStatus

SECRET = (
    "---\t# mine\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\t# the database\n  namespace: team-a\n"
    "stringData:\n  a: x\t\n  b:\tz\n"
)


def test_a_secret_is_sealed(tmp_path: Path) -> None:
    for run in (seal(stdin=SECRET), kubeseal("--cert", CERTIFICATE, "-o", "yaml", stdin=SECRET)):
        assert run.status == ExitStatus.OK, run.stderr
        (tmp_path / "x.yaml").write_bytes(run.stdout)
        assert items_of(tmp_path / "x.yaml") == {"a": "x", "b": "z"}


def test_a_sealed_one_is_edited(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    text = sealed_text(
        f"\t# c\n    a:\t{ciphertext('v')}\t\n    b:\t>-\t# d\n      {ciphertext('v')}\n", "---\t# mine\n"
    )
    path.write_text(text)
    merge_into(path, {"b": "w", "new": "n"})
    reencrypt_file(path)
    assert shape(path.read_bytes()) == shape(text.encode()) + b"    new: <C>\n"
    assert items_of(path) == {"a": "v", "b": "w", "new": "n"}
