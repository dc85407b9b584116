"""Replaces a key: between its quotes, after its anchor, behind the `?` of its explicit form."""

from sealwright_manifests.text import blocks, yamlwriter
from sealwright_manifests.text.splices import Splice
from sealwright_manifests.text.tree import Entry, Map, Scalar


def exchange(text: str, node: Map, entry: Entry, name: str, *, is_json: bool) -> Splice:
    """Return what to exchange in a text so that an entry of the map at `node` has another name; its value stays."""
    start = blocks.behind_properties(text, entry.key.start, entry.key.end)
    quote = _quote(text, entry)
    if is_json:
        written = yamlwriter.flow(name)
    elif quote and not (quote == '"' and _are_quotes_needed(text, node, entry)):
        written = yamlwriter.quoted(name, quote)
    else:
        written = yamlwriter.key(name)
    return Splice(start, entry.key.end, written)


def is_on_one_line(entry: Entry) -> bool:
    """Tell whether the key of an entry stands on one line, as nearly all do, and not in a block of text."""
    return not (isinstance(entry.key, Scalar) and entry.key.block)


def _quote(text: str, entry: Entry) -> str:
    start = blocks.behind_properties(text, entry.key.start, entry.key.end)
    return text[start] if text[start : start + 1] in ("'", '"') else ""


def _are_quotes_needed(text: str, node: Map, entry: Entry) -> bool:
    """Tell whether a key in a block map has quotes only because of its name: another name may do without them."""
    others = (one for one in node.entries if one is not entry and not _has_odd_name(one))
    return not node.flow and _has_odd_name(entry) and not any(_quote(text, one) for one in others)


def _has_odd_name(entry: Entry) -> bool:
    return isinstance(entry.key, Scalar) and yamlwriter.key(entry.key.value) != entry.key.value
