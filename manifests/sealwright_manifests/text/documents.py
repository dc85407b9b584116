"""A stream of manifests as text: split into documents, and joined again with some manifests replaced.

Whatever is not replaced survives byte for byte: documents keep their own text, and a replacement exchanges exactly the
text of its manifest. `kinds` decides what a manifest means, `layout` what a SealedSecret looks like.
"""

import itertools
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from sealwright_conventions.patterns import pattern
from sealwright_conventions.records import changing_record, field, record
from sealwright_manifests.errors import BadManifestError, Problem, SyntaxProblemError
from sealwright_manifests.text import blocks, markers, yamlwriter
from sealwright_manifests.text.bounds import USUAL, Bounds, Tally
from sealwright_manifests.text.conflicts import conflict_behind
from sealwright_manifests.text.jsonreader import read_json
from sealwright_manifests.text.splices import Splice, spliced
from sealwright_manifests.text.tree import Alias, Map, Node, Scalar, native

_LINE_BREAK = pattern(r"\r?\n")
_LOOKS_LIKE_JSON = pattern(r"(?:---)?[ \t\r\n]*[{\[]")
INDENT = 2
"""How many columns JSON is indented by."""


class Form(StrEnum):
    """The two forms in which a manifest is written; the value is the word on the command line."""

    YAML = "yaml"
    JSON = "json"


@record
class _Replacement:
    """`data` for `source[start:end]`, and its lines in block YAML from column 0."""

    node: Node
    start: int
    end: int
    data: Any
    lines: Sequence[str]


