"""Upper and lower case."""

from sealwright_templating.context import Context
from sealwright_templating.registry import function
from sealwright_templating.runes import decode, repair


@function("upper", signature="func(string) string")
def upper(context: Context, text: bytes) -> bytes:
    """Return the text in capital letters, each letter made one letter: ß stays."""
    context.budget.memory(4 * len(text))
    return "".join(map(_capital, repair(decode(text)))).encode()


def _capital(letter: str) -> str:
    capital = letter.upper()
    return capital if len(capital) == 1 else letter
