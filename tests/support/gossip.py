"""Draws files in every layout of YAML whose comments talk about the Secrets beside them: strategies for Hypothesis."""

import base64
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

GOSSIP = st.sampled_from(["hunter2-very-secret", "correct horse", "Tr0ub4dor&3", "0123456", "žluťoučký kůň"])


@dataclass
class GossipText:
    """A file's text, and the values of its Secrets."""

    text: str = ""
    sealed: set[str] = field(default_factory=set)


class _Writer:
    """Draws how each piece is written, and what is said beside it."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.made = GossipText()
        self._number = itertools.count(1)

    def file(self) -> GossipText:
        documents = [self.block_secret, self.flow_secret, self.list, self.other, self.nothing]
        is_ended = True
        for write in self.draw(st.lists(st.sampled_from(documents), min_size=1, max_size=4)):
            if is_ended and self.rarely():  # only there may a directive stand
                self.made.text += f"%YAML 1.1{self.behind()}\n"
            self.made.text += f"---{self.behind()}\n{self.lines('')}{write()}{self.lines('')}"
            is_ended = self.rarely()
            if is_ended:
                self.made.text += f"...{self.behind()}\n{self.lines('')}"
        return self.made

    def rarely(self) -> bool:
        return self.draw(st.integers(0, 4)) == 0

    def comment(self) -> str:
        kind = self.draw(st.sampled_from(["remark", "value", "base64", "setting"]))
        word = self.draw(GOSSIP)
        encoded = base64.b64encode(word.encode()).decode()
        words = {"value": f" it is {word}!", "base64": encoded, "setting": f"password={word}", "remark": " why: so"}
        return f"#{words[kind]}"

    def behind(self) -> str:
        """Return a comment at the end of a line, or nothing."""
        return f" {self.comment()}" if self.rarely() else ""

    def lines(self, margin: str) -> str:
        """Return lines of comments and blank lines, or nothing."""
        drawn = self.draw(st.lists(st.booleans(), max_size=2))
        return "".join(f"{margin}{self.comment()}\n" if one else "\n" for one in drawn) if self.rarely() else ""

    def value(self) -> str:
        value = self.draw(GOSSIP)
        self.made.sealed.add(value)
        return value

    def block_secret(self, margin: str = "", first: str = "") -> str:
        fields: list[Callable[[str], str]] = [
            lambda m: f"kind: Secret{self.behind()}\n",
            lambda m: f"metadata:{self.behind()}\n{self.lines(m)}{m}  name: a{self.behind()}\n{m}  namespace: b\n",
            lambda m: (
                f"stringData:{self.behind()}\n{self.lines(m)}{self.item(m + '  ', 'one')}{self.item(m + '  ', 'two')}"
            ),
        ]
        text = ""
        for number, write in enumerate(self.draw(st.permutations(fields))):
            text += (first or margin) if number == 0 else self.lines(margin) + margin
            text += write(margin)
        return text

    def item(self, margin: str, name: str) -> str:
        match self.draw(st.sampled_from(["quoted", "block", "keeping", "tagged", "nothing"])):
            case "quoted":
                text = f"{margin}{name}: {json.dumps(self.value(), ensure_ascii=False)}{self.behind()}\n"
            case "block":
                text = f"{margin}{name}: |-{self.behind()}\n{margin}  {self.value()}\n"
            case "keeping":
                text = f"{margin}{name}: |+{self.behind()}\n{margin}  {self.value()}\n\n"
            case "tagged":
                text = (
                    f"{margin}{name}: !!str{self.behind()}\n{margin}  {json.dumps(self.value(), ensure_ascii=False)}\n"
                )
            case _:
                text = f"{margin}{name}:{self.behind()}\n"
        return text + self.lines(margin)

    def flow_secret(self) -> str:
        pairs = [
            "kind: Secret",
            "metadata: {name: a, namespace: b}",
            f"stringData: {{{self.gap()}one: {json.dumps(self.value(), ensure_ascii=False)}{self.gap()}}}",
        ]
        return "{" + f"{self.gap()},".join(self.draw(st.permutations(pairs))) + self.gap() + "}" + self.behind() + "\n"

    def gap(self) -> str:
        """Return what may stand between two tokens in braces."""
        return f"{said}\n  " if (said := self.behind()) else ""

    def list(self) -> str:
        items, kind = "", ""
        for _ in range(self.draw(st.integers(1, 3))):
            items += self.lines("" if kind == "text" else self.draw(st.sampled_from(["", "  "])))
            kind = self.draw(st.sampled_from(["block", "flow", "other", "text"]))
            match kind:
                case "block":
                    items += self.block_secret("  ", "- ")
                case "flow":
                    items += "- " + self.flow_secret()
                case "other":
                    items += (
                        f"- &a{next(self._number)}{self.behind()}\n  a: !!str{self.behind()}\n    b\n{self.lines('  ')}"
                    )
                case _:
                    items += f"- |+{self.behind()}\n  text\n\n"
        head = f"kind: List{self.behind()}\n"
        body = f"items:{self.behind()}\n{items}"
        return body + head if self.draw(st.booleans()) else head + body

    def other(self) -> str:
        return f"kind: ConfigMap{self.behind()}\ndata: {{a: 1.50}}{self.behind()}\nb: >+{self.behind()}\n  text\n\n"

    def nothing(self) -> str:
        return ""


@st.composite
def gossip_texts(draw: st.DrawFn) -> GossipText:
    """Draw a file with Secrets in it."""
    writer = _Writer(draw)
    made = writer.file()
    made.text += "---\n" + writer.block_secret()
    return made