@changing_record
class Document:
    """One document of a stream: `source[start:end]`, with its marker and the comments around it.

    `number` counts documents with content from 1; one without content (`root` is None) has the previous number.
    `line` is the line of the file, from 1, on which `source` begins; `place` is what messages call the document.
    """

    name: str
    number: int
    line: int
    form: Form
    root: Node | None = field(repr=False)
    source: str = field(repr=False)
    start: int
    end: int
    place: str = ""
    _replaced: dict[int, _Replacement] = field(default_factory=dict, repr=False)
    _edited: dict[int, Any] = field(default_factory=dict, repr=False)
    _splices: list[Splice] = field(default_factory=list, repr=False)
    _written_out: list[Alias] = field(default_factory=list, repr=False)
    cuts: list[tuple[int, int]] = field(default_factory=list, repr=False)

    @property
    def text(self) -> str:
        """The document as it was read."""
        return self.source[self.start : self.end]

    @property
    def changed(self) -> bool:
        """Tell whether anything in the document is replaced or edited."""
        return bool(self._replaced or self._edited)

    def replace(self, node: Node, data: Any, lines: Sequence[str] | None = None, end: int | None = None) -> None:
        """Replace a node by `data`.

        `lines` is its text in block YAML if it has to be laid out in a certain way; `end` is the end of the text to
        exchange if that is not the node's own end. Raises BadManifestError for data that cannot be written.
        """
        check_text(data, self.place)
        start = blocks.begin(self.source, node)
        end = blocks.behind_tabs(self.source, blocks.content_end(self.source, node)) if end is None else end
        lines = yamlwriter.lines(data) if lines is None else lines
        self._replaced[id(node)] = _Replacement(node, start, end, data, lines)

    def edit(self, node: Node, data: Any, splices: Sequence[Splice]) -> None:
        """Exchange stretches of a node's text; `data` is the node's new content."""
        self._edited[id(node)] = data
        self._splices += splices

    def is_edited(self, node: Node) -> bool:
        """Tell whether stretches of this node's own text are exchanged."""
        return id(node) in self._edited

    def write_out(self, aliases: Iterable[Alias]) -> None:
        """Write out aliases, because their targets change; aliases that are edited stay so."""
        self._written_out += aliases

    def cut(self, spans: Sequence[tuple[int, int]]) -> None:
        """Cut stretches that end with their line; a stretch that fills its line takes the whole line along.

        Stretches in replaced parts are skipped: the replacement does not contain them.
        """
        replaced = sorted((made.start, made.end) for made in self._replaced.values())
        starts = [start for start, _ in replaced]
        gone: list[tuple[int, int]] = []
        for start, end in spans:
            at = bisect_right(starts, start) - 1
            if at >= 0 and start < replaced[at][1]:
                continue
            low, high = self._with_its_line(start, end)
            if gone and gone[-1][1] == low:
                gone[-1] = (gone[-1][0], high)
            else:
                gone.append((low, high))
        self.cuts += gone

    def _with_its_line(self, start: int, end: int) -> tuple[int, int]:
        line_start = blocks.line_start(self.source, start)
        before = self.source[line_start:start]
        if before.strip():
            return start - len(before) + len(before.rstrip()), end
        if line_start and self.source[line_start - 1] != "\n":  # a marker is one only behind this line break
            return line_start, end
        found = _LINE_BREAK.match(self.source, end)
        return line_start, found.end() if found else end

    def lines_at(self, offsets: Iterable[int]) -> list[int]:
        """Return the lines of the file, from 1, of offsets in the source, in ascending order."""
        lines, line, at = [], self.line, 0
        for offset in offsets:
            line += self.source.count("\n", at, offset)
            lines.append(line)
            at = offset
        return lines

    def is_replaced(self, node: Node) -> bool:
        """Tell whether this node itself is replaced."""
        return id(node) in self._replaced

    def is_set(self, node: Node) -> bool:
        """Tell whether this node itself is replaced or edited."""
        return id(node) in self._replaced or id(node) in self._edited

    @property
    def is_replaced_in(self) -> bool:
        """Tell whether any node is replaced."""
        return bool(self._replaced)

    @property
    def is_written_anew(self) -> bool:
        """Tell whether the whole text is written again, since the rest depends on what is replaced."""
        return self.root is not None and self.changed and (self._has_loose_ends(self.root) or self._becomes_json())

    def data_of(self, node: Node) -> Any:
        """Return the content of a node after all changes. Raises SyntaxProblemError."""
        return native(node, self._edited | {key: made.data for key, made in self._replaced.items()})

    def render(self, form: Form | None = None) -> str:
        """Return the document's text with its replacements; `form` converts it.

        Raises BadManifestError when its content cannot be converted.
        """
        if self.root is None:
            return "" if form is Form.JSON else self._spliced(self.start, self.end)
        if form is Form.JSON:
            if self.form is Form.JSON:
                return self._spliced(self.root.start, self.root.end) + "\n"
            return self._json(self._data(self.root), INDENT) + "\n"
        if self.is_written_anew or (self.changed and form is Form.YAML and self.form is Form.JSON):
            # The end marker stays: directives of the next document would be content of this one without it.
            end = ["..."] if markers.is_ended(self.text) else []
            return "\n".join(["---", *yamlwriter.lines(check_text(self._data(self.root), self.place)), *end, ""])
        return self._spliced(self.start, self.end)

    def fail(self, problem: SyntaxProblemError) -> NoReturn:
        """Raise BadManifestError for a problem in this document, naming the line."""
        _fail(self.name, self.source, self.line, problem)

    def _has_loose_ends(self, root: Node) -> bool:
        """Tell whether a replaced part holds anchors or aliases on which the rest of the document may depend."""
        nodes = [made.node for made in self._replaced.values() if made.node is not root]
        return any(not node.movable for node in nodes)

    def _becomes_json(self) -> bool:
        """Tell whether YAML became JSON by a change, and has line breaks that only YAML reads as such."""
        if self.form is Form.JSON or not any(one in self.source for one in blocks.LINE_BREAKS_OF_YAML_1_1):
            return False
        with suppress(ValueError, RecursionError):
            return bool(json.loads(self._spliced(self.start, self.end).removeprefix("---")))
        return False

    def _spliced(self, start: int, end: int) -> str:
        replaced = [Splice(made.start, made.end, self._text_of(made)) for made in self._replaced.values()]
        cut = [Splice(low, high, "") for low, high in self.cuts]
        written_out = [Splice(one.start, one.end, yamlwriter.inline(self.data_of(one))) for one in self._written_out]
        return spliced(self.source, [*replaced, *self._splices, *cut, *written_out], start, end)

    def _text_of(self, made: _Replacement) -> str:
        # The text before it is looked up last: thousands of objects on one line would take quadratic time.
        if self.form is Form.JSON and "\n" not in self.source[made.start : made.end]:
            return self._json(made.data, None)
        if self.form is Form.YAML and isinstance(made.node, Scalar):
            return yamlwriter.scalar(made.data)
        if self.form is Form.YAML and isinstance(made.node, Map) and made.node.flow and made.node is not self.root:
            return yamlwriter.flow(made.data)
        before = self.source[blocks.line_start(self.source, made.start) : made.start]
        line_break = blocks.line_break(self.source)
        if self.form is Form.JSON:
            margin = before[: len(before) - len(before.lstrip())]
            return self._json(made.data, INDENT).replace("\n", line_break + margin)
        if made.node is self.root and before.strip():  # it began on the line of its marker
            return line_break + line_break.join(made.lines)
        first, *rest = made.lines
        return line_break.join([first, *yamlwriter.indented(rest, " " * len(before))])

    def _data(self, root: Node) -> Any:
        try:
            return self.data_of(root)
        except SyntaxProblemError as problem:
            self.fail(problem)

    def _json(self, data: Any, indent: int | None) -> str:
        return json.dumps(check_text(data, self.place), indent=indent, ensure_ascii=False)


def check_text(data: Any, place: str) -> Any:
    """Return plain data unchanged. Raises BadManifestError, naming `place`, if UTF-8 cannot carry one of its texts."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        reason = "holds half a surrogate pair, which is not a character"
        raise BadManifestError(place, reason, Problem.HALF_CHARACTER) from None
    return data


def form_of(path: Path | None) -> Form | None:
    """Return the form for a file's suffix; None if the suffix has none."""
    suffix = path.suffix.lower() if path else ""
    return {".yaml": Form.YAML, ".yml": Form.YAML, ".json": Form.JSON}.get(suffix)


