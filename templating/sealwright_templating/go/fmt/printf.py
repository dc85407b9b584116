"""Go's printing functions: the directives of a format, and the spaces between values."""

import re
from collections.abc import Sequence

from sealwright_templating.context import Context
from sealwright_templating.go import runes
from sealwright_templating.go.fmt.flags import Flags
from sealwright_templating.go.fmt.printer import Printer
from sealwright_templating.values.objects import Value, integer, type_name

_LARGEST_NUMBER = 1_000_000
_STEPS_PER_DIRECTIVE = 8
_FLAGS = re.compile(rb"[#0+\- ]*")
_PLAIN_VERB = re.compile(rb"[a-z]")
_NUMBER = re.compile(rb"[0-9]*")


def sprint(context: Context, *values: Value) -> bytes:
    """Return the values as `%v` prints them, with a space between two that are not strings."""
    if len(values) == 1 and isinstance(values[0], bytes):
        return values[0]
    printer = Printer(context)
    after_string = True
    for value in values:
        is_string = isinstance(value, bytes)
        if not (is_string or after_string):
            printer.write(b" ")
        printer.argument(value, "v")
        after_string = is_string
    return _result(context, printer, values)


def sprintln(context: Context, *values: Value) -> bytes:
    """Return the values as `%v` prints them, with a space between each two and a line break at the end."""
    printer = Printer(context)
    for index, value in enumerate(values):
        if index:
            printer.write(b" ")
        printer.argument(value, "v")
    printer.write(b"\n")
    return _result(context, printer, values)


def sprintf(context: Context, text: bytes, *values: Value) -> bytes:
    """Return a format with its directives replaced by the values; errors in the format appear in the result."""
    formatter = _Formatter(context, text, values)
    formatter.run()
    return _result(context, formatter.printer, (text,))


def _result(context: Context, printer: Printer, given: Sequence[Value]) -> bytes:
    """Return the printed text; its memory is charged, unless it is no larger than the one string it was made from."""
    if len(given) != 1 or not isinstance(given[0], bytes) or len(printer.out) > len(given[0]):
        context.budget.memory(len(printer.out))
    return bytes(printer.out)


class _Formatter:
    """One run over a format: its position, and the next argument."""

    def __init__(self, context: Context, text: bytes, values: Sequence[Value]) -> None:
        self.printer = Printer(context)
        self._budget = context.budget
        self._text = text
        self._values = values
        self._position = 0
        self._next = 0
        self._reordered = False
        self._good_index = True
        self._after_index = False

    def run(self) -> None:
        """Print the whole format, and the note about unused arguments."""
        text = self._text
        while (percent := text.find(b"%", self._position)) >= 0:
            self.printer.write(text[self._position : percent])
            self._position = percent + 1
            self._budget.steps(_STEPS_PER_DIRECTIVE)
            if not self._plain_directive():
                self._directive()
        self.printer.write(text[self._position :])
        if not self._reordered and self._next < len(self._values):
            self._extra()

    def _plain_directive(self) -> bool:
        """Print a directive of flags and a lower-case letter only; return False for any other."""
        found = _FLAGS.match(self._text, self._position)
        flags = found[0] if found else b""
        self._good_index, self._after_index = True, False
        self.printer.flags = Flags(
            minus=b"-" in flags, plus=b"+" in flags, sharp=b"#" in flags, space=b" " in flags, zero=b"0" in flags
        )
        self._position += len(flags)
        if self._next >= len(self._values) or not _PLAIN_VERB.match(self._text, self._position):
            return False
        self._position += 1
        self._argument(chr(self._text[self._position - 1]))
        return True

    def _directive(self) -> None:
        """Print a directive whose flags were read."""
        self._index()
        self._width()
        self._precision()
        if not self._after_index:
            self._index()
        if self._position >= len(self._text):
            self.printer.write(b"%!(NOVERB)")
            return
        verb = runes.repair(runes.decode(self._text[self._position : self._position + 4]))[0]
        self._position += len(verb.encode()) if verb != runes.REPLACEMENT else self._width_of_replacement()
        if verb == "%":
            self.printer.write(b"%")
        elif not self._good_index:
            self.printer.write(f"%!{verb}(BADINDEX)".encode())
        elif self._next >= len(self._values):
            self.printer.write(f"%!{verb}(MISSING)".encode())
        else:
            self._argument(verb)

    def _width_of_replacement(self) -> int:
        encoded = runes.REPLACEMENT.encode()
        return len(encoded) if self._text.startswith(encoded, self._position) else 1

    def _argument(self, verb: str) -> None:
        flags = self.printer.flags
        if verb in "vw":
            flags.go_syntax, flags.sharp = flags.sharp, False
            flags.field_names, flags.plus = flags.plus, False
        self.printer.argument(self._values[self._next], verb)
        self._next += 1

    def _width(self) -> None:
        flags = self.printer.flags
        if self._at(b"*"):
            width = self._number_from_argument()
            if width is None:
                self.printer.write(b"%!(BADWIDTH)")
            elif width < 0:
                flags.minus, flags.zero = True, False
            flags.width = None if width is None else abs(width)
            self._after_index = False
            return
        flags.width = self._number()
        if self._after_index and flags.width is not None:
            self._good_index = False

    def _precision(self) -> None:
        flags = self.printer.flags
        if self._position + 1 == len(self._text) or not self._at(b"."):  # at the very end it is a verb
            return
        if self._after_index:
            self._good_index = False
        self._index()
        if not self._at(b"*"):
            flags.precision = self._number() or 0
            return
        precision = self._number_from_argument()
        if precision is None or precision < 0:
            self.printer.write(b"%!(BADPREC)")
        else:
            flags.precision = precision
        self._after_index = False

    def _at(self, mark: bytes) -> bool:
        """Tell whether a mark comes next, and skip it."""
        if not self._text.startswith(mark, self._position):
            return False
        self._position += 1
        return True

    def _number(self) -> int | None:
        """Read a number; None if there is none. A number that is too large swallows the rest of the format."""
        found = _NUMBER.match(self._text, self._position)
        digits = found[0] if found else b""
        self._position += len(digits)
        number = 0
        for digit in digits:
            if number > _LARGEST_NUMBER:
                self._position = len(self._text)
                return None
            number = 10 * number + digit - ord("0")
        return number if digits else None

    def _number_from_argument(self) -> int | None:
        if self._next >= len(self._values):
            return None
        number = integer(self._values[self._next])
        self._next += 1
        return number if number is not None and abs(number) <= _LARGEST_NUMBER else None

    def _index(self) -> None:
        """Read an argument's index, such as [3], if there is one."""
        self._after_index = False
        if not self._text.startswith(b"[", self._position):
            return
        self._reordered = True
        opening = self._position
        closing = self._text.find(b"]", opening)
        if len(self._text) - opening < 3 or closing < 0:
            self._good_index = False
            self._position = opening + 1
            return
        self._position = opening + 1
        index = self._number()
        well_formed = index is not None and self._position == closing
        self._position = closing + 1
        self._after_index = well_formed
        if well_formed and index is not None and 1 <= index <= len(self._values):
            self._next = index - 1
        else:
            self._good_index = False

    def _extra(self) -> None:
        self.printer.flags = Flags()
        self.printer.write(b"%!(EXTRA ")
        for index, value in enumerate(self._values[self._next :]):
            if index:
                self.printer.write(b", ")
            if type_name(value) == "<nil>":
                self.printer.write(b"<nil>")
            else:
                self.printer.write(type_name(value).encode() + b"=")
                self.printer.argument(value, "v")
        self.printer.write(b")")
