"""Regular expressions where no recorded vector goes. Go gave the results."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render

SECRET = "correct horse battery staple"
DATA: dict[str, str | bytes] = {"bin": b"a\xff\xe6\x97b", "long": "key=value\n" * 2000}

TABLE = [
    ("an empty match behind another one is none", '{{ regexReplaceAll "a*" "baac" "-" }}', "-b-c-"),
    ("empty matches stand between characters", '{{ regexReplaceAll "" "né" "-" }}', "-n-é-"),
    ("and never in one", '{{ regexReplaceAll "\\\\B" "né!" "-" }}', "né-!-"),
    ("stray bytes are characters", '{{ regexReplaceAll "." .bin "x" }}', "xxxxx"),
    ("they are U+FFFD", '{{ regexFindAll "\\\\x{fffd}" .bin -1 | printf "%q" }}', '["\\xff" "\\xe6" "\\x97"]'),
    ("what is found of them is what was there", '{{ regexFind "a.." .bin | printf "%q" }}', '"a\\xff\\xe6"'),
    ("a name is as long as it can be", '{{ regexReplaceAll "(a)(b)" "ab" "$1x$2_${1}x" }}', "ax"),
    ("a letter of any alphabet belongs to it", '{{ regexReplaceAll "(a)" "a" "$1é|$1-" }}', "|a-"),
    ("a name may be two groups'", '{{ regexReplaceAll "(?P<n>a)|(?<n>b)" "abc" "[${n}]" }}', "[a][b]c"),
    ("a group that does not match is empty", '{{ regexReplaceAll "(a)|(b)" "ab" "<$1,$2>" }}', "<a,><,b>"),
    ("there is no group 01", '{{ regexReplaceAll "(a)" "a" "<$01$1>" }}', "<a>"),
    ("nor one of a very large number", '{{ regexReplaceAll "(a)" "a" "<$1000000000>" }}', "<>"),
    ("group 0 is all", '{{ regexReplaceAll "a(b)" "ab" "$0${0}" }}', "abab"),
    ("two dollar signs are one", '{{ regexReplaceAll "a" "a" "$$1" }}', "$1"),
    ("a dollar sign at the end is one", '{{ regexReplaceAll "a" "a" "b$" }}', "b$"),
    ("a brace that is not closed is text", '{{ regexReplaceAll "(a)" "a" "${1-}" }}', "${1-}"),
    ("an empty name is text", '{{ regexReplaceAll "(a)" "a" "${}" }}', "${}"),
    ("literally, dollar signs mean nothing", '{{ regexReplaceAllLiteral "(a)" "a" "$1$$" }}', "$1$$"),
    ("no match leaves all as it is", '{{ regexReplaceAll "x" .bin "y" | printf "%q" }}', '"a\\xff\\xe6\\x97b"'),
    ("a match at the front begins the list empty", '{{ regexSplit "a" "ab" -1 | printf "%q" }}', '["" "b"]'),
    ("an empty match at the front does not", '{{ regexSplit "x*" "ab" -1 | printf "%q" }}', '["a" "b"]'),
    ("nor does it count", '{{ regexSplit "x*" "abc" 2 | printf "%q" }}', '["a" "bc"]'),
    ("no more pieces than asked for", '{{ regexSplit "," "a,b,c,d" 3 | printf "%q" }}', '["a" "b" "c,d"]'),
    ("no pieces asked for are nil", '{{ regexSplit "," "a,b" 0 | toJson }}', "null"),
    ("nothing is one piece", '{{ regexSplit "," "" -1 | printf "%q" }}', '[""]'),
    ("unless the expression is nothing too", '{{ regexSplit "" "" -1 | printf "%q" }}', "[]"),
    ("an end that matches makes no piece", '{{ regexSplit "$" "ab" -1 | printf "%q" }}', '["ab"]'),
    ("no matches asked for are nil", '{{ regexFindAll "a" "aa" 0 | toJson }}', "null"),
    ("any negative number asks for all", '{{ regexFindAll "a" "aa" -7 | toJson }}', '["a","a"]'),
    ("quoting leaves letters alone", '{{ regexQuoteMeta "a-é.\\\\" }}', "a-é\\.\\\\"),
    ("a long text is searched to the end", '{{ regexFindAll "v[a-z]+" .long -1 | len }}', "2000"),
    ("over line breaks too", '{{ regexFindAll "e\\\\nk" .long -1 | len }}', "1999"),
    ("line by line too", '{{ regexReplaceAll "(?m)^.*$" .long "" | len }}', "2000"),
    ("to its very end", '{{ regexFindAll "(?m)$" .long -1 | len }} {{ regexFindAll "e?$" .long -1 | len }}', "2001 1"),
]

NOTATION = [
    ("a literal quotation", "\\Qa.b", "a.b", "true"),
    ("a quotation of nothing", "a\\Q\\E*b", "b", "true"),
    ("a repetition behind a quotation is of its last letter", "^\\Qab\\E+$", "abb", "true"),
    ("a brace that is no count is a brace", "^a{,2}{x$", "a{,2}{x", "true"),
    ("a count with a zero in front is none", "^a{01}$", "a{01}", "true"),
    ("flags last to the end of the group", "^((?i)a)b$", "Ab", "true"),
    ("and no longer", "^((?i)a)b$", "AB", "false"),
    ("flags can be taken back", "(?i)a(?-i)b", "AB", "false"),
    ("flags over alternatives", "^(?i:a|b)c$", "Bc", "true"),
    ("several flags at once", "(?is-U:^a.b$)", "A\nB", "true"),
    ("ungreedy swaps what is greedy", "(?U)^a+?$", "aa", "true"),
    ("case beyond ASCII", "(?i)^\u03c3$", "\u03c2", "true"),
    ("an s may be long", "(?i)^s$", "\u017f", "true"),
    ("but not where case matters", "^[[:ascii:]]$", "\u017f", "false"),
    ("ASCII where it does not", "(?i)^\\P{ASCII}$", "\u017f", "false"),
    ("and where it does", "^\\P{ascii}$", "\u017f", "true"),
    ("octal", "^\\101\\07\\0$", "A\a\x00", "true"),
    ("hexadecimal", "^\\x41\\x{1F600}\\x{000041}$", "A😀A", "true"),
    ("a surrogate is no character of any text", "\\x{d800}", "\ufffd", "false"),
    ("a bracket may come first in a class", "^[]a]+$", "a]", "true"),
    ("a hyphen may come last", "^[a-]+$", "-a", "true"),
    ("a hyphen may come behind a class", "^[\\d-z]+$", "5-z", "true"),
    ("a class of none of all", "[^\\x00-\\x{10FFFF}]", "a", "false"),
    ("no character at all", "\\P{Any}", "a", "false"),
    ("any character, in a class with others", "^[^\\P{any}a]$", "b", "true"),
    (
        "names of classes without regard to case and spaces",
        "^\\p{uppercase LETTER}\\p{lower_case-letter}$",
        "Aa",
        "true",
    ),
    ("a class may be negated twice", "^\\P{^Greek}$", "\u03b1", "true"),
    ("cased letters", "^\\p{LC}\\P{LC}$", "a漢", "true"),
    ("what is unassigned is other", "^\\pC\\p{Cn}[\\p{C}][a\\pC]$", "\u0378\u0378\u0378\u0378", "true"),
    ("so are controls, and they are assigned", "^\\p{Other}\\p{Assigned}[^\\p{Cn}]$", "\n\n\n", "true"),
    ("a class without what is other", "^[^\\pCa]$", "\u0378", "false"),
    ("classes of POSIX", "^[[:alpha:][:^digit:]]+$", "a-é", "true"),
    ("nothing repeated", "^(?:)*(|a)+$", "", "true"),
    ("a group repeated no times counts", "^(a){0}(b)$", "b", "true"),
    ("a name may be a number", "(?P<1>a)", "a", "true"),
]

REFUSED = [
    ("a group that is not closed", "(a"),
    ("a group that is not opened", "a)"),
    ("a class that is not closed", "[a"),
    ("a class that is not closed behind a bracket", "[]a"),
    ("a class that is not closed behind a range", "[a-"),
    ("a range backwards", "[b-a]"),
    ("a class as the end of a range", "[a-\\d]"),
    ("a class of POSIX that there is not", "[[:alphas:]]"),
    ("a class that there is not", "\\p{Klingon}"),
    ("a script with an underscore, which Go never finds", "\\p{Old_Italic}"),
    ("a class with an empty name", "\\p{}"),
    ("a class with a name of other letters", "\\p{\u017f}"),
    ("a class whose name is not closed", "\\p{Greek"),
    ("a class without a name", "\\p"),
    ("a look ahead", "(?=a)"),
    ("a look behind", "(?<=a)"),
    ("a reference to a group", "(a)\\1"),
    ("a reference by name", "(?P<a>b)(?P=a)"),
    ("a single byte, which only RE2 knows", "\\C"),
    ("the end of Perl's text", "\\Z"),
    ("a quotation in a class", "[\\Qa\\E]"),
    ("a backslash at the end", "a\\"),
    ("hexadecimal without digits", "\\x{}"),
    ("hexadecimal beyond Unicode", "\\x{110000}"),
    ("hexadecimal that is not closed", "\\x{41"),
    ("one hexadecimal digit", "\\x4"),
    ("a repetition of nothing", "a|*"),
    ("a repetition of a repetition", "a+*"),
    ("a count of a repetition", "a*{2}"),
    ("a count that is too high", "a{1001}"),
    ("counts that are too high together", "(?:a{32}){32}"),
    ("a count without end", "a{99999999999999999999}"),
    ("counts the wrong way round", "a{2,1}"),
    ("a name that is no word", "(?P<a-b>c)"),
    ("a name that is not closed", "(?P<a"),
    ("flags that there are not", "(?x)a"),
    ("a minus without flags", "(?i-)a"),
    ("too deep a nesting", "(" * 1001 + ")" * 1001),
    ("no UTF-8", b"a\xff"),
]

characters = st.sampled_from(["a", "b", "é", "\n", " ", "\ufffd"])
texts = st.lists(characters, max_size=12).map("".join)
patterns = st.sampled_from(["a", "a*", "b+", "", "^", "$", "(?m)^", "é|a", ".", "(a)(b)?", "[^a]*", "\\b", "\\B"])


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_functions_as_in_go(template: str, expected: str) -> None:
    assert render(template, DATA).decode() == expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"), [row[1:] for row in NOTATION], ids=[row[0] for row in NOTATION]
)
def test_notation_as_in_go(pattern: str, text: str, expected: str) -> None:
    assert render("{{ mustRegexMatch .pattern .text }}", {"pattern": pattern, "text": text}).decode() == expected


@pytest.mark.parametrize("pattern", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_go_takes_for_no_expression_is_an_error(pattern: str | bytes) -> None:
    assert render("{{ regexMatch .pattern `a` }}", {"pattern": pattern}) == b"false"
    for call in ("mustRegexMatch .p `a`", "regexFindAll .p `a` 0", "regexSplit .p `` 0", "regexReplaceAll .p `` ``"):
        with pytest.raises(TemplateExecutionError) as caught:
            render(f"{{{{ {call} }}}}", {"p": pattern})
        assert not isinstance(caught.value, TemplateLimitError)


@given(patterns, texts)
def test_what_is_found_is_what_is_replaced(pattern: str, text: str) -> None:
    template = "{{ regexReplaceAll .p .x `<$0>` }}\x00{{ range regexFindAll .p .x -1 }}<{{ . }}>\x00{{ end }}"
    replaced, *found = render(template, {"p": pattern, "x": text}).decode().split("\x00")[:-1] or [""]
    assert all(match in replaced for match in found)
    assert replaced.count("<") == len(found)


@given(texts)
def test_what_is_split_at_commas_is_joined_again(text: str) -> None:
    commas = text.replace("a", ",")
    assert render('{{ regexSplit "," .x -1 | join "," }}', {"x": commas}).decode() == commas


@given(st.binary(max_size=20))
def test_a_quoted_text_matches_itself(text: bytes) -> None:
    valid = text.decode(errors="ignore")
    assert render("{{ regexMatch (print `^` (regexQuoteMeta .x) `$`) .x }}", {"x": valid}) == b"true"


def test_errors_show_neither_pattern_nor_text() -> None:
    with pytest.raises(TemplateExecutionError) as caught:
        render("{{ regexFind .p .p }}", {"p": f"({SECRET}"})
    assert SECRET not in str(caught.value)


LIMITS = [
    ("an automaton that is too large for RE2", '{{ regexMatch "\\\\pL{1000}" "a" }}', "is too large"),
    (
        "one that is too large for the text",
        '{{ regexMatch "(.{1,100}){1,10}x" (repeat 200000 "a") }}',
        "takes more than",
    ),
    (
        "one that could keep RE2 for seconds",
        '{{ regexMatch "(?:a{1,999}b)|c" (repeat 300000 "a") }}',
        "for so long a text",
    ),
    (
        "classes that are long for RE2",
        '{{ regexMatch (repeat 30 "[a\\\\pC]") "a" }}',
        "classes of a regular expression",
    ),
    ("a very long expression", '{{ regexMatch (repeat 100000 "a") "a" }}', "one value would take more than"),
    ("a quadratic search", '{{ regexReplaceAll "a.*b|a" (repeat 100000 "a") "" }}', "takes more than"),
    ("a search for nothing, everywhere", '{{ regexReplaceAll "" (repeat 900000 "a") "" }}', "takes more than"),
    ("a result that is too long", '{{ regexReplaceAll "a" (repeat 3000 "a") (repeat 3000 "b") }}', "one value would"),
    ("a list that is too long", '{{ regexFindAll "a+" (repeat 4194290 "a") -1 }}', "one value would take more than"),
    ("very many references", '{{ regexReplaceAll "a" (repeat 30000 "a") (repeat 30000 "$9") }}', "takes more than"),
    ("very many stray bytes", '{{ regexMatch "a" (repeat 500000 "\\xff") }}', "one value would take more than"),
]


@pytest.mark.parametrize(("template", "reason"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_limits(template: str, reason: str) -> None:
    with pytest.raises(TemplateLimitError, match=reason):
        render(template, {}, timer=lambda: 0.0)


@pytest.mark.parametrize(
    "template",
    [
        '{{ regexReplaceAll "\\\\s+" (repeat 40000 "abc def\\n") " " | len }}',
        '{{ regexReplaceAll "(\\\\w+)=(\\\\w+)" (repeat 20000 "abc=def\\n") "$2=$1" | len }}',
        '{{ regexSplit "\\n" (repeat 30000 "abc=def\\n") -1 | len }}',
        '{{ regexReplaceAll "(.{1,80})(\\\\s+|$)" (repeat 20000 "word ") "$1\\n" | len }}',
        '{{ regexMatch "^(a+)+$" (print (repeat 500000 "a") "b") }}',
    ],
)
def test_large_texts_are_within_the_limits(template: str) -> None:
    assert render(template, {}, timer=lambda: 0.0)
