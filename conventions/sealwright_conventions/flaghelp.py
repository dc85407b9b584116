"""How a command's help shows its flags."""

import textwrap

from sealwright_conventions.flagkinds import Kind
from sealwright_conventions.flags import Flag

_WIDTH = 100
_COLUMN = 36


def described(flag: Flag, columns: int = _WIDTH) -> str:
    """Return the help of one flag, wrapped to `columns`: how it is typed, what it does, its default."""
    short = f"-{flag.short}, " if flag.short else "    "
    head = f"  {short}{typed(flag)}"
    has_default = flag.default not in ("", "false")
    words = flag.help + (f" (default {flag.default})" if has_default else "")
    gap = " " * _COLUMN
    lines = textwrap.wrap(words, columns, initial_indent=gap, subsequent_indent=gap, break_on_hyphens=False)
    if len(head) < _COLUMN:
        lines[0] = head.ljust(_COLUMN) + lines[0][_COLUMN:]
    else:
        lines.insert(0, head)
    return "\n".join(lines)


def typed(flag: Flag) -> str:
    """Return a flag with the name of its value, as in `--format string`."""
    value = flag.metavar or ("" if flag.kind is Kind.BOOL else str(flag.kind))
    return f"{flag.option} {value}".rstrip()
