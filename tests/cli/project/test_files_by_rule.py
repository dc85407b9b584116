"""What the project file says of sealed files to verbs that change one, or tell of it: namespace, certificate, cluster."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import CERTIFICATE, VERIFY
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.cli import Run, sealwright
from tests.support.git_repository import GitRepository
from tests.support.table_server import Reply

RULES = """\
targets:
  dev: {certificate: dev.pem, context: dev}
  prod: {certificate: prod.pem, context: prod}
  nowhere: {certificate: dev.pem}
rules:
  - {path: dev/**, target: dev, namespace: team-a}
  - {path: prod/**, target: prod, namespace: team-a}
  - {path: both/**, target: [dev, prod]}
  - {path: nowhere/**, target: nowhere}
"""


def nameless(**options: Any) -> str:
    """Return a SealedSecret that is sealed for team-a with dev's key, and does not say so."""
    manifest = sealed_secret(**options)
    del manifest["metadata"]["namespace"]
    del manifest["spec"]["template"]["metadata"]["namespace"]
    return json.dumps(manifest)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for folder in ("dev", "prod", "both", "nowhere", "else", ".git"):
        (root / folder).mkdir(parents=True)
        (root / folder / "db.json").write_text(nameless())
    (root / "dev.pem").write_text(sealing_key().certificate.pem)
    (root / "prod.pem").write_text(other_sealing_key().certificate.pem)
    (root / ".sealwright.yaml").write_text(RULES)
    return root


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[StandIn, StandIn]]:
    """The API servers of dev and prod; the kubeconfig beside the tree has a context for each, and prod's is current."""
    with StandIn(tmp_path) as dev, StandIn(tmp_path) as prod:
        for server, key in ((dev, sealing_key()), (prod, other_sealing_key())):
            server.table = {VERIFY: Reply(b"ok"), CERTIFICATE: Reply(key.certificate.pem.encode())}
        names = {"dev": dev, "prod": prod}
        config = {
            "current-context": "prod",
            "contexts": [{"name": name, "context": {"cluster": name, "user": "u"}} for name in names],
            "clusters": [{"name": name, "cluster": {"server": one.url}} for name, one in names.items()],
            "users": [{"name": "u", "user": {}}],
        }
        (tmp_path / "kubeconfig").write_text(json.dumps(config))
        yield dev, prod


def run(tree: Path, *words: str) -> Run:
    return sealwright(*words, cwd=tree, env={"KUBECONFIG": str(tree.parent / "kubeconfig")})


# --- the namespace ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["unset", "FILE", "password"], "removed password from {}/db"),
        (["rename", "FILE", "password", "pass"], "renamed password to pass in {}/db"),
        (["inspect", "FILE"], "FILE: {}/db (strict), 1 item"),
        (["explain", "FILE"], "FILE: {}/db (strict)"),
    ],
    ids=["unset", "rename", "inspect", "explain"],
)
@pytest.mark.parametrize(
    ("file", "options", "namespace"),
    [
        pytest.param("dev/db.json", [], "team-a", id="the rule says it"),
        pytest.param("dev/db.json", ["-n", "team-b"], "team-b", id="the command line wins"),
        pytest.param("else/db.json", ["-n", "team-b"], "team-b", id="no rule fits"),
    ],
)
def test_the_namespace(tree: Path, words: list[str], said: str, file: str, options: list[str], namespace: str) -> None:
    done = run(tree, *(word.replace("FILE", file) for word in words), *options)
    assert said.replace("FILE", file).format(namespace) in done.stdout.decode() + done.stderr
    assert "Traceback" not in done.stderr
    assert "namespace" not in json.loads((tree / file).read_text())["metadata"]


def test_no_rule_and_no_option_is_no_error(tree: Path) -> None:
    assert run(tree, "unset", "else/db.json", "password").status == 0
    assert run(tree, "rename", "dev/db.json", "password", "pass", "--no-config").status == 0


def test_diff_takes_it_for_both_sides(tmp_path: Path) -> None:
    repository = GitRepository.new(tmp_path)
    repository.write(".sealwright.yaml", "rules: [{path: apps/**, namespace: team-a}]\n")
    repository.write("apps/db.json", nameless())
    repository.commit("one")
    repository.write("apps/db.json", json.dumps(sealed_secret(namespace="team-a")))
    repository.commit("two")
    for sides in (
        ("HEAD~1", "HEAD"),
        ("HEAD~1:apps/db.json", "apps/db.json"),
        ("HEAD~1:apps", "HEAD:apps"),
        ("HEAD~1", "apps"),
    ):
        plain, named = (
            sealwright("diff", *sides, *options, "-o", "json", cwd=repository.folder, env=repository.env)
            for options in ([], ["--no-config", "-n", "team-a"])
        )
        assert plain.json["objects"][0]["target"] == named.json["objects"][0]["target"] == {}
        assert plain.json["objects"][0]["namespace"] == named.json["objects"][0]["namespace"] == "team-a"
    other = sealwright("diff", "HEAD", "HEAD~1", "-n", "b", cwd=repository.folder, env=repository.env)
    assert (other.status, "metadata.namespace is team-a" in other.stderr) == (3, True)


def test_lint_compares_objects_in_their_namespaces(tree: Path) -> None:
    (tree / "dev/other.json").write_text(json.dumps(sealed_secret(namespace="team-a")))
    words = ("lint", "dev", "--select", "SW109", "-o", "json")
    assert [one["rule"] for one in run(tree, *words).json["findings"]] == ["SW109"]
    assert run(tree, *words, "--no-config").json["findings"] == []
    assert [one["rule"] for one in run(tree, *words, "--no-config", "-n", "team-a").json["findings"]] == ["SW109"]


# --- the certificate --------------------------------------------------------------------------------------------------


def state(done: Run) -> list[str]:
    assert done.status == 0, done.stderr
    return [item["state"] for one in done.json["objects"] for item in one["items"]]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["dev/db.json"], ["current"], id="dev's key"),
        pytest.param(["prod/db.json"], ["older"], id="not prod's key"),
        pytest.param(["both/db.json"], ["unknown"], id="two targets: nobody knows which"),
        pytest.param(["both/db.json", "--target", "prod"], ["older"], id="the target is chosen"),
        pytest.param(["else/db.json"], ["unknown"], id="no rule"),
        pytest.param(["prod/db.json", "--cert", "dev.pem"], ["current"], id="the command line wins"),
        pytest.param(["dev/db.json", "prod/db.json"], ["current", "older"], id="each file by its rule"),
    ],
)
def test_inspect_compares_with_the_certificate_of_the_rule(tree: Path, words: list[str], expected: list[str]) -> None:
    assert state(run(tree, "inspect", "-o", "json", *words)) == expected


def test_inspect_fetches_what_each_cluster_serves(tree: Path, servers: tuple[StandIn, StandIn]) -> None:
    (tree / "prod.pem").unlink()
    assert state(run(tree, "inspect", "--fetch", "-o", "json", "dev/db.json", "prod/db.json")) == ["current", "older"]
    assert [len(one.asked) for one in servers] == [1, 1]


def test_explain_compares_with_the_certificate_of_the_rule(tree: Path) -> None:
    assert b"nothing is wrong" in run(tree, "explain", "dev/db.json").stdout
    assert b"1. likely (other-key): sealed to key" in run(tree, "explain", "prod/db.json").stdout


# --- the cluster ------------------------------------------------------------------------------------------------------


def test_verify_asks_the_cluster_of_each_file(tree: Path, servers: tuple[StandIn, StandIn]) -> None:
    _, prod = servers
    done = run(tree, "verify", "dev", "prod")
    assert done.status == 0, done.stderr
    assert "2 SealedSecrets can be unsealed" in done.stderr
    assert [len(one.asked) for one in servers] == [1, 1]
    assert run(tree, "verify", "dev", "prod", "--context", "dev").status == 0
    assert [len(one.asked) for one in servers] == [3, 1]
    assert json.loads(prod.asked[0].body)["metadata"]["namespace"] == "team-a"


def test_one_cluster_that_cannot_be_asked_leaves_the_others(tree: Path, servers: tuple[StandIn, StandIn]) -> None:
    dev, _ = servers
    dev.table = {VERIFY: Reply(b"no", 403)}
    done = run(tree, "verify", "dev", "prod", "-o", "json")
    assert done.status != 0
    assert [one["result"] for one in done.json["objects"]] == ["not-asked", "unsealable"]


@pytest.mark.parametrize(
    ("file", "words", "said"),
    [
        ("both/db.json", [], "several targets for it: dev, prod"),
        ("nowhere/db.json", [], "which cluster is to be asked"),
        ("else/db.json", [], "no rule of"),
        ("both/db.json", ["--target", "staging"], "--target names a target that is not among its targets"),
    ],
)
def test_no_wrong_cluster_is_asked(
    tree: Path, servers: tuple[StandIn, StandIn], file: str, words: list[str], said: str
) -> None:
    for verb in (["verify"], ["explain", "--cluster"]):
        done = run(tree, *verb, file, "-n", "team-a", *words)
        assert (done.status in (2, 3), said in done.stderr) == (True, True), done.stderr
    assert [one.asked for one in servers] == [[], []]


def test_verify_and_explain_take_the_chosen_target(tree: Path, servers: tuple[StandIn, StandIn]) -> None:
    assert run(tree, "verify", "both/db.json", "-n", "team-a", "--target", "dev").status == 0
    assert [len(one.asked) for one in servers] == [1, 0]
    run(tree, "explain", "--cluster", "dev/db.json")
    assert (len(servers[0].asked) > 1, servers[1].asked) == (True, [])


# --- cert fetch -------------------------------------------------------------------------------------------------------


def test_the_certificate_of_a_target_is_fetched(tree: Path, servers: tuple[StandIn, StandIn]) -> None:
    done = run(tree, "cert", "fetch", "--target", "dev")
    assert (done.status, done.stdout.decode()) == (0, sealing_key().certificate.pem)
    done = run(tree, "cert", "fetch", "--target", "dev", "--target", "prod", "-w", "new-{target}.pem")
    assert done.status == 0, done.stderr
    assert (tree / "new-prod.pem").read_text() == other_sealing_key().certificate.pem
    assert (tree / "new-dev.pem").read_text() == sealing_key().certificate.pem
    assert [len(one.asked) for one in servers] == [2, 1]


def test_a_pinned_target_takes_no_other_key(tree: Path, servers: tuple[StandIn, StandIn]) -> None:
    text = RULES.replace("dev: {", f"dev: {{pin: {other_sealing_key().fingerprint}, ")
    (tree / ".sealwright.yaml").write_text(text)
    done = run(tree, "cert", "fetch", "--target", "dev", "-w", "new.pem")
    assert (done.status, (tree / "new.pem").exists()) == (4, False)
    assert "is not the pinned key (pin, " in done.stderr
    assert len(servers[0].asked) == 1


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--target", "staging"], 2, "names a target that the project file has not"),
        (["--target", "nowhere"], 3, "target nowhere has no context"),
        (["--target", "dev", "--target", "prod"], 2, "several targets and one place"),
        (["--target", "dev", "--no-config"], 2, "names a target that the project file has not"),
    ],
)
def test_targets_that_cannot_be_fetched(tree: Path, words: list[str], status: int, said: str) -> None:
    done = run(tree, "cert", "fetch", *words)
    assert (done.status, done.stdout, said in done.stderr) == (status, b"", True), done.stderr


# --- reencrypt --------------------------------------------------------------------------------------------------------

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {imagePullSecrets: [{name: registry}]}}}
"""


def test_what_only_names_secrets_needs_no_rule(tree: Path) -> None:
    for folder in ("prod", "both", "nowhere", "else"):
        (tree / folder / "db.json").unlink()
    (tree / "else/deployment.yaml").write_text(DEPLOYMENT)
    (tree / "both/secret.yaml").write_text("apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n")
    done = run(tree, "reencrypt", "--check", ".")
    assert (done.status, "error:" in done.stderr) == (0, False), done.stderr


def test_a_file_without_a_rule_is_an_error_and_the_others_are_checked(tree: Path) -> None:
    (tree / "nowhere/db.json").unlink()  # its rule gives it no namespace
    done = run(tree, "reencrypt", "--check", ".")
    assert done.status == 8, done.stderr
    assert "prod/db.json: " in done.stderr
    errors = [line.split(":")[1].strip() for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert sorted(errors) == ["both/db.json", "else/db.json"]
