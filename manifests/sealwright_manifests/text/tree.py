"""The parsed form of one document, the same for YAML and JSON: nodes that know their positions in the text.

Nodes keep what was written; `scalars` says what it means. The depth of nesting is limited here, the number of nodes in
`bounds`.
"""

import math
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Any, NoReturn

from sealwright_manifests.errors import Problem, SyntaxProblemError
from sealwright_manifests.text.bounds import MAX_DEPTH
from sealwright_manifests.text.scalars import Native, float_key, resolve

_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"


class Kind(Enum):
    """How a scalar was written, on which its meaning depends."""

    TEXT = auto()
    """Quoted, a block scalar, or a JSON string: the text as it stands."""
    PLAIN = auto()
    """A bare YAML scalar: its spelling makes it text, a number, a boolean or null."""
    LITERAL = auto()
    """A JSON number, boolean or null."""
    FOREIGN = auto()
    """Has a tag that only its author understands."""


class Node:
    """Text from `start` to `end` (offsets in characters). `size` and `height` count with all aliases expanded.

    `movable` is False if the text depends on its place: it holds an anchor, an alias or a tag.
    """

    __slots__ = ("end", "height", "movable", "size", "start")

    def __init__(self, *, start: int, end: int, size: int = 1, height: int = 1, movable: bool = True) -> None:
        """Record where the node is."""
        self.start = start
        self.end = end
        self.size = size
        self.height = height
        self.movable = movable


class Scalar(Node):
    """One value; `value` is its content with quotes and escapes undone."""

    __slots__ = ("block", "kind", "value")

    def __init__(
        self, *, start: int, end: int, value: str, kind: Kind, block: bool = False, movable: bool = True
    ) -> None:
        """Record the value, and where it is."""
        super().__init__(start=start, end=end, movable=movable)
        self.value = value
        self.kind = kind
        self.block = block


class Entry:
    """One key of a mapping with its value."""

    __slots__ = ("key", "value")

    def __init__(self, key: Node, value: Node) -> None:
        """Join the two."""
        self.key = key
        self.value = value


class Map(Node):
    """A mapping, in the order of the text; `flow` when it is written with braces."""

    __slots__ = ("entries", "flow")

    def __init__(
        self, *, start: int, end: int, entries: list[Entry] | None = None, flow: bool = False, movable: bool = True
    ) -> None:
        """Record where it is; `entries` may follow."""
        super().__init__(start=start, end=end, movable=movable)
        self.entries = entries or []
        self.flow = flow


class Seq(Node):
    """A list; `flow` when it is written with brackets."""

    __slots__ = ("flow", "items")

    def __init__(self, *, start: int, end: int, flow: bool = False, movable: bool = True) -> None:
        """Record where it begins; items follow."""
        super().__init__(start=start, end=end, movable=movable)
        self.items: list[Node] = []
        self.flow = flow


COLLECTIONS = (Map, Seq)
"""The kinds of nodes that hold others."""


class Alias(Node):
    """A reference to another node, written earlier."""

    __slots__ = ("target",)

    def __init__(self, *, start: int, end: int, target: Node, size: int, height: int) -> None:
        """Record what it refers to."""
        super().__init__(start=start, end=end, size=size, height=height, movable=False)
        self.target = target


def add_child(parent: Map | Seq, child: Node) -> None:
    """Account for a finished child of `parent`. Raises SyntaxProblemError when a limit is exceeded."""
    parent.size += child.size
    parent.height = max(parent.height, child.height + 1)
    parent.movable = parent.movable and child.movable
    if parent.height > MAX_DEPTH:
        too_deep(child.start)


def too_deep(offset: int) -> NoReturn:
    """Raise SyntaxProblemError: the nesting at `offset` exceeds the limit."""
    raise SyntaxProblemError(Problem.TOO_DEEP, _TOO_DEEP, offset, bounded=True)


def repeated(key: str, offset: int) -> SyntaxProblemError:
    """Return the error for a map in which a key is repeated at `offset`."""
    return SyntaxProblemError(Problem.REPEATED_KEY, f"the key {key} is there twice", offset)


def behind(node: Node) -> Node:
    """Return the target of an alias, or the node itself."""
    while isinstance(node, Alias):
        node = node.target
    return node


def native_scalar(node: Scalar) -> Native:
    """Return a scalar's value as JSON has it. Raises SyntaxProblemError for an unknown tag."""
    if node.kind is Kind.TEXT:
        return node.value
    if node.kind is Kind.FOREIGN:
        raise SyntaxProblemError(Problem.TAG, "carries a tag that Kubernetes does not know", node.start)
    return resolve(node.value)


def key_of(entry: Entry) -> str:
    """Return a key as Kubernetes sees it: always text, `on` is `true`. Raises SyntaxProblemError."""
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


def text_of(value: bool | int | float, written: str) -> str:  # noqa: FBT001, PYI041 - values, not switches; int is not float
    """Return the text that upstream makes of a bare boolean or number where Kubernetes expects text.

    A number keeps its spelling if converting it would change the value: fractions, exponents, infinities,
    and integers beyond 64 bits.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) or not -(2**63) <= value < 2**64:
        return written
    return str(value)


def entries_of(node: Map) -> list[tuple[str, Entry]]:
    """Return (key, entry) of a map: its own keys in order, then those from merge keys (`<<`).

    As in kubectl, merged values override keys before the merge key, and keys after it override them. Raises
    SyntaxProblemError for a repeated key or a merge of something other than a map.
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
    """Return the entries of a merge key; in a list of maps, the first map that has a key wins."""
    brought: dict[str, Entry] = {}
    for one in source.items if isinstance(source, Seq) else [source]:
        target = behind(one)
        if not isinstance(target, Map):
            raise SyntaxProblemError(Problem.MERGE, "only a map can be merged with <<", one.start)
        brought = dict(entries_of(target)) | brought
    return brought


def native(node: Node, replaced: Mapping[int, Any] | None = None) -> Any:
    """Return plain Python data for a node: the content of its JSON form.

    `replaced` maps `id` of a node to the data to use instead. Raises SyntaxProblemError.
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
    is_unread = isinstance(value, str)  # a JSON number that is too large for Python
    if is_unread or (isinstance(value, float) and not math.isfinite(value)):
        raise SyntaxProblemError(Problem.NUMBER, "a number that Kubernetes cannot hold", node.start)
    return value


def drop_repeated(node: Node) -> list[str]:
    """Keep only the last of each repeated key in a map and below, and return the keys that were repeated.

    Positions of dropped entries are lost: for callers that need the data, not the text.
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
    """Yield a node and all nodes below it in the order of the text: keys too, and a collection before its content."""
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
    """Yield the scalars and aliases below a node in the order of the text, keys too."""
    return (one for one in nodes(node) if not isinstance(one, COLLECTIONS))


def is_merge(key: Node) -> bool:
    """Tell whether a key merges another map into its own (`<<`, YAML 1.1)."""
    return isinstance(key, Scalar) and key.kind is Kind.PLAIN and key.value == "<<"
