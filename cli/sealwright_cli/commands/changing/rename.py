"""`sealwright rename`: an item of a SealedSecret gets another name; its ciphertext, not bound to the name, stays."""

from typing import Any

from sealwright_cli.commandline.options import QUIET, SEALED_NAMESPACE, name
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, projects
from sealwright_cli.commandline.spec import Argument, Call, Verb
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import InputError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console
from sealwright_cli.project.settings import Projects
from sealwright_cli.sealed.sealedinput import place_of
from sealwright_cli.sealed.target import (
    check_item_name,
    check_items_exist,
    check_once,
    complete_items,
    open_target,
    templates_with,
)
from sealwright_conventions.records import field, record
from sealwright_crypto import HINT_ANNOTATION, hint_renamed
from sealwright_manifests.editing.fields import Renamed


@record
class RenameOptions:
    """Which item of which file gets which name; `name` and `namespace` choose one of several objects in it.

    `namespace` is also for an object that names none, else `projects` say it.
    """

    file: str
    old: str
    new: str
    name: str = ""
    namespace: str = ""
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))


@border()
def rename(options: RenameOptions, console: Console) -> ExitStatus:
    """Rename an item of a SealedSecret and write the file. Raises CliError; nothing is written then."""
    old, new = check_item_name(options.old, "argument 2"), check_item_name(options.new, "argument 3")
    check_once([old, new])
    target = open_target(options.file, options.name, options.namespace, console)
    settings = options.projects.settings_for(target.source.path, target.source.name)
    target = target.placed(options.namespace, settings.namespace)
    check_items_exist(target, [old])
    if new in target.sealed.items:
        raise InputError(
            f"{target.called}: it has an item {new} already",
            hint=f"remove that one first (sealwright unset), or choose another name for {old}",
        )
    changes: dict[str, Any] = {"spec": {"encryptedData": {old: Renamed(new)}}}
    hint = target.sealed.annotations.get(HINT_ANNOTATION)
    if isinstance(hint, str):
        changes["metadata"] = {"annotations": {HINT_ANNOTATION: hint_renamed(hint, old, new)}}
    target.write(changes, console)
    if users := templates_with(target, old):
        console.warn(f"{target.called}: template.data.{users[0]} seems to use {old}; write {new} there")
    if new in target.sealed.template.data:
        console.warn(f"{target.called}: template.data has {new} too, and its text is what the Secret gets")
    console.tell(f"{target.source.name}: renamed {old} to {new} in {place_of(target.sealed)}")
    return ExitStatus.OK


def _run(call: Call) -> ExitStatus:
    options = RenameOptions(call["file"], call["old"], call["new"], call["name"], call["namespace"], projects(call))
    return rename(options, call.console)


VERB = Verb(
    """\
Rename an item of a SealedSecret.

The ciphertext stays as it is, since it is not bound to the item's name; nothing else in FILE changes. Needs no
certificate and no cluster.
""",
    """\
sealwright rename db.yaml pasword password
sealwright rename apps.yaml key api-key --name db""",
    _run,
    (
        Argument("file", "FILE", is_required=True),
        Argument("old", "OLD", is_required=True, completes=complete_items),
        Argument("new", "NEW", is_required=True),
    ),
    (name("Which SealedSecret of the file, if it holds several."), SEALED_NAMESPACE, *CONFIG_OPTIONS, QUIET),
)
