"""`sealwright set`: where the value comes from, which object it is for, and everything that can be wrong."""

import io
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.builders import keyring, sealing_key
from tests.support.cli import CERTIFICATE, COMMAND, Run, environment, recording_console, sealwright
from tests.support.edits import NOW, ciphertext, items_of, sealed_text
from tests.support.unprivileged import run_stopped_by_modes

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.changing import set_items as module
from sealwright_cli.commands.changing.set_items import SetOptions, set_items
from sealwright_cli.messages.errors import CliError, InputError, OutputError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console
from sealwright_crypto import Label, SealedSecret

KEY = sealing_key().fingerprint[:32]
TEXT = sealed_text(f"\n    password: {ciphertext('old')} # mine\n    user: {ciphertext('ann')}\n")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "db.yaml"
    written.write_text(TEXT)
    return written


def run_set(*arguments: str | Path, stdin: bytes | str = b"new") -> Run:
    return sealwright("set", *arguments, "--cert", CERTIFICATE, stdin=stdin)


def options(path: Path, *items: str, **given: object) -> SetOptions:
    return SetOptions(str(path), items, CertificateRequest(source=str(CERTIFICATE)), **given)  # type: ignore[arg-type]


class Terminal(io.BytesIO):
    """A standard input at which a person sits."""

    def isatty(self) -> bool:
        return True


def person(answers: Sequence[str | BaseException]) -> Console:
    """Return a console at which a person types these answers."""
    rest: Iterator[str | BaseException] = iter(answers)

    def ask(_: str) -> str:
        answer = next(rest)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return replace(recording_console(), stdin=Terminal(), ask=ask)


def said(console: Console) -> str:
    return console.stderr.getvalue()  # type: ignore[attr-defined,no-any-return]  # it is a StringIO


class TestWhereTheValueComesFrom:
    def test_standard_input_byte_for_byte(self, path: Path) -> None:
        run = run_set(path, "password", stdin=b"a\nb\n")
        assert (run.status, run.stdout, items_of(path)) == (0, b"", {"password": "a\nb\n", "user": "ann"})
        assert run.stderr == f"{path}: set password in team-a/db (strict) with key {KEY}\n"

    def test_the_line_break_of_echo_is_warned_of(self, path: Path) -> None:
        assert (
            f"{path}: SealedSecret team-a/db: item password ends with a line break"
            in run_set(path, "password", stdin="new\n").stderr
        )
        assert "item user ends with a line break, which is sealed too" in run_set(path, "user", stdin="new\n").stderr
        assert items_of(path) == {"password": "new\n", "user": "new\n"}

    def test_doubts_are_errors_where_that_is_asked_for(self, path: Path, tmp_path: Path) -> None:
        (tmp_path / "v").write_bytes(b"new\n")
        run = run_set(path, "password", "--strict", "--from-file", tmp_path / "v")
        assert (run.status, path.read_text()) == (ExitStatus.INPUT, TEXT)
        assert "hint: correct the value, or leave out --strict" in run.stderr

    def test_a_file(self, path: Path, tmp_path: Path) -> None:
        (tmp_path / "v").write_bytes(b"from a file")
        assert run_set(path, "password", "--from-file", tmp_path / "v").status == 0
        assert items_of(path)["password"] == "from a file"

    def test_several_files_and_standard_input(self, path: Path, tmp_path: Path) -> None:
        (tmp_path / "v").write_bytes(b"v")
        run = run_set(path, f"user=@{tmp_path}/v", "token=@-", "--quiet", stdin="t")
        assert (run.status, run.stderr) == (0, "")
        assert items_of(path) == {"password": "old", "user": "v", "token": "t"}

    def test_random(self, path: Path) -> None:
        run = run_set(path, "password", "token", "--generate", "40", "--print")
        made = dict(line.split("=") for line in run.stdout.decode().splitlines())
        assert items_of(path) == made | {"user": "ann"}
        assert [len(value) for value in made.values()] == [40, 40]
        assert made["password"] != made["token"]
        assert "set password, token (new) in" in run.stderr

    def test_random_without_a_length_is_not_shown(self, path: Path) -> None:
        run = run_set(path, "password", "--generate")
        assert (run.status, run.stdout) == (0, b"")
        assert len(items_of(path)["password"]) == 32
        assert items_of(path)["password"].isalnum()

    def test_of_an_alphabet(self, path: Path) -> None:
        run = run_set(path, "password", "--generate", "30", "--alphabet", "ab", "--print")
        assert set(run.stdout.decode().strip()) <= set("ab")
        assert "30 characters of this alphabet are only 30 bits" in run.stderr

    def test_a_prompt_that_asks_twice(self, path: Path) -> None:
        console = person(["one", "two", "new", "new"])
        assert set_items(options(path, "password"), console, now=NOW) == ExitStatus.OK
        assert items_of(path)["password"] == "new"
        assert "the two differ" in said(console)

    @pytest.mark.parametrize("answers", [["a", "b"] * 3, [EOFError()], [UnicodeDecodeError("x", b"", 0, 1, "")]])
    def test_a_prompt_that_fails(self, path: Path, answers: list[str | BaseException]) -> None:
        with pytest.raises(InputError):
            set_items(options(path, "password"), person(answers), now=NOW)
        assert path.read_text() == TEXT

    def test_ctrl_c_at_the_prompt(self, path: Path) -> None:
        with pytest.raises(KeyboardInterrupt):
            set_items(options(path, "password"), person([KeyboardInterrupt()]), now=NOW)
        assert path.read_text() == TEXT

    def test_the_command_line_with_a_warning(self, path: Path) -> None:
        run = run_set(path, "password", "--value", "visible")
        assert items_of(path)["password"] == "visible"
        assert "warning: --value: other users of the machine" in run.stderr
        assert "visible" not in run.stderr

    def test_a_real_terminal(self, path: Path) -> None:
        parent, child = pty.openpty()
        command = [*COMMAND, "set", str(path), "password", "--cert", str(CERTIFICATE)]
        opening = "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); os.execv(sys.argv[1], sys.argv[1:])"
        command = [sys.executable, "-c", opening, *command]  # a session gets the first terminal that it opens
        streams = {"stdin": child, "stdout": child, "stderr": child}
        with subprocess.Popen(command, **streams, env=environment(), start_new_session=True) as process:
            os.close(child)
            shown = answer(parent, [b"value of password (not shown): ", b"value of password, again: "], b"typed\n")
            assert process.wait(60) == 0, shown
        assert b"typed" not in shown
        assert items_of(path)["password"] == "typed"


