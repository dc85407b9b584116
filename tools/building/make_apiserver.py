"""Finds, or builds once, the kube-apiserver, etcd, kube-controller-manager and kubectl that the tests run against.

Run as `make apiserver`: the last line on standard output is the folder that holds the four; everything else is said
on standard error. With `--optional`, not being able to build is no failure, and there is no such line.
The four are one program, the Go module `apiserver` beside this file, built with Go from the published modules and kept
in the user's cache. Uses the standard library alone, since it runs before anything is installed.
"""

import argparse
import os
import shutil
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

from tools.building.gobuilds import NOT_POSSIBLE, GoProgram, NotBuiltError, print_folder

# The first line of go.mod there names an older place of this file; it is left as it is, since another byte would mean
# another build.
MODULE = Path(__file__).with_name("apiserver")
COMPONENTS = ("kube-apiserver", "etcd", "kube-controller-manager")
KUBECTL = "kubectl"  # built too, and used if the machine has none


def find_assets() -> Path | None:
    """Return the folder that holds the four binaries, without building anything; None when there is none."""
    try:
        return _find()
    except NotBuiltError:
        return None


def search_path() -> str:
    """Return PATH with the folder of the binaries at the end, for a machine without its own kubectl."""
    assets = find_assets()
    return os.pathsep.join(filter(None, [os.environ.get("PATH", os.defpath), str(assets) if assets else ""]))


def why_not_found() -> str:
    """Say why `find_assets` returns None and what to do; empty if it does not."""
    try:
        _find()
    except NotBuiltError as reason:
        return str(reason)
    return ""


def build() -> Path:
    """Return the folder of the build for these sources, built if necessary; one process at a time builds it.

    Raises NotBuiltError if Go is missing, too old, or fails.
    """
    return _program().build(_link_all)


def _find() -> Path:
    if os.name == "nt":
        raise NotBuiltError("the API server for tests runs on Linux and macOS only")
    if chosen := os.environ.get("KUBEBUILDER_ASSETS"):
        return _checked(Path(chosen).absolute())
    folder = _program().folder
    if not folder.is_dir():
        raise NotBuiltError("the API server for tests has not been built; 'make apiserver' builds it, once, with Go")
    return folder


def _checked(folder: Path) -> Path:
    missing = [name for name in COMPONENTS if not os.access(folder / name, os.X_OK)]
    if missing == ["kube-controller-manager"]:
        raise NotBuiltError(
            f"KUBEBUILDER_ASSETS={folder} holds no kube-controller-manager, which collects garbage and clears deleted"
            " namespaces; put that of the same version there, or unset KUBEBUILDER_ASSETS and run 'make apiserver'"
        )
    if missing:
        raise NotBuiltError(
            f"KUBEBUILDER_ASSETS={folder} holds no program {', '.join(missing)};"
            " set it right, or unset it and run 'make apiserver'"
        )
    if not shutil.which(KUBECTL) and not os.access(folder / KUBECTL, os.X_OK):
        raise NotBuiltError(
            f"KUBEBUILDER_ASSETS={folder} holds no kubectl, and there is none on PATH;"
            " install it, or unset KUBEBUILDER_ASSETS and run 'make apiserver'"
        )
    return folder


@cache
def _program() -> GoProgram:
    program = GoProgram(
        name=COMPONENTS[0],
        module=MODULE,
        what="the API server for tests",
        duration="8 minutes",
        instead=", or set KUBEBUILDER_ASSETS",
    )
    return replace(program, linker_flags=_linker_flags(program))


def _linker_flags(program: GoProgram) -> str:
    """Return the linker flag with the API server's version, from go.mod; the published modules leave it open."""
    package = "k8s.io/component-base/version"
    version = program.from_go_mod(r"^\s*k8s\.io/kubernetes v(\S+)")
    major, minor = version.split(".")[:2]
    stamps = {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor}
    return " ".join(["-s", "-w", *(f"-X {package}.{name}={value}" for name, value in stamps.items())])


def _link_all(folder: Path) -> None:
    """Give the one program its other names."""
    for name in (*COMPONENTS[1:], KUBECTL):
        _link(folder / COMPONENTS[0], folder / name)


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)


def main(arguments: list[str]) -> int:
    """Find or build; return the exit status."""
    parser = argparse.ArgumentParser(prog="make_apiserver", description=__doc__)
    parser.add_argument("--optional", action="store_true", help="end with status 0 where it cannot be built, too")
    optional: bool = parser.parse_args(arguments).optional
    find = _find if os.environ.get("KUBEBUILDER_ASSETS") or os.name == "nt" else build
    return print_folder(find, otherwise=0 if optional else NOT_POSSIBLE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
