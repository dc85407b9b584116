"""What `sealwright lint FOLDER` costs for 1,000 files of 3 items: on all cores, on one, and libyaml's events alone."""

import base64
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from rows import Row

FILES = 1_000
ROUNDS = 3
REACH = 5.0
SEALED = """\
# What the service needs to reach its database.
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db-{number}
  namespace: team-a
  annotations:
    sealwright.dev/key-fingerprints: {key}
spec:
  encryptedData:
    username: {first}  # made by the platform team
    password: '{second}'
    ca.crt: {third}
  template:
    metadata:
      name: db-{number}
      namespace: team-a
      labels: {{app: web, tier: backend}}
    type: Opaque
    data:
      url: postgres://{{{{ .username }}}}:{{{{ .password | urlquery }}}}@db.team-a
"""
START = "from sealwright_cli.start import sealwright; sealwright()"


def ciphertext(size: int) -> str:
    """Return a text in the form of a ciphertext for a key of 4,096 bits."""
    return base64.b64encode(b"\x02\x00" + secrets.token_bytes(512 + size + 16)).decode()


def make_files(folder: Path) -> None:
    """Write SealedSecrets, each into a file of its own, 20 to a folder as in a repository."""
    key = secrets.token_hex(32)
    for number in range(FILES):
        inner = folder / f"app-{number // 20}"
        inner.mkdir(parents=True, exist_ok=True)
        text = SEALED.format(
            number=number, key=key, first=ciphertext(8), second=ciphertext(24), third=ciphertext(1_600)
        )
        (inner / f"{number}.yaml").write_text(text, encoding="utf-8")


def seconds_of_command(folder: Path, prefix: tuple[str, ...] = ()) -> float:
    """Return the seconds of a whole process; it has to find nothing."""
    started = time.perf_counter()
    subprocess.run([*prefix, sys.executable, "-c", START, "lint", "-q", str(folder)], check=True)
    return time.perf_counter() - started


def seconds_of_events(folder: Path) -> float:
    """Return the seconds that reading all files and libyaml's events of them take."""
    started = time.perf_counter()
    for path in folder.rglob("*.yaml"):
        for _ in yaml.parse(path.read_bytes(), yaml.CSafeLoader):
            pass
    return time.perf_counter() - started


def main() -> None:
    """Print the least of a few rounds each."""
    with tempfile.TemporaryDirectory() as here:
        folder, empty = Path(here) / "sealed", Path(here) / "empty"
        make_files(folder)
        empty.mkdir()
        (empty / "one.yaml").write_text("a: b\n", encoding="utf-8")
        floor = min(seconds_of_events(folder) for _ in range(ROUNDS))
        start = min(seconds_of_command(empty) for _ in range(ROUNDS))
        all_cores = min(seconds_of_command(folder) for _ in range(ROUNDS))
        one_core = min(seconds_of_command(folder, ("taskset", "-c", "0")) for _ in range(ROUNDS))
    figure = f"{all_cores:.2f} s on all cores, {one_core:.2f} s on one"
    bound = f"libyaml's events {floor:.2f} s, starting {start:.2f} s"
    Row(f"lint {FILES:,} files of 3 items", figure, bound, f"{REACH:.0f} s", all_cores <= REACH).show()


if __name__ == "__main__":
    main()
