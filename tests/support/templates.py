"""Hypothesis strategies for templates: texts of all sorts, and texts by the grammar whose arguments mostly fit."""

from hypothesis import strategies as st

from sealwright_templating.functions.index import FAMILIES, lookup, names

SLOW = frozenset(f"{FAMILIES['certificates']} {FAMILIES['passwords']}".split())
"""Functions that take so long, on purpose or by nature, that random templates are made without them."""

FRAGMENTS = [
    "{{", "}}", "{{- ", " -}}", "{{/*", "*/}}", ".", ".user", " ", "\n", "-", "if", "else", "end", "range", "|", '"', "'",
    "`", "(", ")", "$x", ":=", "=", ",", "upper", "5", "nil", "é", "\\", "\x00",
]  # fmt: skip

any_texts = st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=2), max_size=20).map("".join))
"""Texts that may be anything."""

LEAVES = {
    "string": [
        '"a"', '""', '"a,b,c"', '"%d %v"', '"\\xff"', "`raw`", '"é"', '"2006-01-02"', '"1.2.3"', '"[a-z]+"', ".user",
        '"{\\"a\\": [1]}"', '"1h"', '"0x1F"', '"-7.5"', "$.none",
    ],
    "int": ["0", "1", "-3", "7", "'c'", "0x1F", "300", "9223372036854775807"],
    "uint32": ["0", "7"],
    "int64": ["(int64 5)", "(int64 -1)"],
    "float64": ["2.5", "1e3", "-0.0", "1e308"],
    "bool": ["true", "false"],
    "[]interface {}": ["list", '(list 1 "a" .user)', "(list)", "(list (list 1) nil)", "nil"],
    "map[string]interface {}": ["dict", '(dict "a" 1 "b" .user)', '(dict "a" (dict "b" (list)))', "nil"],
    "time.Time": ["now", '(toDate "2006-01-02" "2024-02-29")'],
    "*semver.Version": ['(semver "1.2.3-a+b")'],
}  # fmt: skip
"""Operands by the type that a parameter has."""

EVERYTHING = [leaf for leaves in LEAVES.values() for leaf in leaves] + [
    "nil",
    ".",
    "$",
    "$x",
    "$y",
    "1i",
    ".none",
    "$y.a",
]
FIELDS = [".a", ".b", ".user", ".none", ".Year", ".String", ".Major", ".Format", ".Unix", ".x.y"]
FUNCTIONS = {name: function.signature for name in names() if name not in SLOW and (function := lookup(name))}
BY_RESULT = {
    type_: [name for name, signature in FUNCTIONS.items() if signature.results[0].name == type_] for type_ in LEAVES
}


@st.composite
def operands(draw: st.DrawFn, type_: str, depth: int) -> str:
    """One operand, which mostly is of that type."""
    choice = draw(st.integers(0, 9))
    if choice == 9:
        return draw(st.sampled_from(EVERYTHING))
    makers = BY_RESULT.get(type_) or list(FUNCTIONS)
    if choice < 5 and depth > 0 and makers:
        fields = draw(st.sampled_from(FIELDS)) if draw(st.integers(0, 7)) == 7 else ""
        return f"({draw(calls(draw(st.sampled_from(makers)), depth - 1))}){fields}"
    return draw(st.sampled_from(LEAVES.get(type_, EVERYTHING)))


@st.composite
def calls(draw: st.DrawFn, name: str, depth: int, piped: int = 0) -> str:
    """A call of a function with arguments that mostly fit; `piped` of them come from elsewhere."""
    signature = FUNCTIONS[name]
    count = signature.fixed + (draw(st.integers(0, 3)) if signature.variadic else 0)
    wanted = [signature.parameter(index).name for index in range(max(count - piped, 0))]
    return " ".join([name, *(draw(operands(type_, depth)) for type_ in wanted)])


@st.composite
def pipelines(draw: st.DrawFn, depth: int = 2) -> str:
    """A pipeline by the grammar, over the fields `user` and `none`; `$x` and `$y` are taken for declared."""
    names_ = st.sampled_from(list(FUNCTIONS))
    first = draw(st.one_of(operands("", depth), names_.flatmap(lambda name: calls(name, depth))))
    stages = [draw(calls(draw(names_), depth, piped=1)) for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2])))]
    target = draw(st.sampled_from(["", "", "", "", "$x := ", "$y = "]))
    return target + " | ".join([first, *stages])


@st.composite
def bodies(draw: st.DrawFn, depth: int, *, in_loop: bool = False) -> str:
    """Text, actions and blocks in each other."""
    pieces = []
    for _ in range(draw(st.integers(0, 3))):
        choice = draw(st.integers(0, 9))
        if choice < 6 or depth == 0:
            left, right = draw(st.sampled_from(["{{ ", "{{- "])), draw(st.sampled_from([" }}", " -}}"]))
            pieces.append(left + draw(pipelines()) + right)
        elif choice < 9:
            pieces.append(draw(blocks(depth - 1, in_loop=in_loop)))
        else:
            jumps = ["{{ break }}", "{{ continue }}"] if in_loop else []
            pieces.append(draw(st.sampled_from(["x", " \n ", "é", "{{/* c */}}", '{{ template "t" $x }}', *jumps])))
    return "".join(pieces)


@st.composite
def blocks(draw: st.DrawFn, depth: int, *, in_loop: bool) -> str:
    """A block with what is in it."""
    keyword = draw(st.sampled_from(["if", "with", "range", "range $x, $y :=", "range $y =", "if $y :="]))
    body = draw(bodies(depth, in_loop=in_loop or keyword.startswith("range")))
    otherwise = "{{ else }}" + draw(bodies(depth, in_loop=in_loop)) if draw(st.booleans()) else ""
    value = draw(pipelines(1)).removeprefix("$x := ").removeprefix("$y = ")
    return f"{{{{ {keyword} {value} }}}}{body}{otherwise}{{{{ end }}}}"


templates = st.builds(
    '{{{{ $x := 1 }}}}{{{{ $y := list 1 .user }}}}{}{{{{ define "t" }}}}{{{{ $x := . }}}}{{{{ $y := . }}}}{}{{{{ end }}}}'.format,
    bodies(2),
    bodies(0),
)
"""Templates by the grammar."""
