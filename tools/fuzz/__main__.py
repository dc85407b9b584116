"""Tries random input on everything that reads what others wrote, and prints what breaks a promise.

    python -m tools.fuzz [--minutes N] [--seed N] [--only TARGET,...] [--inputs N]
    python -m tools.fuzz --only TARGET --input BASE64      try one input again

The promises: nothing but our own errors, 2 s of a core and 100 MiB of memory for each input, and the laws of each
target. Fails if one was broken. Without --seed, one is drawn and printed.
"""

import argparse
import base64
import os
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from random import SystemRandom

from tools.fuzz import guided
from tools.fuzz.findings import Finding
from tools.fuzz.judging import Judge, prepare
from tools.fuzz.running import Watch
from tools.fuzz.targets.table import TARGETS
from tools.fuzz.working import Share, Tally

GUIDED_PART = 0.25
"""Of the time, for atheris."""


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=5.0, help="for how long (5)")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(2**31), help="of all random choices")
    parser.add_argument("--only", default="", metavar="TARGET,...", help=f"of: {', '.join(TARGETS)}")
    parser.add_argument("--inputs", type=int, default=0, help="end after so many of each target, without atheris")
    parser.add_argument("--without-atheris", action="store_true", help="even where it is installed")
    parser.add_argument("--input", default="", metavar="BASE64", help="try one input of one target")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (one for each core)")
    arguments = parser.parse_args()
    names = arguments.only.split(",") if arguments.only else list(TARGETS)
    if unknown := sorted(set(names) - set(TARGETS)):
        parser.error(f"no such target: {', '.join(unknown)}; there are: {', '.join(TARGETS)}")
    if arguments.input:
        sys.exit(try_again(names[0], base64.b64decode(arguments.input)))
    sys.exit(run(names, arguments))


def try_again(name: str, data: bytes) -> int:
    """Try one input, and say what comes of it; returns the exit status."""
    prepare()
    judge = Judge(TARGETS[name]())
    found = judge.run("given", data) or judge.memory("given", data)
    print("".join(one.shown() for one in found) or f"{name}: nothing is wrong with this input, {judge.slowest:.3f} s")
    return 1 if found else 0


def run(names: Sequence[str], arguments: argparse.Namespace) -> int:
    """Try many inputs; returns the exit status."""
    started, seconds = time.monotonic(), 60 * arguments.minutes
    with_atheris = guided.is_there() and not (arguments.inputs or arguments.without_atheris)
    told = "" if guided.is_there() else "; atheris is not installed, so nothing is guided by coverage"
    print(f"seed {arguments.seed}, {arguments.workers} processes, {len(names)} targets{told}", flush=True)
    deadline = started + seconds * (1 - GUIDED_PART * with_atheris)
    watch = Watch(Share(names, arguments.seed, 0, arguments.workers, deadline, arguments.inputs), _tell)
    watch.run()
    if with_atheris:
        _guide(watch.tallies, arguments, seconds * GUIDED_PART)
    _print(watch.tallies, time.monotonic() - started)
    return 1 if any(tally.found for tally in watch.tallies.values()) else 0


def _guide(tallies: Mapping[str, Tally], arguments: argparse.Namespace, seconds: float) -> None:
    """Run every target under atheris, as many at a time as there are workers."""
    waiting = list(tallies)
    for_each = seconds * arguments.workers / len(waiting)
    while waiting:
        now, waiting = waiting[: arguments.workers], waiting[arguments.workers :]
        for name, run in [(name, guided.Run(name, for_each, arguments.seed)) for name in now]:
            tried, found = run.result()
            known = {(one.kind, one.same) for one in tallies[name].found}
            new = [one for one in found if (one.kind, one.same) not in known]
            tallies[name].add(Tally(guided=tried, found=new))
            for one in new:
                _tell(one)


def _tell(finding: Finding) -> None:
    print(finding.shown(), flush=True)


def _print(tallies: Mapping[str, Tally], seconds: float) -> None:
    head = ("target", "random", "hypothesis", "atheris", "slowest", "memory", "found")
    print("{:15}{:>11}{:>12}{:>11}{:>10}{:>10}{:>7}".format(*head))
    whole = Tally()
    for name, tally in tallies.items():
        whole.add(tally)
        _print_row(name, tally)
    _print_row("all", whole)
    inputs = whole.random + whole.drawn + whole.guided
    busy = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    print(f"{inputs:,} inputs in {seconds / 60:.1f} min, {busy / 60:.1f} of a core; {len(whole.found)} findings")


def _print_row(name: str, tally: Tally) -> None:
    counts = f"{tally.random:>11,}{tally.drawn:>12,}{tally.guided:>11,}"
    print(f"{name:15}{counts}{tally.slowest:>8.3f} s{tally.most_bytes / 2**20:>6.0f} MiB{len(tally.found):>7}")


if __name__ == "__main__":
    main()
