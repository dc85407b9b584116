"""One row of the table of figures: printed, and kept for docs/performance.md if that is being written."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

ROWS_FILE = "SEALWRIGHT_BENCH_ROWS"
"""The environment variable that names the file to which rows are added, a line of JSON each."""


@dataclass(frozen=True)
class Row:
    """A figure in words. `floor` was measured in the same run, `reach` is the aim, `upstream` is sealed-secrets'."""

    work: str
    figure: str
    floor: str = ""
    reach: str = ""
    is_reached: bool | None = None
    upstream: str = ""

    def show(self) -> None:
        """Print it, and add it to the file if there is one."""
        verdict = {True: ", reached", False: ", missed", None: ""}[self.is_reached]
        notes = [f"floor {self.floor}" if self.floor else "", f"to reach {self.reach}{verdict}" if self.reach else ""]
        print(f"{self.work}: {self.figure}", *(f"({note})" for note in notes if note), flush=True)
        if file := os.environ.get(ROWS_FILE):
            with Path(file).open("a", encoding="utf-8") as rows:
                rows.write(json.dumps(asdict(self)) + "\n")