def read_documents(text: str, name: str, bounds: Bounds = USUAL) -> list[Document]:
    """Split a file's text. `name` is what messages call it. Raises BadManifestError naming document and line."""
    documents: list[Document] = []
    tally = Tally(bounds)
    chunks = list(itertools.islice(markers.chunks(text), bounds.documents + 1))
    if len(chunks) > bounds.documents:
        _fail(name, text, 1, tally.too_many_documents(0))
    number, line = 0, 1
    for chunk in chunks:
        place = _within(name, f"document {number + 1}") if number else name
        try:
            read = list(_read_chunk(chunk, tally))
        except SyntaxProblemError as problem:
            if conflict := conflict_behind(problem, text):
                _fail(name, text, 1, conflict)
            _fail(place, chunk, line, problem)
        for form, root, start, end in read:
            number += root is not None
            documents.append(Document(name, number, line, form, root, chunk, start, end))
        line += chunk.count("\n")
    for document in documents:
        document.place = name if number == 1 else _within(name, f"document {document.number}")
    return documents


def new_text(objects: Sequence[Mapping[str, Any]], form: Form) -> str:
    """Return objects as separate documents, one after another."""
    if form is Form.JSON:
        return "".join(json.dumps(one, indent=INDENT, ensure_ascii=False) + "\n" for one in objects)
    return "".join("\n".join(["---", *yamlwriter.lines(one), ""]) for one in objects)


def with_kubeseal_end(text: str) -> str:
    """Return JSON with the empty line that kubeseal leaves at its end, so that files keep their ends; YAML as is."""
    return text.rstrip("\n") + "\n\n" if _LOOKS_LIKE_JSON.match(text) and not text.startswith("---") else text


def join(documents: Sequence[Document], form: Form | None = None) -> str:
    """Join the text of documents, adding markers where needed. Raises BadManifestError.

    A changed YAML document begins with `---`, as in upstream; others only if something stands before them. A stream
    that begins with a bare value cannot become JSON: kubectl knows JSON by its first bracket.
    """
    as_yaml = form is Form.YAML or (form is None and any(document.form is Form.YAML for document in documents))
    text = ""
    pieces: list[str] = []
    for document in documents:
        if not (text := document.render(form)):
            continue
        if form is Form.JSON and not pieces and not _LOOKS_LIKE_JSON.match(text):
            reason = "a bare value, and a stream that begins with one is not read as JSON"
            raise BadManifestError(document.place, reason, Problem.JSON_BEGINS_BARE)
        follows = bool(pieces) and not markers.is_ended(pieces[-1])
        needs_marker = as_yaml and document.root is not None and (follows or document.changed)
        if needs_marker and not markers.is_marked(text):
            text = f"---{blocks.line_break(text)}{text}"
        if pieces:
            pieces.append(markers.between(pieces[-1], text))
        pieces.append(text)
    if text and not text.endswith("\n") and documents[-1].changed:
        pieces.append("\n")
    return "".join(pieces)


def join_as_read(documents: Sequence[Document]) -> str:
    """Join all documents of one file: only what was changed in them differs from the file.

    Raises BadManifestError.
    """
    return "".join(document.render() for document in documents)


def _read_chunk(chunk: str, tally: Tally) -> Iterator[tuple[Form, Node | None, int, int]]:
    """Yield (form, root, start, end) of each document in a piece of text. Raises SyntaxProblemError."""
    looks_like_json = _LOOKS_LIKE_JSON.match(chunk)
    tally.begin_document(0)
    if looks_like_json is None:
        yield Form.YAML, _read_yaml(chunk, tally), 0, len(chunk)
        return
    form, roots = _read_braces(chunk, looks_like_json.end() - 1, tally)
    start = 0
    for root, following in zip(roots, [*roots[1:], None], strict=True):
        end = len(chunk) if following is None else following.start
        yield form, root, start, end
        start = end


def _read_braces(chunk: str, start: int, tally: Tally) -> tuple[Form, Sequence[Node | None]]:
    """Read a text that begins with a bracket: as JSON, else as YAML, which allows more. Raises SyntaxProblemError."""
    counted = tally.values
    try:
        return Form.JSON, read_json(chunk, start, tally)
    except SyntaxProblemError as problem:
        if problem.bounded:
            raise
        tally.values = counted  # YAML counts at least as much of the same text
        try:
            return Form.YAML, [_read_yaml(chunk, tally)]
        except SyntaxProblemError as other:
            if other.bounded:
                raise
            # Report the error of the reading that got further: that form was probably meant.
            raise max(problem, other, key=lambda one: one.offset) from None


def _read_yaml(text: str, tally: Tally) -> Node | None:
    from sealwright_manifests.text.yamlreader import read_yaml  # noqa: PLC0415 - PyYAML takes 15 ms; JSON needs none

    return read_yaml(text, tally)


def _fail(name: str, source: str, line: int, problem: SyntaxProblemError) -> NoReturn:
    above, column = blocks.place_in(source, problem.offset)
    at = line + above
    raise BadManifestError(_within(name, f"line {at}"), problem.reason, problem.problem, at=(at, column)) from None


def _within(name: str, part: str) -> str:
    return f"{name}: {part}" if name else part
