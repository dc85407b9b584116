"""`sealwright render`: previews the output of the templates in a SealedSecret or Secret before it is deployed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sealwright_cli.commandline.options import ONE_TREE, OUTPUT, PRIVATE_KEYS, QUIET, SEALED_NAMESPACE, TO_TERMINAL
from sealwright_cli.commandline.projectoptions import CHOICE_OPTIONS, CONFIG_OPTIONS, choice, projects
from sealwright_cli.commandline.spec import WHAT, WHERE, Call, Option, Verb
from sealwright_cli.files.choosing import Choice
from sealwright_cli.files.disk import check_not_terminal, is_stdout, read_file, write_result
from sealwright_cli.files.inputs import STDIN, Source, check_any_readable, find_sources
from sealwright_cli.files.templatefiles import check_filled, concerns, note, recognised
from sealwright_cli.manners import SEALWRIGHT
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, InputError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import Console, counted, visible
from sealwright_cli.project.settings import Projects
from sealwright_cli.sealed.keyfiles import read_keyring
from sealwright_cli.sealed.sealedinput import check_fields, place_of, read_object
from sealwright_cli.sealed.templatefaults import oddity, of_public_text, of_secret_text
from sealwright_conventions.records import changing_record, field, record
from sealwright_crypto import KIND, Keyring, SealedSecret, scope_of, unseal
from sealwright_manifests.kinds.finding import Manifest, find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret, read_secret
from sealwright_manifests.text.documents import read_documents
from sealwright_templating import TemplateError, render

_ACTION = b"{{"
_MOST_NAMES = 10
_NO_VALUE = b"<no value>"
"""What a template prints for an item that does not exist, as in Go."""


@record
class RenderOptions:
    """What to render, and with which values.

    `values` are KEY=VALUE, `files` KEY=PATH, `keys` files with private keys that open the items; an item that none of
    them supplies is shown as `<KEY>`. `only` chooses one key, and writes its value alone. Items opened with `keys` are
    not shown on a terminal unless `to_terminal`, nor in errors what a template's functions say about values.
    `namespace` is for objects that name none, else `projects` say it. `choice` says which files of folders are read.
    """

    input: str = STDIN
    values: Sequence[str] = ()
    files: Sequence[str] = ()
    keys: Sequence[str] = ()
    only: str = ""
    output: Path | None = None
    to_terminal: bool = False
    namespace: str = ""
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))
    choice: Choice = field(default_factory=Choice)


@record
class _Given:
    """A value from the command line; `origin` is what messages call it."""

    origin: str
    key: str
    value: bytes = field(repr=False)


@record
class _Templates:
    """The templates of one object: its name in messages, its texts and its items' placeholders or values, by key.

    `are_public` means that the texts are a SealedSecret's; a Secret's are values.
    """

    called: str
    texts: Mapping[str, str] = field(repr=False)
    items: Mapping[str, bytes] = field(repr=False)
    are_public: bool = True

    def data(self, given: Sequence[_Given]) -> dict[str, bytes]:
        """Return the data that templates see: the items, and the other texts unrendered, as in the controller."""
        texts = {key: text.encode() for key, text in self.texts.items()}
        return texts | dict(self.items) | {one.key: one.value for one in given}

    def use(self, key: str) -> bool:
        """Tell whether a value with this key can matter: it replaces an item or a text, or a template names it."""
        named = re.compile(rf"(?<![\w-]){re.escape(key)}(?![\w-])")
        return key in self.items or key in self.texts or any(named.search(text) for text in self.texts.values())


@border()
def render_templates(options: RenderOptions, console: Console) -> ExitStatus:
    """Render every template of the objects in a file or folder and write the output, each under its key.

    If a named file fails, nothing is written. A file found in a folder is left out if it fails, and the others are
    written. Raises CliError for problems of the whole run; the errors of single templates are shown with the place in
    the text.
    """
    sources = find_sources([options.input], choice=options.choice)
    check_any_readable(sources)
    if options.keys and is_stdout(options.output) and not options.to_terminal:
        check_not_terminal(console.stdout)
    given = list(_given(options))
    run = _Run(options, console, given, read_keyring(options.keys) if options.keys else None)
    for source in sources:
        run.take(source)
    for found in run.errors:
        console.error(found)
    if run.errors and (run.is_stopped or not run.made):
        if len(run.errors) > 1:
            console.tell(f"{counted(len(run.errors), 'error')}, nothing written")
        return run.errors[0].status
    if not run.made:
        what = "no template of the name that --only gives" if options.only else "no template"
        name = sources[0].name if options.input == STDIN else options.input
        raise InputError(f"{name}: {what} in it", hint="templates are the texts under spec.template.data")
    run.warn_of_unused()
    page = run.made[0][2] if options.only else b"".join(_section(*one) for one in run.made)
    may_be_seen = options.to_terminal or not options.keys
    write_result(console.stdout, options.output, page, private=True, to_terminal=may_be_seen)
    if run.errors or not (options.only or sources[0].named):
        rest = f"; {counted(len(run.errors), 'error')}, the other files are done" if run.errors else ""
        console.tell(f"{counted(len(run.made), 'template')} rendered{rest}")
    return ExitStatus.PARTLY_DONE if run.errors else ExitStatus.OK


def _given(options: RenderOptions) -> Iterator[_Given]:
    for number, written in enumerate(options.values, start=1):
        key, value = _pair("--with", written)
        yield _Given(f"value {number} of --with", key, value.encode())
    for number, written in enumerate(options.files, start=1):
        key, path = _pair("--with-file", written)
        origin = f"file {number} of --with-file"
        yield _Given(origin, key, read_file(Path(path), name=shown_path(Path(path), origin)))


def _pair(option: str, written: str) -> tuple[str, str]:
    key, equals, value = written.partition("=")
    if not (key and equals):
        raise UsageError(f"{option}: no = between a key and its value", hint=f"write {option} KEY=…")
    return key, value


@changing_record
class _Run:
    """The state of one run: what was rendered (object, key, content), and the errors so far.

    `is_stopped` means that a file which the user named failed.
    """

    options: RenderOptions
    console: Console
    given: Sequence[_Given]
    keyring: Keyring | None
    made: list[tuple[str, str, bytes]] = field(default_factory=list)
    read: list[_Templates] = field(default_factory=list)
    errors: list[CliError] = field(default_factory=list)
    is_stopped: bool = False

    def take(self, source: Source) -> None:
        """Render everything in one source, of which all or nothing is kept; errors are recorded."""
        known = len(self.errors)
        made: list[tuple[str, str, bytes]] = []
        try:
            with border():
                for templates in self._read(source):
                    self.read.append(templates)
                    made += self._render(templates)
        except CliError as error:
            note(error, source, self.console, self.errors)
        if len(self.errors) == known:
            self.made += made
        else:
            self.is_stopped |= source.named

    def warn_of_unused(self) -> None:
        """Warn about values that no object uses."""
        for one in self.given:
            if not any(templates.use(one.key) for templates in self.read):
                items = sorted({visible(key) for templates in self.read for key in templates.items})
                listed = ", ".join(items[:_MOST_NAMES]) + ", …" * (len(items) > _MOST_NAMES) or "none"
                self.console.warn(
                    f"{one.origin}: there is no item of this name, and no template uses it; the items are: {listed}"
                )

    def _read(self, source: Source) -> Iterator[_Templates]:
        text = source.read(self.console)
        if not concerns(text, source, "Secret", self.console):
            return
        with recognised(text, source.name):
            manifests = list(find_manifests(read_documents(text, source.name)))
        for manifest in manifests:
            if manifest.is_sealed_secret:
                check_fields(manifest, self.console, SEALWRIGHT)
                default = self.options.projects.settings_for(source.path).namespace
                yield _of_sealed_secret(manifest, self.keyring, self.options.namespace, default)
            elif manifest.is_secret:
                with recognised(text, source.name):
                    templates = _of_secret(manifest, self.console)
                yield templates

    def _render(self, templates: _Templates) -> Iterator[tuple[str, str, bytes]]:
        """Yield what the wanted templates of one object make; errors are recorded."""
        data = templates.data(self.given)
        for key, text in templates.texts.items():
            if self.options.only not in ("", key):
                continue
            try:
                content = render(text, data, name=key)
            except TemplateError as error:
                self.errors.append(self._told(templates, error, text))
                continue
            if odd := oddity(content, [text.encode(), *templates.items.values(), *(one.value for one in self.given)]):
                stand_in = "; <KEY> stands for a value that was not given, see --with" if self._stands_in(data) else ""
                self.console.warn(f"{templates.called}: template {key} {odd}{stand_in * (_NO_VALUE not in content)}")
            yield templates.called, key, content

    def _stands_in(self, data: Mapping[str, bytes]) -> bool:
        """Tell whether a value is missing, so that its key stands in for it."""
        return any(value == f"<{key}>".encode() for key, value in data.items())

    def _told(self, templates: _Templates, error: TemplateError, text: str) -> CliError:
        """Return the error about one text, without values unless the user asked for them."""
        if not templates.are_public:
            return of_secret_text(templates.called, error, text, may_tell=self.options.to_terminal)
        holds_values = bool(self.given or self.keyring)
        may_tell = self.options.to_terminal or not holds_values
        return of_public_text(templates.called, error, text, may_tell=may_tell)


def _of_sealed_secret(manifest: Manifest, keyring: Keyring | None, namespace: str, default: str) -> _Templates:
    with recognised(manifest.document.source, manifest.document.name):
        sealed = read_object(manifest, namespace, default) if keyring else read_sealed_secret(manifest)
    called = f"{manifest.place}: {KIND} {place_of(sealed)}"
    texts = {key: text for key, text in sealed.template.data.items() if text is not None and key not in sealed.items}
    items = _opened(called, sealed, keyring) if keyring else _placeholders(sealed.items)
    return _Templates(called, texts, items)


def _opened(called: str, sealed: SealedSecret, keyring: Keyring) -> Mapping[str, bytes]:
    with border(called, (sealed, keyring)):
        secret = unseal(sealed, keyring, lambda *_: b"").secret
    # An item that null leaves out of the Secret is still available to templates.
    return _placeholders(sealed.items) | {key: secret.items[key] for key in sealed.items if key in secret.items}


def _of_secret(manifest: Manifest, console: Console) -> _Templates:
    """Split a Secret's items into those that look like templates, and the others."""
    secret = read_secret(manifest).secret
    check_filled(secret, scope_of(secret.annotations), manifest.document.name)
    place = "/".join(filter(None, [secret.namespace, secret.name]))
    texts = {key: value.decode("utf-8", "replace") for key, value in secret.items.items() if _ACTION in value}
    items = {key: value for key, value in secret.items.items() if key not in texts}
    for key in texts:
        console.warn(
            f"{manifest.place}: Secret {place}: sealing deploys {visible(key)} as literal text, with its {{{{; a "
            "template belongs under spec.template.data of the SealedSecret"
        )
    return _Templates(f"{manifest.place}: Secret {place}", texts, items, are_public=False)


