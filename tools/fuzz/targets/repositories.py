"""What the command reads of a repository and of the user's own folders: project files, versions to merge, edited text."""

import json
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

from tests.support.builders import sealing_key
from tests.support.edits import sealed_text
from tests.support.sealed_layouts import sealed_files

from sealwright_cli.files.templatefiles import TemplateFileError
from sealwright_cli.lint.onefile import of_text
from sealwright_cli.lint.settings import Surroundings
from sealwright_cli.messages.errors import CliError
from sealwright_cli.project.reading import project_of
from sealwright_cli.sealed.digests import FILE, Digests
from sealwright_cli.views import page
from sealwright_crypto import Label, Scope
from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.merging.streams import merge_texts
from sealwright_manifests.text.decoding import decoded
from sealwright_manifests.text.documents import read_documents
from tools.fuzz.targets.sealed import item
from tools.fuzz.targets.target import Target

_LABEL = Label(b"team-a/db")
_BETWEEN = b"\x00\x00\x00"
"""What separates the three versions of an input."""
_PROJECT = b"""\
# ours
targets:
  dev: {certificate: dev.pem, pin: "574d6985e08313787163b8e32718770d5b3f876f05f783e4db3f3ca5b8caac26"}
  prod: {context: prod, controller: {namespace: kube-system, name: sealwright}}
rules:
  - path: [secrets/**/*.yaml, "!x", "[a-c]?.yaml"]
    target: [dev, prod]
    namespace: shop
    scope: namespace-wide
    output: "{folder}/{name}-{target}.yaml"
    outer: {labels: {a: b}, annotations: {argocd.argoproj.io/sync-wave: "-1"}}
  - {path: "**", target: dev, lint: {select: [SW1, SW305], ignore: no-items}}
lint:
  ignore: [SW302]
"""
_PROJECT_WORDS = [
    b"targets:\n", b"rules:\n", b"  - path: ", b"target: ", b"certificate: ", b"context: ", b"output: ", b"{target}",
    b"{folder}", b"{name}", b"lint: ", b"**", b"*", b"[", b"]", b"!", b"{", b"}", b"&a ", b"*a", b"? ", b"---\n", b"SW1", b"null",
]  # fmt: skip
_TEXT_WORDS = [
    b"<sealed>", b"<sealed a>", b"<base64 eA==>", b"# sealwright: ignore[SW1]", b"{{ .a }}", b"{{ if .b }}", b"{{ end }}",
    b"${X}", b"  template:\n", b"    data:\n", b"kind: Secret\n", b"encryptedData:\n", b"---\n", b"\r\n", b"\t", b"- ", b"&a ", b"*a",
    b"'", b'"', b"|", b">-\n", b"#! error\n", b"<<<<<<<\n", _BETWEEN,
]  # fmt: skip


def project_file() -> Target:
    """Return the target of project files: a mistake is told at a place in the text, and rules can be looked up."""

    def check(data: bytes) -> None:
        with suppress(CliError, BadManifestError):
            project = project_of(decoded(data, "x"), Path("/p/.sealwright.yaml"))
            for path in ("a.yaml", "secrets/a/b.yaml", "-"):
                project.rules_for(Path("/p") / path)

    return Target("project-file", check, [_PROJECT], _PROJECT_WORDS)


def merging() -> Target:
    """Return the target of Git's merges: no side is preferred, and what has no conflict can be read."""

    def check(data: bytes) -> None:
        parts = ([*data.split(_BETWEEN, 2), b"", b""])[:3]
        try:
            base, ours, theirs = (decoded(one, "x") for one in parts)
        except BadManifestError:
            return
        merged, swapped = merge_texts(base, ours, theirs), merge_texts(base, theirs, ours)
        assert (merged is None) == (swapped is None)
        if merged and swapped:
            assert len(merged.conflicts) == len(swapped.conflicts)
            if not merged.conflicts and merged.text not in (base, ours, theirs):
                read_documents(merged.text, "x")

    def make(random: Random) -> bytes:
        return _BETWEEN.join(_edited(random, texts[0]) for _ in range(3))

    texts = _sealed_texts()
    return Target(
        "merging", check, [_BETWEEN.join((texts[0], one, other)) for one in texts for other in texts], _TEXT_WORDS, make
    )


