"""`template.data: {user: null}`, as kubeseal 0.40 takes it: the item is left out of the Secret, the null stays."""

import json
from pathlib import Path

from tests.support.builders import sealed_secret
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, kubeseal

TEMPLATE = {"data": {"user": None}}
ITEMS = {"user": b"u", "password": b"p"}


def test_recovery_unseal_leaves_the_item_out() -> None:
    text = json.dumps(sealed_secret(items=ITEMS, template=TEMPLATE))
    run = kubeseal("--recovery-unseal", "--recovery-private-key", PRIVATE_KEY, stdin=text)
    assert run.status == 0, run.stderr
    assert run.json["data"] == {"password": "cA=="}


def test_merge_into_keeps_the_null(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(sealed_secret(items=ITEMS, template=TEMPLATE)))
    run = kubeseal("--cert", CERTIFICATE, "--merge-into", path, stdin='{"kind": "Secret", "stringData": {"new": "n"}}')
    assert run.status == 0, run.stderr
    after = json.loads(path.read_text())["spec"]
    assert after["template"]["data"] == {"user": None}
    assert set(after["encryptedData"]) == {"user", "password", "new"}


def test_without_a_key_kubeseals_words_are_said() -> None:
    run = kubeseal("--recovery-unseal", stdin=json.dumps(sealed_secret()))
    assert run.status != 0
    assert "no key could decrypt secret" in run.stderr
