"""Finds, or builds once, the programs beside which people use Sealwright: sops, age-keygen and kustomize.

`make neighbours` runs it. They are built with Go from their published modules, whose versions go.mod pins in the folder
`neighbours` beside this file, and kept in the user's cache. `tests/neighbours` runs them. Nothing of them is changed.
"""

import argparse
import sys
from pathlib import Path

from tools.building.gobuilds import GoProgram, NotBuiltError, print_folder

_PROGRAM = GoProgram(
    name="neighbours",
    module=Path(__file__).with_name("neighbours"),
    what="sops, age-keygen and kustomize for tests",
    duration="5 minutes",
    commands=(
        "github.com/getsops/sops/v3/cmd/sops",
        "filippo.io/age/cmd/age-keygen",
        "sigs.k8s.io/kustomize/kustomize/v5",
    ),
)


def find() -> Path:
    """Return the folder with the programs, without building anything. Raises NotBuiltError."""
    folder = _PROGRAM.folder
    if not folder.is_dir():
        raise NotBuiltError(f"{_PROGRAM.what} have not been built; 'make neighbours' builds them, once, with Go")
    return folder


def main(arguments: list[str]) -> int:
    """Find or build; return the exit status."""
    argparse.ArgumentParser(prog="make_neighbours", description=__doc__).parse_args(arguments)
    return print_folder(_PROGRAM.build)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
