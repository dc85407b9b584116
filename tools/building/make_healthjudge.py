"""Finds, or builds once, the program that says what Flux and Helm make of an object: `healthjudge` beside this file.

It is the Go library kstatus and a runtime of CEL. It reads questions and writes answers as lines of JSON.
"""

from pathlib import Path

from tools.building.gobuilds import GoProgram

PROGRAM = GoProgram(
    name="healthjudge",
    module=Path(__file__).with_name("healthjudge"),
    what="kstatus for tests",
    duration="2 minutes",
)


def build() -> Path:
    """Return the path of the program, built if necessary. Raises NotBuiltError."""
    return PROGRAM.build() / PROGRAM.name
