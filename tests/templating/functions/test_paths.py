"""Paths: what no recorded vector has, and the laws of cleaning."""

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateLimitError, render

TABLE = [
    ("the base of nothing is here", '{{ base "" }}', "."),
    ("a path from the root is absolute", '{{ isAbs "/a" }} {{ isAbs "a/" }}', "true false"),
    ("the base of slashes is the root", '{{ base "///" }}', "/"),
    ("the base of a folder is its name", '{{ base "/a/b///" }}', "b"),
    ("the folder of a name alone is here", '{{ dir "a" }}', "."),
    ("the folder of the root is the root", '{{ dir "//" }}', "/"),
    ("dots at the root go nowhere", '{{ clean "/../../a" }}', "/a"),
    ("dots above are kept", '{{ clean "a/../../../b" }}', "../../b"),
    ("two slashes at the front are one", '{{ clean "//a" }}', "/a"),
    ("an extension is the last one only", '{{ ext "a.tar.gz" }}', ".gz"),
    ("a folder's point is no extension", '{{ ext "a.d/b" }}', ""),
    ("a name may be nothing but an extension", '{{ ext ".profile" }}', ".profile"),
    ("bytes that are not UTF-8 are kept", '{{ base .bin | printf "%x" }}', "ff2e78"),
]

paths = st.lists(st.sampled_from(["a", "..", ".", "/", "é", "b.c"]), max_size=12).map("".join)


def cleaned(path: str) -> str:
    return render("{{ clean .path }}", {"path": path}).decode()


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_paths_as_in_go(template: str, expected: str) -> None:
    assert render(template, {"bin": b"a/\xff.x"}).decode() == expected


@given(paths)
def test_what_is_clean_stays_as_it_is(path: str) -> None:
    assert cleaned(cleaned(path)) == cleaned(path)


@given(paths)
def test_cleaning_is_what_python_does_but_for_two_slashes_in_front(path: str) -> None:
    assert cleaned(path) == posixpath.normpath("/" + path.lstrip("/") if path.startswith("/") else path)


def test_a_path_of_very_many_elements_is_refused() -> None:
    with pytest.raises(TemplateLimitError):
        render('{{ clean (repeat 500000 "a/") }}', {})
