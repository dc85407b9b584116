"""The parsed form of one document, the same for YAML and JSON: nodes that know where in the text they stand.

Nodes keep what was written; `scalars` says what it means. How deep they are nested is bounded here; how many there
may be is `bounds`' business.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, NoReturn

from sealwright_manifests.errors import Problem, SyntaxProblemError
from sealwright_manifests.text.bounds import MAX_DEPTH
from sealwright_manifests.text.scalars import Native, float_key, resolve

_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"


class Kind(Enum):
    """How a scalar was written, which decides what it means."""

    TEXT = auto()
    """Quoted, a block scalar, or a JSON string: text as it stands."""
    PLAIN = auto()
    """A bare YAML scalar: text, number, boolean or null by its looks."""
    LITERAL = auto()
    """A JSON number, boolean or null."""
    FOREIGN = auto()
    """Carries a tag that only its author understands."""


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """Text from `start` to `end` (offsets in characters). `size` and `height` count it with all aliases expanded.

    `movable` is False when the text means something only where it stands: it holds an anchor, an alias or a tag.
    """

    start: int
    end: int
    size: int = 1
    height: int = 1
    movable: bool = True


@dataclass(slots=True, kw_only=True, eq=False)
class Scalar(Node):
    """One value; `value` is its content with quotes and escapes undone."""

    value: str = field(repr=False)
    kind: Kind
    block: bool = False


@dataclass(slots=True, eq=False)
class Entry:
    """One key of a mapping with its value."""

    key: Node
    value: Node


@dataclass(slots=True, kw_only=True, eq=False)
class Map(Node):
    """A mapping, in the order of the text; `flow` when it is written with braces."""

    entries: list[Entry] = field(default_factory=list)
    flow: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Seq(Node):
    """A list; `flow` when it is written with brackets."""

    items: list[Node] = field(default_factory=list)
    flow: bool = False


COLLECTIONS = (Map, Seq)
"""The kinds of nodes that hold others."""


@dataclass(slots=True, kw_only=True, eq=False)
class Alias(Node):
    """A place where another node, written earlier, is meant."""

    target: Node


def add_child(parent: Map | Seq, child: Node) -> None:
    """Account for a finished child of `parent`. Raises SyntaxProblemError when a bound is exceeded."""
    parent.size += child.size
    parent.height = max(parent.height, child.height + 1)
    parent.movable = parent.movable and child.movable
    if parent.height > MAX_DEPTH:
        too_deep(child.start)


def too_deep(offset: int) -> NoReturn:
    """Raise SyntaxProblemError: the nesting at `offset` exceeds the bound."""
    raise SyntaxProblemError(Problem.TOO_DEEP, _TOO_DEEP, offset, bounded=True)


def repeated(key: str, offset: int) -> SyntaxProblemError:
    """Return what is wrong with a map in which a key stands more than once, again at `offset`."""
    return SyntaxProblemError(Problem.REPEATED_KEY, f"the key {key} is there twice", offset)


def behind(node: Node) -> Node:
    """Return the node that is meant: an alias's target, or the node itself."""
    while isinstance(node, Alias):
        node = node.target
    return node


def native_scalar(node: Scalar) -> Native:
    """Return a scalar's value as JSON would carry it. Raises SyntaxProblemError for a tag that is not understood."""
    if node.kind is Kind.TEXT:
        return node.value
    if node.kind is Kind.FOREIGN:
        raise SyntaxProblemError(Problem.TAG, "carries a tag that Kubernetes does not know", node.start)
    return resolve(node.value)


def key_of(entry: Entry) -> str:
    """Return a key as Kubernetes sees it: always text, `on` being `true`. Raises SyntaxProblemError."""
    key = behind(entry.key)
    if not isinstance(key, Scalar):
        raise SyntaxProblemError(Problem.KEY_IS_NO_TEXT, "a list or a map cannot be a key", key.start)
    value = native_scalar(key)
    if isinstance(value, str):
        return value
    if value is None:
        raise SyntaxProblemError(Problem.KEY_IS_NULL, "null cannot be a key", key.start)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return str(value)
    if isinstance(value, int) and 0 < value < 2**64:
        raise SyntaxProblemError(Problem.NUMBER, "a key that is a number that Kubernetes cannot hold", key.start)
    return float_key(float(value))


