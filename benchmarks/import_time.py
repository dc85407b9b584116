"""How long it takes to import what `sealwright seal` needs, beside importing `cryptography` and starting Python."""

import statistics
import subprocess
import sys
import time

RUNS = 15
CASES = {
    "python": "pass",
    "cryptography": (
        "import cryptography.x509, cryptography.hazmat.primitives.asymmetric.padding,"
        " cryptography.hazmat.primitives.ciphers.aead"
    ),
    "sealwright seal": "import sealwright_cli.app, sealwright_cli.commands.seal",
}


def seconds(code: str) -> float:
    """Return the wall time of one fresh interpreter that runs `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Run the cases in turn, so that a noisy moment hits all of them, and print medians."""
    for code in CASES.values():
        seconds(code)  # fills the caches
    runs = [{name: seconds(code) for name, code in CASES.items()} for _ in range(RUNS)]
    medians = {name: statistics.median(run[name] for run in runs) for name in CASES}
    for name, median in medians.items():
        print(f"{name:16} {1000 * median:6.0f} ms")
    floor = medians["cryptography"] - medians["python"]
    print(f"imports of seal / imports of cryptography: {(medians['sealwright seal'] - medians['python']) / floor:.2f}")


if __name__ == "__main__":
    main()
