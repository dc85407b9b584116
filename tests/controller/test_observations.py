"""Nothing that an author can observe depends on a value, but for whether a change succeeds and which limit it exceeds.

Pairs of values under templates that branch on them, in every way that a template has; whole observations are compared.
"""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.builders import sealing_key
from tests.support.directory_world import DirectoryWorld
from tests.support.observing import Author, observed
from tests.support.wait import eventually
from tests.support.worlds import ClusterWorld, SimulatedWorld, World

VALUES = (b"a0", b"b1")
"""Two values of one length: the length of what is sealed is public."""


def branch(first: str, second: str) -> str:
    """Return a template that does the first for one of the values, and the second for the other."""
    return '{{ if eq .v "a0" }}' + first + "{{ else }}" + second + "{{ end }}"


SUCCEEDING = {
    "text": "x",
    "another text": "y",
    "nothing": "",
    "the value": "{{ .v }}",
    "much": '{{ repeat 5000 "x" }}',
    "an error as a text": '{{ b64dec "no base64!" }}',
    "a date that is none": '{{ toDate "2006" .v }}',
    "JSON that is none": "{{ fromJson .v }}",
    "a missing item": "{{ .missing }}",
    "a default": '{{ default "x" .missing }}',
    "a loop": "{{ range until 100 }}{{ . }}{{ end }}",
    "a lookup": '{{ get (dict "a0" 1) .v }}',
    "a hash": "{{ sha256sum .v }}",
}
FAILING = {
    "fail": '{{ fail "one" }}',
    "fail further down": '\n\n\n   {{ fail "two" }}',
    "fail with the value": "{{ fail .v }}",
    "required": '{{ if not .missing }}{{ fail "missing is required" }}{{ end }}',
    "an index": "{{ index .v 7 }}",
    "an index of a list": '{{ index (splitList "" .v) 99 }}',
    "printf": "{{ printf .v | until }}",
    "a range over text": "{{ range .v }}{{ . }}{{ end }}",
    "a missing item as an argument": "{{ .missing | upper }}",
    "a field of a text": "{{ .v.name }}",
    "types that do not compare": "{{ lt 1 .v }}",
    "a regular expression": '{{ mustRegexMatch "(" .v }}',
    "a version": '{{ semverCompare "^1" .v }}',
    "a date": '{{ mustToDate "2006-01-02" .v }}',
    "JSON": "{{ mustFromJson .v }}",
    "a division": "{{ div 1 0 }}",
    "a nested define": '{{ define "n" }}{{ fail .v }}{{ end }}{{ template "n" . }}',
    "a ciphertext": '{{ decryptAES "k" .v }}',
    "a key": "{{ genCAWithKey .v 1 .v }}",
    "a slice": "{{ slice .v 1 9 }}",
}
TOO_LONG = {
    "a loop": "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}",
    "a loop further down": "\n\n{{ range $i := until 100000 }}{{ range until 100000 }}{{ $i }}{{ end }}{{ end }}",
    "hashes": "{{ range until 1000 }}{{ bcrypt $.v }}{{ end }}",
}
TOO_LARGE = {
    "a text": '{{ repeat 100000000 "x" }}',
    "what is made": '{{ $x := repeat 2000000 "x" }}{{ $x }}',
    "a list": "{{ $x := list }}{{ range until 300 }}{{ $x = append $x (repeat 1000000 $.v) }}{{ end }}",
}
KINDS = {"succeeding": SUCCEEDING, "failing": FAILING, "too long": TOO_LONG, "too large": TOO_LARGE}


def world() -> SimulatedWorld:
    made = SimulatedWorld()
    made.add_key(sealing_key())
    return made


def seen(value: bytes, templates: list[dict[str, Any]], inside: World | None = None) -> list[dict[str, Any]]:
    return observed(inside or world(), {"v": value}, templates)


def assert_alike(templates: list[dict[str, Any]]) -> None:
    first, second = (seen(value, templates) for value in VALUES)
    assert first == second


def pairs(kind: dict[str, str]) -> Any:
    """Return every text of a kind beside the one after it, and each as the first and the second."""
    around = [*kind, next(iter(kind))]
    return pytest.mark.parametrize(("first", "second"), list(itertools.pairwise(around)))


def start(texts: str) -> dict[str, Any]:
    return {"data": {"t": texts}}


class TestOneTemplate:
    @pairs(SUCCEEDING)
    def test_what_succeeds_is_alike_whatever_is_made(self, first, second):
        assert_alike([start(SUCCEEDING[first]), start(branch(SUCCEEDING[first], SUCCEEDING[second])), start("end")])

    @pairs(FAILING)
    def test_what_fails_is_alike_however_it_does(self, first, second):
        assert_alike([start("x"), start(branch(FAILING[first], FAILING[second])), start("end")])

    @pairs(TOO_LONG)
    def test_what_takes_too_long_is_alike(self, first, second):
        assert_alike([start(branch(TOO_LONG[first], TOO_LONG[second]))])

    @pairs(TOO_LARGE)
    def test_what_is_too_large_is_alike(self, first, second):
        assert_alike([start(branch(TOO_LARGE[first], TOO_LARGE[second]))])


