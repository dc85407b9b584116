"""The corpus of files with SealedSecrets (tests/vectors/corpus), each run through verbs: what changes, byte for byte.

A verb joins with a row in CASES. `python -m tests.support.corpus [CASE...]` records what it does to each file in
tests/vectors/corpus/goldens, to be reviewed by eye; tests/cli/test_corpus.py compares.

A ciphertext is `<old>` if the file had it before, else `<new>`, since a new one is never the same twice.
"""

import argparse
import difflib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.support.builders import VECTORS, keyring, sealing_key
from tests.support.cli import CERTIFICATE, PRIVATE_KEY
from tests.vectors.corpus.make import FILES, HERE, LONG

from sealwright_cli.commandline.spec import Call
from sealwright_cli.files.disk import decode
from sealwright_cli.front import words
from sealwright_cli.front.index import find, load
from sealwright_cli.messages.errors import CliError
from sealwright_cli.messages.ui import Console
from sealwright_cli.surroundings import Surroundings
from sealwright_crypto import Template, load_sealing_key, unseal
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import read_documents

GOLDENS = HERE / "goldens"
NAMES = sorted(path.name for path in FILES.iterdir())
NOW = datetime(2026, 3, 2, tzinfo=UTC)
Items = Mapping[str, str]

_OTHER, _NEW = (
    load_sealing_key(*((VECTORS / f"keys/{name}-2048.{part}.pem").read_bytes() for part in ("crt", "key")))
    for name in ("other", "new")
)
_ITEM = {"docker.yaml": ".dockerconfigjson", "explicit-key-first.yaml": LONG, "no-items.yaml": "none"}
_OPTIONS = {"no-namespace.yaml": ["-n", "shop"], "two-objects.yaml": ["--name", "db"]}
_CERT = ["--cert", str(CERTIFICATE)]
_TO_NEW = ["--cert", str(VECTORS / "keys/new-2048.crt.pem"), "--key", str(PRIVATE_KEY)]
_TO_NEW += ["--key", str(VECTORS / "keys/other-2048.key.pem")]
_SECRET = b"""\
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: shop}
stringData: {password: changed, added: new}
"""
_CIPHERTEXT = re.compile(r"[A-Za-z0-9+/]{30,}={0,2}")
_SHOWN = str.maketrans({"\r": "\\r", "\t": "\\t", "\ufeff": "\\ufeff", "\n": ""})


@dataclass(frozen=True)
class Case:
    """What is done to each file: `line` gives the words behind `sealwright` for an item and a path.

    `items` gives what the items hold then, from what they held before; both are opened with the test keys. `editor`
    gives the command that changes the text of `edit` for an item. A verb that `takes_all` objects of a file has no
    option --name.
    """

    line: Callable[[str, str], Sequence[str]]
    items: Callable[[Items, str], Items]
    stdin: bytes = b""
    editor: Callable[[str], Sequence[str]] = lambda _: ["true"]
    takes_all: bool = False


def _none(*_: object) -> bytes:
    return b""


def _without(items: Items, item: str) -> Items:
    return {name: value for name, value in items.items() if name != item}


def _typing(item: str) -> Sequence[str]:
    """Return an editor that writes `changed` in the place of an item's `<sealed>`, or adds the only item."""
    code = (
        "import pathlib, sys; path, key = pathlib.Path(sys.argv[2]), sys.argv[1]; text = path.read_text();"
        "new = text.replace(f'    {key}: <sealed>\\n', f'    {key}: changed\\n');"
        "new = new.replace('encryptedData: {}', f'encryptedData:\\n    {key}: changed'); path.write_text(new)"
    )
    return [sys.executable, "-IS", "-c", code, item]


CASES: Mapping[str, Case] = {
    "edit": Case(lambda _, path: ["edit", path, *_CERT], lambda old, item: {**old, item: "changed"}, editor=_typing),
    "edit-nothing": Case(lambda _, path: ["edit", path], lambda old, _: old),
    "merge": Case(
        lambda _, path: ["merge", path, *_CERT],
        lambda old, _: {**old, "password": "changed", "added": "new"},
        _SECRET,
        takes_all=True,
    ),
    "reencrypt": Case(lambda _, path: ["reencrypt", path, *_TO_NEW], lambda old, _: old, takes_all=True),
    "set": Case(lambda item, path: ["set", path, item, *_CERT], lambda old, item: {**old, item: "changed"}, b"changed"),
    "set-new": Case(
        lambda _, path: ["set", path, "added", *_CERT], lambda old, _: {**old, "added": "changed"}, b"changed"
    ),
    "unset": Case(lambda item, path: ["unset", path, item], _without),
    "rename": Case(
        lambda item, path: ["rename", path, item, "passphrase"],
        lambda old, item: {"passphrase" if name == item else name: value for name, value in old.items()},
    ),
}


