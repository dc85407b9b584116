"""docs/guides/kustomize.md with the real kustomize: it runs `sealwright-kustomize` as a function."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.test_kustomize_guide import FILES, made
from tests.support.builders import sealing_key
from tests.support.cli import environment

PLAIN = "PASSWORD=hunter2\n"
WITH_FUNCTIONS = ("build", "--enable-alpha-plugins", "--enable-exec", ".")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all files of the guide, each as it stands there last."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "cert.pem").write_text(sealing_key().certificate.pem)
    (folder / "db.env").write_text(PLAIN)
    for name, text in FILES:
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def kustomize(folder: Path, path: str):
    """Return what runs kustomize in the folder."""

    def run(*words: str) -> subprocess.CompletedProcess[bytes]:
        env = {**environment(), "PATH": path, "HOME": str(folder.parent)}
        return subprocess.run(["kustomize", *words], cwd=folder, env=env, capture_output=True, check=False)

    return run


def test_it_calls_the_function(folder: Path, kustomize) -> None:
    done = kustomize(*WITH_FUNCTIONS)
    assert done.returncode == 0
    assert done.stderr.startswith(b"Kustomize's output: sealed shop/eu-db (strict)")
    (folder / "sealed.yaml").write_bytes(done.stdout)
    assert made(folder) == "eu-db"


def test_without_the_option_it_passes_over_the_function(kustomize) -> None:
    done = kustomize("build", "--enable-alpha-plugins", ".")
    assert done.returncode == 0
    assert b"kind: Secret\n" in done.stdout, "the guide warns of this"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("cert.pem", "no certificate", b"cert.pem"),
        ("db.env", "A=\xff\n", b"db.env"),
        ("seal.yaml", None, b"no-such.pem"),
    ],
)
def test_what_cannot_be_sealed_fails_the_build(
    folder: Path, kustomize, name: str, text: str | None, reason: bytes
) -> None:
    file = folder / name
    if text is None:
        file.write_text(file.read_text().replace("cert.pem", "no-such.pem"))
    else:
        file.write_bytes(text.encode("latin-1"))
    done = kustomize(*WITH_FUNCTIONS)
    assert done.returncode != 0
    assert done.stdout == b""
    assert reason in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_pipe_from_it_is_sealed(folder: Path, kustomize) -> None:
    (folder / "kustomization.yaml").write_text(FILES[0][1])
    plain = kustomize("build", ".").stdout
    assert b"kind: Secret\n" in plain
    words = [sys.executable, "-m", "sealwright_cli", "seal", "--cert", "cert.pem", "-", "-w", "sealed.yaml"]
    subprocess.run(words, cwd=folder, input=plain, env=environment(), check=True, capture_output=True)
    assert made(folder).startswith("eu-db-")
