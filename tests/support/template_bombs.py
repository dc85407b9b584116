"""Templates that did harm once, each within every budget of its day: memory, seconds, or both. By what they do."""

_COPIES = '{{ $a := repeat 4000000 "x" }}'


def _times(count: int, argument: str) -> str:
    return " ".join([argument] * count)


MEMORY = {
    "59 copies in a list": f"{_COPIES}{{{{ $l := list {_times(59, '(trimSuffix `x` $a)')} }}}}",
    "59 parts in a list": f"{_COPIES}{{{{ $l := list {_times(59, '(trunc 3999999 $a)')} }}}}",
    "59 more parts in a list": f"{_COPIES}{{{{ $l := list {_times(59, '(substr 1 3999999 $a)')} }}}}",
    "118 copies as arguments": f"{_COPIES}{{{{ $l := print {_times(118, '(trimSuffix `x` $a)')} }}}}",
    "118 capital copies as arguments": '{{ $a := repeat 2000000 "x" }}{{ print '
    + _times(118, "(upper $a)")
    + " | len }}",
    "118 arguments, printed": _COPIES + "{{ print " + _times(118, "$a") + " | len }}",
    "five lists of numbers": "{{ $l := until 100000 }}{{ $m := untilStep 100000 190000 1 }}"
    "{{ $o := untilStep 300000 400000 1 }}{{ $p := untilStep 500000 600000 1 }}{{ $q := untilStep 500000 600000 1 }}",
    "59 times the same in JSON": _COPIES + "{{ list " + _times(59, "$a") + " | toJson | len }}",
}
"""Each took 100 MiB or more, or was meant to."""

SECONDS = {
    "contains": '{{ $a := repeat 2000000 "x" }}{{ $n := print (repeat 1000000 "x") "y" }}{{ range 1000000 }}{{ $x := contains $n $a }}{{ end }}',
    "trim": '{{ $a := repeat 4000000 " " }}{{ range 1000000 }}{{ $x := trim $a }}{{ end }}',
    "trimAll": '{{ $a := repeat 4000000 "x" }}{{ range 1000000 }}{{ $x := trimAll "x" $a }}{{ end }}',
    "b64enc": '{{ $a := repeat 2000000 "x" }}{{ range 1000000 }}{{ $x := b64enc $a }}{{ end }}',
    "int": '{{ $a := repeat 4000000 "1" }}{{ range 1000000 }}{{ $x := int $a }}{{ end }}',
    "int of zeros": '{{ $a := print (repeat 4000000 "0") "1" }}{{ range 1000000 }}{{ $x := int64 $a }}{{ end }}',
    "float64": '{{ $a := repeat 4000000 "1" }}{{ range 1000000 }}{{ $x := float64 $a }}{{ end }}',
    "else if": "{{if 0}}" + "{{else if 0}}" * 109_000 + "{{end}}",
    "a chain of fields": "{{.a" + ".a" * 700_000 + "}}",
    "actions": "{{1}}" * 280_000,
    "arguments": "{{print" + " 1" * 700_000 + "}}",
    "arguments that may be skipped": "{{and" + " 1" * 600_000 + "}}",
    "pipes": "{{1" + "|not" * 350_000 + "}}",
    "variables": "{{$x:=1}}" * 150_000,
    "escapes": '{{"' + "\\n" * 650_000 + '"}}',
    "blocks": "{{with 1}}" * 70_000 + "{{end}}" * 70_000,
    "definitions": '{{define "a"}}{{end}}' * 60_000,
}
"""Each took seconds."""

BOMBS = MEMORY | SECONDS
