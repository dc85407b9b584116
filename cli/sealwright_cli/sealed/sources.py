"""Items from files, as kubectl reads them for `kubectl create secret`: spellings, folders, files of variables."""

import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from sealwright_cli.files.disk import is_folder, read_file, reason
from sealwright_cli.messages.advice import when_reading
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.naming import shown_path
from sealwright_manifests.names import is_item_name

_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_SPACE = "\t\n\v\f\r \x85\xa0"
_NO_VARIABLE = "does not begin with the name of a variable"
_IN_A_KEY = "letters, digits, - _ and . in the key, and no digit first"
_NAME = "letters, digits, - _ and . are allowed, at most 253"


def from_files(word: str) -> Iterator[tuple[str, bytes]]:
    """Yield the items that `PATH` or `KEY=PATH` stands for: a file, or each regular file of a folder.

    Raises UsageError and InputError, which name the option and no word that may be a value.
    """
    key, equals, rest = word.partition("=")
    if equals and not (key and rest and "=" not in rest):
        raise UsageError("--from-file: PATH or KEY=PATH is expected", hint="neither may hold a = of its own")
    path = Path(rest if equals else word)
    shown = shown_path(path, "the file that --from-file names")
    if is_folder(path):
        if equals:
            raise UsageError(f"--from-file: {shown} is a folder, which takes no key", hint="leave out the key")
        yield from _of_folder(path)
        return
    name = key if equals else path.name
    _check(name, f"--from-file: {shown}" if equals else shown)
    yield name, read_file(path, name=shown)


def from_env_file(path: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Yield the items in lines `KEY=value`, whose values stand as they are, quotes included.

    The value of a line without = is that of the environment's variable. Raises InputError naming the line.
    """
    shown = shown_path(path, "the file that --from-env-file names")
    content = read_file(path, name=shown).removeprefix(b"\xef\xbb\xbf")
    for number, line in enumerate(content.split(b"\n"), start=1):
        try:
            text = line.removesuffix(b"\r").decode().lstrip(_SPACE)
        except UnicodeDecodeError:
            raise InputError(f"{shown}: line {number}: not UTF-8 text", hint="save the file as UTF-8") from None
        if not text or text.startswith("#"):
            continue
        key, equals, value = text.partition("=")
        if not _VARIABLE.fullmatch(key) or not is_item_name(key):
            is_shell = text.startswith("export ")
            raise InputError(
                f"{shown}: line {number}: {'begins with export, as for a shell' if is_shell else _NO_VARIABLE}",
                hint="write KEY=value, as for kubectl create secret: "
                + ("no export, and no quotes around values" if is_shell else _IN_A_KEY),
            )
        yield key, (value if equals else environ.get(key, "")).encode("utf-8", "surrogateescape")


def _of_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: {reason(error)}", hint=when_reading(error)) from None
    for path in found:
        if stat.S_ISREG(path.lstat().st_mode):
            _check(path.name, str(path))
            yield path.name, read_file(path)


def _check(name: str, shown: str) -> None:
    if not is_item_name(name):
        raise InputError(f"{shown}: not a name that an item can have", hint=f"{_NAME}; KEY=PATH gives another name")
