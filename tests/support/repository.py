"""What the project consists of: its tracked files and its packages' source files."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "sealwright_conventions": ROOT / "conventions/sealwright_conventions",
    "sealwright_crypto": ROOT / "crypto/sealwright_crypto",
    "sealwright_templating": ROOT / "templating/sealwright_templating",
    "sealwright_manifests": ROOT / "manifests/sealwright_manifests",
    "sealwright_cli": ROOT / "cli/sealwright_cli",
    "sealwright_controller": ROOT / "controller/sealwright_controller",
}


def project_files() -> list[Path]:
    """Return the files that Git tracks or would track; skips the test where this is no Git checkout."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs git and a checkout to know which files belong to the project")
    return sorted(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def source_files() -> list[Path]:
    """Return the Python files of the six packages."""
    return sorted(path for folder in PACKAGES.values() for path in folder.rglob("*.py"))


def shown(path: Path) -> str:
    """Return a path as a person of this project names it."""
    return path.relative_to(ROOT).as_posix()