SEVERAL = {
    "which of two fails": {
        "a": branch(FAILING["fail"], "x"),
        "b": branch("x", FAILING["an index"]),
    },
    "one or both": {"a": FAILING["fail"], "b": branch("x", FAILING["JSON"])},
    "beside a key that is left out": {"v": None, "a": branch(FAILING["fail"], FAILING["a slice"])},
    "beside an item that wins": {"v": branch("x", FAILING["fail"]), "a": FAILING["fail"]},
    "which is too large": {"a": branch(TOO_LARGE["a text"], "x"), "b": branch("x", TOO_LARGE["what is made"])},
    "which is none, and what fails beside": {"a": branch(FAILING["fail"], "x"), "b": "{{ end }}"},
    "what chance made": {"a": branch("{{ randAlpha 9 }}", "x"), "b": "y"},
    "too large together": {
        "a": branch('{{ repeat 900000 "x" }}', '{{ repeat 1000000 "x" }}'),
        "b": '{{ repeat 900000 "x" }}',
    },
}


@pytest.mark.parametrize("texts", SEVERAL.values(), ids=SEVERAL)
def test_several_templates_are_alike_whichever_it_is(texts):
    assert_alike([start("x"), {"data": texts}, {"data": {**texts, "more": "x"}}, start("end")])


REFUSED = {
    "JSON that is none": [branch("no", "["), branch("[1", "nothing")],
    "JSON of the wrong kind": [branch("no", "{{ .v }}")],
}


@pytest.mark.parametrize("texts", REFUSED.values(), ids=REFUSED)
def test_what_the_server_refuses_is_alike(texts):
    docker = "kubernetes.io/dockerconfigjson"
    assert_alike([{"type": docker, "data": {".dockerconfigjson": text}} for text in texts])


CHANGES = st.lists(
    st.sampled_from(sorted(KINDS)).flatmap(
        lambda kind: st.lists(st.tuples(*[st.sampled_from(sorted(KINDS[kind].values()))] * 2), min_size=1, max_size=2)
    ),
    min_size=2,
    max_size=3,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANGES)
def test_any_changes_of_one_outcome_each_are_alike(changes):
    assert_alike([{"data": {f"k{n}": branch(*pair) for n, pair in enumerate(change)}} for change in changes])


def test_of_all_changes_there_are_four_outcomes_and_the_failures_differ_in_a_word():
    """The most that a change can tell: it succeeded, it failed, or it needed too much of one of two things."""
    said = {
        seen(VALUES[0], [start(text)])[0]["status"]["conditions"][0]["message"]
        for kind in KINDS.values()
        for text in kind.values()
    }
    assert said == {
        "",
        'template "t": it cannot be rendered with the values of this object',
        'template "t": it needs more time than is allowed',
        'template "t": it needs more memory than is allowed',
    }


def test_the_wait_of_what_fails_after_each_change_is_alike():
    def waits(value: bytes) -> list[Any]:
        author = Author(world(), {"v": value})
        failing = list(FAILING.values())
        return [author.change(start(branch(one, other))) for one, other in zip(failing[:9], failing[9:], strict=False)]

    first, second = map(waits, VALUES)
    assert first == second
    assert first[-1]["result"].wait_seconds > 0


@pytest.mark.parametrize("layout", ["manifests", "files"])
@pytest.mark.parametrize(
    "templates",
    [
        pytest.param([start("x"), start(branch("x", "y")), start("end")], id="what succeeds"),
        pytest.param([start("x"), start(branch(FAILING["fail"], FAILING["an index"])), start("y")], id="what fails"),
    ],
)
def test_in_a_folder_all_is_alike_too(tmp_path, layout, templates):
    def in_a_folder(value: bytes) -> list[dict[str, Any]]:
        made = DirectoryWorld(tmp_path / value.decode(), layout)
        made.add_key(sealing_key())
        try:
            return seen(value, templates, made)
        finally:
            made.close()

    first, second = map(in_a_folder, VALUES)
    assert first == second


class TestOverAnApiServer:
    """The same over a real one: what it refuses and stores is its own."""

    @pytest.mark.parametrize(
        "templates",
        [
            pytest.param([start("x"), start(branch("x", "y")), start("end")], id="what succeeds"),
            pytest.param([start("x"), start(branch(FAILING["fail"], FAILING["an index"]))], id="what fails"),
            pytest.param(
                [
                    {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": text}}
                    for text in (branch("no", "["), branch("{{ .v }}", '"'), branch("[1", '["a": ]'))
                ],
                id="what it refuses",
            ),
            pytest.param(
                [{"data": {"a": '{{ repeat 600000 "x" }}', "v": None}}, {"data": {"a" * 300: branch("x", "y")}}],
                id="what is no key",
            ),
        ],
    )
    def test_what_is_observed_is_alike(self, cluster_world, templates):
        cluster_world.add_key(sealing_key())
        first = seen(VALUES[0], templates, cluster_world)
        _clear(cluster_world)
        assert seen(VALUES[1], templates, cluster_world)[-1] | {"events": []} == first[-1] | {"events": []}


def _clear(world: SimulatedWorld | ClusterWorld) -> None:
    """Take away what the first author left, and wait for the garbage collector."""
    world.delete_sealed(world.key("db"))
    eventually(lambda: world.secret(world.key("db")) is None, timeout=30, what="the Secret is gone")
