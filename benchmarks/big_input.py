"""What large input costs `sealwright seal`, beside the RSA operations in it, and how that grows with its size."""

import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives import hashes  # noqa: E402 - the path comes first
from cryptography.hazmat.primitives.asymmetric import padding  # noqa: E402
from tests.support import big_texts  # noqa: E402

from sealwright_crypto import load_certificate  # noqa: E402

CERTIFICATE = ROOT / "tests" / "vectors" / "envelope" / "key-2048.crt.pem"
CASES: dict[str, tuple[Callable[[int], str], int, int]] = {
    "30 MB of comments": (big_texts.comments, 30_000_000, 1),
    "10,000 documents": (big_texts.documents, 10_000, 10_000),
    "10,000 Secrets in a List": (big_texts.small_secrets, 10_000, 10_000),
    "10,000 Secrets in a List in JSON": (big_texts.small_secrets_in_json, 10_000, 10_000),
    "50,000 items": (big_texts.items, 50_000, 50_000),
}
"""What it is, how many of it, and how many values that is."""


def seconds_to_seal(text: str, folder: Path) -> float:
    """Return what the whole command takes, in seconds of CPU."""
    import resource  # noqa: PLC0415 - Windows has none

    path = folder / "s.yaml"
    path.write_text(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "sealwright_cli", "seal", "-q", "--cert", CERTIFICATE, path, "-w", folder / "out"]
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def seconds_of_rsa(number: int) -> float:
    """Return what so many RSA operations take."""
    key = load_certificate(CERTIFICATE.read_bytes()).public_key
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=b"team-a/db")
    start = time.process_time()
    for _ in range(number):
        key.encrypt(secrets.token_bytes(32), oaep)
    return time.process_time() - start


def main() -> None:
    """Print a line for each case."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = seconds_to_seal(big_texts.SECRET, folder)
        print(f"{'one small Secret':34} {start:6.2f} CPU-s")
        for case, (make, size, values) in CASES.items():
            whole, quarter = (seconds_to_seal(make(part), folder) - start for part in (size, size // 4))
            floor = f"RSA alone {seconds_of_rsa(values):5.2f}"
            print(f"{case:34} {whole:6.2f} CPU-s, {floor}, {whole / quarter:4.1f} times a quarter of it")


if __name__ == "__main__":
    main()