def text_of(value: bool | int | float, written: str) -> str:  # noqa: FBT001, PYI041 - values, not switches; int is no float
    """Return the text that upstream makes of a bare boolean or number where Kubernetes wants text.

    A number keeps its spelling where reading it as one would change the value: fractions, exponents, infinities,
    and integers beyond 64 bits.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) or not -(2**63) <= value < 2**64:
        return written
    return str(value)


def entries_of(node: Map) -> list[tuple[str, Entry]]:
    """Return (key, entry) of a map, its own keys in order, and behind them those that merge keys (`<<`) bring.

    As kubectl reads it, a merge takes the place of what stands before it, and gives way to what stands behind it.
    Raises SyntaxProblemError for a repeated key or a merge of something that is no map.
    """
    own: dict[str, Entry] = {}
    merged: dict[str, Entry] = {}
    for entry in node.entries:
        if is_merge(entry.key):
            brought = _merged(entry.value)
            own |= {key: one for key, one in brought.items() if key in own}
            merged |= brought
            continue
        key = key_of(entry)
        if key in own:
            raise repeated(key, entry.key.start)
        own[key] = entry
    return [*own.items(), *((key, entry) for key, entry in merged.items() if key not in own)]


def _merged(source: Node) -> dict[str, Entry]:
    """Return what a merge key brings; of a list of maps, the first that has a key gives its value."""
    brought: dict[str, Entry] = {}
    for one in source.items if isinstance(source, Seq) else [source]:
        target = behind(one)
        if not isinstance(target, Map):
            raise SyntaxProblemError(Problem.MERGE, "only a map can be merged with <<", one.start)
        brought = dict(entries_of(target)) | brought
    return brought


def native(node: Node, replaced: Mapping[int, Any] | None = None) -> Any:
    """Return plain Python data for a node: what its JSON form would hold.

    `replaced` maps `id` of a node to the data to take in its place. Raises SyntaxProblemError.
    """
    if replaced and id(node) in replaced:
        return replaced[id(node)]
    target = behind(node)
    if isinstance(target, Scalar):
        return _checked(native_scalar(target), target)
    if isinstance(target, Map):
        return {key: native(entry.value, replaced) for key, entry in entries_of(target)}
    if isinstance(target, Seq):
        return [native(item, replaced) for item in target.items]
    raise TypeError(type(target).__name__)


def _checked(value: Native, node: Scalar) -> Native:
    """Return a scalar's value. Raises SyntaxProblemError for a number that JSON or a float cannot express."""
    if isinstance(value, str) and node.kind is not Kind.LITERAL:
        return value
    is_unread = isinstance(value, str)  # a number of JSON that is too large to be one
    if is_unread or (isinstance(value, float) and not math.isfinite(value)):
        raise SyntaxProblemError(Problem.NUMBER, "a number that Kubernetes cannot hold", node.start)
    return value


def drop_repeated(node: Node) -> list[str]:
    """Keep the last of each key that a map below holds more than once, and return the keys that others were dropped of.

    What text a dropped entry stands for is lost: for readers of the data, not of the text.
    """
    dropped: list[str] = []
    if isinstance(node, Map):
        last = {entry.key.value: entry for entry in node.entries if isinstance(entry.key, Scalar)}
        kept = []
        for entry in node.entries:
            if isinstance(entry.key, Scalar) and not is_merge(entry.key) and last[entry.key.value] is not entry:
                dropped.append(entry.key.value)
            else:
                kept.append(entry)
                dropped += drop_repeated(entry.value)
        node.entries = kept
    elif isinstance(node, Seq):
        for item in node.items:
            dropped += drop_repeated(item)
    return dropped


def nodes(node: Node) -> Iterator[Node]:
    """Yield a node and all below it in the order of the text, keys included, a collection before what it holds."""
    ahead = [node]
    while ahead:
        one = ahead.pop()
        yield one
        if isinstance(one, Map):
            for entry in reversed(one.entries):
                ahead += (entry.value, entry.key)
        elif isinstance(one, Seq):
            ahead += reversed(one.items)


def leaves(node: Node) -> Iterator[Node]:
    """Yield the scalars and aliases below a node in the order of the text, keys included."""
    return (one for one in nodes(node) if not isinstance(one, COLLECTIONS))


def is_merge(key: Node) -> bool:
    """Tell whether a key merges another map into its own (`<<`, YAML 1.1)."""
    return isinstance(key, Scalar) and key.kind is Kind.PLAIN and key.value == "<<"
