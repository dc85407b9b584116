r"""The character classes that `\p{…}` names: those of Go 1.26, in RE2's notation.

Go ignores case, spaces, hyphens and underscores in names, and therefore never finds the scripts that have an
underscore in their own name; they are left out here. Go counts unassigned characters to `C`; RE2 does not.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from sealwright_templating.go.fmt.printable import unprintable_ranges

_CATEGORIES = "C Cc Cf Cn Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs"
_SCRIPTS = (
    "Adlam Ahom Arabic Armenian Avestan Balinese Bamum Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid"
    " Carian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari Dogra Duployan"
    " Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gurmukhi Han Hangul Hanunoo Hatran"
    " Hebrew Hiragana Inherited Javanese Kaithi Kannada Katakana Kawi Kharoshthi Khmer Khojki Khudawadi Lao Latin"
    " Lepcha Limbu Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Medefaidrin Miao Modi"
    " Mongolian Mro Multani Myanmar Nabataean Nandinagari Newa Nko Nushu Ogham Oriya Osage Osmanya Palmyrene Phoenician"
    " Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham Sinhala Sogdian Soyombo Sundanese Syriac Tagalog"
    " Tagbanwa Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho"
    " Yezidi Yi"
)
_ALIASES = (
    "Casedletter=LC Closepunctuation=Pe Combiningmark=M Connectorpunctuation=Pc Control=Cc Currencysymbol=Sc"
    " Dashpunctuation=Pd Decimalnumber=Nd Enclosingmark=Me Finalpunctuation=Pf Format=Cf Initialpunctuation=Pi Letter=L"
    " Letternumber=Nl Lineseparator=Zl Lowercaseletter=Ll Mark=M Mathsymbol=Sm Modifierletter=Lm Modifiersymbol=Sk"
    " Nonspacingmark=Mn Number=N Openpunctuation=Ps Other=C Otherletter=Lo Othernumber=No Otherpunctuation=Po"
    " Othersymbol=So Paragraphseparator=Zp Privateuse=Co Punctuation=P Separator=Z Spaceseparator=Zs Spacingmark=Mc"
    " Surrogate=Cs Symbol=S Titlecaseletter=Lt Unassigned=Cn Uppercaseletter=Lu Cntrl=Cc Digit=Nd Punct=P Lc=LC"
    " Any=Any Ascii=ASCII Assigned=Assigned"
)
_NAMES = {name: name for name in f"{_CATEGORIES} {_SCRIPTS}".split()} | dict(
    alias.split("=") for alias in _ALIASES.split()
)
_IGNORED = re.compile("[ _-]")

_ALL = r"\x{0}-\x{10ffff}"
_ASSIGNED_BUT_C = r"\pL\pM\pN\pP\pS\pZ"
_ASSIGNED = r"\pC" + _ASSIGNED_BUT_C

_WITH_NEWLINE = {"C", "Cc", "Any", "ASCII", "Assigned", "Common"}

_UNPRINTED = (
    "0-1f 7f-9f a0 ad 600-605 61c 6dd 70f 890-891 8e2 1680 180e 2000-200f 2028-202f 205f 2060-2064 2066-206f 3000"
    " d800-dfff e000-f8ff feff fff9-fffb 110bd 110cd 13430-1343f 1bca0-1bca3 1d173-1d17a e0001 e0020-e007f f0000-ffffd"
    " 100000-10fffd"
)
"""Spaces, controls, surrogates, private use: characters of Unicode 15.0 that are not printed."""


@dataclass(frozen=True, slots=True)
class NamedClass:
    """A class in RE2's notation between brackets; with `unassigned`, `unassigned_ranges` belong to it too.

    `others`, if it is shorter, are all other characters. `folds` tells whether ignoring case changes the class;
    in Go it does not for `LC`.
    """

    text: str
    newline: bool
    unassigned: bool = False
    others: str | None = None
    folds: bool = True


_SPECIAL: dict[tuple[str, bool], tuple[str, bool, str | None]] = {
    ("C", True): (r"\pC", True, _ASSIGNED_BUT_C),
    ("C", False): (_ASSIGNED_BUT_C, False, None),
    ("Cn", True): ("", True, _ASSIGNED),
    ("Cn", False): (_ASSIGNED, False, None),
    ("Assigned", True): (_ASSIGNED, False, None),
    ("Assigned", False): ("", True, _ASSIGNED),
    ("LC", True): (r"\p{Lu}\p{Ll}\p{Lt}", False, None),
    ("LC", False): (r"\PL\p{Lm}\p{Lo}", False, None),
    ("Any", True): (_ALL, False, None),
    ("Any", False): ("", False, None),
    ("ASCII", True): (r"\x{0}-\x{7f}", False, None),
    ("ASCII", False): (r"\x{80}-\x{17e}\x{180}-\x{2129}\x{212b}-\x{10ffff}", False, None),
}
"""The classes that RE2 does not know, or defines differently, and their complements (False).

Non-ASCII text is written without the long s and the kelvin sign: where case is ignored they are an s and a k. Where it
is not, `named_class` puts them back.
"""


def named_class(name: str, *, negated: bool, fold: bool) -> NamedClass | None:
    """Return the class of a name, or its complement; None if Go knows no class of that name."""
    known = _NAMES.get(_IGNORED.sub("", name).capitalize()) if name.isascii() else None
    if known is None:
        return None
    newline = (known in _WITH_NEWLINE) != negated
    special = _SPECIAL.get((known, not negated))
    if special is None:
        return NamedClass(rf"\{'P' if negated else 'p'}{{{known}}}", newline)
    text, unassigned, others = special
    if known == "ASCII" and negated and not fold:
        text += r"\x{17f}\x{212a}"
    return NamedClass(text, newline, unassigned, others, folds=known != "LC")


@cache
def unassigned_ranges() -> str:
    """Return the ranges of all unassigned characters, about 700: neither printed nor in `_UNPRINTED`."""
    others = deque((int(first, 16), int(last or first, 16)) for first, _, last in map(_ends, _UNPRINTED.split()))
    unassigned = _without(unprintable_ranges(), others)
    return "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in unassigned)


def _ends(span: str) -> tuple[str, str, str]:
    return span.partition("-")


def _without(ranges: Iterable[tuple[int, int]], others: deque[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield ranges without others; both are sorted, and each of the others lies in one range."""
    for first, last in ranges:
        start = first
        while others and others[0][0] <= last:
            low, high = others.popleft()
            if start < low:
                yield start, low - 1
            start = high + 1
        if start <= last:
            yield start, last
