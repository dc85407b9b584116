"""The process of a command: streams, signals, the environment, and how it ends. Both entry points use it."""

import contextlib
import gc
import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from sealwright_cli.files.disk import write_stdout
from sealwright_cli.messages.errors import CliError, OutputClosedError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console
from sealwright_cli.surroundings import Surroundings
from sealwright_crypto import __version__


def run(main: Callable[[], None]) -> None:
    """Run a command line to its end; every expected error becomes a message, a hint and an exit status."""
    try:
        _run(main)
    except SystemExit:
        _drop_unwritten()
        raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done; Python would only show a traceback
        gc.freeze()  # nor need it look through everything for garbage at its end


def all_is_imported() -> None:
    """Begin to collect garbage, but not among what has been imported: that stays."""
    gc.freeze()
    gc.enable()


def console(*, quiet: bool = False, terse: bool = False) -> Console:
    """Return the streams of this process."""
    # A stream that was closed before the start (<&-, >&-, 2>&-) is None.
    stdin = sys.stdin.buffer if sys.stdin else _closed()
    words: TextIO | None = sys.__stdout__
    stdout = words.buffer if words else _closed()
    return Console(stdin, stdout, sys.stderr or io.StringIO(), _ask, quiet, terse)


def surroundings() -> Surroundings:
    """Return the environment that the process was started in."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() fails without a home folder
    return Surroundings(os.environ, home)


def _run(main: Callable[[], None]) -> None:
    try:
        _unwind_when_told_to_stop()
        _with_words_written(main)
    except CliError as error:
        if not isinstance(error, OutputClosedError):
            console().error(error)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(ExitStatus.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - an unexpected error may quote its input
        console().error(_defect(error))
        sys.exit(ExitStatus.BUG)


def _defect(error: Exception) -> CliError:
    """Return the message for an unexpected error: its class and where it was raised.

    Its text, and a traceback's lines, may hold a value from a file or the command line.
    """
    import traceback  # noqa: PLC0415 - takes 3 ms

    names = [(str(frame.f_globals.get("__name__", "")), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    own = [f"{name}, line {line}" for name, line in names if name.startswith("sealwright")]
    return CliError(
        f"a defect of this program: {type(error).__name__} in {(own or ['its beginning'])[-1]} ({__version__})",
        hint="report it with this line, which holds nothing of your input",
    )


def _with_words_written(main: Callable[[], None]) -> None:
    """Run `main`, and write the option library's output on sys.stdout (help, version, completion) like a result.

    The library itself shows a traceback if a disk is full, and has its own error for a reader that is gone.
    """
    words = io.StringIO()
    try:
        with contextlib.redirect_stdout(words):
            main()
    finally:
        if said := words.getvalue():
            write_stdout(console().stdout, said.encode())


def _unwind_when_told_to_stop() -> None:
    """Make SIGTERM and a closed terminal end the run like Ctrl-C: unfinished work is cleaned up.

    Signals that the process was started to ignore stay ignored, as with `nohup` and background jobs of a shell.
    """

    def stop(number: int, _: object) -> None:
        sys.exit(128 + number)

    for name, handler in (("SIGINT", signal.default_int_handler), ("SIGTERM", stop), ("SIGHUP", stop)):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _ask(question: str) -> str:
    """Ask the person at the terminal for a secret, without showing it."""
    import getpass  # noqa: PLC0415 - few runs ask

    return getpass.getpass(question)


def _closed() -> io.BytesIO:
    stream = io.BytesIO()
    stream.close()
    return stream


def _drop_unwritten() -> None:
    """Discard output that could not be written; the rest was flushed.

    Python would try again at exit: show an error and change the exit status, or wait for a reader that is stuck.
    """
    for stream in filter(None, (sys.__stdout__, sys.__stderr__)):
        with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
