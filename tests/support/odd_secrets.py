"""Writes Secrets whose values are spelled in odd ways, which only a reader of YAML can tell: strategies for Hypothesis."""

from hypothesis import strategies as st

_WORDS = [
    "x",
    "a b",
    " led",
    "trailing ",
    "# no comment",
    "tab\tin",
    "---x",
    "č",
    "a: b",
    "- c",
    "",
    " ",
    "\t",
    "'",
    '"',
    "\\",
    "\U0001f40b",
]
_LINES = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4)
_HEADS = ["|", "|-", "|+", ">", ">-", ">+", "|1", "|2", ">2", "|2-", "|+1", ">-2", "| # c", ">-\t# c"]
_ESCAPED = [
    "\\n",
    "\\t",
    "\\x41",
    "\\u010d",
    "\\\\",
    '\\"',
    "\\/",
    "\\0",
    "\\e",
    "\\ ",
    "\\_",
    "\\L",
    "\\N",
    "\\P",
    "\\U0001F40B",
]


@st.composite
def odd_secrets(draw: st.DrawFn) -> str:
    """Draw the text of a Secret team-a/db with some items under stringData; not all can be read."""
    head = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: team-a\nstringData:\n"
    margin = " " * draw(st.sampled_from([1, 2, 4]))
    items = [
        f"{margin}{draw(_keys(name))} {draw(_values(margin))}" for name in draw(st.sampled_from(["a", "ab", "abc"]))
    ]
    text = (
        head
        + "\n".join(items)
        + draw(st.sampled_from(["", "\n", "\n\n", "\n  ", "\n# c", "\n...", "\n---\n", "\n \n\n"]))
    )
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"])))


def _keys(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(
        [f"{name}:", f"{name}:", f'"{name}":', f"'{name}':", f"{name} :", f"&k {name}:", f"!!str {name}:"]
    )


@st.composite
def _values(draw: st.DrawFn, margin: str) -> str:
    lines = draw(_LINES)
    match draw(st.sampled_from(["block", "block", "block", "double", "single", "plain"])):
        case "block":
            deeper = margin + " " * draw(st.sampled_from([1, 2, 2, 3]))
            return "\n".join([draw(st.sampled_from(_HEADS)), *(deeper + line for line in lines)])
        case "double":
            escaped = draw(st.lists(st.sampled_from(_ESCAPED), max_size=3))
            inner = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines] + escaped
            return '"' + draw(st.sampled_from(["", " ", f"\n{margin} ", f"\\\n{margin} "])).join(inner) + '"'
        case "single":
            return "'" + f"\n{margin} ".join(line.replace("'", "''") for line in lines) + "'"
        case _:
            return f"\n{margin} ".join(["x", *lines]) + draw(st.sampled_from(["", " # c", "\t# c", "\t", "  "]))
