"""The examples at the end of every verb's help work as they stand there, and there are at least two of them.

Each is typed into a shell, in a repository with the files that examples name, for a user with a cluster.
"""

import json
import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import CERTIFICATE, ROTATE, VERIFY
from tests.cli.test_explain_command import EVENTS, OBJECT
from tests.cli.test_explain_command import SECRET as SECRET_IN_CLUSTER
from tests.support.builders import VECTORS, other_sealing_key, sealed_secret, sealing_key
from tests.support.cli import PRIVATE_KEY, SECRET
from tests.support.git_repository import GitRepository
from tests.support.repository import ROOT
from tests.support.table_server import Reply

from sealwright_cli.front.index import HIDDEN, VERBS, load

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the examples speak to a POSIX shell")

STATUSES = {"lint": (0, 10), "reencrypt --check": (0, 8)}
"""Beginnings of examples that tell something by their status, which is no failure."""
NEW = {"init": ".sealwright.yaml", "create": "db.yaml"}
"""Files that verbs make and do not replace."""
KUBECTL = """\
#!/bin/sh
case "$1" in
apply) cat ;;
create|kustomize) printf 'apiVersion: v1\\nkind: Secret\\nmetadata: {name: db, namespace: team-a}\\nstringData: {password: "1"}\\n' ;;
esac
"""
PROJECT = """\
targets:
  production: {certificate: certs/production.pem, context: production}
rules:
  - {path: '**', target: production}
"""


def examples(verb: str) -> list[str]:
    """Return the examples of a verb; a line that ends in a backslash goes on in the next."""
    return load(verb).examples.replace("\\\n", "").splitlines()


LINES = [(verb, line) for verb in VERBS for line in examples(verb)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a repository that has all that examples name, and a cluster; runs work in copies of it."""
    folder = tmp_path_factory.mktemp("world")
    with StandIn(folder) as server:
        server.table = {
            CERTIFICATE: Reply(sealing_key().certificate.pem.encode()),
            VERIFY: Reply(b"ok"),
            ROTATE: Reply(sealed_secret(certificate=other_sealing_key().certificate)),
            OBJECT: Reply(json.loads(manifest("db", "password"))),
            SECRET_IN_CLUSTER: Reply({"kind": "Status", "status": "Failure", "code": 404}, 404),
            EVENTS: Reply({"items": []}),
        }
        config = {
            "current-context": "production",
            "contexts": [
                {"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("production", "staging")
            ],
            "clusters": [{"name": "c", "cluster": {"server": server.url}}],
            "users": [{"name": "u", "user": {}}],
        }
        (folder / "kubeconfig").write_text(json.dumps(config))
        (folder / "bin").mkdir()
        for name, text in (("kubectl", KUBECTL), ("nano", "#!/bin/sh\n")):
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)
        fill(GitRepository.new(folder))
        yield folder


@cache
def manifest(name: str, *items: str) -> str:
    """Return a SealedSecret; one with a password has a template too."""
    made = sealed_secret(name=name, items=dict.fromkeys(items, b"1"))
    made["spec"]["template"]["data"] = {"config.ini": "password={{ .password }}"} if "password" in items else {}
    return json.dumps(made, indent=1)


def fill(repository: GitRepository) -> None:
    """Write the files that examples name, and commit those of a user."""

    sealed = manifest("db", "password")
    repository.write("db.yaml", sealed)
    repository.commit("one")
    for name in ("sealed", "base", "ours", "theirs"):
        repository.write(f"{name}.yaml", sealed)
    repository.write("db.yaml", manifest("db", "old-password", "pasword"))
    repository.write("apps.yaml", f"{manifest('db', 'token', 'user', 'key')}\n---\n{manifest('other', 'x')}\n")
    repository.write("apps/db.yaml", sealed)
    repository.write("secret.yaml", SECRET)
    repository.write("secrets/secret.yaml", SECRET)
    repository.write("password.txt", "correct")
    repository.write("backup.yaml", PRIVATE_KEY.read_text())
    repository.write("cert.pem", sealing_key().certificate.pem)
    repository.write("certs/production.pem", sealing_key().certificate.pem)
    repository.write("new-cert.pem", other_sealing_key().certificate.pem)
    for name in ("crt", "key"):
        repository.write(f"tls.{name}", (VECTORS / f"keys/new-2048.{name}.pem").read_text())
    repository.write("seal.yaml", "kind: SealSecrets\nspec: {cert: cert.pem}\n")
    config = {"kind": "SealSecrets", "spec": {"cert": "cert.pem"}}
    resources = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [], "functionConfig": config}
    repository.write("resources.yaml", json.dumps(resources))
    repository.write(".sealwright.yaml", PROJECT)
    repository.commit("two")


@pytest.mark.parametrize(("verb", "line"), LINES, ids=[line for _, line in LINES])
def test_an_example_works(world: Path, tmp_path: Path, verb: str, line: str) -> None:
    for name in ("repository", "home"):
        shutil.copytree(world / name, tmp_path / name)
    repository = GitRepository(tmp_path / "repository")
    if verb in NEW:
        (repository.folder / NEW[verb]).unlink()
    path = f"{world / 'bin'}{os.pathsep}{repository.env['PATH']}"
    done = repository.run(
        *("bash", "-o", "pipefail", "-c", line),
        KUBECONFIG=str(world / "kubeconfig"),
        PASSWORD="correct",
        PATH=path,
        EDITOR="true",
    )
    good = next((known for start, known in STATUSES.items() if line.startswith(f"sealwright {start}")), (0,))
    assert done.returncode in good, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_there_are_two_and_the_page_of_the_verb_shows_them(verb: str) -> None:
    assert len(examples(verb)) >= 2
    if verb not in HIDDEN:
        page = (ROOT / f"docs/reference/sealwright/{verb.partition(' ')[0]}.md").read_text(encoding="utf-8")
        assert all(line.strip() in page for line in load(verb).examples.splitlines())
