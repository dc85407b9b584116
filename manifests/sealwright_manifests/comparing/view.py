"""A file's text as `git diff` shows it: each ciphertext is a digest and the key that it is sealed to, if that is known.

An item that was sealed again has another digest, so it shows as changed. Everything else stays as it is written. No
two texts have the same view, for what is not shown could be changed without a reviewer's notice. An anchor lets any
value of a SealedSecret count elsewhere too, as a Pod's image. So only the characters of a ciphertext are exchanged,
for their digest, and what the text itself has of our words is marked.
"""

import hashlib
from collections.abc import Iterable, Iterator

from sealwright_conventions.patterns import pattern
from sealwright_crypto import FormatError, read_hints, scope_of
from sealwright_crypto.envelope import parse
from sealwright_crypto.keyhints import Hints
from sealwright_manifests.comparing.sides import Side, sides_of
from sealwright_manifests.errors import BadManifestError, SyntaxProblemError
from sealwright_manifests.kinds.finding import Manifest, find_manifests
from sealwright_manifests.text import blocks
from sealwright_manifests.text.decoding import Coding
from sealwright_manifests.text.documents import Document, read_documents
from sealwright_manifests.text.splices import Splice
from sealwright_manifests.text.tree import Map, Node, Scalar, behind, entries_of, native

_DIGITS = 32
"""How much is shown of a digest and of a fingerprint: 128 bits, as in messages. Of fewer, somebody could search for two
ciphertexts with one digest, get the one reviewed, and exchange it for the other without a line of difference."""
_HEADER = pattern(r"[|>][-+0-9]*+[ \t]*+(?:#[^\n\r]*+)?+\s*+")
_BLANKS = pattern(r"\s+")
_OWN_WORDS = pattern(r"(?:(?<=<)|(?<=# ))(?=(?:as written: )*+(?:sealed (?:[0-9a-f]{32}|for )|UTF-16))")
_Splices = list[Splice]


def view_of(text: str) -> str:
    """Return the view of a file; of a text that cannot be read, or holds no SealedSecret, nothing is exchanged.

    A text with Git's conflict markers is shown as its two sides would be.
    """
    try:
        return "".join(_spliced(one.source, splices, one.start, one.end) for one, splices in _exchanges(text))
    except (BadManifestError, SyntaxProblemError):
        return _spliced(text, _of_sides(text), 0, len(text))


def marked(text: str) -> str:
    """Return a text with a mark before what could be taken for words of a view."""
    return _OWN_WORDS.sub("as written: ", text)


def coding_line(coding: Coding) -> str:
    """Return what goes above a view for how the file is written: a line, or the byte order mark of UTF-8 if any."""
    if coding.encoding == "utf-8":
        return coding.mark.decode()
    order = "little" if coding.encoding.endswith("le") else "big"
    return f"# UTF-16, {order}-endian, with{'' if coding.mark else 'out'} a byte order mark\n"


def digest(ciphertext: str) -> str:
    """Return a digest of a ciphertext as it is written, by which two can be told apart."""
    return hashlib.sha256(ciphertext.encode()).hexdigest()[:_DIGITS]


def _exchanges(text: str) -> list[tuple[Document, _Splices]]:
    """Return the documents of a text, each with what is exchanged. Raises BadManifestError and SyntaxProblemError."""
    documents = read_documents(text, "")
    line_break = blocks.line_break(text)  # looked for once: thousands of objects may stand on one long line
    splices: dict[int, _Splices] = {}
    for manifest in find_manifests(documents):
        if manifest.is_sealed_secret:
            splices.setdefault(id(manifest.document), []).extend(_splices(manifest, line_break))
    return [(one, splices.get(id(one), [])) for one in documents]


def _of_sides(text: str) -> _Splices:
    """Return what is exchanged in the sides of a text with conflict markers; what both sides have is there once."""
    found: dict[Splice, None] = {}
    for side in sides_of(text):
        found.update(dict.fromkeys(_of_side(side)))
    return list(found)


