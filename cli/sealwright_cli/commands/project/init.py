"""`sealwright init`: writes a project file for a tree, by looking at what is in it."""

from datetime import datetime
from pathlib import Path

from sealwright_cli.commandline.options import QUIET
from sealwright_cli.commandline.spec import WHERE, Argument, Call, Option, Verb
from sealwright_cli.files.choosing import PROJECT_FILE
from sealwright_cli.files.disk import exists, is_folder, write_file, write_stdout
from sealwright_cli.messages.errors import InputError, RefusedError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import Console, counted
from sealwright_conventions.records import record


@record
class InitOptions:
    """For which folder a project file is written; `prints` shows it instead, `force` replaces one."""

    folder: Path = Path()
    prints: bool = False
    force: bool = False


def init(options: InitOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Write a project file, or print it. Raises InputError for what is no folder, RefusedError if there is one."""
    from sealwright_cli.project.surveying import survey  # noqa: PLC0415 - only this verb reads a tree in this way
    from sealwright_cli.project.writing import first_project  # noqa: PLC0415 - as above

    folder = options.folder
    if not is_folder(folder):
        raise InputError(f"{shown_path(folder, 'argument 1')}: no such folder", hint="name the project's root")
    path = folder / PROJECT_FILE
    if exists(path) and not (options.force or options.prints):
        raise RefusedError(f"{path}: is there already", hint="--print shows a new one, --force replaces it")
    found = survey(folder, now)
    made = first_project(found)
    seen = ", ".join(
        [counted(len(found.certificates), "certificate"), counted(len({one.path for one in found.secrets}), "file")]
    )
    if options.prints:
        write_stdout(console.stdout, made.text.encode())
        return ExitStatus.OK
    write_file(path, made.text.encode())
    console.tell(f"{path}: written, with {counted(made.rules, 'rule')} ({seen} with Secrets found)")
    if made.open_rules:
        stand = "stands as a comment" if len(made.open_rules) == 1 else "stand as comments"
        console.warn(
            f"{path}: {counted(len(made.open_rules), 'rule')} {stand}, since nothing says for which target the files "
            "are: name it, and remove the #"
        )
    console.tell("sealwright config show FILE says what counts for a file")
    return ExitStatus.OK


def _run(call: Call) -> ExitStatus:
    return init(InitOptions(call["folder"], call["print"], call["force"]), call.console, now=call.now)


VERB = Verb(
    """\
Write a project file, .sealwright.yaml.

Looks at what is there: certificates, the namespaces, scopes and keys of SealedSecrets, and namespaces that Kustomize,
Argo CD and Flux set. Default: the working folder. Asks no cluster.
""",
    """\
sealwright init
sealwright init --print apps/""",
    _run,
    (Argument("folder", "[FOLDER]", Path, Path()),),
    (
        Option(("--print",), "Print it instead.", group=WHERE),
        Option(("--force",), "Replace the one that is there.", group=WHERE),
        QUIET,
    ),
)
