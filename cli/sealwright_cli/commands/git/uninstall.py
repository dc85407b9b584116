"""`sealwright git uninstall`: takes back what `git install` set up."""

from sealwright_cli.commandline.options import QUIET
from sealwright_cli.commandline.spec import WHERE, Call, Option, Verb
from sealwright_cli.git.settings import Place, uninstall
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console


def uninstall_drivers(place: Place, console: Console) -> ExitStatus:
    """Take back the drivers and their attributes, and tell what changed. Raises CliError."""
    for change in uninstall(place) or ["nothing to do: nothing of it is set up here"]:
        console.tell(change)
    return ExitStatus.OK


def _run(call: Call) -> ExitStatus:
    place = Place.of_user(call.surroundings) if call["global"] else Place.of_repository()
    return uninstall_drivers(place, call.console)


VERB = Verb(
    """\
Take back what git install set up.

Only the settings and lines that git install wrote are removed.
""",
    """\
sealwright git uninstall
sealwright git uninstall --global""",
    _run,
    (),
    (Option(("--global",), "The settings for all repositories of this user.", group=WHERE), QUIET),
)
