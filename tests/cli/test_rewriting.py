"""A defect of an editor is caught before anything is written: by every command that writes in place."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.cli import CERTIFICATE, SECRET, files_below, recording_console
from tests.support.edits import NOW, ciphertext, merge_into, reencrypt_file, sealed_text

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.sealing.seal import SealOptions, seal
from sealwright_cli.files import rewriting
from sealwright_cli.messages.errors import DefectError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_manifests.editing import additions, values
from sealwright_manifests.text import blocks
from sealwright_manifests.text.splices import Splice

SEALED = sealed_text(f"\n    a: >- # why\n      {ciphertext('v')}\n    b: '{ciphertext('v')}' # so\n")


def merged(path: Path) -> None:
    merge_into(path, {"a": "correct horse", "new": "one"})


def with_defect(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, spoil: Callable[[Any], Any]) -> None:
    sound = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *given, **named: spoil(sound(*given, **named)))


def shifted(splice: Splice) -> Splice:
    return Splice(splice.start, splice.end, splice.text.replace("    new", "      new"))


def written_over(splices: list[Splice]) -> list[Splice]:
    return [Splice(splice.start, splice.end + 1, splice.text) for splice in splices]


DEFECTS: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "a stretch that is too long": (values, "exchange", written_over),
    "lines that are cut short": (blocks, "block_lines", lambda span: (span[0], span[1] - 1)),
    "a line break at the end": (rewriting, "join_as_read", lambda text: text + "\n"),
    "a marker": (rewriting, "join_as_read", lambda text: "---\n" + text),
    "a comment that goes": (rewriting, "join_as_read", lambda text: text.replace(" # so", "")),
    "nothing changed": (rewriting, "join_as_read", lambda _: SEALED),
}


@pytest.mark.parametrize("edit", [merged, reencrypt_file])
@pytest.mark.parametrize("case", DEFECTS)
def test_nothing_is_written(
    case: str, edit: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "db.yaml"
    path.write_text(SEALED)
    with_defect(monkeypatch, *DEFECTS[case])
    with pytest.raises(DefectError) as caught:
        edit(path)
    check_told(caught.value, path)
    assert files_below(tmp_path)["db.yaml"] == SEALED.encode()
    assert not [name for name in files_below(tmp_path) if name.endswith(".tmp")]


def test_an_item_in_a_wrong_column_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "db.yaml"
    path.write_text(SEALED)
    with_defect(monkeypatch, additions, "_lines", shifted)
    with pytest.raises(DefectError) as caught:
        merged(path)
    check_told(caught.value, path)
    assert path.read_text() == SEALED


SEALING_DEFECTS: dict[str, Callable[[str], str]] = {
    "a comment that goes": lambda text: text.replace("# between", ""),
    "another document that changes": lambda text: text.replace("017", "15"),
    "a value that changes": lambda text: text.replace("name: db", "name: other"),
    "a text that cannot be read": lambda text: text.replace("kind:", "kind: :"),
}


@pytest.mark.parametrize("case", SEALING_DEFECTS)
def test_nothing_is_sealed_in_place(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, text = tmp_path / "db.yaml", f"# between\n---\n{SECRET}---\ndata: {{a: 017}}\n"
    path.write_text(text)
    with_defect(monkeypatch, rewriting, "join_as_read", SEALING_DEFECTS[case])
    console = recording_console()
    options = SealOptions([str(path)], CertificateRequest(source=str(CERTIFICATE)), in_place=True)
    assert seal(options, console, now=NOW, clock=time.monotonic) is ExitStatus.BUG
    assert "the new text differs from what was intended" in console.stderr.getvalue()
    assert "correct horse" not in console.stderr.getvalue()
    assert files_below(tmp_path) == {"db.yaml": text.encode()}


def check_told(error: DefectError, path: Path) -> None:
    assert error.status is ExitStatus.BUG
    assert error.message.startswith(f"{path}: the new text differs from what was intended (")
    assert error.message.endswith("); nothing was written")
    assert "report it" in error.hint
    for part in (ciphertext("v"), "correct horse"):
        assert part not in error.message + error.hint
