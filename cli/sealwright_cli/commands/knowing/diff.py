"""`sealwright diff`: what differs between the SealedSecrets of files, folders or revisions; values are not shown."""

import json
from collections.abc import Iterator
from typing import Any

from sealwright_cli.commandline.options import QUIET, SEALED_NAMESPACE
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, projects
from sealwright_cli.commandline.spec import WHERE, Argument, Call, Option, Verb
from sealwright_cli.files.disk import write_stdout
from sealwright_cli.git.trees import Namespaces, read_trees
from sealwright_cli.messages.border import border
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console, short, visible
from sealwright_cli.sealed.sealedinput import place_of
from sealwright_conventions.records import field, record
from sealwright_crypto import KIND
from sealwright_manifests.comparing.changes import Change, Found, ItemChange, ObjectChange, compare_trees
from sealwright_manifests.text.documents import Form

_MARKS = {Change.ADDED: "+", Change.REMOVED: "-", Change.KEPT: "!"}
_KEPT = "kept its ciphertext, which does not open for the new target"


@record
class DiffOptions:
    """What is compared (files, folders, `REV:path`, revisions), and how it is told; `form` None means lines of text.

    If `exit_code`, the status tells whether anything differs. `namespaces` are for objects that name none.
    """

    before: str
    after: str
    form: Form | None = None
    exit_code: bool = False
    namespaces: Namespaces = field(default_factory=Namespaces)


@border()
def diff(options: DiffOptions, console: Console) -> ExitStatus:
    """Tell what differs, on standard output. Returns the status of the first file that cannot be read, if any.

    Raises CliError for files that the user named.
    """
    before, after = read_trees((options.before, options.after), console, options.namespaces)
    changes = compare_trees(before.objects, after.objects)
    write_stdout(console.stdout, _text(changes, options.form).encode(errors="backslashreplace"))
    errors = [*before.errors, *after.errors]
    for error in errors:
        console.error(error)
    if errors:
        return errors[0].status
    return ExitStatus.PARTLY_DONE if changes and options.exit_code else ExitStatus.OK


def _text(changes: list[ObjectChange], form: Form | None) -> str:
    if form is Form.JSON:
        return json.dumps({"objects": [_data(one) for one in changes]}, indent=2) + "\n"
    return "".join(f"{visible(line)}\n" for one in changes for line in _lines(one))


def _lines(one: ObjectChange) -> Iterator[str]:
    found = one.after or one.before
    if found is None:
        return
    paths = [side.path for side in (one.before, one.after) if side is not None]
    path = " -> ".join(dict.fromkeys(paths))
    yield f"{path}: {KIND} {place_of(found.sealed)} ({found.sealed.scope}) {one.change.value}"
    for part, old, new in one.target:
        yield f"  ~ {part}: {old or 'none'} -> {new or 'none'}"
    for item in one.items:
        yield f"  {_MARKS.get(item.change, '~')} {item.name}: {_said(item)}"
    for changed in one.fields:
        yield f"  ~ {changed} changed"


def _said(item: ItemChange) -> str:
    match item.change:
        case Change.KEPT:
            return _KEPT
        case Change.REENCRYPTED:
            return f"re-encrypted to key {short(item.key or '')}, was on {short(item.old_key or '')}"
        case Change.REMOVED:
            return "removed"
        case _:
            key = f", key {short(item.key)}" if item.key else ""
            return f"{item.change.value}{key}"


def _data(one: ObjectChange) -> dict[str, Any]:
    found = one.after or one.before
    named = {} if found is None else {"namespace": found.sealed.namespace, "name": found.sealed.name}
    return {
        "change": one.change.value,
        "kind": KIND,
        **named,
        "before": _side(one.before),
        "after": _side(one.after),
        "target": {part: {"before": old, "after": new} for part, old, new in one.target},
        "items": [_item(item) for item in one.items],
        "fields": list(one.fields),
    }


def _side(found: Found | None) -> dict[str, str] | None:
    return found and {"path": found.path, "scope": str(found.sealed.scope)}  # type: ignore[return-value] # None stays


def _item(item: ItemChange) -> dict[str, str | None]:
    return {"name": item.name, "change": item.change.value, "keyBefore": item.old_key, "key": item.key}


def _form(text: str) -> Form:
    if text != Form.JSON:
        raise ValueError
    return Form.JSON


def _run(call: Call) -> ExitStatus:
    namespaces = Namespaces(call["namespace"], projects(call))
    options = DiffOptions(call["before"], call["after"], call["format"], call["exit_code"], namespaces)
    return diff(options, call.console)


VERB = Verb(
    """\
Tell what differs between SealedSecrets, without their values.

Compares two files, folders, revisions of Git (HEAD~1), or files and folders of them (HEAD~1:apps/db.yaml). Items are
added, removed, re-encrypted to another key, or sealed anew: without a private key nobody can tell whether the value is
another one.
""",
    """\
sealwright diff HEAD~1:db.yaml db.yaml
sealwright diff HEAD~1 HEAD -o json""",
    _run,
    (Argument("before", "A", is_required=True), Argument("after", "B", is_required=True)),
    (
        Option(("--format", "-o"), "Machine-readable output.", "json", WHERE, _form),
        Option(("--exit-code",), "End with status 8 if anything differs."),
        SEALED_NAMESPACE,
        *CONFIG_OPTIONS,
        QUIET,
    ),
)
