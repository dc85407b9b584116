"""One controller at a time works on a directory; the next is refused, and let in when the first is gone, however it went."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from tests.support.controller_process import EXECUTABLE, ControllerProcess
from tests.support.directories import Make

from sealwright_controller.gateway import UnavailableError


@pytest.fixture
def first(root: Path, tmp_path: Path) -> Iterator[ControllerProcess]:
    """A controller that works on `root`."""
    made = ControllerProcess([f"--directory={root}", "--key-size=2048"], folder=tmp_path)
    made.start()
    yield made
    made.kill()


def second(root: Path) -> subprocess.CompletedProcess[str]:
    """Start another one, which is to end by itself."""
    flags = [f"--directory={root}", "--listen-addr=127.0.0.1:0", "--listen-metrics-addr=127.0.0.1:0"]
    return subprocess.run([str(EXECUTABLE), *flags], capture_output=True, text=True, timeout=30, check=False)


def test_a_second_process_ends_at_its_start_and_says_why(root: Path, first: ControllerProcess) -> None:
    keys = sorted((root / "keys").iterdir())
    done = second(root)
    assert done.returncode == 1
    assert f"another controller works on {root}; stop it, or give this one a directory of its own" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted((root / "keys").iterdir()) == keys


def test_a_killed_controller_leaves_the_directory_free(root: Path, first: ControllerProcess) -> None:
    first.kill()
    first.start()
    assert first.get("/readyz")[0] == 200


def test_a_gateway_keeps_others_out_until_it_is_closed(root: Path, make: Make) -> None:
    gateway = make()
    for _ in range(2):
        with pytest.raises(UnavailableError, match="another controller works on"):
            make()
    gateway.close()
    make()


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EROFS, "Read-only file system; mount it so that the controller can write there"),
        (errno.EACCES, "Permission denied; let the user that the controller runs as read and write there"),
    ],
)
def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(
    root: Path, make: Make, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(FileLock, "acquire", refused)
    with pytest.raises(UnavailableError, match=rf"cannot lock .*\.controller\.lock: {advice}"):
        make()


def test_a_lock_that_cannot_be_made_is_told(root: Path, make: Make) -> None:
    root.mkdir()
    (root / ".controller.lock").mkdir()
    with pytest.raises(UnavailableError, match=r"cannot lock .*\.controller\.lock: "):
        make()


def test_a_file_in_the_place_of_the_folder_is_told(root: Path, make: Make) -> None:
    root.write_text("not a folder\n")
    with pytest.raises(UnavailableError, match=r" is a file; name a folder$"):
        make()
