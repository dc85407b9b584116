"""Runs the corpus in tests/vectors/kubeseal against a kubeseal-like command, and tells area by area how it did.

    python -m tools.checks.kubeseal_parity [COMMAND [ARG...]]     by default the installed sealwright-kubeseal

A `compat` case expects what upstream did. Of a `quirk`, an accident of upstream's, `better.json` has what ours does
instead, in the same normalised form, and in words (`done`).
"""

import argparse
import importlib.util
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.checkout import ROOT

FOLDER = ROOT / "tests" / "vectors" / "kubeseal"
COMMAND = str(Path(sys.executable).with_name("sealwright-kubeseal"))
SECONDS = 60.0

Case = dict[str, Any]


@cache
def cases() -> dict[str, Case]:
    """Return all cases by id; for quirks, with our behaviour instead of upstream's."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("cases/*.json"))}
    for name, better in json.loads((FOLDER / "better.json").read_text(encoding="utf-8")).items():
        found[name] |= {"stderr_has": [], "ignore": [], "stdout_match": None} | better
    return found


@cache
def runner() -> ModuleType:
    """Return the corpus's own runner as a module, with its keys loaded."""
    spec = importlib.util.spec_from_file_location("kubeseal_corpus_runner", FOLDER / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.load_keys(str(FOLDER / "keys"))
    return module


def outcome(case: Case, command: Sequence[str] = (COMMAND,)) -> tuple[dict[str, Any], str]:
    """Run a case; return its normalised outcome and its stderr."""
    options = argparse.Namespace(keys=str(FOLDER / "keys"), pass_env=[], timeout=SECONDS)
    got, said = runner().run_case(case, list(command), options)
    return got, said


def differences(case: Case, command: Sequence[str] = (COMMAND,)) -> list[str]:
    """Run a case and return how its outcome differs from the expected one."""
    got, said = outcome(case, command)
    return [*runner().diff(case["expect"], got), *runner().missing_words(case, said)]


def main() -> int:
    """Run everything and print a line for each area; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs=argparse.REMAINDER, help="what to run in the place of kubeseal")
    command: list[str] = parser.parse_args().command or [COMMAND]
    passed: dict[str, int] = defaultdict(int)
    failed: dict[str, int] = defaultdict(int)
    for case, found in _all(command):
        (failed if found else passed)[case["area"]] += 1
        if found:
            print(f"FAIL {case['id']}: {'; '.join(found)}")
    for area in sorted({*passed, *failed}):
        print(f"{area + ':':<12}{passed[area]} passed, {failed[area]} failed")
    print(f"{sum(passed.values())} passed, {sum(failed.values())} failed")
    return 1 if any(failed.values()) else 0


def _all(command: Sequence[str]) -> Iterator[tuple[Case, list[str]]]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from zip(
            cases().values(), pool.map(lambda case: differences(case, command), cases().values()), strict=True
        )


if __name__ == "__main__":
    sys.exit(main())
