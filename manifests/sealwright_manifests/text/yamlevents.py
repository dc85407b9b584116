"""YAML text of one document → events, from libyaml; its errors, in words that do not quote the text.

libyaml reads in linear time except for a few kinds of text, which are refused here.
"""

import re
from collections.abc import Iterator
from typing import Any

from sealwright_conventions.patterns import pattern
from sealwright_manifests.errors import Problem, SyntaxProblemError
from sealwright_manifests.text.blocks import LINE_BREAKS
from sealwright_manifests.text.pyyaml import MarkedYAMLError, ReaderError, __with_libyaml__

MAX_TAG_CHARACTERS = 1000
"""How long a tag may be: real tags are shorter, and some YAML readers take quadratic time for long ones."""
MAX_DIRECTIVES = 50
"""How many %TAG lines a text may hold: the parser compares each one with all others of its document."""

_LONG_TAG = pattern(rf"(?:&[^ \t{LINE_BREAKS}]+[ \t{LINE_BREAKS}]+)?![^ \t{LINE_BREAKS}]{{{MAX_TAG_CHARACTERS}}}")
_REST_OF_TAG = pattern(rf"[ \t{LINE_BREAKS},\[\]{{}}>]")
_HALF_PAIR = pattern(r"\\u[dD][89a-fA-F]")
_NO_MARKER = "did not find expected <document start>"
_NO_TOKEN = "found character that cannot start any token"  # noqa: S105 - the parser's tokens are no secrets
_NO_CHARACTER = "found invalid Unicode character escape code"
_SAID = {
    "did not find expected node content": "expected the node content",
    "mapping values are not allowed in this context": "mapping values are not allowed here",
}
_NOT_ALLOWED = pattern("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_START = rf"(?:\A|(?<=[{LINE_BREAKS}]))"
_BOM_AT_LINE_START = pattern(rf"{_LINE_START}\ufeff")
# Only %TAG is counted: a second %YAML is an error, and so is an unknown directive.
_DIRECTIVE = pattern(rf"{_LINE_START}%TAG(?=[ \t])")
_SMALL = 100_000  # characters; a run of blanks in a shorter text is harmless
_LONG_RUN = 4096
_BLANKS = f" \t{LINE_BREAKS}"
_RUN = pattern(f"[{_BLANKS}]*")
_MOST_WIPED = 2_000_000_000  # bytes: takes a tenth of a second, in which no other thread runs
# The parser quotes the text at fault, which may be a secret. Single characters and its own tokens reveal nothing.
_QUOTED = pattern(r"'[^']*'|\"[^\"]*\"")
_TELLS_NOTHING = pattern(r".(?:.|<(?:stream|document|block|flow)[- a-z]*>).", re.DOTALL)


def events_of(text: str, *, by_strangers: bool = False) -> Iterator[Any]:
    """Yield the events of a text. Raises SyntaxProblemError, and MarkedYAMLError for errors of the parser.

    A text `by_strangers` is not given to the parser in Python, which takes quadratic time for many texts.
    """
    if by_strangers and not __with_libyaml__:
        reason = "cannot be read: PyYAML was installed without libyaml"
        raise SyntaxProblemError(Problem.NO_PARSER, reason, 0, bounded=True)
    _refuse_what_takes_long(text)
    parser = _new_parser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    except ReaderError:
        found = _NOT_ALLOWED.search(text)
        at = found.start() if found else 0
        raise SyntaxProblemError(Problem.CHARACTER, "holds a character that YAML does not allow", at) from None
    finally:
        parser.dispose()


def _new_parser(text: str) -> Any:
    if __with_libyaml__:
        from yaml.cyaml import CParser  # type: ignore[import-untyped] # noqa: PLC0415 - missing without libyaml

        return CParser(text)
    from sealwright_manifests.text.pythonparser import PythonParser  # noqa: PLC0415 - slow to import

    return PythonParser(text)


def with_readable_tag(error: MarkedYAMLError, text: str) -> str | None:
    """Return a text in which each # in a tag is replaced: YAML 1.2 allows it, libyaml does not; None if there is none.

    All other characters keep their places, and the content of such a tag is not used.
    """
    is_tag = (error.context or "").startswith(("while scanning a tag", "while scanning a %TAG"))
    at = error.problem_mark.index
    if not is_tag or text[at : at + 1] != "#" or text[at - 1 : at].isspace():
        return None
    end = at + len(_REST_OF_TAG.split(text[at : at + MAX_TAG_CHARACTERS], maxsplit=1)[0])
    return text[:at] + text[at:end].replace("#", "_") + text[end:]


def problem(error: MarkedYAMLError, text: str, documents: int) -> SyntaxProblemError:
    """Return the parser's error in words that do not quote the text."""
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(text)) if mark else 0
    begin = error.context_mark.index if error.context_mark else at
    if documents and error.problem == _NO_MARKER:
        return second_document(at)
    if _LONG_TAG.match(text, begin):
        return _long_tag(begin)
    words = _without_quotes(_SAID.get(error.problem, error.problem) or error.context)
    if error.problem == _NO_TOKEN:
        words = f"a value that begins with {text[at : at + 1]} needs quotes"
        if text[at : at + 1] == "\t":
            words = "a tab is used for indentation; YAML wants spaces"
    elif error.problem == _NO_CHARACTER and _HALF_PAIR.match(text, at - 2):
        words = "holds half a surrogate pair, which is not a character"
    return SyntaxProblemError(Problem.SYNTAX, words, at)


