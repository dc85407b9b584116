"""`sealwright explain --cluster` before a real API server and our controller: what is in the way is named."""

import json
from pathlib import Path

import pytest
from tests.support.builders import other_sealing_key, sealed_secret
from tests.support.cli import Run, run_command, sealwright
from tests.support.installation import Installation

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import load_certificate


class Asker:
    """Explains objects of a namespace, as the administrator or as somebody with few rights."""

    def __init__(self, installation: Installation, namespace: str, folder: Path) -> None:
        self.installation = installation
        self.namespace = namespace
        self.folder = folder
        self.certificate = load_certificate(installation.certificate.read_bytes())

    def sealed(self, name: str = "db", **options: object) -> str:
        given = {"certificate": self.certificate} | options
        return json.dumps(sealed_secret(name, self.namespace, **given))  # type: ignore[arg-type]  # options of several types

    def explain(self, text: str, token: str | None = None) -> Run:
        config = self.installation.cluster.kubeconfig(self.folder / "config", token=token, namespace=self.namespace)
        run = sealwright("explain", "--cluster", "--kubeconfig", config, "-o", "json", stdin=text)
        assert "Traceback" not in run.stderr
        return run


@pytest.fixture
def asker(installed: Installation, namespace: str, tmp_path: Path) -> Asker:
    return Asker(installed, namespace, tmp_path)


def found(run: Run) -> list[tuple[str, str]]:
    return [(cause["cause"], cause["likelihood"]) for cause in run.json["objects"][0]["causes"]]


def test_not_applied_then_well_then_another_version(installed: Installation, asker: Asker) -> None:
    text = asker.sealed()
    run = asker.explain(text)
    assert (run.status, found(run)) == (ExitStatus.CLUSTER, [("not-applied", "certain")]), run.stderr
    installed.apply(text)
    installed.wait_for_condition(asker.namespace, "db", "True")
    run = asker.explain(text)
    assert (run.status, found(run)) == (ExitStatus.OK, []), run.stdout
    assert run.json["objects"][0]["notChecked"] == [
        "earlier versions of the file: it has no git history",
        "whether its items open, and as what (--key FILE, for who has the private keys)",
    ]
    assert found(asker.explain(asker.sealed(items={"another": b"x"}))) == [("not-applied", "certain")]


def test_a_secret_of_somebody_else_is_named_with_the_command(installed: Installation, asker: Asker) -> None:
    theirs = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"own": "theirs"}}
    installed.kube.create(theirs, asker.namespace)
    text = asker.sealed()
    installed.apply(text)
    installed.wait_for_condition(asker.namespace, "db", "False")
    run = asker.explain(text)
    assert (run.status, found(run)) == (ExitStatus.CLUSTER, [("blocked", "certain")]), run.stdout
    (command,) = run.json["objects"][0]["causes"][0]["mend"]
    installed.kubectl(*command.split()[1:])
    installed.wait_for_condition(asker.namespace, "db", "True")
    assert found(asker.explain(text)) == []
    assert "theirs" not in run.stdout.decode() + run.stderr


def test_a_key_that_the_cluster_does_not_have(installed: Installation, asker: Asker) -> None:
    text = asker.sealed(certificate=other_sealing_key().certificate)
    installed.apply(text)
    installed.wait_for_condition(asker.namespace, "db", "False")
    run = asker.explain(text)
    assert run.status == ExitStatus.DECRYPTION
    assert ("other-key", "likely") in found(run) or ("lost-key", "likely") in found(run)
    assert any("event: " in words or "key " in words for words in run.json["objects"][0]["causes"][0]["evidence"])


def test_few_rights_leave_what_they_allow(installed: Installation, asker: Asker) -> None:
    text = asker.sealed()
    installed.apply(text)
    installed.wait_for_condition(asker.namespace, "db", "True")
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "author"}}
    installed.kube.create(account, asker.namespace)
    token = installed.cluster.service_account_token(asker.namespace, "author")
    run = asker.explain(text, token)
    assert (run.status, found(run)) == (ExitStatus.OK, []), run.stderr
    words = " ".join(run.json["objects"][0]["notChecked"])
    for right in ("get sealedsecrets.bitnami.com on db", "get secrets on db", "list events"):
        assert f"may not {right} in namespace {asker.namespace}" in words


def test_the_hint_of_explain_is_a_command_of_kubectl(installed: Installation, asker: Asker) -> None:
    manifest = json.loads(asker.sealed())
    manifest["spec"]["data"] = manifest["spec"]["encryptedData"]["password"]
    (asker.folder / "db.json").write_text(json.dumps(manifest))
    run = sealwright("explain", "db.json", "-o", "json", cwd=asker.folder)
    (command,) = run.json["objects"][0]["causes"][0]["mend"]
    done = run_command(["bash", "-c", command], cwd=asker.folder)
    assert done.status == 0, done.stderr
    assert "data" not in done.yaml[0]["spec"]
