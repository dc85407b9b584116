"""What sealing one file costs, as a whole process, beside importing what no such program can do without."""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rows import Row

from sealwright_crypto import generate_sealing_key

RUNS = 25
REACH = 1.5
FLOOR = "from cryptography.hazmat.primitives.asymmetric import rsa; from cryptography import x509"
SEAL = "from sealwright_cli.start import sealwright; sealwright()"
SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: team-a
stringData:
  password: a-password
"""


def seconds(code: str, *words: str) -> float:
    """Return the wall time of one fresh interpreter that runs `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *words], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Run both in turn, so that a noisy moment hits both, and print the ratio of the shortest times."""
    with tempfile.TemporaryDirectory() as folder:
        secret, certificate = Path(folder) / "secret.yaml", Path(folder) / "cert.pem"
        secret.write_text(SECRET, encoding="utf-8")
        certificate.write_text(generate_sealing_key(now=datetime.now(UTC)).certificate.pem, encoding="utf-8")
        words = ("seal", "--quiet", "--cert", str(certificate), str(secret))
        pairs = [(seconds(SEAL, *words), seconds(FLOOR)) for _ in range(RUNS)]
    seal, floor = (min(times) for times in zip(*pairs, strict=True))
    ratio = seal / floor
    Row(
        "`seal` of one file, the whole process",
        f"{1000 * seal:.0f} ms, {ratio:.2f} times the floor",
        f"importing rsa and x509 of `cryptography`: {1000 * floor:.0f} ms",
        f"≤ {REACH} times",
        ratio <= REACH,
    ).show()


if __name__ == "__main__":
    main()