def answer(terminal: int, prompts: Sequence[bytes], line: bytes) -> bytes:
    """Type a line after each prompt; return all that was shown."""
    shown = b""
    for prompt in prompts:
        while prompt not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, line)
    try:
        while more := os.read(terminal, 1024):
            shown += more
    except OSError:  # the other end is closed
        pass
    return shown


class TestWhichObject:
    @pytest.mark.parametrize("chosen", [["--name", "db"], ["--name", "db", "-n", "team-a"]])
    def test_one_of_several(self, path: Path, chosen: list[str]) -> None:
        other = TEXT.replace("name: db", "name: cache")
        path.write_text(f"{other}---\n{TEXT}")
        assert run_set(path, "password", *chosen).status == 0
        assert path.read_text().startswith(other)

    def test_several_and_none_chosen(self, path: Path) -> None:
        path.write_text(f"{TEXT.replace('name: db', 'name: cache')}---\n{TEXT}")
        run = run_set(path, "password")
        assert run.status == ExitStatus.INPUT
        assert "2 SealedSecrets in it, and one is to be changed" in run.stderr
        assert "choose it with --name, or --namespace too; it holds team-a/cache, team-a/db" in run.stderr

    def test_none_of_that_name(self, path: Path) -> None:
        run = run_set(path, "password", "--name", "bd")
        assert run.status == ExitStatus.INPUT
        assert "no SealedSecret called bd in it\nhint: it holds team-a/db" in run.stderr

    def test_two_of_one_name(self, path: Path) -> None:
        path.write_text(f"{TEXT}---\n{TEXT}")
        assert "two SealedSecrets of the same name" in run_set(path, "password").stderr

    def test_a_namespace_that_is_not_in_the_file(self, path: Path) -> None:
        path.write_text(TEXT.replace("  namespace: team-a\n", ""))
        assert "no namespace; strict scope needs one" in run_set(path, "password").stderr
        assert run_set(path, "password", "-n", "elsewhere").status == 0
        made = path.read_text().split("password: ")[1].split(" ")[0]
        assert keyring().open(made, Label(b"elsewhere/db")).plaintext == b"new"
        assert "namespace" not in path.read_text()

    def test_standard_input(self, tmp_path: Path) -> None:
        (tmp_path / "v").write_text("v")
        run = run_set("-", "password", "--from-file", tmp_path / "v", stdin=TEXT)
        assert run.status == 0
        assert SealedSecret.from_dict(run.yaml[0]).items["user"] == ciphertext("ann")


WRONG_LINES = [
    ("a value", ["password=hunter2"], "argument 2: a value on the command line can be seen"),
    ("no file", ["password=@"], "argument 2: no file behind the @"),
    ("no name of an item", ["pass word"], "argument 2 is not a name that an item can have"),
    ("the parent folder", [".."], "argument 2 is not a name that an item can have"),
    ("a name twice", ["a", "b=@x", "a"], "the item a is named twice"),
    ("two sources", ["a", "--generate", "--value", "x"], "--value and --generate exclude each other"),
    ("a source too many", ["a=@x", "--generate"], "--generate has no item to be for"),
    ("one source for two", ["a", "b", "--from-file", "x"], "--from-file is for one item, and 2 are named"),
    ("standard input for two", ["a", "b"], "standard input is one value, and 2 items are to be read from it"),
    ("an alphabet of one", ["a", "--generate", "--alphabet", "aa"], "--alphabet: two different characters are needed"),
    ("too long", ["a", "--generate=99999999"], "--generate: a number of characters is expected"),
    ("no length", ["a", "--generate=0"], "--generate: a number of characters is expected, from 1 to 65536"),
    ("nothing to print", ["a", "--print"], "--print needs --generate"),
    ("no item", [], "missing argument 'KEY[=@PATH]...'"),
]


