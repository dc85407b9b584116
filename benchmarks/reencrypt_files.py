"""What `sealwright reencrypt --key` does in a second, of 1,000 files of 3 items; and the RSA operations alone."""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from rows import Row

from sealwright_crypto import Secret, load_certificate, load_private_keys, seal
from sealwright_manifests.text.documents import Form, new_text

ROOT = Path(__file__).parent.parent
VECTORS = ROOT / "tests" / "vectors"
OLD_CERTIFICATE, OLD_KEY = (VECTORS / "envelope" / f"key-4096.{kind}.pem" for kind in ("crt", "key"))
NEW_CERTIFICATE = VECTORS / "keys" / "large-4096.crt.pem"
FILES = 1_000
ITEMS = 3
ROUNDS = 2
REACH = 0.8
START = "from sealwright_cli.start import sealwright; sealwright()"
SCHEME = padding.OAEP(mgf=padding.MGF1(algorithm=hashes.SHA256()), algorithm=hashes.SHA256(), label=b"team-a/db")


def make_files(folder: Path) -> None:
    """Write SealedSecrets, each into a file of its own, 20 to a folder as in a repository."""
    certificate = load_certificate(OLD_CERTIFICATE.read_bytes())
    for number in range(FILES):
        inner = folder / f"app-{number // 20}"
        inner.mkdir(parents=True, exist_ok=True)
        items = {"username": b"web", "password": secrets.token_bytes(24), "ca.crt": base64.b64encode(bytes(1_200))}
        sealed = seal(Secret(f"db-{number}", "team-a", items), certificate)
        text = "# What the service needs to reach its database.\n" + new_text([sealed.to_dict()], Form.YAML)
        (inner / f"{number}.yaml").write_text(text, encoding="utf-8")


def seconds_of_command(folder: Path) -> float:
    """Return the seconds of a whole process; `--force` encrypts again what an earlier round has done."""
    words = ["reencrypt", "-q", "--force", "--key", str(OLD_KEY), "--cert", str(NEW_CERTIFICATE), str(folder)]
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", START, *words], check=True)
    return time.perf_counter() - started


def operations(count: int) -> None:
    """Do what an item needs of RSA, so many times: open with the old key, seal to the new one."""
    old = load_private_keys(OLD_KEY.read_bytes())[0].raw
    new = load_certificate(NEW_CERTIFICATE.read_bytes()).public_key
    wrapped = old.public_key().encrypt(b"x" * 32, SCHEME)
    for _ in range(count):
        new.encrypt(old.decrypt(wrapped, SCHEME), SCHEME)


def seconds_of_rsa(cores: int) -> float:
    """Return the seconds that the operations of all items take on all cores."""
    with ProcessPoolExecutor(cores, mp_context=get_context("fork")) as pool:
        list(pool.map(operations, [1] * cores))  # the processes are there
        started = time.perf_counter()
        list(pool.map(operations, [FILES * ITEMS // cores // 20] * cores * 20))
        return time.perf_counter() - started


def main() -> None:
    """Print the least of a few rounds each."""
    cores = len(os.sched_getaffinity(0))
    floors, runs = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as here:
            make_files(Path(here))
            runs.append(seconds_of_command(Path(here)))
        floors.append(seconds_of_rsa(cores))
    share = min(floors) / min(runs)
    Row(
        f"reencrypt {FILES:,} files of {ITEMS} items with --key, 4,096 bits, {cores} cores",
        f"{FILES / min(runs):.0f} files/s, {share:.0%} of the RSA operations alone",
        f"RSA operations alone: {FILES / min(floors):.0f} files/s",
        f"≥ {REACH:.0%}",
        share >= REACH,
    ).show()


if __name__ == "__main__":
    main()
