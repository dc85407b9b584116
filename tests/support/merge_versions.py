"""Versions of a SealedSecret for laws about merging: a model of a file, edits of it by two people, and its text."""

import json
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from sealwright_crypto import update_hint

KEYS = ("1" * 64, "2" * 64, "3" * 64)
NAMES = ("user", "token", "password", "a.pem", "z-1", "on")


@dataclass(frozen=True)
class Entry:
    """One item: its ciphertext, comments above it and behind it, and which key it is on."""

    value: str
    above: tuple[str, ...] = ()
    behind: str = ""
    key: str = KEYS[0]


@dataclass(frozen=True)
class Style:
    """How a file is written."""

    json: bool = False
    step: int = 2
    line_break: str = "\n"
    ended: bool = True
    marked: bool = False


@dataclass(frozen=True)
class Version:
    """A SealedSecret's file."""

    items: tuple[tuple[str, Entry], ...]
    labels: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    hinted: bool = True
    style: Style = field(default_factory=Style)

    def text(self) -> str:
        """Return the file's text."""
        lines = self._json() if self.style.json else self._yaml()
        return self.style.line_break.join(lines) + (self.style.line_break if self.style.ended else "")

    def data(self) -> dict[str, object]:
        """Return the object."""
        metadata: dict[str, object] = {"name": "db", "namespace": "prod"}
        if self.hinted and self.items:
            metadata["annotations"] = {"sealwright.dev/key-fingerprints": self._hint()}
        template: dict[str, object] = {"metadata": {"name": "db"}}
        if self.labels:
            template["metadata"] = {"name": "db", "labels": dict(self.labels)}
        if self.texts:
            template["data"] = dict(self.texts)
        items = {name: entry.value for name, entry in self.items}
        return {
            "apiVersion": "bitnami.com/v1alpha1",
            "kind": "SealedSecret",
            "metadata": metadata,
            "spec": {"encryptedData": items, "template": template},
        }

    def _hint(self) -> str:
        return update_hint({}, [name for name, _ in self.items], {name: entry.key for name, entry in self.items})

    def _json(self) -> list[str]:
        return json.dumps(self.data(), indent=self.style.step).split("\n")

    def _yaml(self) -> list[str]:
        lines = ["---"] if self.style.marked else []
        self._add(lines, self.data(), 0, ())
        return lines

    def _add(self, lines: list[str], data: dict[str, object], depth: int, path: tuple[str, ...]) -> None:
        margin = " " * (self.style.step * depth)
        commented = dict(self.items) if path == ("spec", "encryptedData") else {}
        for key, value in data.items():
            entry = commented.get(key)
            lines.extend(f"{margin}# {words}" for words in (entry.above if entry else ()))
            name = f'"{key}"' if key == "on" else key
            if isinstance(value, dict) and value:
                lines.append(f"{margin}{name}:")
                self._add(lines, value, depth + 1, (*path, key))
            elif isinstance(value, str) and "\n" in value:
                lines.append(f"{margin}{name}: |")
                lines += [f"{margin}{' ' * self.style.step}{line}" if line else "" for line in value.split("\n")[:-1]]
            else:
                lines.append(
                    f"{margin}{name}: {json.dumps(value)}{f' # {entry.behind}' if entry and entry.behind else ''}"
                )


_values = st.text("ABCDEF", min_size=6, max_size=6).map("Ag".__add__)
_words = st.text("abcdef", min_size=3, max_size=8)
_entries = st.builds(
    Entry, _values, st.lists(_words, max_size=2).map(tuple), st.one_of(st.just(""), _words), st.sampled_from(KEYS)
)
_templates = st.lists(st.sampled_from(["one\n", "a\n\nb\n", "{{ .user }}", "x: y"]), max_size=1)
styles = st.builds(
    Style,
    st.booleans(),
    st.sampled_from([2, 4]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
)


def _pairs(values: st.SearchStrategy, names: tuple[str, ...] = NAMES) -> st.SearchStrategy:
    return st.lists(st.tuples(st.sampled_from(names), values), max_size=4, unique_by=lambda pair: pair[0]).map(tuple)


versions = st.builds(
    Version,
    _pairs(_entries).filter(bool),
    _pairs(_words, ("app", "team", "tier")),
    _pairs(st.sampled_from(["one\n", "a\n\nb\n", "{{ .user }}", "x: y"]), ("config", "url")),
    st.booleans(),
    styles,
)


@st.composite
def edited(draw: st.DrawFn, version: Version, names: tuple[str, ...] = NAMES) -> Version:
    """Return a version in which some of the items with these names were added, removed, or sealed anew."""
    items = dict(version.items)
    for name in draw(st.lists(st.sampled_from(names), max_size=3, unique=True)):
        if name in items and draw(st.booleans()) and len(items) > 1:
            del items[name]
        elif name in items:
            items[name] = draw(st.sampled_from([draw(_entries), replace(items[name], above=("noted",))]))
        else:
            at = draw(st.integers(0, len(items)))
            pairs = list(items.items())
            items = dict([*pairs[:at], (name, draw(_entries)), *pairs[at:]])
    return replace(version, items=tuple(items.items()))
