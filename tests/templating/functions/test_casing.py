"""Upper and lower case and the words of names, where no recorded vector goes. Go gave the results."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateLimitError, render

DATA: dict[str, str | bytes] = {"stray": b"a\xe2\x82B\xff", "only_stray": b"\xff\xfe"}

CASES: list[tuple[str, str, str | bytes]] = [
    ("letters stay one letter each", '{{ upper "ŉ ǰ ﬁ ß" }}', "ŉ ǰ ﬁ ß"),
    ("small letters with a capital of one letter", '{{ upper "ᾳ ǆ ǅ ÿ" }}', "ᾼ Ǆ Ǆ Ÿ"),
    ("a dotted capital loses its dot", '{{ lower "İI" }}', "ii"),
    ("a sigma at the end is like any other", '{{ lower "ΟΔΟΣ" }}', "οδοσ"),
    ("letters that got a capital after Go's Unicode have none", '{{ upper "\u0264\u019b" }} {{ lower "\ua7cb" }}', "\u0264\u019b \ua7cb"),
    ("stray bytes are replaced, each by one", "{{ upper .stray }}", "A\ufffd\ufffdB\ufffd"),
    ("in ASCII nothing else changes", '{{ upper "a\\x00z{" }} {{ lower "A@Z[" }}', "A\x00Z{ a@z["),
    ("a digraph begins a title in its own way", '{{ title "ǆ ǆa" }}', "ǅ ǅa"),
    ("a title's words end at all ASCII but letters, digits and _", '{{ title "a_b a1b a-b a.b a\\x00b" }}', "A_b A1b A-B A.B A\x00B"),
    ("and at spaces of other scripts", '{{ title "a\u2003b a…b a・b" }}', "A\u2003B A…b A・b"),
    ("marks do not end a word", '{{ title "e\u0301a" }}', "E\u0301a"),
    ("titles of stray bytes", "{{ title .stray }}", "A\ufffd\ufffdB\ufffd"),
    ("untitle looks at spaces only", '{{ untitle "A-B  É\u00a0ÀB" }}', "a-B  é\u00a0àB"),
    ("swapped letters begin a word as in a title", '{{ swapcase "ǆ aǆ ǅ Ǆ" }}', "ǅ AǄ ǆ ǆ"),
    ("what is no letter ends no word unless it is a space", '{{ swapcase "-ǆ" }}', "-Ǆ"),
    ("what has no case stays", '{{ swapcase "ªⅧⓐ日" }}', "ªⅧⓐ日"),
    ("swapped stray bytes", "{{ swapcase .stray }}", "A\ufffd\ufffdb\ufffd"),
]  # fmt: skip
WORDS: list[tuple[str, str, str | bytes]] = [
    ("digits belong to the word before", '{{ snakecase "Bld4Floor3" }}', "bld4_floor3"),
    ("unless small letters follow", '{{ snakecase "HTTP2xx4y" }}', "http_2xx4y"),
    ("digits at the beginning take what follows", '{{ snakecase "2xx4Y" }}', "2xx4_y"),
    ("the last capital belongs to the small letters", '{{ snakecase "XMLHttpRequestID" }}', "xml_http_request_id"),
    ("a capital of another script", '{{ snakecase "ÀÉa" }} {{ snakecase "ǅa" }}', "à_éa ǅa"),
    ("ideographs are no words with letters", '{{ snakecase "日本Go語x" }}', "日本_go_語_x"),
    ("punctuation joins what it stands between", '{{ snakecase "a.B,-C" }} {{ kebabcase "a/_" }}', "a.b,-c a/_"),
    ("a dash before a word is a connector", '{{ snakecase "-.a" }} {{ kebabcase "_ a" }}', "_.a --a"),
    ("symbols are words", '{{ snakecase "a+B" }} {{ snakecase "a++1" }} {{ snakecase "+1a" }}', "a_+_b a_++1 +_1a"),
    ("numbers of all sorts are digits", '{{ snakecase "a²Ⅷb" }}', "a_²Ⅷb"),
    ("stray bytes belong to what follows", "{{ kebabcase .stray }}", b"a-\xef\xbf\xbd\xef\xbf\xbdb\xef\xbf\xbd"),
    ("nothing but stray bytes is left alone", "{{ kebabcase .only_stray }}", b"\xff\xfe"),
    ("stray bytes between digits stay, between connectors not", '{{ snakecase "1\\xff2" }} {{ snakecase "-\\xff-" }}', b"1\xff2 _\xef\xbf\xbd_"),
    ("stray bytes among small letters", '{{ snakecase "a\\xff" }} {{ snakecase "\\xffa1\\xff" }}', b"a\xff \xffa1\xff"),
    ("stray bytes among capitals", '{{ snakecase "A\\xff" }} {{ snakecase "AB\\xffCd" }}', "a\ufffd ab_\ufffdcd"),
    ("camel humps", '{{ camelcase "some_more  words" }}', "SomeMore Words"),
    ("capitals in a row become small", '{{ camelcase "SOME_XML-http" }} {{ camelcase "aBC" }}', "SomeXmlHttp ABC"),
    ("up to what is no capital", '{{ camelcase "AB1CD" }}', "Ab1CD"),
    ("connectors at the beginning stay", '{{ camelcase "__a_b" }}', "__AB"),
    ("nothing but connectors grows by one", '{{ camelcase "_" }} {{ camelcase "_-" }}', "__ _--"),
    ("connectors at the end", '{{ camelcase "a__" }} {{ camelcase "ab_" }}', "A__ Ab_"),
    ("a single letter", '{{ camelcase "-a" }} {{ camelcase "ß" }}', "-A ß"),
    ("stray bytes are replaced", "{{ camelcase .stray }}", "A\ufffd\ufffdB\ufffd"),
]  # fmt: skip
TABLE = CASES + WORDS


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_letters_as_by_go(template: str, expected: str | bytes) -> None:
    assert render(template, DATA) == (expected if isinstance(expected, bytes) else expected.encode())


@pytest.mark.parametrize("name", ["upper", "lower", "title", "untitle", "swapcase", "snakecase", "camelcase"])
def test_changing_long_texts_costs_steps(name: str) -> None:
    with pytest.raises(TemplateLimitError, match="it takes more than"):
        render(f"{{{{ range $i := 1000 }}}}{{{{ $_ := {name} $.t }}}}{{{{ end }}}}", {"t": "É" * 200_000})


@pytest.mark.parametrize("name", ["upper", "lower", "title", "untitle", "swapcase"])
@given(text=st.binary())
def test_any_text_becomes_utf8_with_as_many_characters(name: str, text: bytes) -> None:
    characters = text.decode(errors="surrogateescape")
    rendered = render(f"{{{{ {name} .t }}}}", {"t": text})
    assert len(rendered.decode()) == len(characters) or text.isascii()


@pytest.mark.parametrize("name", ["snakecase", "kebabcase"])
@given(text=st.text(alphabet="abXYZ09_- .,éÉ日+²\u2003"))
def test_what_is_in_a_style_stays_in_it(name: str, text: str) -> None:
    once = render(f"{{{{ {name} .t }}}}", {"t": text})
    assert render(f"{{{{ {name} .t }}}}", {"t": once}) == once
