"""Makes the test keys that are missing from `keys/`. Never replaces one: the committed vectors were sealed to them.

Run as `python tests/vectors/make_keys.py`. The keys are public and for tests only: seal nothing real to them.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sealwright_crypto import generate_sealing_key

FOLDER = Path(__file__).parent / "keys"
BITS = {
    "small-1024": 1024,
    "new-2048": 2048,
    "old-2048": 2048,
    "other-2048": 2048,
    "medium-3072": 3072,
    "large-4096": 4096,
    "huge-8192": 8192,
}
VALID_FROM = datetime(2024, 1, 1, tzinfo=UTC)
LIFETIME = timedelta(days=36500)


def main() -> None:
    """Write NAME.key.pem (PKCS#1) and NAME.crt.pem for each key that is not there yet."""
    FOLDER.mkdir(exist_ok=True)
    for name, bits in BITS.items():
        if (FOLDER / f"{name}.key.pem").exists():
            continue
        made = generate_sealing_key(now=VALID_FROM, bits=bits, lifetime=LIFETIME, common_name=f"sealwright test {name}")
        (FOLDER / f"{name}.key.pem").write_bytes(made.private_key.pem())
        (FOLDER / f"{name}.crt.pem").write_bytes(made.certificate.pem.encode("ascii"))


if __name__ == "__main__":
    main()
