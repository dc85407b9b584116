"""Runs the benchmarks that have an aim and writes docs/performance.md: the machine, the figures, floors and aims."""

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.rows import ROWS_FILE, Row
from cryptography.hazmat.backends.openssl import backend

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
RUNS = (
    ("converge.py",),
    ("converge.py", "--no-hints"),
    ("converge.py", "--keys=1"),
    ("restart.py", "--objects=1000"),
    ("restart.py", "--objects=10000"),
    ("new_object.py",),
    ("foreign_secrets.py",),
    ("seal_one.py",),
    ("seal_files.py",),
    ("set_item.py",),
    ("reencrypt_files.py",),
    ("lint_files.py",),
)
"""The scripts, with their options, in the order of the table."""


def machine() -> str:
    """Return what the figures were measured on, in a sentence."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    kibibytes = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return (
        f"{os.cpu_count()} cores ({model}), {kibibytes / 2**20:.0f} GiB, {platform.system()}; Python "
        f"{platform.python_version()}, cryptography {importlib.metadata.version('cryptography')} with "
        f"{backend.openssl_version_text()}, kube-apiserver {apiserver()}"
    )


def apiserver() -> str:
    """Return the version of the API server that is built for tests."""
    module = (HERE.parent / "tools" / "building" / "apiserver" / "go.mod").read_text(encoding="utf-8")
    return next(line.split()[1] for line in module.splitlines() if line.strip().startswith("k8s.io/kubernetes "))


def page(rows: list[Row]) -> str:
    """Return the page."""
    lines = [
        "# Performance",
        "",
        f"Measured on {datetime.now(UTC):%-d %B %Y} by `make bench`, which writes this page: {machine()}.",
        "The API server, etcd and the clients that make the objects ran on the same cores.",
        "",
        "Times of different machines cannot be compared, so most aims are ratios: to a floor that no program can",
        "avoid, measured in the same run, or products of a rate and of the time of one private-key operation. The",
        "figures of sealed-secrets 0.38.4 are from two cores where that operation takes 8.9 ms in Go and 5.7 ms in",
        "Python.",
        "",
        "| work | measured | floor | aim | | sealed-secrets |",
        "|---|---|---|---|---|---|",
    ]
    marks = {True: "reached", False: "**missed**", None: ""}
    lines += [
        f"| {row.work} | {row.figure} | {row.floor} | {row.reach} | {marks[row.is_reached]} | {row.upstream} |"
        for row in rows
    ]
    lines += [
        "",
        "What was tried, with figures: [ADR 0023](adr/0023-speed.md), [ADR 0024](adr/0024-secrets-first.md). The",
        "scripts: `benchmarks/`.",
        "",
    ]
    return "\n".join(lines)


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


def main() -> None:
    """Run the scripts, one after the other, and write the page. A script that fails ends it, and nothing is written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=PAGE)
    output = parser.parse_args().output
    with tempfile.NamedTemporaryFile(mode="r", encoding="utf-8") as file:
        for script, *options in RUNS:
            print(f"== {script} {' '.join(options)}", flush=True)
            command = [sys.executable, str(HERE / script), *options]
            subprocess.run(command, check=True, env={**os.environ, ROWS_FILE: file.name})
        rows = [Row(**json.loads(line)) for line in Path(file.name).read_text(encoding="utf-8").splitlines()]
    output.write_text(page(rows), encoding="utf-8")
    print(f"written: {output}")


if __name__ == "__main__":
    main()
