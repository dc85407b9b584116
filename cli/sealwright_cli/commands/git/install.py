"""`sealwright git install`: lets Git show and merge SealedSecrets item by item."""

from collections.abc import Sequence

from sealwright_cli.commandline.options import QUIET
from sealwright_cli.commandline.spec import WHERE, Argument, Call, Option, Verb
from sealwright_cli.git.settings import Place, install, overridden
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console
from sealwright_conventions.records import record


@record
class InstallOptions:
    """Where the drivers are set up, and the patterns of files that use them besides those that do already."""

    place: Place
    patterns: Sequence[str] = ()


def install_drivers(options: InstallOptions, console: Console) -> ExitStatus:
    """Set up the drivers and their attributes, and tell what changed, and what does not count. Raises CliError."""
    changes = install(options.place, tuple(options.patterns))
    for change in changes or ["nothing to do: all of it is set up already"]:
        console.tell(change)
    for problem in overridden(options.place):
        console.warn(problem)
    return ExitStatus.OK


def _run(call: Call) -> ExitStatus:
    place = Place.of_user(call.surroundings) if call["global"] else Place.of_repository()
    return install_drivers(InstallOptions(place, call["patterns"]), call.console)


VERB = Verb(
    """\
Let Git show and merge SealedSecrets item by item.

git diff then shows which items changed and to which key, and no ciphertext. Changes of different items merge without a
conflict. Sets up a textconv and a merge driver in Git's configuration, and the attributes for the files. Each PATTERN
is as in a .gitattributes file of the folder where you are (default: *.yaml *.yml *.json, in the whole repository) and
is added to those that are set up already. Files without SealedSecrets stay as they are. Commit .gitattributes;
everybody else in the repository runs this once too.
""",
    """\
sealwright git install
sealwright git install 'secrets/**'
sealwright git install --global""",
    _run,
    (Argument("patterns", "[PATTERN]...", many=True),),
    (Option(("--global",), "For all repositories of this user.", group=WHERE), QUIET),
)
