"""Each verb over the corpus: the difference that was recorded and reviewed, byte for byte, and the values that are meant."""

import pytest
from tests.support.corpus import CASES, NAMES, item_of, items_of, recorded, run
from tests.vectors.corpus.make import FILES, contents


def test_the_corpus_is_what_its_shapes_make() -> None:
    assert {path.name: path.read_bytes() for path in FILES.iterdir()} == contents()


@pytest.mark.parametrize("case", CASES)
def test_every_file_is_recorded(case: str) -> None:
    assert list(recorded(case)) == NAMES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", CASES)
def test_what_changes(case: str, name: str) -> None:
    result = run(case, name)
    assert result.text == recorded(case)[name]
    if result.status:
        assert result.before == result.after
    if result.items is not None:
        assert result.items == CASES[case].items(items_of((FILES / name).read_bytes()), item_of(name))


@pytest.mark.parametrize("name", NAMES)
def test_an_edit_of_one_item_equals_what_set_gives(name: str) -> None:
    assert recorded("edit")[name] == recorded("set")[name]


@pytest.mark.parametrize("name", NAMES)
def test_an_edit_of_nothing_says_so_and_changes_nothing(name: str) -> None:
    text = recorded("edit-nothing")[name]
    assert text.startswith(f"== {name}: 0\n") or text == recorded("set")[name]
    assert "@@" not in text
