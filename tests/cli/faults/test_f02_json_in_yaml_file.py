"""f02: what a file holds decides how it is written; its suffix says something only of files that are not there yet."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import ROTATE
from tests.support.builders import sealed_secret, sealing_key
from tests.support.cli import CERTIFICATE, SECRET, kubeseal, seal
from tests.support.edits import NEW, items_of, merge_into, reencrypt_file, shape
from tests.support.table_server import Reply

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_manifests.text.documents import Form

ADDITION = "kind: Secret\nmetadata: {name: db}\nstringData: {password: one}\n"
SEALED = sealed_secret(hints=False)
OLD_KEY = sealing_key().fingerprint.encode()
CONTENTS = {
    "as kubeseal writes it": json.dumps(SEALED, indent=2) + "\n\n",
    "compact": json.dumps(SEALED, separators=(",", ":")),
    "with tabs": json.dumps(SEALED, indent="\t") + "\n",
    "several in one line": json.dumps(SEALED) + json.dumps({"kind": "ConfigMap"}) + "\n",
    "behind a marker": "---\n" + json.dumps(SEALED, indent=4) + "\n---\nkind: ConfigMap\n",
    "with Windows lines": json.dumps(SEALED, indent=2).replace("\n", "\r\n") + "\r\n",
}


@pytest.mark.parametrize("name", ["x.yaml", "x.yml", "x.json", "x"])
@pytest.mark.parametrize("case", CONTENTS)
def test_json_stays_as_it_is_written(case: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(CONTENTS[case].encode())
    merge_into(path, {"password": "one"})
    assert shape(path.read_bytes()) == shape(CONTENTS[case].encode())
    reencrypt_file(path)
    assert shape(path.read_bytes()) == shape(CONTENTS[case].encode())
    assert items_of(path) == {"password": "one"}


def test_yaml_stays_yaml_under_a_name_of_json(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(seal(stdin=SECRET).stdout)
    before = path.read_bytes()
    merge_into(path, {"password": "one"})
    reencrypt_file(path)
    assert shape(path.read_bytes()) == shape(before).replace(OLD_KEY, NEW.certificate.fingerprint.encode())
    assert items_of(path) == {"password": "one"}


def test_a_form_that_is_asked_for_is_written(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(CONTENTS["compact"])
    merge_into(path, {"password": "one"}, form=Form.YAML)
    assert path.read_text().startswith("---\napiVersion: ")
    reencrypt_file(path, form=Form.JSON)
    assert json.loads(path.read_text())["kind"] == "SealedSecret"
    assert items_of(path) == {"password": "one"}


def test_the_file_itself_named_as_the_output_keeps_its_form(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(CONTENTS["with tabs"])
    merge_into(path, {"password": "one"}, output=tmp_path / "." / "x.yaml")
    assert shape(path.read_bytes()) == shape(CONTENTS["with tabs"].encode())


def test_a_new_file_has_the_form_of_its_suffix(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(CONTENTS["compact"])
    merge_into(path, {"password": "one"}, output=tmp_path / "new.yaml")
    assert (tmp_path / "new.yaml").read_text().startswith("---\napiVersion: ")
    reencrypt_file(path, output=tmp_path / "new.json")
    assert shape((tmp_path / "new.json").read_bytes()) == shape(CONTENTS["compact"].encode())


def test_kubeseals_merge_into_keeps_json(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(CONTENTS["as kubeseal writes it"])
    run = kubeseal("--cert", CERTIFICATE, "--merge-into", path, stdin=ADDITION)
    assert run.status == ExitStatus.OK, run.stderr
    assert shape(path.read_bytes()) == shape(CONTENTS["as kubeseal writes it"].encode())
    assert items_of(path) == {"password": "one"}


def test_kubeseals_re_encrypt_keeps_json(tmp_path: Path, plain_server: StandIn) -> None:
    plain_server.table = {ROTATE: Reply(json.dumps(sealed_secret(items={"password": b"one"}, hints=False)).encode())}
    path = tmp_path / "x.yaml"
    path.write_text(CONTENTS["as kubeseal writes it"])
    run = kubeseal("--kubeconfig", plain_server.write_kubeconfig(), "--re-encrypt", "-f", path, "-w", path)
    assert run.status == ExitStatus.OK, run.stderr
    assert items_of(path) == {"password": "one"}
    assert shape(path.read_bytes()) == shape(CONTENTS["as kubeseal writes it"].encode())
