"""`sealwright edit` at a terminal, killed, and beside others: the file is old or new, and the edited text is gone or kept."""

import os
import pty
import shlex
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.cli.test_edit_command import TEXT, kept, kept_text, path
from tests.support.cli import CERTIFICATE, COMMAND, Run, environment, recording_console, sealwright
from tests.support.editors import Editor, go_on, is_waiting, scripted, waiting
from tests.support.edits import NOW, items_of
from tests.support.unprivileged import run_stopped_by_modes
from tests.support.wait import eventually

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.changing.edit import EditOptions, edit
from sealwright_cli.messages.errors import CliError, OutputError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console
from sealwright_cli.surroundings import Surroundings
from sealwright_cli.views import storage

__all__ = ["path"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes and folders in memory")
WRONG = "replace('password: <sealed>', 'password: [s3cret]')"
NEW = "replace('password: <sealed>', 'password: s3cret')"


class Session:
    """A run of `edit` at a terminal of its own."""

    def __init__(self, path: Path, editor: Editor) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            line = [*COMMAND, "edit", str(path), "--cert", str(CERTIFICATE)]
            os.execve(line[0], line, environment(**editor.variables))
        self._editor = editor
        self._status: int | None = None

    def wait_for_the_editor(self) -> Path:
        """Wait until the editor waits; return the file that it has open."""
        eventually(lambda: is_waiting(self._editor), timeout=60, what="the editor waits")
        return self._editor.path

    def type(self, keys: bytes) -> None:
        """Type on the terminal."""
        os.write(self._terminal, keys)

    def end(self) -> Run:
        """Return what the run left behind, once it has ended."""
        shown = b""
        with suppress(OSError):  # the other end is closed
            while more := os.read(self._terminal, 1024):
                shown += more
        self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return Run(self._status, b"", shown.decode().replace("\r\n", "\n"))

    def close(self) -> None:
        """End what still runs."""
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._terminal)


@contextmanager
def session(path: Path, editor: Editor) -> Iterator[Session]:
    """Run `edit` at a terminal within this context."""
    started = Session(path, editor)
    try:
        yield started
    finally:
        started.close()


def is_gone(file: Path) -> bool:
    """Tell whether the folder of an edited text is gone."""
    return not file.parent.exists()


