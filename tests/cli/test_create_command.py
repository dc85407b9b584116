"""`sealwright create`: the Secret that kubectl would make, sealed; and everything that can be wrong."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import VECTORS, keyring
from tests.support.cli import CERTIFICATE, Run, environment, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import SealedSecret, unseal

KUBECTL = shutil.which("kubectl")
TLS = [VECTORS / "keys/new-2048.crt.pem", VECTORS / "keys/new-2048.key.pem"]
OTHER_KEY = VECTORS / "keys/old-2048.key.pem"
SSH = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"


def create(*arguments: str | Path, stdin: str = "", cwd: Path | None = None) -> Run:
    return sealwright("create", "db", "-n", "shop", "--cert", CERTIFICATE, *arguments, stdin=stdin, cwd=cwd)


def secret_of(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the Secret that a SealedSecret makes."""
    return unseal(SealedSecret.from_dict(manifest), keyring(), lambda *_: b"").secret.to_dict()


def made(run: Run) -> dict[str, Any]:
    assert run.status == ExitStatus.OK, run.stderr
    (manifest,) = run.yaml
    return secret_of(manifest)


def by_kubectl(*arguments: str | Path, cwd: Path) -> dict[str, Any]:
    """Return the Secret that `kubectl create secret` prints."""
    command = [str(KUBECTL), "create", "secret", *map(str, arguments), "-n", "shop", "--dry-run=client", "-o", "json"]
    done = subprocess.run(command, capture_output=True, cwd=cwd, env=environment(TOKEN="t"), check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    found["metadata"] = {key: value for key, value in found["metadata"].items() if value}
    return {key: value for key, value in found.items() if value}


FILES = {
    "value": b"\x00\xff\n",
    "folder/a.txt": b"a",
    "folder/.env": b"",
    "folder/below/c": b"c",
    "shell.env": b"A=1\nexport B='hunter2'\n",
    "x.env": b'\xef\xbb\xbfA=1\r\n# no\n\n  B="x y" \n\tC=d=e\nD=\nTOKEN\nNOT_THERE',
}
GENERIC = [
    ("a file", ["--from-file=value"]),
    ("a file with another name", ["--from-file=k=value"]),
    ("a folder", ["--from-file=folder"]),
    ("variables", ["--from-env-file=x.env"]),
    ("a type", ["--from-file=value", "--type=example.com/x"]),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content)
    (tmp_path / "folder/link").symlink_to("a.txt")
    (tmp_path / "ssh").write_text(SSH)
    return tmp_path


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not there")
class TestAsKubectlDoes:
    @pytest.mark.parametrize("words", [row[1] for row in GENERIC], ids=[row[0] for row in GENERIC])
    def test_generic(self, folder: Path, words: list[str]) -> None:
        run = sealwright(
            "create", "db", "-n", "shop", "--cert", CERTIFICATE, *words, cwd=folder, env={"TOKEN": "t"}
        )  # fmt: skip
        assert made(run) == by_kubectl("generic", "db", *words, cwd=folder)

    def test_tls(self, folder: Path) -> None:
        expected = by_kubectl("tls", "db", f"--cert={TLS[0]}", f"--key={TLS[1]}", cwd=folder)
        assert made(create("--tls", *TLS)) == expected

    @pytest.mark.parametrize("email", ["", "a@b.c"])
    @pytest.mark.parametrize("password", ["hunter2", '<p&"\\>', "pä\u2028ss wörd"])
    def test_docker(self, folder: Path, password: str, email: str) -> None:
        words = ["--docker-username=u<", *([f"--docker-email={email}"] if email else [])]
        server = "https://registry.example.com/v1/"
        expected = by_kubectl(
            "docker-registry", "db", f"--docker-server={server}", *words, f"--docker-password={password}", cwd=folder
        )
        assert made(create("--docker-registry", server, *words, stdin=f"{password}\n")) == expected

    REFUSED = ("--from-file==x", "--from-file=k=", "--from-file=k=folder", "--from-file=a=b=c", "--from-file=none")

    @pytest.mark.parametrize("word", [*REFUSED, "--from-file=a b", "--from-env-file=bad"])
    @pytest.mark.parametrize("bad", [b"9A=1", b"A B=1", b"A=\xff", b"A=1\nA=2"])
    def test_both_refuse(self, folder: Path, word: str, bad: bytes) -> None:
        (folder / "a b").write_bytes(b"")
        (folder / "bad").write_bytes(bad)
        with pytest.raises(subprocess.CalledProcessError):
            by_kubectl("generic", "db", word, cwd=folder)
        run = create(word, cwd=folder)
        assert run.status in (ExitStatus.USAGE, ExitStatus.INPUT)
        assert (run.stdout, run.stderr.count("\n")) == (b"", 2)


def test_everything_else(folder: Path) -> None:
    run = create(
        *(
            "--generate",
            "a=12",
            "--generate",
            "b",
            "--from-file",
            "c=value",
            "--label",
            "app=shop",
            "--annotation",
            "x/y=z",
        ),
        *("--outer-label", "team=a", "--outer-annotation", "argocd.argoproj.io/sync-wave=-1", "--type", "Opaque"),
        *("--scope", "cluster-wide", "-w", "db.json", "--print", "--alphabet", "hex"),
        cwd=folder,
    )
    assert run.status == 0, run.stderr
    manifest = json.loads((folder / "db.json").read_text())
    metadata = manifest["metadata"]
    assert metadata["labels"] == {"team": "a"}
    assert metadata["annotations"]["argocd.argoproj.io/sync-wave"] == "-1"
    assert metadata["annotations"]["sealedsecrets.bitnami.com/cluster-wide"] == "true"
    secret = secret_of(manifest)
    assert (secret["type"], secret["metadata"]["labels"]) == ("Opaque", {"app": "shop"})
    assert secret["metadata"]["annotations"]["x/y"] == "z"
    generated = dict(line.split("=") for line in run.stdout.decode().splitlines())
    items = dict(unseal(SealedSecret.from_dict(manifest), keyring(), lambda *_: b"").secret.items)
    assert items == {"a": generated["a"].encode(), "b": generated["b"].encode(), "c": b"\x00\xff\n"}
    assert [len(generated[item]) for item in "ab"] == [12, 32]


def test_what_is_typed_comes_from_standard_input_without_its_line_break(folder: Path) -> None:
    run = create("--prompt", "password", "--from-file", "value", stdin="hunter2\r\n")
    assert made(create("--prompt", "password", stdin="hunter2\r\n"))["data"] == {"password": "aHVudGVyMg=="}
    assert run.status == ExitStatus.INPUT  # no such file here
    basic = made(create("--basic-auth", "ann", stdin="hunter2\n"))
    assert (basic["type"], basic["data"]) == (
        "kubernetes.io/basic-auth",
        {"username": "YW5u", "password": "aHVudGVyMg=="},
    )


def test_ssh(folder: Path) -> None:
    assert made(create("--ssh-key", folder / "ssh"))["type"] == "kubernetes.io/ssh-auth"
    (folder / "ssh").write_bytes(SSH.rstrip().replace("\n", "\r\n").encode())
    run = create("--ssh-key", folder / "ssh")
    assert "Secret db: item ssh-privatekey is an SSH key with Windows line ends" in run.stderr
    assert create("--ssh-key", folder / "ssh", "--strict").status == ExitStatus.INPUT


WRONG = [
    ("nothing", [], "", 3, "nothing to seal"),
    ("an empty answer", ["--prompt", "a"], "", 3, "the value of a is empty"),
    ("two questions", ["--prompt", "a", "--prompt", "b"], "x", 2, "standard input is one value, and 2 are to be read"),
    ("an item twice", ["--generate", "value", "--from-file", "value"], "", 3, "the item value is given twice"),
    ("no item's name", ["--generate", "a b"], "", 2, "what --generate names is not a name that an item can have"),
    ("no length", ["--generate", "a=long"], "", 2, "--generate: a number of characters is expected"),
    ("two types", ["--tls", "a", "b", "--ssh-key", "c"], "", 2, "--tls and --ssh-key exclude each other"),
    ("another type", ["--ssh-key", "ssh", "--type", "Opaque"], "", 2, "--type is not kubernetes.io/ssh-auth"),
    ("one file for --tls", ["--tls=a"], "", 2, "--tls: two files are expected"),
    ("the wrong way round", ["--tls", TLS[1], TLS[0]], "", 3, "--tls: the certificate is not one in PEM"),
    ("another's key", ["--tls", TLS[0], OTHER_KEY], "", 3, "--tls: the certificate and the private key do not belong"),
    ("no user", ["--docker-registry", "x"], "p", 2, "--docker-registry needs --docker-username"),
    ("a shell's file", ["--from-env-file", "shell.env"], "", 3, "shell.env: line 2: begins with export, as for a shell"),
    ("a public key", ["--ssh-key", "x.env"], "", 3, "x.env: no private key in it"),
    ("a type without its items", ["--type", "kubernetes.io/tls", "--from-file", "value"], "", 3, "needs tls.crt and"),
    ("a label", ["--generate", "a", "--label", "x=a b"], "", 2, "--label: no label can be called so"),
    ("no label", ["--generate", "a", "--outer-label", "x"], "", 2, "--outer-label: NAME=VALUE is expected"),
    ("a scope", ["--generate", "a", "--annotation", "sealedsecrets.bitnami.com/cluster-wide=true"], "", 2, "use --scope"),
    ("nowhere to print", ["--generate", "a", "--print"], "", 2, "--print needs --output"),
    ("a file that is there", ["--generate", "a", "-w", "value"], "", 7, "value: exists already"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "stdin", "status", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_what_is_wrong(folder: Path, words: list[str], stdin: str, status: int, message: str) -> None:
    run = create(*words, stdin=stdin, cwd=folder)
    assert (run.status, run.stdout) == (status, b""), run.stderr
    assert message in run.stderr
    assert run.stderr.count("\n") == 2
    assert (folder / "value").read_bytes() == FILES["value"]


def test_names_and_namespaces() -> None:
    run = sealwright("create", "My_Db", "--generate", "a", "--cert", CERTIFICATE, "-n", "shop")
    assert (run.status, "My_Db" in run.stderr) == (2, False)
    run = sealwright("create", "db", "--generate", "a", "--cert", CERTIFICATE)
    assert (run.status, run.stderr) == (2, "error: no namespace; strict scope needs one\nhint: give --namespace\n")
    assert sealwright("create", "db", "--generate", "a", "--cert", CERTIFICATE, "--scope=cluster-wide").status == 0


def test_a_file_is_replaced_when_that_is_said(folder: Path) -> None:
    assert create("--generate", "a", "-w", "value", "--force", cwd=folder).status == 0
    assert b"kind: SealedSecret" in (folder / "value").read_bytes()


def test_a_length_that_is_none_is_told_with_an_example() -> None:
    run = sealwright("create", "db", "-n", "shop", "--generate", "a=b", "--cert", CERTIFICATE)
    assert "error: --generate: a number of characters is expected" in run.stderr
    assert "hint: --generate KEY=24, for example\n" in run.stderr
