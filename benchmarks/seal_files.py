"""What `sealwright seal FOLDER` costs for 1,000 files, on all cores and on one; and their RSA operations alone."""

import base64
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from rows import Row

from sealwright_crypto import load_certificate

ROOT = Path(__file__).parent.parent
CERTIFICATES = {bits: ROOT / "tests" / "vectors" / "envelope" / f"key-{bits}.crt.pem" for bits in (4096, 2048)}
"""The controllers' keys have 4,096 bits."""
FILES = 1_000
ROUNDS = 3
REACH = 4
SECRET = """\
# What the service needs to reach its database.
apiVersion: v1
kind: Secret
metadata:
  name: db-{number}
  namespace: team-a
  labels: {{app: web, tier: backend}}
stringData:
  username: web  # made by the platform team
  password: '{password}'
data:
  ca.crt: {certificate}
"""
START = "import yaml; yaml.__with_libyaml__ = {libyaml}; from sealwright_cli.start import sealwright; sealwright()"
"""PyYAML says by this whether it came with libyaml."""


def make_files(folder: Path) -> None:
    """Write the Secrets, each into a file of its own."""
    folder.mkdir()
    certificate = base64.b64encode(CERTIFICATES[2048].read_bytes()).decode()
    for number in range(FILES):
        text = SECRET.format(number=number, password=secrets.token_urlsafe(12), certificate=certificate)
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")


def seconds_of_command(
    folder: Path, certificate: Path, *, libyaml: bool = True, prefix: tuple[str, ...] = (), in_place: bool = False
) -> float:
    """Return the seconds of a whole process, over a copy of the files if they are replaced."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as output:
        place = ["--output-dir", output]
        if in_place:
            folder = Path(shutil.copytree(folder, Path(output) / "copy"))
            place = ["--in-place"]
        words = ["seal", "-q", "--cert", str(certificate), str(folder), *place]
        command = [*prefix, sys.executable, "-c", START.format(libyaml=libyaml), *words]
        started = time.perf_counter()
        subprocess.run(command, check=True)
        return time.perf_counter() - started


def seconds_of_rsa(certificate: Path) -> float:
    """Return the seconds that as many encryptions take, on one core, as there are items."""
    key = load_certificate(certificate.read_bytes()).public_key
    scheme = padding.OAEP(mgf=padding.MGF1(algorithm=hashes.SHA256()), algorithm=hashes.SHA256(), label=b"team-a/db")
    started = time.perf_counter()
    for _ in range(3 * FILES):
        key.encrypt(b"x" * 32, scheme)
    return time.perf_counter() - started


def measure(folder: Path, bits: int) -> None:
    """Print the least of a few rounds each, taken in turns."""
    certificate = CERTIFICATES[bits]
    floors, elsewhere, in_place, one_core = [], [], [], []
    for _ in range(ROUNDS):
        floors.append(seconds_of_rsa(certificate))
        elsewhere.append(seconds_of_command(folder, certificate))
        in_place.append(seconds_of_command(folder, certificate, in_place=True))
        one_core.append(seconds_of_command(folder, certificate, prefix=("taskset", "-c", "0")))
    floor, best = min(floors), max(min(elsewhere), min(in_place))
    Row(
        f"seal {FILES:,} files of 3 items, {bits:,} bits",
        f"{min(elsewhere):.2f} s into a folder, {min(in_place):.2f} s in place, {min(one_core):.2f} s on one core: "
        f"{best / floor:.1f} times",
        f"{3 * FILES:,} RSA operations: {floor:.2f} s",
        f"≤ {REACH} times",
        best <= REACH * floor,
    ).show()


def main() -> None:
    """Measure for each size of key, and what libyaml saves."""
    with tempfile.TemporaryDirectory() as here:
        folder = Path(here) / "secrets"
        make_files(folder)
        for bits in CERTIFICATES:
            measure(folder, bits)
        slow = min(seconds_of_command(folder, CERTIFICATES[2048], libyaml=False) for _ in range(ROUNDS))
        fast = min(seconds_of_command(folder, CERTIFICATES[2048]) for _ in range(ROUNDS))
    print(f"the same without libyaml, by the parser in Python: {slow:.2f} s ({slow / fast:.1f} times that with it)")


if __name__ == "__main__":
    main()
