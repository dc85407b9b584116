"""`sealwright render`: previews the output of the templates in a SealedSecret or Secret before it is deployed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sealwright_cli.border import border
from sealwright_cli.errors import CliError, InputError, UsageError
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.files import check_not_terminal, is_stdout, read_file, write_result
from sealwright_cli.inputs import STDIN, find_sources
from sealwright_cli.keyfiles import read_keyring
from sealwright_cli.sealedinput import place_of, read_object, warn_of_fields
from sealwright_cli.templatefiles import TemplateFileError, note, recognised
from sealwright_cli.ui import Console, counted, visible
from sealwright_crypto import KIND, Keyring, SealedSecret, unseal
from sealwright_manifests.kinds.finding import Manifest, find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret, read_secret
from sealwright_manifests.text.documents import read_documents
from sealwright_templating import TemplateError, render

_ACTION = b"{{"
_LONGEST_LINE = 100


@dataclass(frozen=True)
class RenderOptions:
    """What to render, and with which values.

    `values` are KEY=VALUE, `files` KEY=PATH, `keys` files with private keys that open the items; an item that none of
    them supplies is shown as `<KEY>`. `only` chooses one key, and writes its value alone. Items opened with `keys` are
    not shown on a terminal unless `to_terminal`.
    """

    input: str = STDIN
    values: Sequence[str] = ()
    files: Sequence[str] = ()
    keys: Sequence[str] = ()
    only: str = ""
    output: Path | None = None
    to_terminal: bool = False
    namespace: str = ""


@dataclass(frozen=True)
class _Templates:
    """The templates of one object: its name in messages, its texts by key, and the data for rendering."""

    called: str
    texts: Mapping[str, str]
    data: Mapping[str, bytes] = field(repr=False)


@border()
def render_templates(options: RenderOptions, console: Console) -> ExitStatus:
    """Render every template of the objects in a file and write the output, each under its key.

    Raises CliError; the errors of single templates are shown with the place in the text.
    """
    if options.keys and is_stdout(options.output) and not options.to_terminal:
        check_not_terminal(console.stdout)
    given = dict(_given(options))
    made: list[tuple[str, str, bytes]] = []
    errors: list[CliError] = []
    for templates in _read(options, given, console):
        for key, text in templates.texts.items():
            if options.only not in ("", key):
                continue
            try:
                made.append((templates.called, key, render(text, templates.data, name=key)))
            except TemplateError as error:
                words, excerpt = f"{templates.called}: {error}", _excerpt(error, text)
                errors.append(InputError(words, excerpt=excerpt, hint="correct the template at the mark"))
    for found in errors:
        console.error(found)
    if errors:
        console.tell(f"{counted(len(errors), 'error')}, nothing written")
        return errors[0].status
    if not made:
        what = "no template of the name that --only gives" if options.only else "no template"
        raise InputError(f"{options.input}: {what} in it", hint="templates are the texts under spec.template.data")
    page = made[0][2] if options.only else b"".join(_section(*one) for one in made)
    may_be_seen = options.to_terminal or not options.keys
    write_result(console.stdout, options.output, page, private=True, to_terminal=may_be_seen)
    return ExitStatus.OK


def _given(options: RenderOptions) -> Iterator[tuple[str, bytes]]:
    for written in options.values:
        key, value = _pair("--with", written)
        yield key, value.encode()
    for written in options.files:
        key, path = _pair("--with-file", written)
        yield key, read_file(Path(path))


def _pair(option: str, written: str) -> tuple[str, str]:
    key, equals, value = written.partition("=")
    if not (key and equals):
        raise UsageError(f"{option}: no = between a key and its value", hint=f"write {option} KEY=…")
    return key, value


def _read(options: RenderOptions, given: Mapping[str, bytes], console: Console) -> Iterator[_Templates]:
    keyring = read_keyring(options.keys) if options.keys else None
    for source in find_sources([options.input]):
        text = source.read(console)
        if not source.named and "Secret" not in text:
            continue
        try:
            with recognised(text, source.name):
                manifests = list(find_manifests(read_documents(text, source.name)))
                for manifest in manifests:
                    if manifest.is_sealed_secret:
                        warn_of_fields(manifest, console)
                        yield _of_sealed_secret(manifest, given, keyring, options.namespace)
                    elif manifest.is_secret:
                        yield _of_secret(manifest, given, console)
        except TemplateFileError as error:
            note(error, source, console, [])
            if source.named:
                raise


def _of_sealed_secret(
    manifest: Manifest, given: Mapping[str, bytes], keyring: Keyring | None, namespace: str
) -> _Templates:
    sealed = read_object(manifest, namespace) if keyring else read_sealed_secret(manifest)
    called = f"{manifest.place}: {KIND} {place_of(sealed)}"
    texts = {key: text for key, text in sealed.template.data.items() if text is not None and key not in sealed.items}
    items = _opened(called, sealed, keyring) if keyring else _placeholders(sealed.items)
    return _Templates(called, texts, _data(texts, items, given))


def _opened(called: str, sealed: SealedSecret, keyring: Keyring) -> Mapping[str, bytes]:
    with border(called):
        secret = unseal(sealed, keyring, lambda *_: b"").secret
    # An item that null leaves out of the Secret is still available to templates.
    return _placeholders(sealed.items) | {key: secret.items[key] for key in sealed.items if key in secret.items}


def _of_secret(manifest: Manifest, given: Mapping[str, bytes], console: Console) -> _Templates:
    """Split a Secret's items into those that look like templates, and the data for them."""
    secret = read_secret(manifest).secret
    place = "/".join(filter(None, [secret.namespace, secret.name]))
    texts = {key: value.decode("utf-8", "replace") for key, value in secret.items.items() if _ACTION in value}
    items = {key: value for key, value in secret.items.items() if key not in texts}
    for key in texts:
        console.warn(
            f"{manifest.place}: Secret {place}: sealing deploys {visible(key)} as literal text, with its {{{{; a "
            "template belongs under spec.template.data of the SealedSecret"
        )
    return _Templates(f"{manifest.place}: Secret {place}", texts, _data(texts, items, given))


def _placeholders(items: Mapping[str, object]) -> dict[str, bytes]:
    return {key: f"<{key}>".encode() for key in items}


def _data(texts: Mapping[str, str], items: Mapping[str, bytes], given: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the data that templates see: the items, and the other texts unrendered, as in the controller."""
    return {key: text.encode() for key, text in texts.items()} | dict(items) | dict(given)


def _section(called: str, key: str, content: bytes) -> bytes:
    end = b"" if content.endswith(b"\n") else b"\n"
    return f"# {visible(called)}: {visible(key)}\n".encode() + content + end


def _excerpt(error: TemplateError, text: str) -> list[str]:
    """Return the line of the template with a caret at the place, and the detail for a person who holds the data."""
    lines = text.split("\n")
    line = lines[error.line - 1] if error.line <= len(lines) else ""
    start = max(0, error.column - 1 - _LONGEST_LINE // 2)
    caret = " " * len(visible(line[start : error.column - 1])) + "^"
    return [line[start : start + _LONGEST_LINE], caret, *filter(None, [error.detail])]
