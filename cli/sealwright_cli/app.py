"""The command line of `sealwright`: words → one verb → exit status.

Imports no more than the verb needs: Typer, for help and mistakes, takes longer than sealing a file.
"""

import sys
import time
from datetime import UTC, datetime
from typing import Any

from sealwright_cli import process
from sealwright_cli.commandline.spec import Call, Verb
from sealwright_cli.front import index, words
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import __version__

_COMPLETION = "_SEALWRIGHT_COMPLETE"
"""The variable by which a shell asks for completions."""


def main() -> None:
    """Run the command line."""
    process.run(_run)


def _run() -> None:
    surroundings = process.surroundings()
    line = index.with_options(sys.argv[1:])
    name, count = index.find(line)
    if name and _COMPLETION not in surroundings.environ:
        verb = index.load(name)
        given = words.read(verb, line[count:], surroundings.environ)
        if given is not None:
            sys.exit(_call(verb, given))
        line = [*line[:count], *words.with_values(verb, line[count:])]
    sys.exit(_by_typer(line, name))


def _call(verb: Verb, given: dict[str, Any]) -> ExitStatus:
    process.all_is_imported()
    console = process.console(quiet=given.get("quiet", False))
    return verb.run(Call(given, console, process.surroundings(), datetime.now(UTC), time.monotonic))


def _verb_to_complete() -> str:
    """Return the verb in the command line that a shell wants to have completed."""
    environ = process.surroundings().environ
    line = environ.get("_TYPER_COMPLETE_ARGS") or environ.get("COMP_WORDS", "")
    return index.find(line.split()[1:])[0]


def _by_typer(line: list[str], name: str) -> Any:
    import typer  # noqa: PLC0415 - takes 50 ms

    from sealwright_cli.front.typerapp import make_app  # noqa: PLC0415 - as above
    from sealwright_cli.front.usage import usage_error  # noqa: PLC0415 - as above

    app = make_app(_call, process.console().tell, __version__, name or _verb_to_complete())
    try:
        return app(args=line, prog_name="sealwright", standalone_mode=False)
    except typer.TyperException as error:
        raise usage_error(error, sys.argv[1:], (*index.VERBS, *index.GROUPS)) from None
