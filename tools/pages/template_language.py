"""The template language by example, for the page docs/reference/templates.md: what to write, and for what."""

LANGUAGE = {
    "Text and items": [
        ("user={{ .user }}", "Text is copied. `.name` is the item of that name."),
        ('{{ index . "user" }}', "The same, for any name, such as `tls.key` with its dot."),
        ("{{ .port }}", "An item that the Secret does not have."),
        ("[ {{- .user -}} ]", "A dash removes spaces and line breaks on its side."),
        ("{{/* nobody sees this */}}done", "A comment."),
    ],
    "Pipelines": [
        ("{{ upper .user }}", "A function and its arguments."),
        ("{{ .user | upper | quote }}", "The value before `|` becomes the last argument of the function after it."),
        ('{{ printf "%s@%s" .user (upper .host) }}', "Parentheses, wherever a value is allowed."),
    ],
    "Variables": [
        ("{{ $n := len .user }}{{ $n }}", "Declared with `:=`, valid up to the end of its block."),
        ("{{ $x := 1 }}{{ if .user }}{{ $x = 2 }}{{ end }}{{ $x }}", "Changed with `=`, in an inner block too."),
        ("{{ with .host }}{{ $.user }}@{{ . }}{{ end }}", "`$` is always all the data, whatever `.` is."),
    ],
    "Conditions": [
        (
            '{{ if eq .user "root" }}all{{ else if .user }}some{{ else }}none{{ end }}',
            "False, 0, nil and empty texts, lists and dicts count as false, all other values as true.",
        ),
        ("{{ with .host }}host={{ . }}{{ else }}no host{{ end }}", "As `if`, with the value as `.`."),
        ('{{ and .user (ne .user "root") }}', "`and` and `or` evaluate only as many arguments as they need."),
    ],
    "Loops": [
        ('{{ range splitList "," .ports }}:{{ . }} {{ end }}', "Over the elements of a list, as `.`."),
        ('{{ range $i, $p := splitList "," .ports }}{{ $i }}={{ $p }} {{ end }}', "With their index."),
        ('{{ range $k, $v := dict "b" 1 "a" 2 }}{{ $k }}={{ $v }} {{ end }}', "Over a dict, in the order of its keys."),
        ("{{ range 3 }}{{ . }}{{ end }}", "Over the numbers below one."),
        ("{{ range list }}x{{ else }}nothing{{ end }}", "`else`, if there are no elements."),
        (
            "{{ range 9 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ if gt . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}",
            "`continue` and `break`.",
        ),
    ],
    "Templates in templates": [
        ('{{ define "at" }}{{ .user }}@{{ .host }}{{ end }}{{ template "at" . }}', "Defined once, used with any data."),
        ('{{ block "who" .user }}I am {{ . }}{{ end }}', "Defined and used at once."),
    ],
    "Values": [
        ("{{ 0x1F }} {{ 1_000 }} {{ 1e3 }} {{ 'a' }} {{ true }} {{ \"\\u00e9\" }}", "Constants, as in Go."),
        ('{{ (dict "a" (dict "b" 1)).a.b }}', "A dict's values by their keys."),
        (
            "{{ now.Year }} {{ (now.AddDate 0 1 0).Month }}",
            "Methods: dates, durations and versions have all of Go's.",
        ),
        ('{{ list 1 nil "a" (dict "b" 2.5) }}', "Lists and dicts print as in Go."),
    ],
    "What may surprise": [
        (
            '{{ print .port }} {{ index . "port" | quote }}',
            "A missing item is nil as an argument, and empty by `index`.",
        ),
        ('{{ add 1 "010" }} {{ atoi "010" }} {{ int "5.5" }}', "Arithmetic reads texts as Go's constants."),
        ("{{ div 7 2 }} {{ divf 7 2 }}", "Whole numbers stay whole."),
        ('{{ fromJson "12345678" }}', "A number of JSON is a float."),
        ('{{ b64dec "no base64!" }}', "Sprig returns some errors as texts."),
        (
            '{{ toDate "2006-01-02" "no date" }}',
            "For other errors it returns the zero value; the `must` functions fail.",
        ),
        ("{{ .host | regexFind `[a-z]+$` }}", "Regular expressions are RE2's: no lookaround, no backreferences."),
    ],
}
"""Examples and their explanations, by section."""

ERRORS = [
    ("{{ .port | upper }}", "a missing item is not a text"),
    ('{{ eq 1 "1" }}', "a number and a text cannot be compared"),
    ("{{ .user.name }}", "an item is a text, which has no fields"),
    ("{{ until (add 1 2) }}", "add returns an int64, and until needs an int"),
]
"""Templates that parse and then fail, and why."""
