"""JSON and YAML texts → nodes: positions, bounds, and the words for what is wrong."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.costs import costs_at_most

from sealwright_manifests.errors import Problem, SyntaxProblemError
from sealwright_manifests.text import yamlevents
from sealwright_manifests.text.bounds import Bounds, Tally
from sealwright_manifests.text.jsonreader import read_json
from sealwright_manifests.text.tree import Alias, Map, Node, Scalar, Seq, leaves, native
from sealwright_manifests.text.yamlevents import MAX_DIRECTIVES, MAX_TAG_CHARACTERS
from sealwright_manifests.text.yamlreader import read_yaml

OTHER_BREAKS = "\r\x85\u2028\u2029"
MAX_CPU_SECONDS = 10.0


def spelled(text: str, node: Node) -> object:
    """Return a tree as the pieces of text that its leaves stand for."""
    if isinstance(node, Map):
        return [(spelled(text, entry.key), spelled(text, entry.value)) for entry in node.entries]
    if isinstance(node, Seq):
        return [spelled(text, item) for item in node.items]
    return text[node.start : node.end]


def test_yaml_nodes_know_their_text() -> None:
    text = "a: 'x'  # c\nb: [1, {c: \"d\"}]\ne: |\n  block\n\nf: &g\n- *g2\n".replace("*g2", "&h i")
    root = read_yaml(text)
    assert root is not None
    assert spelled(text, root) == [
        ("a", "'x'"),
        ("b", ["1", [("c", '"d"')]]),
        ("e", "|\n  block\n\n"),
        ("f", ["&h i"]),
    ]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("a:\nb: 1\n", "a:^\nb: 1\n"),
        ("a  : # c: d\n\nb: 1\n", "a  :^ # c: d\n\nb: 1\n"),
        ("a:\n# c\n", "a:^\n# c\n"),
        ("a:", "a:^"),
        ("a:\r\nb: 1\n", "a:^\r\nb: 1\n"),
        ("- a:\n- b\n", "- a:^\n- b\n"),
        ("- \n- b\n", "-^ \n- b\n"),
        ("a: &x # c\n\nb: 1\n", "a: ^&x^ # c\n\nb: 1\n"),
        ("a: !!str\nb: 1\n", "a: ^!!str^\nb: 1\n"),
        ("{a: , b: 1}", "{a:^ , b: 1}"),
        ("{ a , b: 1}", "{ a^ , b: 1}"),
        ("? a # c: d\n? b\n: 1\n", "? a^ # c: d\n? b\n: 1\n"),
        ("? a\n# c\n: # d\nb: 1\n", "? a\n# c\n:^ # d\nb: 1\n"),
        ("? - a\n? b\n: 1\n", "? - a^\n? b\n: 1\n"),
    ],
)
def test_a_value_that_is_not_written_stands_behind_its_key(text: str, marked: str) -> None:
    root = read_yaml(text)
    assert root is not None
    nothing = next(leaf for leaf in leaves(root) if isinstance(leaf, Scalar) and leaf.value == "")
    spots = {nothing.start, nothing.end}
    assert "".join("^" * (at in spots) + char for at, char in enumerate(text + " "))[: len(marked)] == marked


def test_json_nodes_know_their_text() -> None:
    text = '\n{"a": [1.50, true, "\\u010d"], "b": {}} null'
    values = read_json(text)
    assert [spelled(text, value) for value in values] == [[('"a"', ["1.50", "true", '"\\u010d"']), ('"b"', [])], "null"]
    assert [native(value) for value in values] == [{"a": [1.5, True, "č"], "b": {}}, None]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, d: 2}\nc:\n  <<: *x\n  d: 3\n", {"a": {"b": 1, "d": 2}, "c": {"d": 3, "b": 1}}),
        ("- &a {v: 1}\n- &b {w: 2}\n- <<: [*a, *b]\n", [{"v": 1}, {"w": 2}, {"v": 1, "w": 2}]),
        ('"<<": 1\n', {"<<": 1}),
        ("on: 1\n5: 2\n", {"true": 1, "5": 2}),
        ("a: !!str 5\nb: !!binary aGVsbG8=\nc: !!int '7'\nd: ! 1\n", {"a": "5", "b": "hello", "c": 7, "d": "1"}),
        ("a:\nb: ''\n", {"a": None, "b": ""}),
        ("%YAML 1.1\n---\na: b\n...\n", {"a": "b"}),
        ('a: "\\U0001F40B"\n', {"a": "\U0001f40b"}),
    ],
)
def test_yaml_data(text: str, data: object) -> None:
    root = read_yaml(text)
    assert root is not None
    assert native(root) == data


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "--- # comment\n...\n"])
def test_a_document_of_nothing_is_nothing(text: str) -> None:
    assert read_yaml(text) is None


@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        ("a: [", "expected the node content", 4),
        ("a: *nowhere", "an anchor (&) that is not defined before it", 3),
        ("a: &x [*x]", "not defined before it", 7),
        ('a: "open', "unexpected end of stream", 8),
        ("a: \x01", "a character that YAML does not allow", 3),
        ("a: @b", "begins with @ needs quotes", 3),
        ("a: !!binary '**'", "not base64 of UTF-8 text", 3),
        ("a: b\n...\nc: d\n", "a second document", 9),
        ('a: "\\UFFFFFFFF"', "found invalid Unicode character escape code", 6),
        ('a: "\\ud83d"', "holds half a surrogate pair", 6),
        ("a: b: c", "mapping values are not allowed here", 4),
    ],
)
def test_what_is_no_yaml_is_told_with_its_place(text: str, reason: str, offset: int) -> None:
    with pytest.raises(SyntaxProblemError) as caught:
        read_yaml(text)
    assert reason in caught.value.reason
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    "text", ["a: *hunter22", "a: !hunter22!x y", "a: %hunter22", "a: {b}hunter22", 'a: "\\hunter22"']
)
def test_messages_never_quote_the_text(text: str) -> None:
    with pytest.raises(SyntaxProblemError) as caught:
        read_yaml(text)
    assert "unter22" not in caught.value.reason


@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        ("{", "expected a key in double quotes", 1),
        ('{"a"', "the text ends too early", 4),
        ('{"a" 1}', "expected :", 5),
        ('{"a":1,}', "expected a key in double quotes", 7),
        ('{"a":1 "b":2}', "expected ,", 7),
        ("[1 2]", "expected ,", 3),
        ("[1,", "the text ends too early", 3),
        ('{a:1}', "expected a key in double quotes", 1),
        ('"x', "a string that does not end", 0),
        ('"\n"', "raw control character", 1),
        ("{} nul", "expected a value", 3),
        ("NaN", "expected a value", 0),
    ],
)  # fmt: skip
def test_what_is_no_json_is_told_with_its_place(text: str, reason: str, offset: int) -> None:
    with pytest.raises(SyntaxProblemError) as caught:
        read_json(text)
    assert reason in caught.value.reason
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\na: 2\n", "the key a is there twice"),
        ("on: 1\n'true': 2\n", "the key true is there twice"),
        ("~: 1\n", "null cannot be a key"),
        ("? [a]\n: 1\n", "a list or a map cannot be a key"),
        ("a: !vault x\n", "a tag that Kubernetes does not know"),
        ("<<: 5\n", "only a map can be merged"),
        ("a: .inf\n", "a number that Kubernetes cannot hold"),
        ("a: &x -.INF\nb: *x\n", "a number that Kubernetes cannot hold"),
        ("a: .nan\n", "a number that Kubernetes cannot hold"),
    ],
)
def test_data_that_kubernetes_does_not_take(text: str, reason: str) -> None:
    root = read_yaml(text)
    assert root is not None
    with pytest.raises(SyntaxProblemError, match=reason):
        native(root)


@pytest.mark.parametrize("text", ["1e999", "-1e999", "9" * 2000])
def test_json_numbers_that_kubernetes_cannot_hold(text: str) -> None:
    (value,) = read_json(text)
    with pytest.raises(SyntaxProblemError, match="a number that Kubernetes cannot hold"):
        native(value)


def test_an_alias_counts_as_what_it_stands_for() -> None:
    root = read_yaml("- &a [x, y, z]\n- *a\n")
    assert isinstance(root, Seq)
    alias = root.items[1]
    assert isinstance(alias, Alias)
    assert (alias.size, root.size, root.movable) == (4, 9, False)


@pytest.mark.parametrize("text", ["a: !{}", "a: !{} b\n", "a: !<{}> b\n", "a: !e!{} b\n", "!{} a: b\n", "[!{}]"])
def test_the_length_of_a_tag_is_bounded(text: str) -> None:
    with pytest.raises(SyntaxProblemError, match="a tag of more than 1,000 characters"):
        read_yaml(text.format("a" * MAX_TAG_CHARACTERS))


def test_a_tag_of_the_usual_length_is_read_wherever_it_ends() -> None:
    for end in (" b", "\n  b", "\r\n  b", "", "\n"):
        assert isinstance(read_yaml(f"a: !{'a' * (MAX_TAG_CHARACTERS - 1)}{end}"), Map)


def test_long_chains_of_aliases_are_as_bounded_as_deep_nesting() -> None:
    lines = ["- &l0 [x]", *(f"- &l{n} [*l{n - 1}]" for n in range(1, 300))]
    with pytest.raises(SyntaxProblemError, match="more than 100 levels"):
        read_yaml("\n".join(lines))


def test_a_byte_order_mark_at_the_beginning_of_a_line_is_refused_where_it_is() -> None:
    for text, offset in (("\ufeffa: b", 0), ("a: b\n\ufeffc: d", 5), ("a: 'b\r\n\ufeff c'", 7)):
        with pytest.raises(SyntaxProblemError, match="byte order mark at the beginning of a line") as caught:
            read_yaml(text)
        assert caught.value.offset == offset
    root = read_yaml("a: \ufeffb\ufeff\nc: d\n")
    assert root is not None
    assert native(root) == {"a": "\ufeffb\ufeff", "c": "d"}


def test_so_many_directives_are_read_and_no_more() -> None:
    """The parser takes quadratic time for them."""
    for number in (MAX_DIRECTIVES, MAX_DIRECTIVES + 1):
        text = "".join(f"%TAG !e{n}! tag:x,2000:\n" for n in range(number)) + "---\na: 'b\n%c'\n"
        if number > MAX_DIRECTIVES:
            with pytest.raises(SyntaxProblemError, match="more than 50 directives"):
                read_yaml(text)
        else:
            assert isinstance(read_yaml(text), Map)


@pytest.mark.parametrize("end", ["\n", "\r\n", *OTHER_BREAKS])
@pytest.mark.parametrize(
    "text", ["{}---\na: b\n", "{}a: b\n", "--- a\n{}--- b\n", "---\n{}", "---\n...\n{}a: b", "a: b\n...\n{}---\n"]
)
def test_directives_are_counted_wherever_they_stand_and_however_lines_end(text: str, end: str) -> None:
    directives = "".join(f"%TAG !e{n}! x\n" for n in range(40_000))
    hostile = text.format(directives).replace("\n", end)

    def refuse() -> None:
        with pytest.raises(SyntaxProblemError, match="more than 50 directives"):
            read_yaml(hostile)

    assert costs_at_most(MAX_CPU_SECONDS, refuse)


def test_lines_of_text_that_begin_with_a_percent_sign_are_no_directives() -> None:
    root = read_yaml("---\na: '" + "x\n%b\n" * 100 + "'\n")
    assert isinstance(root, Map)


def test_a_tag_that_a_directive_makes_long_is_refused_at_its_first_use() -> None:
    text = f"%TAG !a! tag:{'x' * 1_000_000}\n---\nx:\n" + "- !a!b c\n" * 16_000

    def refuse() -> None:
        with pytest.raises(SyntaxProblemError, match="a tag of more than 1,000 characters") as caught:
            read_yaml(text)
        assert caught.value.offset == text.index("!a!b")

    assert costs_at_most(MAX_CPU_SECONDS, refuse)


@pytest.mark.parametrize("end", ["\r\n", *OTHER_BREAKS])
def test_so_are_many_blanks_among_lines_that_end_otherwise(end: str) -> None:
    with pytest.raises(SyntaxProblemError, match=r"blanks and empty lines in a row, among 50,00. other lines"):
        read_yaml(f"a: 'b\n{' ' * 500_000}x\n{'  b' + end}'\n".replace(f"b{end}", f"b{end}" * 50_000))


@pytest.mark.parametrize("value", ["|\n  a\n{0}{1}", "a\n{0}{1}", "'a\n{0}{1}  '", ">\n  a\n{0}{1}"])
def test_many_blanks_among_many_lines_are_refused(value: str) -> None:
    """In one scalar, the parser would wipe the blanks at each of the lines."""
    text = f"a: {value}\n"
    with pytest.raises(SyntaxProblemError, match=r"500,00. blanks and empty lines in a row, among 50,00. other lines"):
        read_yaml(text.format("\n" * 500_000, "  b\n" * 50_000))
    assert isinstance(read_yaml(text.format("\n" * 500_000, "  b\n" * 50)), Map)
    assert isinstance(read_yaml(text.format("\n" * 500, "  b\n" * 50_000)), Map)


@given(st.text("ab \t\n\r\u2028", max_size=60))
def test_long_runs_of_blanks_are_found_by_looking_at_few_places(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yamlevents, "_LONG_RUN", 4)
        found = list(yamlevents._long_runs(text))
    assert found == [run.span() for run in re.finditer("[ \t\n\r\u2028]{4,}", text)]


def test_without_libyaml_texts_by_strangers_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamlevents, "__with_libyaml__", False)
    with pytest.raises(SyntaxProblemError, match="PyYAML was installed without libyaml") as caught:
        read_yaml("a: b\n", Tally(Bounds(by_strangers=True)))
    assert caught.value.problem is Problem.NO_PARSER


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:\n\tb: c\n", "a tab is used for indentation; YAML wants spaces"),
        ("a: @b\n", "a value that begins with @ needs quotes"),
        ("a: `b\n", "a value that begins with ` needs quotes"),
    ],
)
def test_a_character_that_begins_no_value_is_told_in_words(text: str, words: str) -> None:
    with pytest.raises(SyntaxProblemError, match=words):
        read_yaml(text)
