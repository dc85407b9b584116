"""Merges whole files: their documents one by one, with their line ends and last line break.

What is laid out is read again, and has to mean what the versions' data says.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sealwright_conventions.records import field, record, replace
from sealwright_crypto import API_VERSION, KIND
from sealwright_manifests.errors import BadManifestError, SyntaxProblemError
from sealwright_manifests.merging.cutting import cut
from sealwright_manifests.merging.hints import PATH, merged_hint
from sealwright_manifests.merging.laying import USUAL_MARKER_SIZE, Layout, lay_out
from sealwright_manifests.merging.meant import Meaning, is_equal
from sealwright_manifests.merging.ordering import merged_order
from sealwright_manifests.merging.pairing import Key, identity, paired
from sealwright_manifests.merging.pieces import Page, Side, UnmergeableError, clashes
from sealwright_manifests.merging.places import Stray, is_elsewhere, strays
from sealwright_manifests.merging.threeway import merge_pages, with_clashes, with_value
from sealwright_manifests.merging.words import Conflict, conflicts_of
from sealwright_manifests.text.blocks import has_usual_lines
from sealwright_manifests.text.documents import Document, Form, read_documents
from sealwright_manifests.text.markers import is_empty, is_ended, is_marked
from sealwright_manifests.text.tree import native

_Path = tuple[str, ...]


@record
class MergedText:
    """A merged file. The text has git's markers around its `conflicts`."""

    text: str
    conflicts: tuple[Conflict, ...] = ()


def merge_texts(base: str, ours: str, theirs: str, marker_size: int = USUAL_MARKER_SIZE) -> MergedText | None:
    """Merge three versions of a file; `base` is empty if both sides added it.

    None if this is not to be merged entry by entry: no version holds a SealedSecret, one cannot be read, or documents
    or lists were changed in ways that only a merge by lines, or a person, can bring together.
    """
    if theirs in (ours, base):
        return MergedText(ours)
    if ours == base:
        return MergedText(theirs)
    forms = [_Lines.of(text) for text in (base, ours, theirs)]
    try:
        versions = [_Version.of(form.normal(text)) for form, text in zip(forms, (base, ours, theirs), strict=True)]
        if not any(version.is_sealed for version in versions):
            return None
        parts = _merge_documents(*versions)
        _check(parts)
        text = _joined(parts, Layout(marker_size=marker_size))
    except (UnmergeableError, BadManifestError, SyntaxProblemError):
        return None
    conflicts = tuple(one for part in parts for one in part.conflicts(alone=len(parts) == 1))
    return MergedText(_Lines.merged(*forms).written(text), conflicts)


@record
class _Lines:
    """How the lines of a file end."""

    line_break: str = "\n"
    is_ended: bool = True

    @classmethod
    def of(cls, text: str) -> "_Lines":
        count = text.count("\n")
        is_windows = count > 0 and text.count("\r\n") == count
        return cls("\r\n" if is_windows else "\n", text.endswith("\n") or not text)

    @classmethod
    def merged(cls, base: "_Lines", ours: "_Lines", theirs: "_Lines") -> "_Lines":
        return cls(
            theirs.line_break if ours.line_break == base.line_break else ours.line_break,
            theirs.is_ended if ours.is_ended == base.is_ended else ours.is_ended,
        )

    def normal(self, text: str) -> str:
        """Return a text whose lines all end with LF. Raises UnmergeableError if they end in several ways."""
        text = text.replace(self.line_break, "\n")
        if not has_usual_lines(text, 0, len(text)) or "\r" in text:
            raise UnmergeableError
        return text if self.is_ended else f"{text}\n"

    def written(self, text: str) -> str:
        text = text if self.is_ended else text.removesuffix("\n")
        return text.replace("\n", self.line_break)


@record
class _Version:
    """The documents of a version, each with its plain data."""

    documents: Sequence[Document]
    data: Sequence[Any]

    @classmethod
    def of(cls, text: str) -> "_Version":
        documents = read_documents(text, "")
        return cls(documents, [_data(one) for one in documents])

    @property
    def is_sealed(self) -> bool:
        return any(identity(one, 0)[:2] == (API_VERSION, KIND) for one in self.data)

    def keyed(self, keys: Sequence[Key]) -> dict[Key, Document]:
        """Return the documents by key. Raises UnmergeableError if two have the same."""
        if len(set(keys)) < len(keys):
            raise UnmergeableError
        return dict(zip(keys, self.documents, strict=True))


