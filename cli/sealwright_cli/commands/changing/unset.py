"""`sealwright unset`: items of a SealedSecret go; the comments above them, and all else of the file, stay."""

from collections.abc import Sequence
from typing import Any

from sealwright_cli.commandline.options import QUIET, SEALED_NAMESPACE, name
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, projects
from sealwright_cli.commandline.spec import Argument, Call, Verb
from sealwright_cli.messages.border import border
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console
from sealwright_cli.project.settings import Projects
from sealwright_cli.sealed.sealedinput import place_of
from sealwright_cli.sealed.target import (
    NO_ITEM_LEFT,
    check_item_name,
    check_items_exist,
    check_once,
    complete_items,
    open_target,
    templates_with,
)
from sealwright_conventions.records import field, record
from sealwright_crypto import HINT_ANNOTATION, hint_without
from sealwright_manifests.editing.fields import ABSENT


@record
class UnsetOptions:
    """Which items of which file to remove; `name` and `namespace` choose one of several objects in it.

    `namespace` is also for an object that names none, else `projects` say it.
    """

    file: str
    items: Sequence[str]
    name: str = ""
    namespace: str = ""
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))


@border()
def unset(options: UnsetOptions, console: Console) -> ExitStatus:
    """Remove items from a SealedSecret and write the file. Raises CliError; nothing is written then."""
    for number, item in enumerate(options.items, start=2):
        check_item_name(item, f"argument {number}")
    check_once(options.items)
    target = open_target(options.file, options.name, options.namespace, console)
    settings = options.projects.settings_for(target.source.path, target.source.name)
    target = target.placed(options.namespace, settings.namespace)
    check_items_exist(target, options.items)
    changes: dict[str, Any] = {"spec": {"encryptedData": dict.fromkeys(options.items, ABSENT)}}
    hint = target.sealed.annotations.get(HINT_ANNOTATION)
    if isinstance(hint, str):
        for item in options.items:
            hint = hint_without(hint, item)
        changes["metadata"] = {"annotations": {HINT_ANNOTATION: hint}}
    target.write(changes, console)
    for item in options.items:
        if users := templates_with(target, item):
            console.warn(f"{target.called}: template.data.{users[0]} seems to use {item}, which is gone")
    if len(options.items) == len(target.sealed.items):
        console.warn(f"{target.called}: {NO_ITEM_LEFT}")
    console.tell(f"{target.source.name}: removed {', '.join(options.items)} from {place_of(target.sealed)}")
    return ExitStatus.OK


def _run(call: Call) -> ExitStatus:
    options = UnsetOptions(call["file"], call["items"], call["name"], call["namespace"], projects(call))
    return unset(options, call.console)


VERB = Verb(
    """\
Remove items from a SealedSecret.

Nothing else in FILE changes; comments above an item stay. Needs no certificate and no cluster.
""",
    """\
sealwright unset db.yaml old-password
sealwright unset apps.yaml token user --name db""",
    _run,
    (
        Argument("file", "FILE", is_required=True),
        Argument("items", "KEY...", many=True, is_required=True, completes=complete_items),
    ),
    (name("Which SealedSecret of the file, if it holds several."), SEALED_NAMESPACE, *CONFIG_OPTIONS, QUIET),
)
