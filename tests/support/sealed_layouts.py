"""Writes files with SealedSecrets as people and programs do, in every style of YAML and JSON: strategies for Hypothesis.

A file is drawn as pieces, so that what an edit may change is known to the byte.
"""

import itertools
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from hypothesis import strategies as st
from tests.support.edits import ciphertext

LONG = "application-production-eu-central-1." * 4 + "properties"
NAMES = ["a", "b", "token-1", "config.json", LONG]
OTHERS = [
    "# about\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: '1', b: \"2\"}   # behind\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  s: |\n    # kind: SealedSecret\n    echo\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: &m\n  name: x\n  labels: {a: b}\n",
    '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a":  "b"}}\n',
    "# nothing\n",
]
SOME_CIPHERTEXT = rb"A[gQ][A-Za-z0-9+/=]{200,}"


@dataclass(frozen=True)
class Slot:
    """Where the ciphertext of an item stands, as `text`; an alias of another item's when it is `of` that."""

    name: str
    text: str
    of: str = ""


@dataclass
class SealedFile:
    """A file: its pieces, and what each item of its SealedSecret holds."""

    pieces: list[str | Slot] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    mark: bytes = b""
    encoding: str = "utf-8"
    forms: set[str] = field(default_factory=set)

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return self.mark + "".join(one if isinstance(one, str) else one.text for one in self.pieces).encode(
            self.encoding
        )

    def is_edited_into(self, content: bytes, changed: Collection[str]) -> bool:
        """Tell whether in some content the ciphertexts of these items are others, and nothing else is."""
        text = content.removeprefix(self.mark).decode(self.encoding).encode()
        pattern = b"".join(self._pattern(one, changed) for one in self.pieces)
        return content.startswith(self.mark) and re.fullmatch(pattern, text) is not None

    def without(self, names: Collection[str]) -> str | None:
        """Return the text without the lines of some items, and with their values written out for aliases.

        None for a map in braces, where an item has no lines.
        """
        if "json" in self.forms or any("encryptedData: {" in one for one in self.pieces if isinstance(one, str)):
            return None
        slots = [(at, one) for at, one in enumerate(self.pieces) if isinstance(one, Slot)]
        gone = {near for at, slot in slots if slot.name in names for near in (at - 1, at, at + 1)}
        return "".join(
            one if isinstance(one, str) else ciphertext(self.values[one.of]) if one.of in names else one.text
            for at, one in enumerate(self.pieces)
            if at not in gone
        )

    def _pattern(self, piece: str | Slot, changed: Collection[str]) -> bytes:
        if isinstance(piece, str):
            return re.escape(piece.encode())
        if piece.name in changed:
            return SOME_CIPHERTEXT
        written = ciphertext(self.values[piece.of]) if piece.of in changed else piece.text
        return re.escape(written.encode())

    def add(self, *pieces: str | Slot) -> None:
        """Put pieces behind those that are there."""
        self.pieces += [piece for piece in pieces if piece != ""]

    def written(self, line_break: str, *, ends: bool) -> "SealedFile":
        """Return the file with other line breaks, and with or without the last one."""
        if not ends and isinstance(self.pieces[-1], str):
            self.pieces[-1] = self.pieces[-1].removesuffix("\n")
        converted: list[str | Slot] = [
            one.replace("\n", line_break)
            if isinstance(one, str)
            else Slot(one.name, one.text.replace("\n", line_break), one.of)
            for one in self.pieces
        ]
        return SealedFile(converted, self.values, self.mark, self.encoding, self.forms)


