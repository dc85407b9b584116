"""What `sealwright seal FOLDER` costs for 1,000 files: by libyaml, by the parser in Python, in RSA operations alone."""

import base64
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from sealwright_crypto import load_certificate

ROOT = Path(__file__).parent.parent
CERTIFICATE = ROOT / "tests" / "vectors" / "envelope" / "key-2048.crt.pem"
FILES = 1_000
ROUNDS = 3
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
    certificate = base64.b64encode(CERTIFICATE.read_bytes()).decode()
    for number in range(FILES):
        text = SECRET.format(number=number, password=secrets.token_urlsafe(12), certificate=certificate)
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")


def seconds_of_command(folder: Path, *, libyaml: bool) -> float:
    """Return the seconds of a whole process."""
    with tempfile.TemporaryDirectory() as output:
        command = [sys.executable, "-c", START.format(libyaml=libyaml), "seal", "-q", "--cert", str(CERTIFICATE)]
        started = time.perf_counter()
        subprocess.run([*command, str(folder), "--output-dir", output], check=True)
        return time.perf_counter() - started


def seconds_of_rsa() -> float:
    """Return the seconds that as many encryptions take as there are items."""
    key = load_certificate(CERTIFICATE.read_bytes()).public_key
    scheme = padding.OAEP(mgf=padding.MGF1(algorithm=hashes.SHA256()), algorithm=hashes.SHA256(), label=b"team-a/db")
    started = time.perf_counter()
    for _ in range(3 * FILES):
        key.encrypt(b"x" * 32, scheme)
    return time.perf_counter() - started


def main() -> None:
    """Print the least of a few rounds each."""
    with tempfile.TemporaryDirectory() as here:
        folder = Path(here) / "secrets"
        make_files(folder)
        floor = min(seconds_of_rsa() for _ in range(ROUNDS))
        fast = min(seconds_of_command(folder, libyaml=True) for _ in range(ROUNDS))
        slow = min(seconds_of_command(folder, libyaml=False) for _ in range(ROUNDS))
    print(
        f"seal {FILES:,} files of 3 items, by libyaml: {fast:.2f} s ({fast / floor:.1f} times the RSA operations alone)"
    )
    print(f"the same, by the parser in Python:    {slow:.2f} s ({slow / fast:.1f} times that)")


if __name__ == "__main__":
    main()