class TestAtATerminal:
    def test_a_value(self, path: Path) -> None:
        editor = waiting(path.parent, behind=NEW)
        with session(path, editor) as running:
            file = running.wait_for_the_editor()
            modes = [stat.S_IMODE(one.stat().st_mode) for one in (file, file.parent)]
            assert (modes, file.parent.parent) == ([0o600, 0o700], Path("/dev/shm"))
            go_on(editor)
            run = running.end()
        assert (run.status, items_of(path)["password"], is_gone(file)) == (0, "s3cret", True)
        assert "s3cret" not in run.stderr

    @pytest.mark.parametrize("saved", ["", NEW], ids=["nothing saved", "something saved"])
    def test_ctrl_c(self, path: Path, saved: str) -> None:
        with session(path, waiting(path.parent, f"signal.signal(signal.SIGINT, signal.SIG_DFL)\n{saved}")) as running:
            file = running.wait_for_the_editor()
            running.type(b"\x03")
            run = running.end()
        assert (run.status, path.read_text(), is_gone(file)) == (ExitStatus.INTERRUPTED, TEXT, True)
        assert ("s3cret" in kept_text(run)) if saved else ("kept" not in run.stderr)

    def test_an_editor_that_does_not_mind_ctrl_c(self, path: Path) -> None:
        ignoring = "signal.signal(signal.SIGINT, lambda *_: (here / 'heard').touch())"
        editor = waiting(path.parent, ignoring, NEW)
        with session(path, editor) as running:
            running.wait_for_the_editor()
            running.type(b"\x03")
            eventually((editor.folder / "heard").exists, what="the editor hears Ctrl-C")
            go_on(editor)
            assert running.end().status == 0
        assert items_of(path)["password"] == "s3cret"

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_told_to_stop(self, path: Path, number: int) -> None:
        with session(path, waiting(path.parent)) as running:
            file = running.wait_for_the_editor()
            os.kill(running.pid, number)
            run = running.end()
        assert (run.status, path.read_text(), is_gone(file)) == (128 + number, TEXT, True)

    def test_killed(self, path: Path) -> None:
        with session(path, waiting(path.parent, NEW)) as running:
            file = running.wait_for_the_editor()
            os.kill(running.pid, signal.SIGKILL)
            eventually(lambda: is_gone(file), what="the edited text is gone")
        assert path.read_text() == TEXT

    def test_killed_with_the_shell_that_watches(self, path: Path) -> None:
        with session(path, waiting(path.parent, NEW)) as running:
            file = running.wait_for_the_editor()
            for child in children_of(running.pid):
                os.kill(child, signal.SIGKILL)
            os.kill(running.pid, signal.SIGKILL)
        assert not is_gone(file)
        assert sealwright("edit", path, env={"VISUAL": "true"}).status == 0
        assert is_gone(file)


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class TestAnEditorThatFails:
    @pytest.mark.parametrize(
        ("end", "words"),
        [("sys.exit(4)", "with status 4"), ("os.kill(os.getpid(), signal.SIGKILL)", "by signal 9")],
    )
    @pytest.mark.parametrize("saved", ["", NEW], ids=["nothing saved", "something saved"])
    def test_what_was_saved_is_kept(self, path: Path, end: str, words: str, saved: str) -> None:
        editor = scripted(path.parent, f"{saved}\n{end}")
        run = sealwright("edit", path, env=editor.variables)
        assert (run.status, path.read_text(), is_gone(editor.path)) == (ExitStatus.INPUT, TEXT, True)
        assert f"ended {words}; nothing was written" in run.stderr
        assert ("s3cret" in kept_text(run)) if saved else ("kept" not in run.stderr)

    def test_one_that_removes_the_file(self, path: Path) -> None:
        run = sealwright("edit", path, env=scripted(path.parent, "path.unlink()").variables)
        assert (run.status, path.read_text()) == (ExitStatus.INPUT, TEXT)
        assert run.stderr.startswith("error: the edited text: no such file")

    def test_one_that_saves_by_renaming(self, path: Path) -> None:
        script = f"{NEW}\nother = path.with_name('x~')\nother.write_text(path.read_text())\nother.rename(path)"
        editor = scripted(path.parent, f"{script}\n(path.parent / '.swap').write_text('s3cret')")
        run = sealwright("edit", path, "--cert", CERTIFICATE, env=editor.variables)
        assert (run.status, items_of(path)["password"], is_gone(editor.path)) == (0, "s3cret", True)

    @pytest.mark.parametrize(
        ("variables", "words"),
        [
            ({"EDITOR": "no-such-editor"}, "error: EDITOR: no program no-such-editor\nhint: set VISUAL or EDITOR"),
            ({"VISUAL": "no-such-editor", "EDITOR": "true"}, "error: VISUAL: no program no-such-editor"),
            ({"EDITOR": "vi '"}, "error: EDITOR: a quote is not closed"),
            ({"EDITOR": "  ", "VISUAL": "", "PATH": "/nonexistent"}, "error: no editor is set, and there is no vi"),
        ],
    )
    def test_one_that_is_not_there(self, path: Path, variables: dict[str, str], words: str) -> None:
        with pytest.raises(UsageError) as raised:
            edit(EditOptions(str(path)), recording_console(), Surroundings(variables), now=NOW)
        assert f"error: {raised.value.message}\nhint: {raised.value.hint}".startswith(words)
        assert path.read_text() == TEXT


class TestBesideOthers:
    def test_a_second_edit_of_one_file_is_refused_before_anything_is_typed(self, path: Path) -> None:
        first = waiting(path.parent, behind=NEW)
        (path.parent / "second").mkdir()
        with session(path, first) as running:
            running.wait_for_the_editor()
            second = scripted(path.parent / "second", NEW)
            refused = sealwright("edit", path, env=second.variables)
            go_on(first)
            assert running.end().status == 0
        assert refused.status == ExitStatus.REFUSED
        assert refused.stderr == f"error: {path}: another sealwright edit has it open\nhint: finish that one first\n"
        assert not (second.folder / "seen").exists()
        assert items_of(path)["password"] == "s3cret"

    @pytest.mark.parametrize("how", ["in place", "by another file"])
    def test_a_file_that_changes_meanwhile(self, path: Path, how: str) -> None:
        theirs = f"# theirs\n{TEXT}"
        (path.parent / "theirs").write_text(theirs)
        name = repr(str(path))
        change = f"os.replace({str(path.parent / 'theirs')!r}, {name})"
        if how == "in place":
            change = f"pathlib.Path({name}).write_text({theirs!r})"
        run = sealwright("edit", path, "--cert", CERTIFICATE, env=scripted(path.parent, f"{NEW}\n{change}").variables)
        assert (run.status, path.read_text()) == (ExitStatus.OUTPUT, theirs)
        assert "while this command ran; nothing was written" in run.stderr
        assert "s3cret" in kept_text(run)


