"""Editors for tests of `sealwright edit`: scripts in the place of a person."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

_EDITOR = """\
import os, pathlib, re, signal, subprocess, sys, time
path, here = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
seen = here / "seen"
seen.mkdir(exist_ok=True)
turn = len(list(seen.iterdir()))
text = path.read_text()
(here / "path").write_text(str(path))
(seen / str(turn)).write_text(text)


def replace(old, new):
    assert old in text, old
    path.write_text(text.replace(old, new))


"""


@dataclass(frozen=True)
class Editor:
    """An editor whose script was written to a folder of its own."""

    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """The environment that chooses it."""
        return {"VISUAL": "", "EDITOR": f"{sys.executable} -IS {self.folder / 'editor.py'}"}

    @property
    def seen(self) -> list[str]:
        """The texts that it was given, in order."""
        folder = self.folder / "seen"
        return [(folder / str(turn)).read_text() for turn in range(len(list(folder.iterdir())))]

    @property
    def path(self) -> Path:
        """The file that it was given last."""
        return Path((self.folder / "path").read_text())


def scripted(folder: Path, script: str) -> Editor:
    """Return an editor that runs Python statements.

    They know `path`, its `text`, the `turn` from 0, `replace(old, new)`, and `here`, the editor's own folder.
    """
    own = folder / "editor"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    (own / "editor.py").write_text(_EDITOR + script)
    return Editor(own)


def waiting(folder: Path, before: str = "", behind: str = "") -> Editor:
    """Return an editor that runs `before`, waits until `go_on`, and runs `behind`."""
    script = f"{before}\n(here / 'waits').touch()\n(here / 'pipe').open().read()\ntext = path.read_text()\n{behind}"
    editor = scripted(folder, script)
    os.mkfifo(editor.folder / "pipe")
    return editor


def is_waiting(editor: Editor) -> bool:
    """Tell whether an editor waits."""
    return (editor.folder / "waits").exists()


def go_on(editor: Editor) -> None:
    """Let a waiting editor go on."""
    with (editor.folder / "pipe").open("w") as pipe:
        pipe.write("go on")
