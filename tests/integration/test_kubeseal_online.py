"""`sealwright-kubeseal`, and the verbs behind it, through the API server's service proxy, with no other right."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.support.cli import COMMAND, KUBESEAL, Run, run_command
from tests.support.installation import Installation

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import load_certificate

MORE_THAN_AT_ONCE = 6
"""Requests than the controller's limit lets through without a pause: the command waits when it is told to."""
PASSWORD = "correct horse battery staple"
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "author"}}


class Author:
    """Somebody with a kubeconfig, whose rights are those of everybody who is logged in."""

    def __init__(self, installation: Installation, namespace: str, folder: Path) -> None:
        installation.kube.create(ACCOUNT, namespace)
        token = installation.cluster.service_account_token(namespace, "author")
        self.folder = folder
        self.kubeconfig = installation.cluster.kubeconfig(folder / "config", token=token, namespace=namespace)

    def kubeseal(self, *arguments: str | Path, stdin: str | bytes = "") -> Run:
        return self._run([KUBESEAL, *map(str, arguments)], stdin)

    def sealwright(self, *arguments: str | Path, stdin: str | bytes = "") -> Run:
        return self._run([*COMMAND, *map(str, arguments)], stdin)

    def _run(self, command: list[str], stdin: str | bytes) -> Run:
        environment = {"KUBECONFIG": str(self.kubeconfig), "HOME": str(self.folder), "PATH": os.environ["PATH"]}
        return run_command(command, stdin, self.folder, environment)


@pytest.fixture
def author(installed: Installation, namespace: str, tmp_path: Path) -> Author:
    return Author(installed, namespace, tmp_path)


def secret(**items: str) -> str:
    manifest: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}}
    return json.dumps(manifest | {"stringData": items or {"password": PASSWORD}})


def test_fetch_seal_validate_and_apply(installed: Installation, namespace: str, author: Author) -> None:
    fetched = author.kubeseal("--fetch-cert", "-w", "cert.pem")
    assert fetched.status == ExitStatus.OK, fetched.stderr
    served = load_certificate(installed.certificate.read_bytes())
    assert load_certificate((author.folder / "cert.pem").read_bytes()).fingerprint == served.fingerprint

    sealed = author.kubeseal("-o", "yaml", stdin=secret())
    assert sealed.status == ExitStatus.OK, sealed.stderr
    assert sealed.yaml[0]["metadata"] == {"name": "db", "namespace": namespace}

    validated = author.kubeseal("--validate", stdin=sealed.stdout)
    assert (validated.status, validated.stdout, validated.stderr) == (ExitStatus.OK, b"", "")

    installed.apply(sealed.stdout.decode())
    installed.wait_for_items(namespace, "db", {"password": PASSWORD})


def test_what_was_moved_does_not_validate(author: Author) -> None:
    sealed = author.kubeseal(stdin=secret()).json
    sealed["metadata"]["name"] = "other"
    run = author.kubeseal("--validate", stdin=json.dumps(sealed))
    assert run.status == ExitStatus.DECRYPTION
    assert "other: the controller kube-system/sealed-secrets-controller could not unseal it" in run.stderr
    assert "(password)" in run.stderr


def test_reencrypt_rewrites_the_file_and_what_it_makes_is_the_same_secret(
    installed: Installation, namespace: str, author: Author
) -> None:
    path = author.folder / "db.yaml"
    path.write_bytes(b"# about\n" + author.kubeseal("-o", "yaml", stdin=secret(a="1", b="2")).stdout)
    before = path.read_text()
    run = author.kubeseal("--re-encrypt", "-f", path)
    assert run.status == ExitStatus.OK, run.stderr
    after = path.read_text()
    assert after.startswith("# about\n")
    changed = [line.split(":")[0].strip() for line in after.splitlines() if line not in before.splitlines()]
    assert changed == ["a", "b"]
    installed.apply(after)
    installed.wait_for_items(namespace, "db", {"a": "1", "b": "2"})


def test_the_verbs_do_the_same(installed: Installation, namespace: str, author: Author) -> None:
    manifest = json.loads(secret())
    manifest["metadata"] |= {"name": "one", "namespace": namespace}
    run = author.sealwright("seal", "-o", "yaml", "-w", "one.yaml", stdin=json.dumps(manifest))
    assert run.status == ExitStatus.OK, run.stderr
    more = json.loads(secret(token="t0ken"))
    more["metadata"] = {"name": "one"}
    merged = author.sealwright("merge", "one.yaml", stdin=json.dumps(more))
    assert merged.status == ExitStatus.OK, merged.stderr
    (author.folder / "many.yaml").write_text((author.folder / "one.yaml").read_text() * MORE_THAN_AT_ONCE)
    verified = author.sealwright("verify", "many.yaml")
    assert verified.status == ExitStatus.OK, verified.stderr
    assert verified.stderr.count("(strict) can be unsealed") == MORE_THAN_AT_ONCE
    assert f"{MORE_THAN_AT_ONCE} SealedSecrets can be unsealed" in verified.stderr
    again = author.sealwright("reencrypt", "one.yaml")
    assert again.status == ExitStatus.OK, again.stderr
    installed.apply((author.folder / "one.yaml").read_text())
    installed.wait_for_items(namespace, "one", {"password": PASSWORD, "token": "t0ken"})


def test_without_the_right_the_message_names_it(installed: Installation, namespace: str, tmp_path: Path) -> None:
    anonymous = installed.cluster.kubeconfig(tmp_path / "config", token="nobody's", namespace=namespace)
    run = run_command([KUBESEAL, "--kubeconfig", str(anonymous), "--fetch-cert"])
    assert run.status == ExitStatus.CLUSTER
    assert "401" in run.stderr


def test_another_service_may_not_be_used(author: Author) -> None:
    run = author.kubeseal("--controller-name", "nowhere", "--validate", stdin=author.kubeseal(stdin=secret()).stdout)
    assert run.status == ExitStatus.CLUSTER
    assert "may not create services/proxy on http:nowhere:http in namespace kube-system" in run.stderr
