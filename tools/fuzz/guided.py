"""A target under atheris, which changes inputs by what they reach in our packages.

    python -m tools.fuzz.guided TARGET --seconds N [--seed N] --folder FOLDER

The last line is JSON: how many inputs there were, and the findings. atheris is not a part of `.venv`: its wheel is
large, and not there for every Python. `make fuzz` works without it, and says so.
"""

import argparse
import contextlib
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from tools.checkout import ROOT
from tools.fuzz.findings import Finding, from_plain

PACKAGES = [f"sealwright_{name}" for name in ("conventions", "crypto", "templating", "manifests", "cli", "controller")]
_MAX_BYTES = 16 * 1024
_SEEDS = 50
_START_SECONDS = 600.0
"""Beyond its time, a process may take so long to start on a busy machine."""
_KEPT = "kept-"
_LINES_SHOWN = 30


def is_there() -> bool:
    """Tell whether atheris is installed."""
    return importlib.util.find_spec("atheris") is not None


class Run:
    """A process of this module, for one target. It keeps the input that ends it, if one does."""

    def __init__(self, name: str, seconds: float, seed: int) -> None:
        self._name = name
        self._seed = seed
        self._deadline = time.monotonic() + seconds + _START_SECONDS
        self._folder = tempfile.TemporaryDirectory(prefix="sealwright-fuzz-")
        self._said = Path(self._folder.name) / "said"
        words = [name, "--seconds", str(max(1, int(seconds))), "--seed", str(seed), "--folder", self._folder.name]
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tools.fuzz.guided", *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=said
            )

    def result(self) -> tuple[int, list[Finding]]:
        """Return how many inputs it tried and what it found; an end that is not its own is a finding."""
        with self._folder:
            try:
                output, _ = self._process.communicate(timeout=max(1.0, self._deadline - time.monotonic()))
                told = json.loads(output.splitlines()[-1])
            except (subprocess.TimeoutExpired, ValueError, IndexError):
                self._process.kill()
                self._process.communicate()
                return 0, [self._ended()]
            return told["inputs"], [from_plain(one) for one in told["found"]]

    def _ended(self) -> Finding:
        kept = sorted(Path(self._folder.name).glob(f"{_KEPT}*"))
        data = kept[0].read_bytes() if kept else b""
        said = self._said.read_text(errors="replace").splitlines()[-_LINES_SHOWN:]
        about = "\n".join([f"the process under atheris ended with {self._process.returncode}", *said])
        return Finding(self._name, "died", f"atheris, seed {self._seed}", data, about, "died under atheris")


class _Guided:
    """What atheris calls. It ends the process itself, after its time, from within a call."""

    def __init__(self, target: Any, judge: Any, deadline: float) -> None:
        self._target = target
        self._judge = judge
        self._deadline = deadline
        self._found: dict[str, Finding] = {}
        self._count = 0

    def one(self, data: bytes) -> None:
        """Try an input."""
        self._count += 1
        for finding in self._judge.run("atheris", bytes(data)):
            self._found.setdefault(f"{finding.kind} {finding.same}", finding)
        if time.monotonic() > self._deadline:
            self.end()

    def change(self, data: bytes, size: int, seed: int) -> bytes:
        """Change an input by its language, where atheris would change its bytes; half of them is left to atheris."""
        import atheris  # noqa: PLC0415 - optional

        random = Random(seed)
        changed: bytes = (
            atheris.Mutate(data, size) if random.random() < 0.5 else self._target.mutated(random, bytes(data))
        )
        return changed[:size]

    def end(self) -> None:
        """Print the result and end at once: libFuzzer's own end would print and clean up for seconds."""
        print(
            json.dumps({"inputs": self._count, "found": [one.to_plain() for one in self._found.values()]}), flush=True
        )
        os._exit(0)


def main() -> None:
    """Run one target."""
    parser = argparse.ArgumentParser(prog="guided", description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True, help="an empty one, for inputs")
    arguments = parser.parse_args()
    _run(arguments.target, arguments.seconds, arguments.seed, arguments.folder)


def _run(name: str, seconds: float, seed: int, folder: Path) -> None:
    import atheris  # noqa: PLC0415 - optional

    warnings.simplefilter("ignore")
    with atheris.instrument_imports(include=PACKAGES, enable_loader_override=False):
        table = importlib.import_module("tools.fuzz.targets.table")
        target = table.TARGETS[name]()
    judging = importlib.import_module("tools.fuzz.judging")
    judging.prepare()
    guided = _Guided(target, judging.Judge(target), time.monotonic() + seconds)
    seeds = folder / "seeds"
    seeds.mkdir()
    _write_seeds(seeds, target.examples, [target.input(Random(f"{seed}/{number}")) for number in range(_SEEDS)])
    words = [
        sys.argv[0],
        str(seeds),
        f"-seed={seed % 2**32 or 1}",
        f"-max_len={_MAX_BYTES}",
        # The judge counts processor time. With 0, atheris takes each second on the clock for too long.
        f"-timeout={_START_SECONDS:.0f}",
        "-rss_limit_mb=4096",
        "-verbosity=0",
        f"-artifact_prefix={folder / _KEPT}",
    ]
    atheris.Setup(words, guided.one, custom_mutator=guided.change)
    with contextlib.suppress(SystemExit):
        atheris.Fuzz()
    guided.end()


def _write_seeds(folder: Path, examples: Sequence[bytes], more: Sequence[bytes]) -> None:
    for number, data in enumerate([*examples[:_SEEDS], *more]):
        (folder / str(number)).write_bytes(data[:_MAX_BYTES])


if __name__ == "__main__":
    main()
