"""What `sealwright set` costs for one item of a file of 300, compared with `sealwright seal` of one small file."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rows import Row

ROOT = Path(__file__).parent.parent
CERTIFICATE = ROOT / "tests" / "vectors" / "envelope" / "key-4096.crt.pem"
ITEMS = 300
ROUNDS = 15
REACH = 1.3
SMALL = """\
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: team-a
stringData:
  username: web
  password: correct horse battery
  url: postgres://db.team-a
"""
START = "from sealwright_cli.start import sealwright; sealwright()"


def seconds_of(*words: str | Path) -> float:
    """Return the seconds of a whole process."""
    command = [sys.executable, "-c", START, *map(str, words), "-q", "--cert", str(CERTIFICATE)]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Print the least of many rounds each, taken in turns."""
    with tempfile.TemporaryDirectory() as here:
        small, large, value = Path(here) / "small.yaml", Path(here) / "large.yaml", Path(here) / "value"
        value.write_text("new", encoding="utf-8")
        small.write_text(SMALL, encoding="utf-8")
        head = SMALL[: SMALL.index("  username")]
        items = "".join(f"  item-{number}: value of {number}  # set by hand\n" for number in range(ITEMS))
        (Path(here) / "many.yaml").write_text(head + items, encoding="utf-8")
        seconds_of("seal", Path(here) / "many.yaml", "-w", large)
        seal, change = [], []
        for _ in range(ROUNDS):
            seal.append(seconds_of("seal", small, "-w", Path(here) / "sealed.yaml"))
            change.append(seconds_of("set", large, f"item-{ITEMS // 2}", "--from-file", value))
    ratio = min(change) / min(seal)
    Row(
        f"set one of {ITEMS} items",
        f"{min(change) * 1000:.0f} ms, {ratio:.2f} times seal",
        f"seal of one file of 3 items: {min(seal) * 1000:.0f} ms",
        f"≤ {REACH} times",
        ratio <= REACH,
    ).show()


if __name__ == "__main__":
    main()
