"""Messages about a template that fails: where, why, and what of it can hold a value and so is left out.

The text of a SealedSecret's template is public, but what its functions say is made of the data: whoever writes
`{{ fail .password }}` decides what stands in the message, and messages end up in logs. In a Secret, the text itself is
a value.
"""

from collections.abc import Iterable

from sealwright_cli.messages.errors import InputError
from sealwright_cli.messages.ui import visible
from sealwright_templating import TemplateError, TemplateParseError

_LONGEST_LINE = 100
_ODDITIES = {
    b"<no value>": "uses an item that does not exist: <no value>",
    b"illegal base64 data at input byte": "holds the error text of b64dec: illegal base64 data",
    b"illegal base32 data at input byte": "holds the error text of b32dec: illegal base32 data",
}
_CORRECT = "correct the template at the mark"


def of_public_text(called: str, error: TemplateError, text: str, *, may_tell: bool) -> InputError:
    """Return the error about a template of a SealedSecret: the line of `text` with a mark below the place.

    `called` is the object in messages. What a function says is shown if `may_tell`; else the hint says how to see it.
    """
    detail, hint = [error.detail] if error.detail and may_tell else [], _CORRECT
    if error.detail and not may_tell:
        hint += "; what the function says is left out, as it can hold a value: --to-terminal shows it"
    return InputError(f"{called}: {error}", excerpt=[*_marked(error, text), *detail], hint=hint)


def of_secret_text(called: str, error: TemplateError, text: str, *, may_tell: bool) -> InputError:
    """Return the error about a text in a Secret, which quotes nothing of it unless `may_tell`."""
    if may_tell:
        return of_public_text(called, error, text, may_tell=True)
    what = "is not a template" if isinstance(error, TemplateParseError) else "fails as a template"
    return InputError(
        f"{called}: item {visible(error.name)} {what} (line {error.line}, column {error.column})",
        hint="correct it; the line and the reason are left out, as they can hold a value: --to-terminal shows them",
    )


def oddity(content: bytes, meant: Iterable[bytes]) -> str:
    """Return what is odd about a template's output, in words that hold no value; empty if nothing is.

    Go's templates go on where a value is missing, and some of Sprig's functions return their error as a text. `meant`
    are the template and the values: a text that is in one of them is no sign of a mistake.
    """
    for text, words in _ODDITIES.items():
        if text in content and not any(text in one for one in meant):
            return words
    return ""


def _marked(error: TemplateError, text: str) -> list[str]:
    """Return the line of the template, and another one with a caret below the place."""
    lines = text.split("\n")
    line = lines[error.line - 1] if error.line <= len(lines) else ""
    start = max(0, error.column - 1 - _LONGEST_LINE // 2)
    caret = " " * len(visible(line[start : error.column - 1])) + "^"
    return [line[start : start + _LONGEST_LINE], caret]
