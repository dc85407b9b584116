"""Which fields a template reads of its data that are not there: only those whose absence surely shows."""

import pytest
from tests.support.costs import costs_at_most

from sealwright_templating import parse

KNOWN = {"user", "password", "tls.crt"}

TABLE: list[tuple[str, str, list[str]]] = [
    ("a field that is there", "{{ .user }}", []),
    ("a field that is not", "{{ .usr }}", ["usr"]),
    ("an item whose name is no field's, by index", '{{ index . "tls.crt" }}', []),
    ("one that is not there", '{{ index . "tls.key" }}', ["tls.key"]),
    ("an index into what is piped", '{{ "usr" | index . }}', []),
    ("an index by a name that is made", '{{ index . (print "us" "r") }}', []),
    ("an index of the dollar", '{{ index $ "usr" }}', ["usr"]),
    ("a field of the dollar", "{{ $.usr }}", ["usr"]),
    ("a field of the dollar inside with", "{{ with .user }}{{ $.usr }}{{ end }}", ["usr"]),
    ("a field of another dot", '{{ with dict "usr" 1 }}{{ .usr }}{{ end }}', []),
    ("a field of each element", '{{ range list (dict "usr" 1) }}{{ .usr }}{{ end }}', []),
    ("the dollar inside range", "{{ range list 1 2 }}{{ $.usr }}{{ end }}", ["usr"]),
    ("the dot behind with", "{{ with .user }}{{ . }}{{ end }}{{ .usr }}", ["usr"]),
    ("the dot in the else of with", "{{ with .user }}{{ . }}{{ else }}{{ .usr }}{{ end }}", ["usr"]),
    ("the dot behind a range that breaks", "{{ range list 1 }}{{ break }}{{ end }}{{ .usr }}", ["usr"]),
    ("an argument", "{{ b64enc .usr }}", ["usr"]),
    ("what is piped", "{{ .usr | b64enc }}", ["usr"]),
    ("in parentheses", '{{ printf "%s:%s" (.usr) .password }}', ["usr"]),
    ("a field of a field", "{{ .usr.name }}", ["usr"]),
    ("each name once, in their order", "{{ .b }}{{ .a }}{{ .b }}", ["b", "a"]),
    ("a branch that may run", "{{ if .user }}{{ .usr }}{{ end }}", ["usr"]),
    ("a variable", "{{ $u := .usr }}{{ $u }}", ["usr"]),
    ("a variable of a variable", "{{ $u := .usr }}{{ $v := upper $u }}{{ $v }}", ["usr"]),
    ("a variable that nobody reads", "{{ $u := .usr }}", []),
    ("a variable that is assigned again", "{{ $u := .user }}{{ $u = .usr }}{{ $u }}", ["usr"]),
    ("a field that only if asks about", "{{ if .usr }}x{{ end }}", []),
    ("a field that if asks about first", "{{ if .usr }}{{ .usr }}{{ else }}{{ .user }}{{ end }}", []),
    ("a field behind what if asks about", "{{ if .tls }}{{ .cert }}{{ end }}", []),
    ("a field in the else", "{{ if .tls }}a{{ else }}{{ .usr }}{{ end }}", ["usr"]),
    ("a field that with asks about", "{{ with .usr }}{{ . }}{{ end }}", []),
    ("a field that range goes over", "{{ range .usr }}{{ . }}{{ end }}", []),
    ("a condition of several", "{{ if and .user .usr }}{{ .usr }}{{ end }}", []),
    ("a variable that if asks about", "{{ $u := .usr }}{{ if $u }}{{ $u }}{{ end }}", []),
    ("a default", '{{ .usr | default "root" }}', []),
    ("a default, then again", '{{ default "root" .usr }}{{ .usr }}', []),
    ("the first of several", "{{ coalesce .usr .user }}", []),
    ("either of two", "{{ or .usr .user }}", []),
    ("a variable with a default", '{{ $u := .usr | default "root" }}{{ $u }}', []),
    ("a variable with a default later", '{{ $u := .usr }}{{ $u | default "root" }}', []),
    ("a comment", "{{/* .usr */}}", []),
    ("text", "{ .usr }", []),
    ("the dot given to a template", '{{ define "t" }}{{ .usr }}{{ end }}{{ template "t" . }}', []),
    ("a field given to a template", '{{ define "t" }}{{ . }}{{ end }}{{ template "t" .usr }}', []),
    ("a dollar that is another", '{{ $ := dict "usr" 1 }}{{ $.usr }}', []),
    ("a dollar that is assigned", '{{ $ = dict "usr" 1 }}{{ $.usr }}', []),
    ("a field as a method", "{{ .usr 1 }}", []),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "missing"), TABLE, ids=[row[0] for row in TABLE])
def test_what_is_missing(what: str, text: str, missing: list[str]) -> None:
    assert parse(text).missing_fields(KNOWN) == missing, what


@pytest.mark.parametrize("text", ["{{ .usr }}", "{{ $u := .usr }}{{ $u }}", "{{ if .user }}{{ $.usr }}{{ end }}"])
def test_what_is_missing_shows_in_the_result(text: str) -> None:
    assert b"<no value>" in parse(text).render({"user": "a"})


def test_the_time_grows_with_the_text() -> None:
    names = " ".join(f".n{at}" for at in range(2_000))
    text = f"{{{{ $x := print {names} }}}}" + "{{ $x }}{{ if $x }}{{ end }}" * 2_000
    template = parse(text)
    assert costs_at_most(2, lambda: template.missing_fields(()), tries=3)
