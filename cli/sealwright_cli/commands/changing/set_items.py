"""`sealwright set`: new values for items of a SealedSecret, or new items; nothing else of the file changes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.commandline.options import (
    ALPHABET,
    CERTIFICATE_OPTIONS,
    PRINT,
    QUIET,
    SEALED_NAMESPACE,
    STRICT,
    name,
)
from sealwright_cli.commandline.projectoptions import CERTS, CONFIG_OPTIONS, TARGET, certificate_requests, projects
from sealwright_cli.commandline.spec import WHAT, Argument, Call, Option, Verb
from sealwright_cli.files.disk import read_file
from sealwright_cli.files.inputs import STDIN, Source
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import Console, short
from sealwright_cli.project.settings import Projects
from sealwright_cli.project.targets import MARK, TargetFile, files_for
from sealwright_cli.sealed import values
from sealwright_cli.sealed.doubts import doubts_of, of_value, tell
from sealwright_cli.sealed.sealedinput import place_of, read_object
from sealwright_cli.sealed.target import Target, check_item_name, check_once, complete_items, open_target, shown_item
from sealwright_conventions.records import field, record, replace
from sealwright_crypto import HINT_ANNOTATION, Certificate, hint_with, seal_item
from sealwright_manifests.editing.exchanging import lines_that_repeat
from sealwright_manifests.editing.fields import with_end_of


@record
class SetOptions:
    """Which items of which file get which values.

    `items` are `KEY` and `KEY=@PATH`. At most one of `from_file`, `value` and `generate` (a length) says where the
    values of the former come from; without, it is standard input, or a prompt on a terminal. `name` and `namespace`
    choose one of several objects in the file; `namespace` is also for one that names none. `shows` prints what was
    generated. `file` may be `-`: then the result goes to standard output. If `is_strict`, doubts about values are
    errors.

    `targets` are certificates by the names of targets: `{target}` in `file` stands for their names. What the options do
    not say, `projects` do.
    """

    file: str
    items: Sequence[str]
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    name: str = ""
    namespace: str = ""
    from_file: Path | None = None
    value: str | None = field(default=None, repr=False)
    generate: str | None = None
    alphabet: str = ""
    shows: bool = False
    allow_empty: bool = False
    is_strict: bool = False
    targets: Mapping[str, CertificateRequest] = field(default_factory=dict)
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))


@border()
def set_items(options: SetOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Seal new values of items for their object and write the file; all else in it stays.

    Raises CliError; nothing is written then.
    """
    files = _sort(options)
    _check(options, files, console)
    path = None if options.file == STDIN else Path(options.file)
    if path is not None and MARK not in options.file:
        Source(path, path, label=shown_path(path, "argument 1")).check()
    called = shown_path(path, "argument 1") if path else "standard input"
    wanted = files_for(path, options.projects, options.certificate, options.targets, called)
    jobs = [(_open(one, options, console), get_valid_certificate(one.request, console, now)) for one in wanted]
    found = _values(options, files, console)
    piped = [item for item, file in files.items() if _is_piped(file, options)]
    for target, _ in jobs:
        _check_values(found, target, options)
        tell(_doubts(found, piped, target), target.called, console, is_strict=options.is_strict)
    for target, certificate in jobs:
        _write(target, found, certificate, console)
        _warn(target, found, console)
        added = [item for item in found if item not in target.sealed.items]
        called = ", ".join(f"{item} (new)" if item in added else item for item in found)
        where = f"{place_of(target.sealed)} ({target.sealed.scope})"
        console.tell(f"{target.source.name}: set {called} in {where} with key {short(certificate.fingerprint)}")
    if options.shows:
        values.show({item: found[item] for item, file in files.items() if file is None}, console)
    return ExitStatus.OK


def _open(one: TargetFile, options: SetOptions, console: Console) -> Target:
    """Return the object of one file, with its namespace. Raises CliError."""
    file = STDIN if one.path is None else options.file if MARK not in options.file else str(one.path)
    target = open_target(file, options.name, options.namespace, console)
    return replace(target, sealed=read_object(target.manifest, options.namespace, one.settings.namespace))


