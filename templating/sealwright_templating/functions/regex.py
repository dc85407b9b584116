"""Regular expressions. Go's notation, Go's rules for empty matches, RE2's time; see `go/regexp` for how."""

from itertools import islice

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.go.regexp import Expansion, Expression, Literal, Subject, refers_to_groups
from sealwright_templating.limits import ITEM_BYTES
from sealwright_templating.values.objects import Slice
from sealwright_templating.values.registry import function
from sealwright_templating.values.types import STRINGS

_SPECIAL = b"\\.+*?()|[]{}^$"
_QUOTED = {letter: b"\\%c" % letter for letter in _SPECIAL}

_BYTES_PER_STEP = 256
"""How much of a text is made ready for a search in a microsecond, if it is not UTF-8."""

_BYTES_QUOTED_PER_STEP = 16


@function("regexMatch", signature="func(string, string) bool", bytes_per_step=_BYTES_PER_STEP)
def regex_match(context: Context, pattern: bytes, text: bytes) -> bool:
    """Tell whether a regular expression matches anywhere in a text; false if the expression is invalid."""
    try:
        return must_regex_match(context, pattern, text)
    except FunctionError:
        return False


@function("mustRegexMatch", signature="func(string, string) (bool, error)", bytes_per_step=_BYTES_PER_STEP)
def must_regex_match(context: Context, pattern: bytes, text: bytes) -> bool:
    """Tell whether a regular expression matches anywhere in a text."""
    expression = Expression(context, pattern)
    return expression.first(Subject(context.budget, text)) is not None


@function("regexFind", signature="func(string, string) string", bytes_per_step=_BYTES_PER_STEP)
@function("mustRegexFind", signature="func(string, string) (string, error)", bytes_per_step=_BYTES_PER_STEP)
def regex_find(context: Context, pattern: bytes, text: bytes) -> bytes:
    """Return the first match of a regular expression, or an empty text."""
    expression = Expression(context, pattern)
    subject = Subject(context.budget, text)
    match = expression.first(subject)
    return subject.between(*match.span()) if match else b""


@function("regexFindAll", signature="func(string, string, int) []string", bytes_per_step=_BYTES_PER_STEP)
@function("mustRegexFindAll", signature="func(string, string, int) ([]string, error)", bytes_per_step=_BYTES_PER_STEP)
def regex_find_all(context: Context, pattern: bytes, text: bytes, count: int) -> Slice | list[bytes]:
    """Return the first matches of a regular expression, up to a count; all if the count is negative."""
    expression = Expression(context, pattern)
    subject = Subject(context.budget, text)
    found = _Collected(context)
    for match in islice(expression.all(subject), None if count < 0 else count):
        found.append(subject.between(*match.span()))
    return found.texts or Slice(STRINGS, [], nil=True)


@function("regexReplaceAll", signature="func(string, string, string) string", bytes_per_step=_BYTES_PER_STEP)
@function(
    "mustRegexReplaceAll", signature="func(string, string, string) (string, error)", bytes_per_step=_BYTES_PER_STEP
)
def regex_replace_all(context: Context, pattern: bytes, text: bytes, replacement: bytes) -> bytes:
    """Return a text with all matches of a regular expression replaced; `$1` and `${name}` stand for its groups."""
    context.budget.items(2 * replacement.count(b"$"))
    expression = Expression(context, pattern, groups=refers_to_groups(replacement))
    return _replaced(context, expression, text, Expansion(replacement, expression.names))


@function("regexReplaceAllLiteral", signature="func(string, string, string) string", bytes_per_step=_BYTES_PER_STEP)
@function(
    "mustRegexReplaceAllLiteral",
    signature="func(string, string, string) (string, error)",
    bytes_per_step=_BYTES_PER_STEP,
)
def regex_replace_all_literal(context: Context, pattern: bytes, text: bytes, replacement: bytes) -> bytes:
    """Return a text with all matches of a regular expression replaced by a literal text."""
    return _replaced(context, Expression(context, pattern), text, Literal(replacement))


def _replaced(context: Context, expression: Expression, text: bytes, replacement: Expansion | Literal) -> bytes:
    subject = Subject(context.budget, text)
    result = bytearray()
    last = 0
    for match in expression.all(subject):
        context.budget.steps(replacement.steps)
        start, end = match.span()
        result += subject.between(last, start)
        for part in replacement.parts(subject, match):
            result += part
        if len(result) > context.budget.limits.value_bytes:
            break
        last = end
    result += subject.between(last, len(subject.data))
    context.budget.memory(len(result))
    return bytes(result)


@function("regexSplit", signature="func(string, string, int) []string", bytes_per_step=_BYTES_PER_STEP)
@function("mustRegexSplit", signature="func(string, string, int) ([]string, error)", bytes_per_step=_BYTES_PER_STEP)
def regex_split(context: Context, pattern: bytes, text: bytes, count: int) -> Slice | list[bytes]:
    """Return a text split at the matches of a regular expression; a number that is not negative limits the pieces."""
    expression = Expression(context, pattern)
    if count == 0:
        return Slice(STRINGS, [], nil=True)
    if pattern and not text:
        return [b""]
    subject = Subject(context.budget, text)
    pieces = _Collected(context)
    begin = end = 0
    for match in islice(expression.all(subject), None if count < 0 else count):
        if len(pieces.texts) == count - 1:
            break
        end, behind = match.span()
        if behind:
            pieces.append(subject.between(begin, end))
        begin = behind
    if end != len(subject.data):
        pieces.append(subject.between(begin, len(subject.data)))
    return pieces.texts


@function("regexQuoteMeta", signature="func(string) string", bytes_per_step=_BYTES_QUOTED_PER_STEP)
def regex_quote_meta(context: Context, text: bytes) -> bytes:
    """Return a regular expression that matches exactly this text."""
    special = sum(map(text.count, _SPECIAL))
    context.budget.memory(len(text) + special)
    context.budget.steps(special // 4)
    return text if not special else b"".join(_QUOTED.get(byte, b"%c" % byte) for byte in text)


class _Collected:
    """Texts that become a list, charged one by one."""

    def __init__(self, context: Context) -> None:
        self.texts: list[bytes] = []
        self._budget = context.budget
        self._bytes = 0

    def append(self, text: bytes) -> None:
        self._bytes += ITEM_BYTES + len(text)
        within = self._bytes <= self._budget.limits.value_bytes
        self._budget.memory(ITEM_BYTES + len(text) if within else self._bytes)
        self.texts.append(text)