class TestWhatFails:
    def test_a_certificate_that_is_missing_and_the_text_is_used_again(self, path: Path, tmp_path: Path) -> None:
        run = sealwright("edit", path, "--cert", tmp_path / "x.pem", env=scripted(path.parent, NEW).variables)
        assert (run.status, path.read_text()) == (ExitStatus.CERTIFICATE, TEXT)
        told = run.stderr.partition("to use it again, run this command with ")[2].splitlines()[0]
        name, _, editor = shlex.split(told)[0].partition("=")
        done = sealwright("edit", path, "--cert", CERTIFICATE, env={"EDITOR": "false", name: editor})
        assert (done.status, items_of(path)["password"]) == (0, "s3cret")
        assert "s3cret" in kept_text(run)

    def test_the_error_comes_first_then_one_way_to_go_on(self, path: Path, tmp_path: Path) -> None:
        run = sealwright("edit", path, "--cert", tmp_path / "x.pem", env=scripted(path.parent, NEW).variables)
        assert [line.partition(" ")[0] for line in run.stderr.splitlines()] == ["error:", "hint:", "what", "to"]
        kept_text(run)

    def test_a_mistake_is_corrected_in_the_file_that_is_kept(self, path: Path) -> None:
        run = sealwright("edit", path, env=scripted(path.parent, f"if not turn: {WRONG}").variables)
        file = kept(run)
        assert f"to use it again, correct it there, and run this command with VISUAL='cp {file}'" in run.stderr
        again = sealwright("edit", path, "--cert", CERTIFICATE, env={"VISUAL": f"cp {file}"})
        assert (again.status, kept(again), again.stderr.count("error: ")) == (ExitStatus.INPUT, file, 1)
        file.write_text(file.read_text().replace("[s3cret]", "s3cret"))
        done = sealwright("edit", path, "--cert", CERTIFICATE, env={"VISUAL": f"cp {file}"})
        assert (done.status, items_of(path)["password"]) == (0, "s3cret")
        kept_text(run)

    def test_a_text_that_cannot_be_sealed_twice_is_kept_once(self, path: Path, tmp_path: Path) -> None:
        run = sealwright("edit", path, "--cert", tmp_path / "x.pem", env=scripted(path.parent, NEW).variables)
        again = sealwright("edit", path, "--cert", tmp_path / "x.pem", env={"VISUAL": f"cp {kept(run)}"})
        assert (again.status, kept(again)) == (ExitStatus.CERTIFICATE, kept(run))
        assert "s3cret" in kept_text(run)

    def test_a_full_disk(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        console = recording_console()
        with pytest.raises(OutputError, match="no space left on device") as caught:
            run_here(path, NEW, console)
        console.error(caught.value)
        assert path.read_text() == TEXT
        said = console.stderr.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
        assert "s3cret" in kept_text(Run(0, b"", said))
        assert [one.name for one in path.parent.iterdir() if one.name != "editor"] == ["db.yaml"]

    def test_full_memory(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(storage, "_FILE", "/dev/full")
        with pytest.raises(OutputError, match="no space left on device"):
            run_here(path, NEW, recording_console())
        assert not (path.parent / "editor/seen").exists()

    @pytest.mark.parametrize(("mode", "folder_mode", "is_written"), [(0o444, 0o755, True), (0o644, 0o555, False)])
    def test_read_only(self, path: Path, tmp_path: Path, mode: int, folder_mode: int, *, is_written: bool) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        file = path.rename(folder / "db.yaml")
        file.chmod(mode)
        folder.chmod(folder_mode)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("EDITOR", scripted(tmp_path, NEW).variables["EDITOR"])
            patch.setenv("VISUAL", "")
            run = run_stopped_by_modes("sealwright_cli.app", "edit", file, "--cert", CERTIFICATE, cwd=tmp_path)
        folder.chmod(0o755)
        assert (run.status, items_of(file)["password"]) == ((0, "s3cret") if is_written else (ExitStatus.OUTPUT, "old"))
        assert is_written or "s3cret" in kept_text(run)

    def test_a_name_that_breaks_lines_stays_in_its_comment(self, path: Path) -> None:
        odd = path.rename(path.with_name("a\nspec: x.yaml"))
        editor = scripted(path.parent, NEW)
        assert sealwright("edit", odd, "--cert", CERTIFICATE, env=editor.variables).status == 0
        assert "a\\nspec: x.yaml" in editor.seen[0].splitlines()[0]

    def test_a_link_is_followed_and_stays(self, path: Path) -> None:
        link = path.with_name("link.yaml")
        link.symlink_to("db.yaml")
        editor = scripted(path.parent, NEW)
        assert sealwright("edit", link, "--cert", CERTIFICATE, env=editor.variables).status == 0
        assert (link.is_symlink(), items_of(path)["password"]) == (True, "s3cret")

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (None, "no such file or directory"),
            ("kind: ConfigMap\n", "no SealedSecret in it"),
            ("{{ if .x }}\nkind: SealedSecret\n{{ end }}\n", "looks like a Helm template"),
            (f"---\n{TEXT}---\n{TEXT.replace('name: db', 'name: x')}", "choose it with --name"),
        ],
    )
    def test_a_file_that_cannot_be_edited(self, path: Path, content: str | None, words: str) -> None:
        path.unlink() if content is None else path.write_text(content)
        console = recording_console()
        with pytest.raises(CliError) as raised:
            run_here(path, NEW, console)
        assert words in f"{raised.value.message}; {raised.value.hint}"
        assert not (path.parent / "editor/seen").exists()

    def test_standard_input(self) -> None:
        with pytest.raises(UsageError, match="standard input cannot be edited"):
            edit(EditOptions("-"), recording_console(), Surroundings({"EDITOR": "true"}), now=NOW)