class Writer:
    """Draws how each piece of one SealedSecret is written; lines begin at a column."""

    def __init__(self, draw: st.DrawFn, file: SealedFile, column: int) -> None:
        self.draw = draw
        self.file = file
        self.margin = " " * column
        self._number = itertools.count(1)
        self._anchored: list[str] = []

    def one_of(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def line(self, text: str, column: int = 0) -> None:
        self.file.add(f"{self.margin}{' ' * column}{text}{self.behind(text)}\n")

    def behind(self, text: str = "") -> str:
        tab = " " if "?" in text else "\t"  # nobody takes a tab behind the colon of an explicit key
        return self.one_of("", "", "", "  ", " # {}", tab + "# {}").format(f"remark {next(self._number)}: x")

    def comments(self, column: int) -> None:
        for _ in range(self.draw(st.sampled_from([0, 0, 0, 1, 2]))):
            margin = self.margin + " " * max(column, 0)
            self.file.add(self.one_of("\n", f"{margin}# remark {next(self._number)}\n", f"{margin}# - a: |\n"))

    def sealed_secret(self, names: list[str]) -> None:
        metadata = self.one_of("block", "flow", "anchored")
        parts = [lambda: self.metadata(metadata), lambda: self.spec(names)]
        self.line("apiVersion: bitnami.com/v1alpha1")
        self.line(self.one_of("kind: SealedSecret", '"kind": "SealedSecret"', "kind: !!str SealedSecret"))
        for part in self.draw(st.permutations(parts)):
            self.comments(0)
            part()

    def metadata(self, style: str) -> None:
        if style == "flow":
            self.line(
                self.one_of("metadata: {name: db, namespace: team-a}", 'metadata: {"name":"db",namespace: team-a,}')
            )
            return
        self.line("metadata: &metadata" if style == "anchored" else "metadata:")
        for text in self.draw(st.permutations(["name: db", "namespace: 'team-a'"])):
            self.comments(2)
            self.line(text, 2)

    def spec(self, names: list[str]) -> None:
        step = self.draw(st.sampled_from([1, 2, 4]))
        self.line("spec:")
        parts = [lambda: self.encrypted(step, names)]
        if self.draw(st.booleans()):
            parts.append(lambda: self.template(step))
        for part in self.draw(st.permutations(parts)):
            self.comments(step)
            part()

    def template(self, column: int) -> None:
        self.line("template:", column)
        self.line(
            self.one_of(
                "type: Opaque", "metadata: {labels: {x: z}}", "metadata:\n" + self.margin + "         labels: {x: z}"
            ),
            column + 2,
        )

    def encrypted(self, column: int, names: list[str]) -> None:
        if self.one_of("block", "block", "block", "flow") == "flow":
            self.braces(column, names)
            return
        self.line(
            self.one_of(
                "encryptedData:",
                "encryptedData: &encrypted",
                "'encryptedData':",
                "? encryptedData\n" + self.margin + " " * column + ":",
            ),
            column,
        )
        inner = column + self.draw(st.sampled_from([1, 2, 3]))
        for name in names:
            self.comments(inner)
            self.entry(inner, name)

    def entry(self, column: int, name: str) -> None:
        margin = self.margin + " " * column
        key = self.key(name)
        prefix = margin + self.one_of(f"{key}:", f"{key}:", f"? {key}{self.behind()}\n{margin}:")
        self.value(prefix, margin, name)

    def key(self, name: str) -> str:
        quoted = [f"'{name}'", json.dumps(name), f'"\\x{ord(name[0]):02x}{name[1:]}"']
        return self.one_of(name, name, *quoted, f"!!str {name}", f"&key{next(self._number)} {name}")

    def value(self, prefix: str, margin: str, name: str) -> None:
        sealed = self.draw(st.sampled_from(["one", "two", "three"]))
        if self._anchored and self.one_of("", "", "alias"):
            of = self._anchored[-1]
            self.file.values[name] = self.file.values[of]
            self.file.add(f"{prefix} ", Slot(name, f"*{_anchor(of)}", of), f"{self.behind()}\n")
            return
        self.file.values[name] = sealed
        text = ciphertext(sealed)
        style = self.one_of("plain", "plain", "single", "double", "block", "block", "next line", "anchored", "wrapped")
        if style in ("single", "double"):
            quote = "'" if style == "single" else '"'
            self.file.add(f"{prefix} {quote}", Slot(name, text), f"{quote}{self.behind()}\n")
        elif style == "next line":
            self.file.add(f"{prefix}{self.behind(prefix)}\n{margin}   ", Slot(name, text), f"{self.behind()}\n")
        elif style == "block":
            head = self.one_of("|", "|-", "|+", ">", ">-", ">+", "|2", ">2-", "|-2", "!!str |-")
            tail = self.one_of("", "", "\n", "\n\n")
            self.file.add(f"{prefix} {head}{self.behind()}\n{margin}  ", Slot(name, text), f"\n{tail}")
        elif style == "wrapped":
            self.file.add(
                f"{prefix} |-{self.behind()}\n{margin}    ", Slot(name, _wrapped(text, f"\n{margin}    ")), "\n"
            )
        else:
            properties = ""
            if style == "anchored":
                properties = f"&{_anchor(name)} " + self.one_of("", "!!str ")
                self._anchored.append(name)
            self.file.add(f"{prefix} {properties}", Slot(name, text), f"{self.behind()}\n")

    def braces(self, column: int, names: list[str]) -> None:
        margin = self.margin + " " * column
        separate = self.one_of(" ", f"\n{margin}    ", f" # in braces\n{margin}    ")
        self.file.add(f"{margin}encryptedData: {{{separate if separate != ' ' else ''}")
        for position, name in enumerate(names):
            self.file.values[name] = self.draw(st.sampled_from(["one", "two", "three"]))
            quote = self.one_of("", "'", '"')
            key = self.one_of(f"{json.dumps(name)}: ", f"{name}: ") if len(name) < 100 else f"{json.dumps(name)}: "
            comma = "," if position < len(names) - 1 else self.one_of("", ",")
            self.file.add(f"{key}{quote}", Slot(name, ciphertext(self.file.values[name])), f"{quote}{comma}")
            self.file.add(
                separate if position < len(names) - 1 else self.one_of("", f"\n{margin}  ", f" # last\n{margin}")
            )
        self.file.add(f"}}{self.behind()}\n")


def _anchor(name: str) -> str:
    return "x-" + name.replace(".", "-")


def _wrapped(text: str, line_break: str) -> str:
    return line_break.join(text[at : at + 128] for at in range(0, len(text), 128))


def _json(draw: st.DrawFn, file: SealedFile, names: list[str]) -> None:
    file.values.update({name: draw(st.sampled_from(["one", "two", "three"])) for name in names})
    manifest = {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": {"name": "db", "namespace": "team-a"},
        "spec": {"encryptedData": {name: f"<{name}>" for name in names}, "template": {}},
    }
    indent = draw(st.sampled_from([None, 1, 2, 4, "\t"]))
    separators = draw(st.sampled_from([(",", ": "), (",", ":"), (", ", ": ")]))
    text = json.dumps(manifest, indent=indent, separators=separators)
    for part in re.split(r"(<[^>]*>)", text):
        name = part[1:-1]
        file.add(Slot(name, ciphertext(file.values[name])) if part.startswith("<") else part)
    file.add(draw(st.sampled_from(["\n", "\n\n", " \n"])))


@st.composite
def sealed_files(draw: st.DrawFn, *, plain: bool = False) -> SealedFile:
    """Draw a file with one SealedSecret, team-a/db; a `plain` one is UTF-8 without a mark or a directive."""
    file = SealedFile()
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    before, after = (draw(st.lists(st.sampled_from(OTHERS), max_size=2)) for _ in range(2))
    marker = st.sampled_from(["---\n", "--- # remark\n", "...\n---\n", "# remark\n---\n", "---\n# remark\n\n"])
    for position, other in enumerate(before):
        file.add(draw(marker if position else st.sampled_from(["", "---\n"] if "kind" in other else ["---\n"])), other)
    file.add(
        draw(marker)
        if before
        else draw(st.sampled_from(["", "", "---\n", "# remark\n\n---\n", "---\n" if plain else "%YAML 1.1\n---\n"]))
    )
    form = draw(st.sampled_from(["yaml", "yaml", "yaml", "list", "json"]))
    file.forms.add(form)
    if form == "json":
        _json(draw, file, names)
    else:
        _in_yaml(draw, file, names, form)
    for other in after:
        file.add(draw(marker), other)
    file.add(
        draw(
            st.sampled_from(
                ["", "", "\n", "  \n\n"] if form == "json" else ["", "", "\n", "  \n\n", "...\n", "# the end\n"]
            )
        )
    )
    if not plain:
        file.mark, file.encoding = draw(
            st.sampled_from([(b"", "utf-8"), (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le")])
        )
    return file.written(draw(st.sampled_from(["\n", "\r\n"])), ends=draw(st.booleans()))


def _in_yaml(draw: st.DrawFn, file: SealedFile, names: list[str], form: str) -> None:
    if form == "yaml":
        Writer(draw, file, 0).sealed_secret(names)
        return
    margin = draw(st.sampled_from(["", "  "]))
    file.add(
        f"apiVersion: v1\nkind: List\nitems:\n{margin}- apiVersion: v1\n{margin}  kind: ConfigMap\n{margin}  metadata: {{name: x}}\n"
    )
    file.add(f"{margin}- # the sealed one\n")
    Writer(draw, file, len(margin) + 2).sealed_secret(names)
    if draw(st.booleans()):
        file.add(f"{margin}- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: y}}}}\n")