def linting() -> Target:
    """Return the target of lint: each finding is at a line of the text."""

    def check(data: bytes) -> None:
        try:
            text = decoded(data, "x")
            found = of_text(text, "x", Surroundings(is_chart_template=True)).findings
        except (BadManifestError, TemplateFileError):
            return
        assert all(1 <= one.line <= text.count("\n") + 2 for one in found)

    examples = [*_sealed_texts(), b"kind: Secret\nmetadata: {name: a}\nstringData: {a: b}\n"]
    return Target("linting", check, examples, _TEXT_WORDS, None, sealed_files().map(lambda file: file.content))


def edited_text() -> Target:
    """Return the target of what comes back from an editor: a mistake is told at its top, once."""

    def mistake(text: str) -> CliError | None:
        try:
            page.read(page.without_reason(text))
        except CliError as error:
            return error
        return None

    def check(data: bytes) -> None:
        try:
            text = decoded(data, "x")
        except BadManifestError:
            return
        if found := page.with_reason(text, mistake):
            assert page.without_reason(found[0]) == page.without_reason(text)

    shown = [page.written(data, values, "SealedSecret team-a/db", Scope.STRICT) for data, values in _OBJECTS]
    return Target("edited-text", check, [one.encode() for one in shown], _TEXT_WORDS)


def digests() -> Target:
    """Return the target of remembered digests: a file that is none costs a warning and remembers nothing."""

    def check(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / FILE
            path.touch(mode=0o600)
            path.write_bytes(data)
            warnings: list[str] = []
            known = Digests(Path(folder), warnings.append)
            is_known = known.is_of("AgB", sealing_key().fingerprint, _LABEL, "a", b"x")
            assert not (is_known and (warnings or not known.has("AgB", "a")))

    content = json.dumps({"version": 1, "key": "ab" * 32, "digests": {"0" * 32: "1" * 32}}, indent=0).encode()
    return Target(
        "digests", check, [content], [b'"version"', b'"key"', b'"digests"', b"{", b"}", b"[", b"null", b"1e999"]
    )


_OBJECTS = [
    ({"metadata": {"name": "db", "namespace": "team-a"}, "spec": {"encryptedData": {"a": "AgB", "b.c": "AgC"}}}, {}),
    ({"metadata": {"name": "db"}, "spec": {"encryptedData": {"a": "AgB"}}}, {"a": b"one\ntwo\n"}),
    ({"metadata": {"name": "db"}, "spec": {"encryptedData": {"a": "AgB"}}}, {"a": b"\xff"}),
]


def _sealed_texts() -> list[bytes]:
    """Return versions of a file with a SealedSecret."""
    x, y = (item(value, sealing_key().certificate) for value in (b"x", b"y"))
    template = "  template:\n    data: {u: '{{ .a }}${B}'}\n    type: Opaque\n"
    return [
        sealed_text(f"\n    a: {x}\n    b: {y} # b\n").encode(),
        sealed_text(f"\n    a: {y}\n    # new\n    c: {x}\n", head="# ours\n", tail=template).encode(),
        sealed_text(f"\n    b: |\n      {x}\n    a: {x}\n").encode(),
    ]


def _edited(random: Random, text: bytes) -> bytes:
    """Return a text in which some lines went, came twice, moved or changed."""
    lines: Sequence[bytes] = text.splitlines(keepends=True)
    made = list(lines)
    for _ in range(random.choice((0, 1, 1, 2))):
        at, other = random.randrange(len(made)), random.randrange(len(lines))
        match random.randrange(4):
            case 0 if len(made) > 1:
                del made[at]
            case 1:
                made.insert(at, lines[other])
            case 2:
                made.insert(at, b"    k%d: AgB\n" % random.randrange(3))
            case _:
                made[at] = made[at].replace(b"A", random.choice((b"B", b"A", b"AA")), 1)
    return b"".join(made)