def _sort(options: SetOptions) -> dict[str, str | None]:
    """Return the file of each item, None for one without. Raises UsageError; no word that may be a value is shown."""
    files: dict[str, str | None] = {}
    names = []
    for number, word in enumerate(options.items, start=2):
        item, equals, rest = word.partition("=")
        if equals and not rest.startswith("@"):
            raise UsageError(
                f"argument {number}: a value on the command line can be seen by other users of the machine",
                hint="give it on standard input, name its file with KEY=@FILE, or add --value if that does not matter",
            )
        if equals and rest == "@":
            raise UsageError(f"argument {number}: no file behind the @", hint="KEY=@FILE names it; KEY=@- is stdin")
        names.append(check_item_name(item, f"argument {number}"))
        files[item] = rest[1:] if equals else None
    check_once(names)
    return files


def _check(options: SetOptions, files: Mapping[str, str | None], console: Console) -> None:
    """Raise UsageError for options that do not fit the items."""
    bare = [item for item, file in files.items() if file is None]
    flags = {"--from-file": options.from_file, "--value": options.value, "--generate": options.generate}
    given = [flag for flag, value in flags.items() if value is not None]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other", hint="give one of them")
    if given and not bare:
        raise UsageError(f"{given[0]} has no item to be for", hint="name an item without =@FILE")
    if given and given != ["--generate"] and len(bare) > 1:
        raise UsageError(f"{given[0]} is for one item, and {len(bare)} are named", hint="use KEY=@FILE for several")
    if given != ["--generate"] and (options.shows or options.alphabet):
        raise UsageError(f"{'--print' if options.shows else '--alphabet'} needs --generate", hint="add --generate")
    from_stdin = [file for file in files.values() if file == STDIN]
    asked = bare if not given and not values.has_terminal(console) else []
    if options.file == STDIN and (from_stdin or (bare and not given)):
        raise UsageError("standard input is the file, so it cannot be a value", hint="use KEY=@FILE")
    if len(from_stdin) + len(asked) > 1:
        raise UsageError(
            f"standard input is one value, and {len(from_stdin) + len(asked)} items are to be read from it",
            hint="use KEY=@FILE for several",
        )


def _values(options: SetOptions, files: Mapping[str, str | None], console: Console) -> dict[str, bytes]:
    """Return the value of each item, in the order of the command line. Raises CliError."""
    alphabet = values.check_alphabet(options.alphabet)
    length = values.check_length(options.generate, "--generate", "--generate 24") if options.generate is not None else 0
    if length:
        values.warn_if_guessable(length, alphabet, console)
    if options.value is not None:
        console.warn("--value: other users of the machine, and the shell's history, can see the value")
    found: dict[str, bytes] = {}
    for item, file in files.items():
        if file == STDIN:
            found[item] = values.read_value(console)
        elif file is not None:
            found[item] = read_file(Path(file), name=shown_path(Path(file), f"the file for {shown_item(item)}"))
        elif options.from_file is not None:
            found[item] = read_file(options.from_file, name=shown_path(options.from_file, "the file of --from-file"))
        elif options.value is not None:
            found[item] = options.value.encode("utf-8", "surrogateescape")
        elif length:
            found[item] = values.generate(length, alphabet)
        elif values.has_terminal(console):
            found[item] = values.ask_twice(console, f"value of {item}")
        else:
            found[item] = values.read_value(console)
    return found


def _check_values(found: Mapping[str, bytes], target: Target, options: SetOptions) -> None:
    empty = [shown_item(item, target.sealed.items) for item, value in found.items() if not value]
    if empty and not options.allow_empty:
        raise InputError(
            f"{target.called}: the value of {', '.join(empty)} is empty",
            hint="--allow-empty sets an empty value; sealwright unset removes the item",
        )


def _is_piped(file: str | None, options: SetOptions) -> bool:
    """Tell whether an item's value comes from standard input."""
    return file == STDIN or (file is None and (options.from_file, options.value, options.generate) == (None,) * 3)


