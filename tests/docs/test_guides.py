"""The guides about the everyday commands: their shell blocks, typed as they stand there, in order."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import CERTIFICATE, ROTATE, VERIFY
from tests.support.builders import VECTORS, keyring, other_sealing_key, sealed_secret, sealing_key
from tests.support.cli import PRIVATE_KEY, SECRET, seal
from tests.support.git_repository import GitRepository
from tests.support.guides import run_guide
from tests.support.table_server import Reply

from sealwright_crypto import SealedSecret, SealingKey, unseal
from sealwright_manifests.text.documents import read_documents
from sealwright_manifests.text.tree import native

PEM = sealing_key().certificate.pem.encode()


def items_in(path: Path, *keys: SealingKey) -> dict[str, str]:
    """Return what the SealedSecret of a file holds; without `keys`, the usual one opens it."""
    (root,) = [one.root for one in read_documents(path.read_text(), "") if one.root]
    opened = unseal(SealedSecret.from_dict(native(root)), keyring(*keys), lambda *_: b"").secret.items
    return {name: value.decode() for name, value in opened.items()}


def test_first_secret(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    for name in ("tls.crt", "tls.key"):
        shutil.copyfile(VECTORS / f"keys/new-2048.{name[4:]}.pem", folder / name)
    (folder / "app.ini").write_text("[db]\n")
    (folder / "app.env").write_text("A=1\n")
    (folder / "id_ed25519").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
    with StandIn(tmp_path) as server:
        server.table = {CERTIFICATE: Reply(PEM, headers={"Content-Type": "application/x-pem-file"})}
        run_guide("first-secret", folder, KUBECONFIG=str(server.write_kubeconfig()), API_TOKEN="t0ken", PASSWORD="pass")
    assert items_in(folder / "api.yaml") == {"token": "t0ken"}
    assert items_in(folder / "login.yaml") == {"username": "ann", "password": "pass"}
    assert set(items_in(folder / "settings.yaml")) == {"A", "app.ini", "ca.crt"}


def test_rotate_and_reencrypt(tmp_path: Path) -> None:
    repository = GitRepository.new(tmp_path)
    repository.write("apps/db.yaml", json.dumps(sealed_secret()))
    repository.write("cert.pem", sealing_key().certificate.pem)
    repository.write("new-password.txt", "new")
    repository.write("backup.yaml", PRIVATE_KEY.read_text())
    repository.commit("one")
    new = other_sealing_key().certificate
    with StandIn(tmp_path) as server:
        server.table = {
            CERTIFICATE: Reply(new.pem.encode()),
            ROTATE: Reply(sealed_secret(certificate=new)),
            VERIFY: Reply(b"ok"),
        }
        env = {**repository.env, "KUBECONFIG": str(server.write_kubeconfig())}
        run_guide("rotate-and-reencrypt", repository.folder, **env)
    assert items_in(repository.folder / "apps/db.yaml", other_sealing_key()) == {"password": "new"}
    assert repository.git("status", "--porcelain") == ""


SOPS = """\
#!/bin/sh
[ "$1" = decrypt ] && sed -n 's/^# plain: //p' "$2"
"""
"""Does for the guide what sops does: it prints what is in an encrypted file."""


def test_from_sops(tmp_path: Path) -> None:
    repository = GitRepository.new(tmp_path)
    for name in ("db", "web"):
        text = (
            f'{{"kind": "Secret", "metadata": {{"name": "{name}", "namespace": "shop"}}, "stringData": {{"x": "1"}}}}'
        )
        repository.write(f"secrets/{name}.enc.yaml", f"# plain: {text}\nsops: {{}}\n")
    repository.write("app.enc.env", "# plain: A=1\n# plain: B=2\n")
    repository.write("apps/README", "")
    repository.write("bin/sops", SOPS).chmod(0o755)
    repository.commit("one")
    with StandIn(tmp_path) as server:
        server.table = {CERTIFICATE: Reply(PEM), VERIFY: Reply(b"ok")}
        path = f"{repository.folder / 'bin'}:{repository.env['PATH']}"
        env = {**repository.env, "KUBECONFIG": str(server.write_kubeconfig()), "PATH": path}
        run_guide("from-sops", repository.folder, **env)
    found = {name: items_in(repository.folder / f"apps/{name}.yaml") for name in ("db", "web", "app")}
    assert found == {"db": {"x": "1"}, "web": {"x": "1"}, "app": {"A": "1", "B": "2"}}
    assert not (repository.folder / "secrets").exists()


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl")
def test_replacing_wrapper_scripts(tmp_path: Path) -> None:
    (tmp_path / "apps").mkdir()
    (tmp_path / "cert.pem").write_text(sealing_key().certificate.pem)
    run_guide("switch-from-kubeseal", tmp_path, section="## 3.", TOKEN="t0ken")
    assert items_in(tmp_path / "apps/db.yaml")["token"] == "t0ken"
    assert items_in(tmp_path / "apps/web.yaml") == {"api-key": "1"}


def test_change_one_value(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text(sealing_key().certificate.pem)
    (tmp_path / "user.txt").write_text("ann")
    (tmp_path / "password.txt").write_text("pass")
    sealed = seal(stdin=SECRET.replace("team-a", "shop")).stdout.decode()
    (tmp_path / "db.yaml").write_text(sealed)
    (tmp_path / "apps.yaml").write_text(sealed.replace("name: db", "name: cache") + sealed)
    (tmp_path / "base.yaml").write_text(sealed.replace("  namespace: shop\n", "", 1))
    secret = SECRET.replace("team-a", "shop").replace("name: db", "name: app")
    (tmp_path / "secret.yaml").write_text(f"{secret}  user: ann\n")
    run_guide("change-one-value", tmp_path, PASSWORD="new", VISUAL="", XDG_STATE_HOME=str(tmp_path / "state"))
    assert items_in(tmp_path / "app.yaml") == {"user": "ann", "password": "new"}
    assert items_in(tmp_path / "db.yaml") == {"login": "ann", "password": "swordfish"}
    assert "namespace" not in (tmp_path / "base.yaml").read_text().partition("spec:")[0]