def _placeholders(items: Mapping[str, object]) -> dict[str, bytes]:
    return {key: f"<{key}>".encode() for key in items}


def _section(called: str, key: str, content: bytes) -> bytes:
    end = b"" if content.endswith(b"\n") else b"\n"
    return f"# {visible(called)}: {visible(key)}\n".encode() + content + end


def _run(call: Call) -> ExitStatus:
    options = RenderOptions(
        call["file"],
        call["with"],
        call["with_file"],
        call["key"],
        call["only"],
        call["output"],
        call["to_terminal"],
        call["namespace"],
        projects(call),
        choice(call),
    )
    return render_templates(options, call.console)


VERB = Verb(
    """\
Preview what the templates of SealedSecrets make.

Reads a file, all manifests in a folder, or standard input. Items without a value appear as <KEY>. Given a Secret,
items that contain {{ are previewed as templates; sealing does not make them templates. Needs no cluster and no key.
""",
    """\
sealwright render sealed.yaml --with password=example
sealwright render sealed.yaml --with-file password=password.txt --only config.ini""",
    _run,
    (ONE_TREE,),
    (
        Option(("--with",), "Value of an item. May be repeated.", "KEY=VALUE", WHAT, many=True),
        Option(("--with-file",), "Value of an item, read from a file. May be repeated.", "KEY=PATH", WHAT, many=True),
        PRIVATE_KEYS,
        SEALED_NAMESPACE,
        *CHOICE_OPTIONS,
        *CONFIG_OPTIONS,
        Option(("--only",), "Print the result of this template only.", "KEY", WHERE, default=""),
        OUTPUT,
        TO_TERMINAL,
        QUIET,
    ),
)