def _of_side(side: Side) -> Iterator[Splice]:
    try:
        exchanged = _exchanges(side.text)
    except (BadManifestError, SyntaxProblemError):
        return
    before, at = None, 0  # of each chunk, its start in the side's text
    for document, splices in exchanged:
        if before is not None and document.source is not before:
            at += len(before)
        before = document.source
        for splice in splices:
            if place := side.place(at + splice.start, at + splice.end):
                yield Splice(*place, splice.text)


def _splices(manifest: Manifest, line_break: str) -> Iterator[Splice]:
    text = manifest.document.source
    fields = dict(entries_of(manifest.node))
    metadata = _map_at(fields["metadata"].value) if "metadata" in fields else {}
    annotations = _map_at(metadata.get("annotations"))
    known = {key: value for key, node in annotations.items() if isinstance(value := native(node), str)}
    hints = read_hints(known)
    spec = _map_at(fields["spec"].value) if "spec" in fields else {}
    for item, node in _map_at(spec.get("encryptedData")).items():
        yield from _exchanged(text, node, hints, item)
    if "data" in spec:
        yield from _exchanged(text, spec["data"], Hints(), "")
    if manifest.node is manifest.document.root:
        line = f"# sealed for {_target(metadata)}, {scope_of(known)} scope{line_break}"
        at = _above(text, manifest.node)
        yield Splice(at, at, line)


def _map_at(node: Node | None) -> dict[str, Node]:
    found = None if node is None else behind(node)
    return {key: entry.value for key, entry in entries_of(found)} if isinstance(found, Map) else {}


def _exchanged(text: str, node: Node, hints: Hints, item: str) -> Iterator[Splice]:
    """Yield the exchange of a ciphertext, without its quotes; nothing for what is none, or is written with escapes.

    That is shown as it is. If it is a value that was put there by mistake, it is in the file for everybody to see, and
    Git without this shows it as well; a note in its place would depend on less than the value.
    """
    if not isinstance(node, Scalar) or not _is_ciphertext(node.value):
        return
    start, end = _written(text, node)
    if _without_blanks(text[start:end]) == _without_blanks(node.value):
        key = hints.of(item)
        yield Splice(start, end, f"<sealed {digest(text[start:end])}{f', key {key[:_DIGITS]}' if key else ''}>")


def _is_ciphertext(value: str) -> bool:
    try:
        parse(value)
    except FormatError:
        return False
    return True


def _written(text: str, node: Scalar) -> tuple[int, int]:
    """Return where the characters of a value are: behind anchor, tag, quote or header, and before the last blanks."""
    start, end = blocks.behind_properties(text, node.start, node.end), node.end
    if node.block and (header := _HEADER.match(text, start, end)):
        start = header.end()
    elif text[start : start + 1] in ('"', "'"):
        start, end = start + 1, end - 1
    return start, start + len(text[start:end].rstrip())


def _without_blanks(text: str) -> str:
    return _BLANKS.sub("", text)


def _target(metadata: dict[str, Node]) -> str:
    names = [native(metadata[key]) for key in ("namespace", "name") if key in metadata]
    return "/".join(_printable(name) for name in names if isinstance(name, str)) or "any name"


def _above(text: str, root: Map) -> int:
    """Return where a line above an object goes: if it begins behind a marker or another object, right before it."""
    at = begin = blocks.begin(text, root)
    while at and text[at - 1] in " \t":
        at -= 1
    return begin if at and text[at - 1] not in blocks.LINE_BREAKS else at


def _printable(name: str) -> str:
    """Return a name without characters that would control a terminal, or begin a line that is not in the file."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in name)


def _spliced(source: str, splices: Iterable[Splice], start: int, end: int) -> str:
    pieces, at = [], start
    for splice in sorted(splices, key=lambda one: one.start):
        if splice.start >= at:
            pieces += [marked(source[at : splice.start]), splice.text]
            at = splice.end
    return "".join([*pieces, marked(source[at:end])])