@pytest.mark.parametrize(
    ("arguments", "message"), [row[1:] for row in WRONG_LINES], ids=[row[0] for row in WRONG_LINES]
)
def test_a_wrong_command_line(path: Path, arguments: list[str], message: str) -> None:
    run = run_set(path, *arguments)
    assert run.status == ExitStatus.USAGE
    assert message in run.stderr
    assert run.stderr.count("\n") == 2
    assert "hunter2" not in run.stderr
    assert path.read_text() == TEXT


class TestBadInput:
    @pytest.mark.parametrize("arguments", [[], ["--value", ""]])
    def test_an_empty_value(self, path: Path, arguments: list[str]) -> None:
        run = run_set(path, "password", *arguments, stdin=b"")
        assert run.status == ExitStatus.INPUT
        assert "the value of password is empty\nhint: --allow-empty" in run.stderr
        assert path.read_text() == TEXT
        assert run_set(path, "password", "--allow-empty", *arguments, stdin=b"").status == 0
        assert items_of(path)["password"] == ""

    def test_a_folder(self, tmp_path: Path) -> None:
        run = run_set(tmp_path, "password")
        assert (run.status, run.stderr) == (3, f"error: {tmp_path}: is a folder\nhint: name a file in it\n")

    def test_no_such_file(self, tmp_path: Path) -> None:
        assert "no such file or directory" in run_set(tmp_path / "x.yaml", "password").stderr

    def test_a_link_is_followed_and_stays(self, path: Path, tmp_path: Path) -> None:
        link = tmp_path / "link.yaml"
        link.symlink_to("db.yaml")
        assert run_set(link, "password").status == 0
        assert link.is_symlink()
        assert items_of(path)["password"] == "new"

    def test_the_mode_stays(self, path: Path) -> None:
        path.chmod(0o640)
        assert run_set(path, "password").status == 0
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    @pytest.mark.parametrize("change", ["in place", "another file"])
    def test_a_file_that_changes_meanwhile(self, path: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def meanwhile(*_: object) -> object:
            if change == "in place":
                path.write_text(f"# theirs\n{TEXT}")
            else:
                (path.parent / "theirs").write_text(f"# theirs\n{TEXT}")
                (path.parent / "theirs").replace(path)
            return certificate(*_)  # type: ignore[arg-type]

        certificate = module.get_valid_certificate
        monkeypatch.setattr(module, "get_valid_certificate", meanwhile)
        console = replace(recording_console(), stdin=io.BytesIO(b"new"))
        with pytest.raises(OutputError, match="while this command ran; nothing was written"):
            set_items(options(path, "password"), console, now=NOW)
        assert path.read_text() == f"# theirs\n{TEXT}"
        assert list(path.parent.iterdir()) == [path]

    def test_a_full_disk(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        console = replace(recording_console(), stdin=io.BytesIO(b"new"))
        with pytest.raises(CliError, match="no space left on device"):
            set_items(options(path, "password"), console, now=NOW)
        assert path.read_text() == TEXT
        assert list(path.parent.iterdir()) == [path]


class TestWhatIsWarnedOf:
    def test_a_comment_that_gives_the_value_away(self, path: Path) -> None:
        path.write_text(TEXT.replace("# mine", "# it is hunter2 now"))
        assert f"{path}: line 8: a comment repeats a value" in run_set(path, "password", stdin="hunter2").stderr

    def test_a_template_that_wins(self, path: Path) -> None:
        path.write_text(f"{TEXT}  template:\n    immutable: true\n    data: {{password: x}}\n")
        run = run_set(path, "password")
        assert "template.data has password too, and its text is what the Secret gets" in run.stderr
        assert "its Secret is immutable" in run.stderr


@pytest.mark.skipif(os.name == "nt", reason="sets POSIX modes")
@pytest.mark.parametrize(("file_mode", "folder_mode", "is_written"), [(0o444, 0o755, True), (0o644, 0o555, False)])
def test_read_only_files_and_folders(path: Path, file_mode: int, folder_mode: int, *, is_written: bool) -> None:
    path.chmod(file_mode)
    path.parent.chmod(folder_mode)
    line = ["set", path, "password", "--value", "new", "--cert", CERTIFICATE]
    run = run_stopped_by_modes("sealwright_cli.app", *line, cwd=path.parent)
    path.parent.chmod(0o755)
    assert run.status == (0 if is_written else ExitStatus.OUTPUT), run.stderr
    assert items_of(path)["password"] == ("new" if is_written else "old")
    assert is_written or f"{path}: cannot be written: permission denied" in run.stderr


def test_a_new_items_name_is_told_once_it_is_in_the_file(path: Path) -> None:
    run = run_set(path, "tok2")
    assert run.status == 0, run.stderr
    assert run.stderr.startswith(f"{path}: set tok2 (new) in team-a/db")


def test_a_length_that_is_none_is_told_with_an_example(path: Path) -> None:
    run = run_set(path, "token", "--generate=x")
    assert "hint: --generate 24, for example\n" in run.stderr
