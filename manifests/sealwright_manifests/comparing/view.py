"""A file's text as `git diff` shows it: each ciphertext is a digest and the key that it is sealed to, if that is known.

An item that was sealed again has another digest, so it shows as changed. Everything else stays as it is written.
"""

import hashlib
import re

from sealwright_crypto import HINT_ANNOTATION, FormatError, Scope, read_hints, scope_of
from sealwright_crypto.envelope import parse
from sealwright_crypto.keyhints import Hints
from sealwright_manifests.errors import BadManifestError, SyntaxProblemError
from sealwright_manifests.kinds.finding import Manifest, find_manifests
from sealwright_manifests.text import blocks
from sealwright_manifests.text.documents import Document, read_documents
from sealwright_manifests.text.splices import Splice
from sealwright_manifests.text.tree import Map, Node, Scalar, behind, entries_of, native

_DIGITS = 12
"""How much is shown of a digest and of a fingerprint: enough to tell them apart."""
_CONFLICT = re.compile(
    r"^<{7,}(?: [^\n]*)?\n(?P<ours>(?:(?!={7}|\|{7})[^\n]*\n)*)(?:\|{7,}(?: [^\n]*)?\n(?:(?!={7})[^\n]*\n)*)?"
    r"={7,}\r?\n(?P<theirs>(?:(?!>{7})[^\n]*\n)*)>{7,}(?: [^\n]*)?(?:\n|\Z)",
    re.MULTILINE,
)
_HEADER = re.compile(r"[|>][-+0-9]*([ \t]+#[^\n\r]*)?")


def view_of(text: str) -> str:
    """Return the view of a file; a text that cannot be read, or holds no SealedSecret, is returned as it is.

    A text with Git's conflict markers is shown as its two sides would be.
    """
    try:
        return "".join(_spliced(one, splices) for one, splices in _exchanges(text))
    except (BadManifestError, SyntaxProblemError):
        pass
    return _view_of_conflict(text) if _CONFLICT.search(text) else text


def digest(ciphertext: str) -> str:
    """Return a short digest of a ciphertext, by which two can be told apart."""
    return hashlib.sha256(ciphertext.strip().encode()).hexdigest()[:_DIGITS]


def _exchanges(text: str) -> list[tuple[Document, list[Splice]]]:
    """Return the documents of a text, each with what is exchanged. Raises BadManifestError and SyntaxProblemError."""
    documents = read_documents(text, "")
    splices: dict[int, list[Splice]] = {}
    for manifest in find_manifests(documents):
        if manifest.is_sealed_secret:
            splices.setdefault(id(manifest.document), []).extend(_splices(manifest))
    return [(one, splices.get(id(one), [])) for one in documents]


def _view_of_conflict(text: str) -> str:
    """Exchange in a text with conflict markers what is exchanged in its two sides."""
    shown = text
    for side in ("ours", "theirs"):
        try:
            exchanged = _exchanges(_CONFLICT.sub(lambda found: found[side], text))  # noqa: B023 - called at once
        except (BadManifestError, SyntaxProblemError):
            continue
        for document, splices in exchanged:
            for splice in splices:
                shown = _exchanged(shown, document.source, splice)
    return shown


def _exchanged(shown: str, source: str, splice: Splice) -> str:
    if splice.end > splice.start:
        return shown.replace(source[splice.start : splice.end], splice.text)
    line = source[splice.start : blocks.line_end(source, splice.start)]
    return shown if splice.text in shown else shown.replace(line, splice.text + line, 1)


def _splices(manifest: Manifest) -> list[Splice]:
    text = manifest.document.source
    fields = dict(entries_of(manifest.node))
    metadata = _map_at(fields["metadata"].value) if "metadata" in fields else {}
    annotations = _map_at(metadata.get("annotations"))
    known = {key: value for key, node in annotations.items() if isinstance(value := native(node), str)}
    hints = read_hints(known)
    spec = _map_at(fields["spec"].value) if "spec" in fields else {}
    made = [_shown(text, node, _words(node, hints, item)) for item, node in _map_at(spec.get("encryptedData")).items()]
    if "data" in spec:
        made.append(_shown(text, spec["data"], _words(spec["data"], Hints(), "")))
    if HINT_ANNOTATION in annotations:
        made.append(_shown(text, annotations[HINT_ANNOTATION], "<shown with each item>"))
    if manifest.node is manifest.document.root:
        made.append(_title(text, manifest.node, metadata, scope_of(known)))
    return [one for one in made if one is not None]


def _map_at(node: Node | None) -> dict[str, Node]:
    found = None if node is None else behind(node)
    return {key: entry.value for key, entry in entries_of(found)} if isinstance(found, Map) else {}


def _words(node: Node, hints: Hints, item: str) -> str:
    target = behind(node)
    value = target.value if isinstance(target, Scalar) else ""
    try:
        parse(value)
    except FormatError:
        return f"<no ciphertext, {len(value):,} characters>"
    key = hints.of(item)
    return f"<sealed {digest(value)}{f', key {key[:_DIGITS]}' if key else ''}>"


def _shown(text: str, node: Node, words: str) -> Splice | None:
    """Return the exchange of a value for words; what is no value on its own, such as a map, is shown as it is."""
    if isinstance(behind(node), Map) or (isinstance(node, Scalar) and node.start == node.end):
        return None
    start, end = blocks.behind_properties(text, node.start, node.end), node.end
    if isinstance(node, Scalar) and node.block and (header := _HEADER.match(text, start)):
        end = blocks.entry_end(text, node)
        words += header[1] or ""
    return Splice(start, end, words)


def _title(text: str, root: Map, metadata: dict[str, Node], scope: Scope) -> Splice:
    """Return a line above an object that says for which name, namespace and scope it is sealed."""
    names = [native(metadata[key]) for key in ("namespace", "name") if key in metadata]
    target = "/".join(name for name in names if isinstance(name, str))
    at = blocks.line_start(text, blocks.begin(text, root))
    if text[at : blocks.begin(text, root)].strip():  # behind its marker
        at = blocks.begin(text, root)
    return Splice(at, at, f"# sealed for {target or 'any name'}, {scope} scope{blocks.line_break(text)}")


def _spliced(document: Document, splices: list[Splice]) -> str:
    pieces, at = [], document.start
    for splice in sorted(splices, key=lambda one: one.start):
        if splice.start >= at:
            pieces += [document.source[at : splice.start], splice.text]
            at = splice.end
    return "".join([*pieces, document.source[at : document.end]])
