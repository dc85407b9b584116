"""Finds, or builds once, sealed-secrets' controller and kubeseal, which the tests in `tests/upstream` run.

`make upstream` runs it. Both are built with Go from the published module, whose version go.mod pins in the folder
`sealedsecrets` beside this file, and kept in the user's cache, with the module's Helm chart beside them. Nothing of
them is changed.
"""

import argparse
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

from tools.building.gobuilds import GoProgram, NotBuiltError, print_folder

CONTROLLER = "controller"
KUBESEAL = "kubeseal"
CHART = "chart"
"""The folder of the Helm chart: the CustomResourceDefinition and the rights are in it."""
_MODULE = "github.com/bitnami/sealed-secrets"


def find() -> Path:
    """Return the folder with both programs and the chart, without building anything. Raises NotBuiltError."""
    folder = _program().folder
    if not folder.is_dir():
        raise NotBuiltError("sealed-secrets has not been built; 'make upstream' builds it, once, with Go")
    return folder


def version() -> str:
    """Return the version of sealed-secrets, such as v0.40.0."""
    return _published(_program())


@cache
def _program() -> GoProgram:
    program = GoProgram(
        name=CONTROLLER,
        module=Path(__file__).with_name("sealedsecrets"),
        what="sealed-secrets for tests",
        duration="5 minutes",
        commands=tuple(f"{_MODULE}/cmd/{name}" for name in (CONTROLLER, KUBESEAL)),
    )
    return replace(program, linker_flags=f"-s -w -X main.VERSION={_published(program)}")


def _published(program: GoProgram) -> str:
    return program.from_go_mod(rf"^replace {_MODULE} => \S+ (v\S+)")


def _add_chart(folder: Path) -> None:
    """Copy the chart from where Go has just unpacked the module."""
    command = ["go", "list", "-m", "-f", "{{.Dir}}", _MODULE]
    done = subprocess.run(command, cwd=_program().module, capture_output=True, text=True, check=True)
    chart = Path(done.stdout.strip()) / "helm" / "sealed-secrets"
    for source in chart.rglob("*.yaml"):
        target = folder / CHART / source.relative_to(chart)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)  # without the module's modes, which forbid writing


def main(arguments: list[str]) -> int:
    """Find or build; return the exit status."""
    argparse.ArgumentParser(prog="make_sealedsecrets", description=__doc__).parse_args(arguments)
    return print_folder(lambda: _program().build(_add_chart))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