def _doubts(found: Mapping[str, bytes], piped: Sequence[str], target: Target) -> list[str]:
    """Return what is doubtful about the values, the line break of `echo` included: in a file, it may be intended."""
    kind, known = target.sealed.template.type, target.sealed.items
    pair = {item: value for item, value in found.items() if item in ("tls.crt", "tls.key")}
    told = doubts_of(pair, kind)
    for item, value in found.items():
        doubts = [] if item in pair else list(of_value(item, value, kind))
        if not doubts and item in piped and value.endswith(b"\n") and value.count(b"\n") == 1:
            doubts = ["ends with a line break, which is sealed too; printf writes none"]
        told += [f"item {shown_item(item, known)} {words}" for words in doubts]
    return told


def _write(target: Target, found: Mapping[str, bytes], certificate: Certificate, console: Console) -> None:
    sealed, label = target.sealed, target.sealed.label
    items, names = {}, list(sealed.items)
    annotations = dict(sealed.annotations)
    for item, value in found.items():
        with border(target.called):
            items[item] = with_end_of(seal_item(value, certificate, label), sealed.items.get(item, ""))
        annotations[HINT_ANNOTATION] = hint_with(annotations, names, item, certificate.fingerprint)
        names += [] if item in names else [item]
    changes: dict[str, Any] = {"spec": {"encryptedData": items}}
    if HINT_ANNOTATION in sealed.annotations:
        changes["metadata"] = {"annotations": {HINT_ANNOTATION: annotations[HINT_ANNOTATION]}}
    target.write(changes, console)


def _warn(target: Target, found: Mapping[str, bytes], console: Console) -> None:
    """Warn of what may surprise: a comment that gives the value away, a template that wins, a Secret that stays."""
    name = target.source.name
    for line in (line for one in target.documents for line in lines_that_repeat(one, found.values())):
        console.warn(f"{name}: line {line}: a comment repeats a value that is now sealed; remove it")
    for item in found:
        if item in target.sealed.template.data:
            console.warn(f"{target.called}: template.data has {item} too, and its text is what the Secret gets")
    if target.sealed.template.immutable:
        console.warn(f"{target.called}: its Secret is immutable: delete it, and the controller makes it anew")


def _run(call: Call) -> ExitStatus:
    certificate, targets = certificate_requests(call)
    options = SetOptions(
        file=call["file"],
        items=call["items"],
        certificate=certificate,
        targets=targets,
        projects=projects(call),
        name=call["name"],
        namespace=call["namespace"],
        from_file=call["from_file"],
        value=call["value"],
        generate=call["generate"],
        alphabet=call["alphabet"],
        shows=call["print"],
        allow_empty=call["allow_empty"],
        is_strict=call["strict"],
    )
    return set_items(options, call.console, now=call.now)


VERB = Verb(
    """\
Set values of items in a SealedSecret.

Seals the value for the SealedSecret in FILE, by its name, namespace and scope, and writes it to its place: nothing else
in FILE changes. An item that is not there yet is added. The value comes from standard input, byte for byte (use printf,
not echo); on a terminal it is asked for, twice. KEY=@PATH reads it from a file, so that several can be set at once.
With several targets, {target} in FILE stands for their names.
""",
    """\
sealwright set db.yaml password < password.txt
sealwright set db.yaml token --generate 40""",
    _run,
    (
        Argument("file", "FILE", is_required=True),
        Argument("items", "KEY[=@PATH]...", many=True, is_required=True, completes=complete_items),
    ),
    (
        Option(("--from-file",), "Read the value from this file, byte for byte.", "FILE", WHAT, Path),
        Option(
            ("--generate",),
            f"Make a random value of so many characters ({values.USUAL_LENGTH} without a number).",
            "[LENGTH]",
            WHAT,
            bare=str(values.USUAL_LENGTH),
        ),
        ALPHABET,
        PRINT,
        Option(("--value",), "The value itself. Unsafe: other users of the machine can see it.", "TEXT", WHAT),
        Option(("--allow-empty",), "Accept an empty value.", group=WHAT),
        STRICT,
        name("Which SealedSecret of the file, if it holds several."),
        SEALED_NAMESPACE,
        CERTS,
        TARGET,
        *CONFIG_OPTIONS,
        QUIET,
        *CERTIFICATE_OPTIONS,
    ),
)
