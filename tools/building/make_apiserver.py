"""Finds, or builds once, the kube-apiserver, etcd, kube-controller-manager and kubectl that the tests run against.

Run as `make apiserver`: the last line on standard output is the folder that holds the four; everything else is said
on standard error. With `--optional`, not being able to build is no failure, and there is no such line.
The four are one program, the Go module `apiserver` beside this file, built with Go from the published modules and kept
in the user's cache. Uses the standard library alone, since it runs before anything is installed.
"""

import argparse
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.building.caches import cache_folder, locked
from tools.building.launching import ending_with_this_process, tail

MODULE = Path(__file__).with_name("apiserver")
# Every byte of them is part of the build's name. The first line of go.mod names an older place of this file; it is left
# as it is, since another byte would mean another build.
SOURCES = ("go.mod", "go.sum", "main.go")
COMPONENTS = ("kube-apiserver", "etcd", "kube-controller-manager")
KUBECTL = "kubectl"  # built too, and used if the machine has none
NOT_POSSIBLE = 3  # exit status: something has to be installed or corrected first
HEARTBEAT_SECONDS = 60


class NoAssetsError(Exception):
    """There are no binaries; the message says why, and what to do."""


def find_assets() -> Path | None:
    """Return the folder that holds the four binaries, without building anything; None when there is none."""
    try:
        return _find()
    except NoAssetsError:
        return None


def search_path() -> str:
    """Return PATH with the folder of the binaries at the end, for a machine without its own kubectl."""
    assets = find_assets()
    return os.pathsep.join(filter(None, [os.environ.get("PATH", os.defpath), str(assets) if assets else ""]))


def why_not_found() -> str:
    """Say why `find_assets` returns None and what to do; empty if it does not."""
    try:
        _find()
    except NoAssetsError as reason:
        return str(reason)
    return ""


def build() -> Path:
    """Return the folder of the build for these sources, built if necessary; one process at a time builds it.

    Raises NoAssetsError if Go is missing, too old, or fails.
    """
    folder = _build_folder()
    with locked(folder.with_suffix(".lock"), waiting="another process is building the API server for tests: waiting"):
        if not folder.is_dir():
            go = _usable_go()
            partial = folder.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)  # left by an interrupted build
            partial.mkdir()
            _compile(go, partial / COMPONENTS[0], log=folder.with_suffix(".log"))
            for name in (*COMPONENTS[1:], KUBECTL):
                _link(partial / COMPONENTS[0], partial / name)
            partial.rename(folder)
    return folder


def _find() -> Path:
    if os.name == "nt":
        raise NoAssetsError("the API server for tests runs on Linux and macOS only")
    if chosen := os.environ.get("KUBEBUILDER_ASSETS"):
        return _checked(Path(chosen).absolute())
    folder = _build_folder()
    if not folder.is_dir():
        raise NoAssetsError("the API server for tests has not been built; 'make apiserver' builds it, once, with Go")
    return folder


def _checked(folder: Path) -> Path:
    missing = [name for name in COMPONENTS if not os.access(folder / name, os.X_OK)]
    if missing == ["kube-controller-manager"]:
        raise NoAssetsError(
            f"KUBEBUILDER_ASSETS={folder} holds no kube-controller-manager, which collects garbage and clears deleted"
            " namespaces; put that of the same version there, or unset KUBEBUILDER_ASSETS and run 'make apiserver'"
        )
    if missing:
        raise NoAssetsError(
            f"KUBEBUILDER_ASSETS={folder} holds no program {', '.join(missing)};"
            " set it right, or unset it and run 'make apiserver'"
        )
    if not shutil.which(KUBECTL) and not os.access(folder / KUBECTL, os.X_OK):
        raise NoAssetsError(
            f"KUBEBUILDER_ASSETS={folder} holds no kubectl, and there is none on PATH;"
            " install it, or unset KUBEBUILDER_ASSETS and run 'make apiserver'"
        )
    return folder


def _build_folder() -> Path:
    """Name the build after all its inputs, without calling Go, so that a build is found where Go is missing."""
    digest = hashlib.sha256(f"{platform.system()} {platform.machine()}".encode())
    for name in SOURCES:
        digest.update(hashlib.sha256((MODULE / name).read_bytes()).digest())
    return cache_folder() / "apiserver" / digest.hexdigest()[:16]


def _usable_go() -> str:
    """Return the path of a sufficiently new Go."""
    needed = _from_go_mod(r"^go (\d+\.\d+)")
    install = f"install Go {needed} or newer (https://go.dev/doc/install), or set KUBEBUILDER_ASSETS"
    go = shutil.which("go")
    if go is None:
        raise NoAssetsError(f"Go is needed to build the API server for tests, and there is no 'go' command; {install}")
    # Called in the folder of go.mod: a Go that may fetch a newer one (GOTOOLCHAIN) answers for that one.
    done = subprocess.run(
        [go, "env", "GOVERSION"], cwd=MODULE, env=_go_environment(), capture_output=True, text=True, check=False
    )
    version = done.stdout.strip().removeprefix("go")
    if done.returncode or _numbers(version) < _numbers(needed):
        found = f"Go {version} is too old" if version else f"Go is too old or does not work ({done.stderr.strip()})"
        raise NoAssetsError(f"{found} to build the API server for tests; {install}")
    return go


def _compile(go: str, target: Path, *, log: Path) -> None:
    _say("building the API server for tests: about 8 minutes on two cores, once; it is kept for the next time")
    command = [go, "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", _linker_flags(), "-o", target]
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            ending_with_this_process([*map(str, command), "."]),
            cwd=MODULE,
            env=_go_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            while not _ended_within(process, HEARTBEAT_SECONDS):
                _say(f"still building ({(time.monotonic() - started) / 60:.0f} min)")
        finally:
            process.kill()
            process.wait()
    if process.returncode:
        raise NoAssetsError(f"building the API server for tests failed; the end of {log}:\n{tail(log)}")
    _say(f"built in {time.monotonic() - started:.0f} s")


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _go_environment() -> dict[str, str]:
    """Return an environment that builds for this machine, whatever the user's settings, and without C."""
    kept = {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH", "GOWORK"}}
    return {**kept, "CGO_ENABLED": "0", "GOWORK": "off"}


def _linker_flags() -> str:
    """Return the linker flag with the API server's version, from go.mod; the published modules leave it open."""
    package = "k8s.io/component-base/version"
    version = _from_go_mod(r"^\s*k8s\.io/kubernetes v(\S+)")
    major, minor = version.split(".")[:2]
    stamps = {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor}
    return " ".join(["-s", "-w", *(f"-X {package}.{name}={value}" for name, value in stamps.items())])


def _from_go_mod(pattern: str) -> str:
    found = re.search(pattern, (MODULE / "go.mod").read_text(), re.MULTILINE)
    assert found, f"go.mod has no line {pattern}"
    return found[1]


def _numbers(version: str) -> tuple[int, ...]:
    """Return 1.26, 1.26.8 and 1.27rc1 in a form that can be compared: (1, 26), (1, 26), (1, 27)."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")


def main(arguments: list[str]) -> int:
    """Find or build; return the exit status."""
    parser = argparse.ArgumentParser(prog="make_apiserver", description=__doc__)
    parser.add_argument("--optional", action="store_true", help="end with status 0 where it cannot be built, too")
    optional: bool = parser.parse_args(arguments).optional
    try:
        folder = _find() if os.environ.get("KUBEBUILDER_ASSETS") or os.name == "nt" else build()
    except NoAssetsError as reason:
        _say(str(reason))
        return 0 if optional else NOT_POSSIBLE
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(f"{folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
