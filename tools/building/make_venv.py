"""Makes `.venv` with Sealwright, installed editable, and all that its tests need. Run as `make venv`.

The wheels are kept in the user's cache, one folder per set of pinned versions and kind of Python, so a second
environment is made in seconds and without a network. SEALWRIGHT_VENV names another folder, for another Python. Uses
the standard library alone: it runs before anything is there.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - this may run with an older python3
    sys.exit("Sealwright needs Python 3.11 or newer; say which: make venv PYTHON=python3.12")

import tomllib

from tools.building.caches import cache_folder, locked
from tools.checkout import ROOT

VENV = ROOT / os.environ.get("SEALWRIGHT_VENV", ".venv")
CONSTRAINTS = ROOT / "constraints.txt"
BY_HAND = ("fuzz",)
"""Extras that everybody installs for themselves: see CONTRIBUTING.md."""
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")


def requirements() -> list[str]:
    """Return the requirements in pyproject.toml: to run, to test and to build; and `editables`, for editable builds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    return [
        *project["project"]["dependencies"],
        *(requirement for name, extra in extras.items() if name not in BY_HAND for requirement in extra),
        *project["build-system"]["requires"],
        "editables",
    ]


def fingerprint() -> str:
    """Return a name for the set of wheels for these pins and this Python."""
    parts = [*requirements(), CONSTRAINTS.read_text(), sys.version, sysconfig.get_platform()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def entrances() -> str:
    """Return the commands and the folders of the packages, which an editable installation does not follow by itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    commands = [f"{name}={target}" for name, target in project["project"]["scripts"].items()]
    return " ".join([*commands, *project["tool"]["hatch"]["build"]["dev-mode-dirs"]])


def wheelhouse() -> Path:
    """Return the folder with all wheels, filled first if necessary."""
    folder = cache_folder() / "wheels" / fingerprint()
    with locked(folder.with_suffix(".lock")):
        if not folder.is_dir():
            say("fetching the pinned packages (once; they are kept for the next time)")
            with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
                filling = Path(scratch) / "wheels"
                pip("wheel", "--wheel-dir", str(filling), "--constraint", str(CONSTRAINTS), *requirements())
                filling.rename(folder)
    return folder


def install_offline(*arguments: str) -> None:
    """Install into the environment from the cached wheels alone."""
    pip("install", "--no-index", "--find-links", str(wheelhouse()), *arguments)


def pip(*arguments: str) -> None:
    """Run the environment's pip; if it fails, end the program with pip's status and output."""
    command = [str(BIN / "python"), "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        say("\n".join([done.stdout, done.stderr, f"pip {arguments[0]} failed"]))
        sys.exit(done.returncode)


def say(message: str) -> None:
    """Report progress on standard error; standard output is for results."""
    print(message, file=sys.stderr, flush=True)


def main() -> None:
    """Bring `.venv` up to date; returns quickly if it already is."""
    argparse.ArgumentParser(prog="make_venv", description=__doc__).parse_args()
    stamp = VENV / "made-for"
    wanted = f"{fingerprint()} {entrances()} {ROOT}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say(f"making {VENV.name}")
    venv.create(VENV, clear=True, with_pip=True, symlinks=os.name != "nt")
    install_offline("--constraint", str(CONSTRAINTS), *requirements())
    install_offline("--no-build-isolation", "--no-deps", "--editable", str(ROOT))
    stamp.write_text(wanted)


if __name__ == "__main__":
    main()