def run_here(path: Path, script: str, console: Console) -> ExitStatus:
    """Run `edit` within this process."""
    options = EditOptions(str(path), CertificateRequest(source=str(CERTIFICATE)))
    surroundings = Surroundings(environment(**scripted(path.parent, script).variables))
    return edit(options, console, surroundings, now=NOW)


class TestWhereTheTextLies:
    MOUNTS = "tmpfs {0}/own tmpfs rw 0 0\next4 / ext4 rw 0 0\ntmpfs {0}/with\\040blank tmpfs rw 0 0\n"

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (tmp_path / "mounts").write_text(self.MOUNTS.format(tmp_path))
        monkeypatch.setattr(storage, "_MOUNTS", tmp_path / "mounts")
        monkeypatch.setattr(storage, "_SHARED_MEMORY", tmp_path / "shared")
        for name, mode in {"own": 0o700, "with blank": 0o700, "disk": 0o700}.items():
            (tmp_path / name).mkdir(mode)
        return tmp_path

    @pytest.mark.parametrize(
        ("name", "mode", "is_taken"),
        [
            ("own", 0o700, True),
            ("with blank", 0o700, True),
            ("own", 0o750, False),
            ("disk", 0o700, False),
            ("missing", 0o700, False),
        ],
    )
    def test_a_folder_of_this_user_in_memory(self, folder: Path, name: str, mode: int, *, is_taken: bool) -> None:
        own = folder / name
        if own.exists():
            own.chmod(mode)
        assert storage.memory_folder({"XDG_RUNTIME_DIR": str(own)}) == (own if is_taken else None)

    def test_without_one_a_warning_says_where(self, folder: Path) -> None:
        console = recording_console()
        with storage.stored({}, console) as text:
            assert text.folder.parent != folder
        said = console.stderr.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
        assert f"the edited text lies in {text.folder.parent} meanwhile" in said
        assert not text.folder.exists()

    def test_a_folder_in_use_and_an_empty_one_are_not_cleaned_up(self, folder: Path) -> None:
        variables = {"XDG_RUNTIME_DIR": str(folder / "own")}
        console = recording_console()
        empty = folder / "own/sealwright-edit-empty"
        empty.mkdir()
        with storage.stored(variables, console) as first:
            first.write("x")
            with storage.stored(variables, console):
                assert first.read() == "x"
        assert list((folder / "own").iterdir()) == [empty]


def test_the_shell_that_watches_knows_no_plaintext(path: Path) -> None:
    with session(path, waiting(path.parent, NEW)) as running:
        file = running.wait_for_the_editor()
        lines = [Path(f"/proc/{child}/cmdline").read_bytes() for child in children_of(running.pid)]
    assert sum(b"rm -rf" in line for line in lines) == 1
    assert not any(b"s3cret" in line for line in lines)
    eventually(lambda: is_gone(file), what="the edited text is gone")