def _data(document: Document | None) -> Any:
    return None if document is None or document.root is None else native(document.root)


@record
class _Part:
    """A merged document: its page, or the text of one version; with its data if clashes are decided for a side."""

    title: str
    form: Form
    page: Page | None
    text: str
    meaning: Meaning | None
    data: Any = None
    changed: frozenset[_Path] = frozenset()
    strays: Mapping[_Path, Stray] = field(default_factory=dict)

    def laid_out(self, layout: Layout) -> str:
        return self.text if self.page is None else lay_out(self.page, layout)

    def meant(self, side: Side) -> Any:
        return self.data if self.meaning is None else self.meaning.of(side)

    def conflicts(self, *, alone: bool) -> list[Conflict]:
        found = [] if self.page is None else conflicts_of(self.page.block, self.changed, self.strays)
        return [one if alone else replace(one, words=f"{one.words} ({self.title})") for one in found]


def _merge_documents(base: _Version, ours: _Version, theirs: _Version) -> list[_Part]:
    keys = paired(base.data, ours.data, theirs.data)
    before, own, other = (one.keyed(names) for one, names in zip((base, ours, theirs), keys, strict=True))
    parts: dict[Key, _Part] = {}
    for key in {**own, **other}:
        if part := _merge_document(before.get(key), own.get(key), other.get(key)):
            parts[key] = part
    names = {key: str(number) for number, key in enumerate({**before, **own, **other})}
    by_name = {name: key for key, name in names.items()}
    listed = ([names[key] for key in version] for version in (before, own, other))
    order = merged_order(*listed, kept={names[key] for key in parts})
    return [parts[by_name[name]] for name in order]


def _merge_document(base: Document | None, ours: Document | None, theirs: Document | None) -> _Part | None:
    """Merge versions of a document; None if it was removed. Raises UnmergeableError."""
    texts = [None if one is None else one.text for one in (base, ours, theirs)]
    if texts[1] == texts[2] or texts[2] == texts[0]:
        return _taken(ours)
    if texts[1] == texts[0]:
        return _taken(theirs)
    if ours is None or theirs is None:
        raise UnmergeableError
    pages = cut(ours), cut(theirs)
    page = merge_pages(None if base is None else cut(base), *pages)
    data = _data(base), _data(ours), _data(theirs)
    hint = merged_hint(*data)
    if hint is not None:
        page = replace(page, block=with_value(page.block, PATH, hint or None))
    changed = _clashing(page)
    meaning = Meaning(data, changed, hint)
    stray = strays(data, [meaning.of(side) for side in Side]) if is_elsewhere(*data[1:]) else {}
    if stray:
        page = replace(page, block=with_clashes(page.block, pages[0].block, pages[1].block, stray))
        meaning = Meaning(data, _clashing(page), hint)
    return _Part(_title(ours), ours.form, page, "", meaning, None, changed, stray)


def _clashing(page: Page) -> frozenset[_Path]:
    return frozenset(path for path, _ in clashes(page.block))


def _taken(document: Document | None) -> _Part | None:
    if document is None:
        return None
    text = document.text if document.text.endswith("\n") else f"{document.text}\n"
    return _Part(_title(document), document.form, None, text, None, _data(document))


def _title(document: Document) -> str:
    if document.root is None:
        return ""
    _, kind, namespace, name = (*identity(_data(document), 0), "", "", "")[:4]
    return f"{kind} {'/'.join(str(one) for one in (namespace, name) if one)}"


def _joined(parts: Sequence[_Part], layout: Layout) -> str:
    """Join documents; YAML that was first, and begins without a marker, gets one elsewhere."""
    texts: list[str] = []
    last = ""  # is enough to tell how the text ends, and all of it would be searched once for each document
    for part in parts:
        added = part.laid_out(layout)
        is_separate = not last or part.form is not Form.YAML or is_ended(last) or is_marked(added) or is_empty(added)
        texts.append(added if is_separate else f"---\n{added}")
        last = added or last
    return "".join(texts)


def _check(parts: Sequence[_Part]) -> None:
    """Raise UnmergeableError if the text, with all clashes decided for either side, does not mean what it should."""
    for side in Side:
        found = [_data(one) for one in read_documents(_joined(parts, Layout(side)), "") if one.root is not None]
        wanted = [data for part in parts if (data := part.meant(side)) is not None]
        if len(found) != len(wanted) or not all(map(is_equal, found, wanted)):
            raise UnmergeableError
