"""Lets controllers, the API server, the network and the people misbehave, and checks what became of all objects.

    python -m tools.checks.chaos_run [--seed N] [--objects N] [--acts N] [--keep FOLDER]

It prints figures, and fails if anything is lost, wrong, stale, left over, stored twice or leaked.
"""

import argparse
import secrets
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.support.chaos.run import ChaosRun
from tests.support.controlplane import PROJECT_CRD, ControlPlane

from tools.building.make_apiserver import build


def main(argv: Sequence[str]) -> int:
    """Run it once; returns 0 if all was right in the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, help="repeats a run, as far as threads and processes do; default: any")
    parser.add_argument("--objects", type=int, default=1000, help="how many SealedSecrets are made (default: 1000)")
    parser.add_argument("--acts", type=int, default=20, help="acts of people between two troubles (default: 20)")
    parser.add_argument("--keep", type=Path, help="keep all logs in this folder, which must not be there yet")
    options = parser.parse_args(argv)
    seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="sealwright-chaos-") as folder:
        for name in ("plane", "run"):
            Path(folder, name).mkdir()
        try:
            with ControlPlane(build(), Path(folder, "plane"), crds=[PROJECT_CRD]) as plane:
                run = ChaosRun(plane, Path(folder, "run"), seed, objects=options.objects, acts_per_trouble=options.acts)
                report = run.run()
        finally:
            if options.keep is not None:
                shutil.copytree(Path(folder, "run"), options.keep)
    print(report)
    if report.failures:
        print(f"to try it again: make chaos SEED={seed}")
    return int(bool(report.failures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