def second_document(offset: int) -> SyntaxProblemError:
    """Return the error for a text in which a second document begins at an offset."""
    reason = "holds a second document that does not begin with --- on a line of its own"
    return SyntaxProblemError(Problem.SECOND_DOCUMENT, reason, offset)


def check_tag(event: Any, text: str) -> None:
    """Raise SyntaxProblemError if the node of an event has a tag that is too long, also through a directive."""
    if event.tag is None:
        return
    if len(event.tag) > MAX_TAG_CHARACTERS or _LONG_TAG.match(text, event.start_mark.index):
        raise _long_tag(event.start_mark.index)


def _refuse_what_takes_long(text: str) -> None:
    """Raise SyntaxProblemError for text that takes the parser quadratic time, or that it reads at another place."""
    if "\ufeff" in text and (found := _BOM_AT_LINE_START.search(text)):
        reason = "holds a byte order mark at the beginning of a line"
        raise SyntaxProblemError(Problem.BYTE_ORDER_MARK, reason, found.start())
    # Directives may also stand after documents, or without one: the parser checks their place.
    if "%TAG" in text and sum(1 for _ in _DIRECTIVE.finditer(text)) > MAX_DIRECTIVES:
        reason = f"holds more than {MAX_DIRECTIVES} directives (%)"
        raise SyntaxProblemError(Problem.MANY_DIRECTIVES, reason, 0, bounded=True)
    if len(text) > _SMALL:
        _refuse_blanks(text)


def _refuse_blanks(text: str) -> None:
    """Raise SyntaxProblemError for a long run of blanks among many lines.

    In a scalar with such a run, libyaml wipes a buffer as long as the run at every line break that follows.
    """
    runs = list(_long_runs(text))
    if not runs:
        return
    lines = _breaks(text, 0, len(text)) - sum(_breaks(text, start, end) for start, end in runs)
    start, end = max(runs, key=lambda run: run[1] - run[0])
    if lines * (end - start) > _MOST_WIPED:
        reason = f"holds {end - start:,} blanks and empty lines in a row, among {lines:,} other lines"
        raise SyntaxProblemError(Problem.MANY_BLANKS, reason, start, bounded=True)


def _long_runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each run of at least _LONG_RUN blanks and line breaks.

    Each holds a place whose number _LONG_RUN divides, so only such places are looked at.
    """
    end = 0
    for at in range(0, len(text), _LONG_RUN):
        if at < end or text[at] not in _BLANKS:
            continue
        before = text[max(0, at - _LONG_RUN) : at]
        start = at - len(before) + len(before.rstrip(_BLANKS))
        found = _RUN.match(text, at)
        end = found.end() if found else at
        if end - start >= _LONG_RUN:
            yield start, end


def _breaks(text: str, start: int, end: int) -> int:
    """Count the line breaks in a stretch of text; CR and LF together are one."""
    return sum(text.count(each, start, end) for each in LINE_BREAKS) - text.count("\r\n", start, end)


def _long_tag(offset: int) -> SyntaxProblemError:
    return SyntaxProblemError(Problem.SYNTAX, f"a tag of more than {MAX_TAG_CHARACTERS:,} characters", offset)


def _without_quotes(problem: str | None) -> str:
    words = (problem or "cannot be read as YAML").replace("('<", "'<").replace(">',)", ">'")
    return _QUOTED.sub(lambda quoted: quoted[0] if _TELLS_NOTHING.fullmatch(quoted[0]) else "…", words)
