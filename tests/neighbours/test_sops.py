"""docs/guides/from-sops.md, typed as it stands there, over files that the real SOPS encrypted to a key of age."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import CERTIFICATE, VERIFY
from tests.docs.test_guides import PEM, items_in
from tests.support.git_repository import GitRepository
from tests.support.guides import run_guide
from tests.support.table_server import Reply

SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: {name}
  namespace: shop
type: Opaque
stringData:
  password: "0123"  # a text, not a number
  motd: |
    two
    lines
data:
  token: dDBrZW4=
"""
ITEMS = {"password": "0123", "motd": "two\nlines\n", "token": "t0ken"}


class SopsRepository:
    """A Git repository and what encrypts its files."""

    def __init__(self, folder: Path, path: str) -> None:
        self.git = GitRepository.new(folder)
        key = folder / "age.txt"
        self.env = {**self.git.env, "PATH": path, "SOPS_AGE_KEY_FILE": str(key)}
        self._run("age-keygen", "-o", str(key))
        self._recipient = re.findall(r"public key: (age1\w+)", key.read_text())[0]

    def add(self, name: str, text: str, *options: str) -> None:
        """Write a file and encrypt it where it is."""
        file = self.git.write(name, text)
        self._run("sops", "encrypt", "--age", self._recipient, *options, "--in-place", str(file))
        assert "ENC[AES256_GCM" in file.read_text()

    def _run(self, *command: str) -> None:
        subprocess.run(command, env=self.env, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, path: str) -> SopsRepository:
    return SopsRepository(tmp_path, path)


@pytest.mark.parametrize("encrypted", [(), ("--encrypted-regex", "^(data|stringData)$")], ids=["whole", "values"])
def test_the_guide_moves_files_of_sops(repository: SopsRepository, tmp_path: Path, encrypted: tuple[str, ...]) -> None:
    repository.add("secrets/db.enc.yaml", SECRET.format(name="db"), *encrypted)
    plain = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "web", "namespace": "shop"},
        "stringData": {"x": "1"},
    }
    repository.add("secrets/web.enc.yaml", json.dumps(plain, indent=2), *encrypted)
    repository.add("app.enc.env", "# of the app\nA=1\nB=two words\n")
    repository.git.write("apps/README", "")
    repository.git.commit("one")
    with StandIn(tmp_path) as server:
        server.table = {CERTIFICATE: Reply(PEM), VERIFY: Reply(b"ok")}
        env = {**repository.env, "KUBECONFIG": str(server.write_kubeconfig())}
        run_guide("from-sops", repository.git.folder, **env)
    found = {name: items_in(repository.git.folder / f"apps/{name}.yaml") for name in ("db", "web", "app")}
    assert found == {"db": ITEMS, "web": {"x": "1"}, "app": {"A": "1", "B": "two words"}}