@dataclass(frozen=True)
class Result:
    """What a run left behind: `text` is what the golden file holds of it."""

    status: int
    text: str
    before: bytes
    after: bytes
    items: Items | None


def run(case: str, name: str) -> Result:
    """Run a case over a copy of a file of the corpus."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        shutil.copyfile(FILES / name, path)
        before = path.read_bytes()
        options = [] if CASES[case].takes_all and "--name" in _OPTIONS.get(name, []) else _OPTIONS.get(name, [])
        line = [*CASES[case].line(item_of(name), str(path)), *options]
        status, told = _run(line, CASES[case].stdin, shlex.join(CASES[case].editor(item_of(name))))
        after = path.read_bytes()
        items = items_of(after) if status == 0 else None
        messages = [f"  {text}" for text in told.replace(f"{folder}/", "").splitlines()]
    text = "\n".join([f"== {name}: {status}", *map(_without_keys, messages), *_changes(before, after), ""])
    return Result(status, text, before, after, items)


def item_of(name: str) -> str:
    """Return the item of a file that is changed."""
    return _ITEM.get(name, "password")


def items_of(content: bytes) -> Items:
    """Return what the object shop/db of a file holds, opened with both keys of the corpus."""
    for manifest in find_manifests(read_documents(decode(content, ""), "")):
        if manifest.is_sealed_secret and (sealed := read_sealed_secret(manifest)).name == "db":
            opened = unseal(
                replace(sealed, namespace="shop", template=Template()), keyring(sealing_key(), _OTHER, _NEW), _none
            )
            return {name: value.decode() for name, value in opened.secret.items.items()}
    return {}


def recorded(case: str) -> dict[str, str]:
    """Return the golden text of each file."""
    text = (GOLDENS / f"{case}.txt").read_text(encoding="utf-8")
    return {part.partition(":")[0]: f"== {part}" for part in text.split("== ") if part}


def _run(line: Sequence[str], stdin: bytes, editor: str) -> tuple[int, str]:
    verb_name, count = find(line)
    verb = load(verb_name)
    given = words.read(verb, line[count:], {})
    assert given is not None, line
    console = Console(io.BytesIO(stdin), io.BytesIO(), io.StringIO(), lambda _: "")
    try:
        surroundings = Surroundings({"EDITOR": editor, "PATH": os.environ["PATH"]})
        status = int(verb.run(Call(given, console, surroundings, NOW, lambda: 0.0)))
    except CliError as error:
        console.error(error)
        status = int(error.status)
    told = console.stderr.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
    return status, told


def _changes(before: bytes, after: bytes) -> list[str]:
    if before == after:
        return []
    old, new = _text(before), _text(after)
    mine, other = old.splitlines(keepends=True), new.splitlines(keepends=True)
    lines = list(difflib.unified_diff(mine, other, n=1))[2:]
    return [_shown(line, old) for line in lines]


def _text(content: bytes) -> str:
    return content.decode("utf-16" if content.startswith(b"\xff\xfe") else "utf-8")


def _shown(line: str, old: str) -> str:
    if line.startswith("@@"):
        return line.rstrip("\n")
    has_end = line.endswith("\n")
    text = _CIPHERTEXT.sub(lambda found: found[0] if _is_name(found[0]) else _age(found[0], old), _without_keys(line))
    return text.translate(_SHOWN) + ("" if has_end else "\\")


def _is_name(text: str) -> bool:
    return text.islower()


def _age(text: str, old: str) -> str:
    return "<old>" if text in old else "<new>"


def _without_keys(text: str) -> str:
    for name, key in (("<key>", sealing_key()), ("<other key>", _OTHER), ("<new key>", _NEW)):
        text = text.replace(key.fingerprint, name).replace(key.fingerprint[:32], name)
    return text


def main() -> None:
    """Record what the cases do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", default=list(CASES))
    GOLDENS.mkdir(exist_ok=True)
    for case in parser.parse_args().cases:
        text = "".join(run(case, name).text for name in NAMES)
        (GOLDENS / f"{case}.txt").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
