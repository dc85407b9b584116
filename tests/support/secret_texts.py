"""Writes Secrets as people do, in every style of YAML: strategies for Hypothesis."""

import itertools
import json
from dataclasses import dataclass, field

from hypothesis import strategies as st

NAMES = st.text("abcxyz", min_size=1, max_size=6)
LINES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12)
VALUES = st.one_of(
    LINES,
    st.lists(LINES, max_size=4).map("\n".join),
    st.sampled_from(
        ["true", "017", "", "null", "a: b", "# no comment", "---", "{{ x }}", " led by a blank", "12:30", "trailing "]
    ),
)


@dataclass
class SecretText:
    """A Secret's text and what is in it."""

    lines: list[str] = field(default_factory=list)
    items: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(self.lines) + "\n"


class Writer:
    """Draws how each piece is written."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.text = SecretText()
        self._number = itertools.count(1)

    def secret(self) -> SecretText:
        parts = [self.metadata, self.items, self.type, lambda: self.line("kind: Secret")]
        self.comment_lines(0)
        for part in self.draw(st.permutations(parts)):
            part()
            self.comment_lines(0)
        return self.text

    def metadata(self) -> None:
        step = self.draw(st.sampled_from([2, 4]))
        self.line("metadata:")
        fields = [lambda: self.line(f"{' ' * step}name: db"), lambda: self.line(f"{' ' * step}namespace: team-a")]
        fields += [
            lambda: self.map(step, "labels", self.text.labels),
            lambda: self.map(step, "annotations", self.text.annotations),
        ]
        for one in self.draw(st.permutations(fields)):
            self.comment_lines(step)
            one()

    def items(self) -> None:
        self.map(0, "stringData", self.text.items, least=1)

    def type(self) -> None:
        self.line("type: Opaque")

    def map(self, column: int, key: str, into: dict[str, str], least: int = 0) -> None:
        names = self.draw(st.lists(NAMES, min_size=least, max_size=3, unique=True))
        if not names:
            return
        self.line(f"{' ' * column}{key}:")
        inner = column + self.draw(st.sampled_from([1, 2, 3]))
        for name in names:
            self.comment_lines(inner)
            into[name] = self.draw(VALUES)
            self.entry(inner, name, into[name])

    def entry(self, column: int, name: str, value: str) -> None:
        margin = " " * column
        styles = ["double"]
        if not value:
            styles.append("nothing")
        if "\n" not in value:
            styles.append("single")
        if (
            value
            and not value.startswith((" ", "\n"))
            and not value.endswith("\n")
            and "\n\n" not in value
            and value.isprintable() | ("\n" in value)
        ):
            styles.append("block")
        match self.draw(st.sampled_from(styles)):
            case "nothing":
                self.line(f"{margin}{self.key(name)}:")
            case "double":
                self.line(f"{margin}{self.key(name)}: {self.quoted(value)}")
            case "single":
                self.line(f"{margin}{self.key(name)}: '{value.replace(chr(39), chr(39) * 2)}'")
            case "block":
                self.line(f"{margin}{self.key(name)}: |-")
                self.text.lines += [f"{margin}  {line}" if line else "" for line in value.split("\n")]

    def quoted(self, value: str) -> str:
        # YAML, unlike JSON, has no surrogate pairs.
        escapes = self.draw(st.booleans()) and all(ord(character) < 0x10000 for character in value)
        return json.dumps(value, ensure_ascii=escapes)

    def key(self, name: str) -> str:
        return self.draw(st.sampled_from([json.dumps(name), f"'{name}'"] + ([name] if len(name) > 1 else [])))

    def line(self, text: str) -> None:
        self.text.lines.append(text + (f"  {self.comment()}" if self.draw(st.integers(0, 3)) == 0 else ""))

    def comment_lines(self, column: int) -> None:
        for _ in range(self.draw(st.sampled_from([0, 0, 0, 1, 2]))):
            self.text.lines.append(" " * column + self.comment() if self.draw(st.booleans()) else "")

    def comment(self) -> str:
        comment = f"# remark {next(self._number)} on this."
        self.text.comments.append(comment)
        return comment


@st.composite
def secret_texts(draw: st.DrawFn) -> SecretText:
    """Draw a Secret named team-a/db in block style."""
    return Writer(draw).secret()


@dataclass
class ListText:
    """A List's text, and the Secrets in it by the place that they have, from 0."""

    text: str
    secrets: dict[int, SecretText]


@st.composite
def list_texts(draw: st.DrawFn) -> ListText:
    """Draw a List in block style of Secrets and other objects, whose last values may be nothing."""
    secrets: dict[int, SecretText] = {}
    fields = {"apiVersion": ["apiVersion: v1"], "kind": ["kind: List"], "metadata": ["metadata:"], "items": ["items:"]}
    margin = draw(st.sampled_from(["", "  "]))
    for number in range(draw(st.integers(1, 3))):
        lines = draw(other_objects())
        if draw(st.booleans()):
            secrets[number] = draw(secret_texts())
            lines = secrets[number].lines
        first, *rest = lines
        fields["items"] += [f"{margin}- {first}", *(f"{margin}  {line}" if line else "" for line in rest)]
    lines = [line for name in draw(st.permutations(sorted(fields))) for line in fields[name]]
    return ListText("\n".join(lines) + "\n", secrets)


@st.composite
def other_objects(draw: st.DrawFn) -> list[str]:
    """Draw the lines of an object that is no Secret."""
    fields = [["kind: ConfigMap"], ["metadata:", "  name: settings"], ["data:", "  a: 1.50", "  b:"], ["immutable:"]]
    return [line for field in draw(st.permutations(fields)) for line in field]


@st.composite
def other_documents(draw: st.DrawFn) -> str:
    """Draw a document that is no Secret, and holds what looks like markers and comments where it is neither."""
    head = draw(st.sampled_from(["# a remark\n", "", "\n"]))
    kind = draw(st.sampled_from(["ConfigMap", "Deployment", "SealedSecret\napiVersion: bitnami.com/v1alpha1"]))
    body = draw(st.sampled_from([
        "data:\n  script: |\n    # kind: Secret\n    ---\n    ...\n    echo\n",
        "data: {a: 1.50, b: [x, 'y', 0777]}   # behind\n",
        "data:\n  a: &anchor 1e3\n  b: *anchor\n...\n",
        'data: {"json": "like"}\n\n\n# the end\n',
    ]))  # fmt: skip
    return f"{head}kind: {kind}\n{body}"
