"""Holds the branch coverage that `make test` measured against what the pure parts have to reach."""

import argparse
import subprocess
import sys

GATES = {
    "crypto/*": 90,
    "templating/*": 90,
    "conventions/*": 90,
    "controller/sealwright_controller/objects/decide.py": 100,
    "controller/sealwright_controller/queue/alarms.py": 100,
    "controller/sealwright_controller/queue/backlogshare.py": 100,
    "controller/sealwright_controller/queue/fairlane.py": 100,
    "controller/sealwright_controller/pacing/*": 100,
    "controller/sealwright_controller/keys/renewal.py": 100,
    "controller/sealwright_controller/queue/shares.py": 100,
    "controller/sealwright_controller/objects/status.py": 100,
    "controller/sealwright_controller/objects/templatefailures.py": 100,
    "controller/sealwright_controller/queue/workqueue.py": 100,
    "controller/sealwright_controller/objects/writemark.py": 100,
}


def coverage(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the coverage tool."""
    command = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def main() -> int:
    """Combine the measurements of the test processes, and check each gate; returns 0 if all are reached."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    combined = coverage("combine", "--quiet")
    if combined.returncode:
        sys.exit(f"nothing was measured: {combined.stdout}{combined.stderr}")
    missed = 0
    for files, percent in GATES.items():
        report = coverage("report", f"--include={files}", f"--fail-under={percent}")
        total = next((line for line in report.stdout.splitlines() if line.startswith("TOTAL")), "TOTAL nothing")
        print(f"coverage of {files}: {total.split()[-1]} (at least {percent}%)")
        if report.returncode:
            missed += 1
            print(report.stdout)
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
