"""Writes Sealwright's own test vectors: one scenario a file, in `sealwright/`. Run as `make vectors`.

The same bytes come out each time (see seeded.py), so a test can show that the committed files are fresh.
docs/concepts/format.md says how to read them.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.vectors.item_scenarios import all_item_scenarios
from tests.vectors.object_scenarios import all_object_scenarios

FOLDER = Path(__file__).parent / "sealwright"


def vector_files() -> dict[str, bytes]:
    """Return the content of every vector file under its name."""
    named = {f"item-{name}": scenario for name, scenario in all_item_scenarios().items()}
    named |= {f"object-{name}": scenario for name, scenario in all_object_scenarios().items()}
    return {f"{name}.json": (json.dumps(named[name], indent=2) + "\n").encode("ascii") for name in sorted(named)}


def main() -> None:
    """Make the folder hold the vectors and nothing else."""
    files = vector_files()
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.glob("*.json"):
        if stale.name not in files:
            stale.unlink()
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
    print(f"{len(files)} vectors in {FOLDER}")


if __name__ == "__main__":
    main()
