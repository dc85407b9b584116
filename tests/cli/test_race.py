"""Root works in a folder of another user, who swaps files meanwhile: what is not his stays as it is, and not his."""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, recording_console, seal
from tests.support.racer import OTHER, racing

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.opening.reencrypt import ReencryptOptions, reencrypt
from sealwright_cli.commands.opening.unseal import UnsealOptions, unseal
from sealwright_cli.commands.sealing.merge import MergeOptions, merge
from sealwright_cli.commands.sealing.seal import SealOptions
from sealwright_cli.commands.sealing.seal import seal as seal_files
from sealwright_cli.messages.errors import CliError

pytestmark = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0, reason="only root can start another user, and has files to lose"
)
SECONDS = 3
PASSWORD = "root's own: pass through"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
REQUEST = CertificateRequest(source=str(CERTIFICATE))


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the other user can reach, with a file of his own in his own folder, and one of root's."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        (place / "his").mkdir()
        (place / "victim").mkdir()
        (place / "victim" / "file").write_text(f"{SECRET}---\nkind: ConfigMap\ndata:\n  x: {PASSWORD}\n")
        (place / "victim" / "file").chmod(0o600)
        yield place


def in_place(his: Path, _: Path) -> None:
    seal_files(SealOptions([str(his)], REQUEST, in_place=True), recording_console(), now=NOW, clock=time.monotonic)


def to_a_file(his: Path, source: Path) -> None:
    options = SealOptions([str(source)], REQUEST, output=his)
    seal_files(options, recording_console(), now=NOW, clock=time.monotonic)


def merged(his: Path, source: Path) -> None:
    merge(MergeOptions(his, str(source), REQUEST), recording_console(), now=NOW)


def sealed_again(his: Path, _: Path) -> None:
    reencrypt(
        ReencryptOptions([str(his)], [str(PRIVATE_KEY)], REQUEST, force=True),
        recording_console(),
        now=NOW,
        clock=time.monotonic,
    )


def opened(his: Path, source: Path) -> None:
    sealed = source.with_name("sealed")
    unseal(UnsealOptions([str(PRIVATE_KEY)], [str(sealed)], output=his), recording_console())


@pytest.mark.parametrize("work", [in_place, to_a_file, merged, sealed_again, opened])
def test_files_of_root_stay_roots_and_nothing_of_them_becomes_his(place: Path, work: object) -> None:
    assert callable(work)
    his, victim, source = place / "his" / "s.yaml", place / "victim" / "file", place / "secret.yaml"
    source.write_text(SECRET)
    sealed = seal(source).stdout
    (place / "sealed").write_bytes(sealed)
    his.write_bytes(SECRET.encode() if work is in_place else sealed)
    content = victim.read_bytes()
    for one in (his.parent, his):
        os.chown(one, OTHER, OTHER)
    deadline, tries, done = time.monotonic() + SECONDS, 0, 0
    with racing(his.parent, his.name, victim):
        while time.monotonic() < deadline:
            tries += 1
            try:
                work(his, source)
                done += 1
            except CliError:
                pass
            after = victim.stat()
            assert (after.st_uid, stat.S_IMODE(after.st_mode)) == (0, 0o600), f"won at try {tries}"
            assert victim.read_bytes() == content, f"won at try {tries}"
            for one in his.parent.iterdir():
                check_is_not_told(one)
    assert done, f"none of {tries} runs came to its end"
    shutil.rmtree(his.parent)


def check_is_not_told(path: Path) -> None:
    """Check that a file in his folder that he may read holds nothing of the victim's."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):  # a folder too, which no stream is made of: one of ours that he moved away
        os.close(descriptor)
        return
    with os.fdopen(descriptor, "rb") as stream:
        is_readable = found.st_mode & 0o004 or found.st_uid == OTHER
        if is_readable and found.st_size < 1_000_000:
            assert PASSWORD.encode() not in stream.read()
