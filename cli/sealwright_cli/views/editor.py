"""Which editor a person wants, and running it over one file."""

import contextlib
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sealwright_cli.files.disk import reason
from sealwright_cli.messages.errors import InputError, UsageError

_USUAL = ("vi", "nano")
_HINT = "set VISUAL or EDITOR, as in EDITOR=nano"
_INTERRUPTED = 128 + signal.SIGINT


def find_editor(environ: Mapping[str, str]) -> list[str]:
    """Return the words of $VISUAL, else $EDITOR, else of a usual editor. Raises UsageError if it is not there."""
    variable = next((name for name in ("VISUAL", "EDITOR") if environ.get(name, "").strip()), "")
    if not variable:
        usual = next((name for name in _USUAL if shutil.which(name, path=environ.get("PATH"))), "")
        if not usual:
            raise UsageError("no editor is set, and there is no vi", hint=_HINT)
        return [usual]
    try:
        words = shlex.split(environ[variable])
    except ValueError:
        raise UsageError(f"{variable}: a quote is not closed", hint=_HINT) from None
    if shutil.which(words[0], path=environ.get("PATH")) is None:
        raise UsageError(f"{variable}: no program {words[0]}", hint=_HINT)
    return words


def run(editor: Sequence[str], path: Path, environ: Mapping[str, str]) -> None:
    """Run an editor over a file until it ends. Ctrl-C is for the editor meanwhile.

    Raises InputError if it fails, and KeyboardInterrupt if Ctrl-C ended it.
    """
    try:
        process = subprocess.Popen([*editor, str(path)], env=dict(environ))  # noqa: S603 - it is the person's own
    except OSError as error:
        raise UsageError(f"{editor[0]}: cannot be started: {reason(error)}", hint=_HINT) from None
    try:
        with _left_to_the_editor():
            status = process.wait()
    except BaseException:
        process.terminate()
        raise
    if status in (-signal.SIGINT, _INTERRUPTED):
        raise KeyboardInterrupt
    if status:
        how = f"with status {status}" if status > 0 else f"by signal {-status}"
        raise InputError(f"the editor {editor[0]} ended {how}; nothing was written", hint="run the command again")


@contextlib.contextmanager
def _left_to_the_editor() -> Iterator[None]:
    """Ignore the signals of the keyboard within this context."""
    names = [name for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name)]
    before = {getattr(signal, name): signal.signal(getattr(signal, name), signal.SIG_IGN) for name in names}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
