"""Reading back: whatever a defect of the editor could do to a text is noticed, and what it should do is not."""

from collections.abc import Callable

import pytest

from sealwright_manifests.editing.fields import merge_fields
from sealwright_manifests.editing.readback import check_as_meant
from sealwright_manifests.errors import NotAsMeantError
from sealwright_manifests.text.documents import Document, Form, join, join_as_read, read_documents
from sealwright_manifests.text.tree import Map

TEXT = """\
# about
kind: ConfigMap
data: {a: 017, b: 'x'}
---
kind: SealedSecret
spec: # the spec
  data: # of May
    a: >- # why
      old-a
    b: "old-b" # so
    # above c
    c: &x old-c
  other: [*x, 1.50, on]
  braces: {a: b, c: d}
...
---
# nothing
---
{"kind": "JSON", "a": [1, 2]}
"""
CHANGES = {"spec": {"data": {"a": "new-a", "b": "new-b", "d": "new-d"}, "braces": {"e": "f"}}}


def edited(text: str = TEXT) -> list[Document]:
    documents = read_documents(text, "x.yaml")
    (document,) = [one for one in documents if "SealedSecret" in one.source]
    assert isinstance(document.root, Map)
    merge_fields(document, document.root, CHANGES)
    return documents


def test_what_was_meant_passes() -> None:
    documents = edited()
    made = join_as_read(documents)
    check_as_meant(documents, made)
    assert [line for line in made.splitlines() if line not in TEXT.splitlines()] == [
        "      new-a",
        '    b: "new-b" # so',
        "    d: new-d",
        '  braces: {a: b, c: d, "e": "f"}',
    ]


def exchanged(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


SPOILED: dict[str, Callable[[str], str]] = {
    "a value that was to be set": exchanged("new-a", "new-x"),
    "the value of another item": exchanged("old-c", "new-c"),
    "an old value left there": exchanged("new-b", "old-b"),
    "a new item at another place": exchanged("    d: new-d\n", "  d: new-d\n"),
    "a new item left out": exchanged("    d: new-d\n", ""),
    "one more item": exchanged("    d: new-d\n", "    d: new-d\n    e: new\n"),
    "a comment left out": exchanged(" # so", ""),
    "a comment on a block's head left out": exchanged(" # why", ""),
    "a comment line left out": exchanged("    # above c\n", ""),
    "a comment changed": exchanged("# of May", "# of June"),
    "a comment moved": lambda text: text.replace(" # so", "").replace("d: new-d", "d: new-d # so"),
    "one more comment": exchanged("d: new-d", "d: new-d # x"),
    "quotes changed": exchanged("b: 'x'", 'b: "x"'),
    "an anchor left out": lambda text: text.replace("&x ", "").replace("*x", "old-c"),
    "a number changed": exchanged("1.50", "1.5"),
    "a number changed in meaning": exchanged("1.50", "1.51"),
    "a word changed": exchanged("1.50, on", "1.50, yes"),
    "a text instead of a number": exchanged("017", "'017'"),
    "two items in another order": lambda text: text.replace('    b: "new-b" # so\n', "").replace("    d: new-d\n", '    d: new-d\n    b: "new-b" # so\n'),
    "a marker left out": exchanged("...\n---\n", "---\n"),
    "one more marker": lambda text: "---\n" + text,
    "a document left out": exchanged("---\n# nothing\n", ""),
    "one more document": lambda text: text + "---\na: b\n",
    "the last line break left out": lambda text: text[:-1],
    "one more line break": lambda text: text + "\n",
    "a mark at the beginning": lambda text: "\ufeff" + text,
    "another document changed": exchanged("kind: ConfigMap", "kind: Other"),
    "blanks at the end of a line": exchanged("kind: SealedSecret", "kind: SealedSecret "),
    "line ends": exchanged("\n", "\r\n"),
    "one line end": exchanged("spec: # the spec\n", "spec: # the spec\r\n"),
    "JSON written otherwise": exchanged('"a": [1, 2]', '"a":[1,2]'),
    "a text that cannot be read": exchanged("    d: new-d", "      d: new-d"),
    "nothing left": lambda text: "",
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_whatever_else_happens_to_the_text_is_noticed(case: str) -> None:
    documents = edited()
    made = join_as_read(documents)
    spoiled = SPOILED[case](made)
    assert spoiled != made
    with pytest.raises(NotAsMeantError) as caught:
        check_as_meant(documents, spoiled)
    assert "x.yaml" in str(caught.value)
    assert not any(word in str(caught.value) for word in ("old-", "new-"))


def test_every_single_character_that_goes_is_noticed_unless_a_set_value_is_spelled_otherwise() -> None:
    documents = edited()
    made = join_as_read(documents)
    unnoticed = []
    for at in range(len(made)):
        try:
            check_as_meant(documents, made[:at] + made[at + 1 :])
        except NotAsMeantError:
            continue
        unnoticed.append(made[:at].rpartition("\n")[2] + "|" + made[at:].partition("\n")[0])
    may_differ = ("      new-a", "new-b", "    d: new-d", ', "e": "f"', ">-")
    assert [line for line in unnoticed if not any(word in line.replace("|", "") for word in may_differ)] == []


@pytest.mark.parametrize(
    "text", ["y: on\n", "8080: x\n", "on: {no: 1}\n", "a: &x {b: c}\nd: {<<: *x}\n", "a: 0x1F\n", "a: [1.0, ~]\n"]
)
def test_what_is_converted_may_spell_its_data_otherwise_and_not_have_other_data(text: str) -> None:
    documents = read_documents(f"kind: ConfigMap\n{text}last: 'z'\n", "x")
    converted = join(documents, Form.JSON)
    check_as_meant(documents, converted, is_converted=True)
    with pytest.raises(NotAsMeantError):
        check_as_meant(documents, converted.replace('"z"', '"y"'), is_converted=True)
