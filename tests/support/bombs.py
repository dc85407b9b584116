"""Objects by which an author tries to stop the controller for everybody: as data, with a sentence for each.

Each is a manifest of at most 1.4 MB, which is what an API server takes. `tools/checks/bomb_run.py` sets them off.
"""

import base64
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sealwright_crypto import Certificate, Secret, seal

Manifest = dict[str, Any]
NAME = "bomb"
ROOM = 1_400_000
"""Bytes of a manifest: an API server takes 1.5 MiB of a custom resource, with some room for what it adds."""
WORN = "x" * 300_000


@dataclass(frozen=True)
class Bomb:
    """What is sealed (`items`), rendered (`texts`), and done to the manifest afterwards; made only when asked for."""

    name: str
    about: str
    items: Callable[[], Mapping[str, bytes]] = lambda: {"v": b"x"}
    texts: Callable[[], Mapping[str, str]] = dict
    change: Callable[[Manifest], object] = field(default=lambda _: None)

    @property
    def is_template(self) -> bool:
        """Whether it is rendering that it wants to be dear."""
        return self.texts is not dict

    def manifest(self, namespace: str, certificate: Certificate, name: str = NAME) -> bytes:
        """Return the object as JSON, sealed for its place."""
        made = seal(Secret(name, namespace, dict(self.items())), certificate).to_dict()
        made["spec"]["template"]["data"] = dict(self.texts())
        self.change(made)
        return json.dumps(made, ensure_ascii=False).encode()


def template(name: str, about: str, text: str, value: str = "x") -> Bomb:
    """Return a bomb of one template over one item, `.v`; most of what it says is written out only when it is made."""
    return Bomb(name, about, lambda: {"v": value.encode()}, lambda: {"out": text})


def loop(name: str, about: str, body: str, value: str = WORN) -> Bomb:
    """Return a bomb that does something to a long text, again and again, and throws it away."""
    return template(name, about, "{{ range until 100000 }}{{ $x := " + body + " }}{{ end }}", value)


def long_text(name: str, about: str, piece: str, before: str = "", after: str = "") -> Bomb:
    """Return a bomb whose template repeats a piece until there is no room."""
    room = ROOM - 10_000 - len(before) - len(after)
    # Of a quotation mark or line break, JSON makes two bytes.
    size = len(json.dumps(piece, ensure_ascii=False).encode()) - 2
    return Bomb(name, about, texts=lambda: {"out": before + piece * (room // size) + after})


def sized(name: str, about: str, piece: str) -> Bomb:
    """Return a bomb that is one sealed value, as long as there is room."""
    repeated = (ROOM // 4 * 3 - 5_000) // len(piece.encode())
    return Bomb(name, about, lambda: {"v": (piece * repeated).encode()})


def _garbage(count: int, size: int = 512) -> Callable[[Manifest], None]:
    """Return a change that puts items there which no key opens: as long as a key's, and below any modulus."""

    def change(manifest: Manifest) -> None:
        chance = random.Random(count)  # the same for ever, for a run that can be repeated
        items = {}
        for number in range(count):
            raw = size.to_bytes(2) + b"\0" + chance.randbytes(size - 1) + chance.randbytes(16)
            items[f"k{number:05}"] = base64.b64encode(raw).decode()
        manifest["spec"]["encryptedData"] = items

    return change


def _annotated(text: Callable[[], str]) -> Callable[[Manifest], None]:
    def change(manifest: Manifest) -> None:
        manifest["metadata"].setdefault("annotations", {})["sealwright.dev/key-fingerprints"] = text()

    return change


def _labelled(manifest: Manifest) -> None:
    manifest["metadata"]["labels"] = {f"label-{number:06}": "v" * 60 for number in range(14_000)}


def _template_metadata(value: Callable[[], Any]) -> Callable[[Manifest], None]:
    def change(manifest: Manifest) -> None:
        manifest["spec"]["template"].setdefault("metadata", {})["x"] = value()

    return change


def _template_labels(manifest: Manifest) -> None:
    metadata = manifest["spec"]["template"].setdefault("metadata", {})
    metadata["labels"] = {f"label-{number:06}": "v" * 60 for number in range(16_000)}


def _template_annotations(manifest: Manifest) -> None:
    manifest["spec"]["template"].setdefault("metadata", {})["annotations"] = {"a": "😀" * (ROOM // 4 - 2_000)}


def _damaged(manifest: Manifest) -> None:
    manifest["spec"]["encryptedData"] = {f"k{number:05}": "AAAA" for number in range(20_000)}


def _one_long_item(manifest: Manifest) -> None:
    manifest["spec"]["encryptedData"] = {"v": "A" * (ROOM - 5_000)}


def _line_breaks(manifest: Manifest) -> None:
    manifest["spec"]["encryptedData"] = {"v": "\n" * (ROOM // 2 - 5_000)}


def _legacy(manifest: Manifest) -> None:
    manifest["spec"] |= {"data": "B" * (ROOM - 5_000), "encryptedData": {}}


def _long_names(manifest: Manifest) -> None:
    (item,) = manifest["spec"]["encryptedData"].values()
    manifest["spec"]["encryptedData"] = {"😀" * 60 + str(number): item for number in range(1_300)}


def _managed(fields: Callable[[], dict[str, Any]]) -> Callable[[Manifest], None]:
    entry = {"manager": "m", "operation": "Update", "apiVersion": "bitnami.com/v1alpha1", "fieldsType": "FieldsV1"}

    def put(manifest: Manifest) -> None:
        manifest["metadata"]["managedFields"] = [entry | {"time": "2026-01-01T00:00:00Z", "fieldsV1": fields()}]

    return put


def _beginnings(manifest: Manifest) -> None:
    """Fill the spec with what looks like the beginning of managedFields, and have the API server store none."""
    _template_metadata(lambda: [{"managedFields": []}] * 40_000)(manifest)
    manifest["metadata"]["managedFields"] = [{}]


def _deep(depth: int, name: str = "a", inner: Any = 1) -> Any:
    """Return maps in maps: JSON writers of Python's own go a thousand deep."""
    made = inner
    for _ in range(depth):
        made = {name: made}
    return made


def _chain(depth: int) -> Any:
    """Return lists in lists."""
    made: Any = []
    for _ in range(depth - 1):
        made = [made]
    return made


def _many_items() -> dict[str, bytes]:
    return {f"item-{number:05}": b"x" for number in range(1_800)}


COPIES = "{{ $l := list " + " ".join([".v"] * 59) + " }}{{ len (print $l) }}"
ARGUMENTS = '{{ len (cat "" ' + " ".join([".v"] * 118) + ") }}"
DOUBLED = "{{ $a := .v }}{{ range until 40 }}{{ $a = print $a $a }}{{ end }}{{ len $a }}"
GROWING = "{{ $l := list }}{{ range until 100000 }}{{ $l = append $l . }}{{ end }}{{ len $l }}"
GROWING_MAP = "{{ $d := dict }}{{ range until 1000000 }}{{ $_ := set $d (print .) $.v }}{{ end }}{{ len $d }}"
NESTED_LOOPS = "{{ range until 100000 }}{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}{{ end }}"
FOR_EVER = '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}'
BY_TURNS = (
    '{{ define "a" }}{{ template "b" . }}{{ end }}{{ define "b" }}{{ template "a" . }}{{ end }}{{ template "a" . }}'
)
TWOFOLD = (
    "".join(
        f'{{{{ define "t{n}" }}}}{{{{ template "t{n + 1}" . }}}}{{{{ template "t{n + 1}" . }}}}{{{{ end }}}}'
        for n in range(40)
    )
    + '{{ define "t40" }}x{{ end }}{{ template "t0" . }}'
)
BIG = "9" * 300

NUMBERS = (
    "{{ $l := until 100000 }}{{ $m := untilStep 100000 190000 1 }}{{ $o := untilStep 300000 400000 1 }}"
    "{{ $p := untilStep 500000 600000 1 }}{{ $q := untilStep 500000 600000 1 }}"
)


def _padded(text: str) -> Callable[[], Mapping[str, str]]:
    """Return a template, and beside it a comment as long as there is room, of characters that take four bytes each."""
    return lambda: {"out": text, "padding": "{{/*" + "😀" * 335_000 + "*/}}"}


TEMPLATES = [
    template("copies-in-a-list", "372 bytes: 59 copies of a large value in a list, printed", COPIES, "x" * 900_000),
    template("copies-as-arguments", "118 copies of a large value as arguments", ARGUMENTS, "x" * 900_000),
    Bomb("numbers", "five lists of numbers beside a long comment", texts=_padded(NUMBERS)),
    Bomb("numbers-slow", "the same, and the word of a slow function", texts=_padded("{{/* bcrypt */}}" + NUMBERS)),
    Bomb("numbers-hashed", "the same behind a slow function", texts=_padded('{{ bcrypt "x" | len }}' + NUMBERS)),
    template("copies-doubled", "a value that is doubled forty times", DOUBLED, WORN),
    template("copies-of-emoji", "the same of characters that take four bytes each in Python", COPIES, "😀" * 200_000),
    loop("contains", "searches a long text for what is nearly there", 'contains "xxxxxxxxxxxxxxxxxxxxxxxxxxxy" $.v'),
    loop("trim", "trims a long text from both ends", "trim $.v", " " * 300_000),
    loop("b64enc", "encodes a long text", "b64enc $.v"),
    loop("b64dec", "decodes a long text", "b64dec $.v", "A" * 300_000),
    loop("int", "reads a long text as a number", "int $.v", "1" * 300_000),
    loop("float", "reads a long text as a fraction", "float64 $.v", "1" * 300_000),
    loop("upper", "writes a long text in capitals", "upper $.v"),
    loop("replace", "replaces each letter of a long text", 'replace "x" "yy" $.v'),
    loop("split", "splits a long text at each letter", 'splitList "x" $.v'),
    loop("hashes", "hashes a long text", "sha256sum $.v"),
    loop("checksums", "takes a checksum of a long text", "adler32sum $.v"),
    loop("quote", "quotes a long text", "quote $.v", "\\" * 300_000),
    loop("html", "escapes a long text", "html $.v", "<" * 300_000),
    loop("wrap", "wraps a long text", "wrap 1 $.v"),
    loop("camelcase", "changes the words of a long text", "camelcase $.v", "a_" * 150_000),
    loop("nospace", "takes the spaces out of a long text", "nospace $.v", " " * 300_000),
    loop("compare", "compares a long text with itself", "eq $.v $.v"),
    loop("to-json", "writes a long text as JSON", "toJson $.v", "\u2028" * 100_000),
    loop("from-json-wide", "reads many values", "fromJson $.v", "[" + ",".join(["[]"] * 100_000) + "]"),
    template("from-json-deep", "reads lists in lists", "{{ fromJson .v | toJson }}", "[" * 150_000 + "]" * 150_000),
    loop("regex-backtracking", "an expression that others' engines try for ever", 'regexMatch "^(x+x+)+y$" $.v'),
    loop("regex-counted", "an expression of a million states", 'regexMatch "((x{1,30}){1,30}){1,30}y" $.v'),
    loop("regex-replace", "replaces every place between letters", 'regexReplaceAll "" $.v "ab"'),
    loop("regex-find", "finds every letter", 'regexFindAll "x" $.v -1'),
    template("repeat", "repeats a letter a milliard times", '{{ repeat 1000000000 "x" }}'),
    template("indent", "indents every line by a milliard", "{{ indent 1000000000 .v }}", "\n" * 100_000),
    template("nindent", "indents many lines by much", "{{ nindent 10000 .v }}", "\n" * 100_000),
    template("printf-width", "a number in a milliard columns", '{{ printf "%1000000000d" 1 }}'),
    template("printf-star", "the same, the width an argument", '{{ printf "%*d" 1000000000 1 }}'),
    template("printf-precision", "a fraction of a milliard digits", '{{ printf "%.1000000000f" 1.5 }}'),
    template("random", "random letters, a milliard", "{{ randAlphaNum 1000000000 }}"),
    template("until", "a list of a milliard numbers", "{{ len (until 1000000000) }}"),
    template("nested-loops", "loops in loops", NESTED_LOOPS),
    template("for-ever", "a template that calls itself", FOR_EVER),
    template("by-turns", "two templates that call each other", BY_TURNS),
    template("twofold", "forty templates, each of which calls the next one twice", TWOFOLD),
    template("growing-list", "a list to which is added without end", GROWING),
    template("growing-map", "a map to which is added without end", GROWING_MAP, "x" * 1_000),
    loop("sorted", "sorts many words", 'sortAlpha (splitList "," $.v)', "b,a," * 70_000),
    loop("unique", "seeks what is twice in a list", 'uniq (splitList "," $.v)', ",".join(map(str, range(50_000)))),
    template("keys", "makes keys", '{{ range until 1000 }}{{ $x := genPrivateKey "rsa" }}{{ end }}'),
    template(
        "authorities", "makes certificate authorities", '{{ range until 1000 }}{{ $x := genCA "x" 365 }}{{ end }}'
    ),
    template("bcrypt", "hashes passwords slowly", "{{ range until 1000 }}{{ $x := bcrypt $.v }}{{ end }}"),
    template("htpasswd", "the same for a web server", '{{ range until 1000 }}{{ $x := htpasswd "u" $.v }}{{ end }}'),
    template(
        "scrypt", "derives passwords", '{{ range until 1000 }}{{ $x := derivePassword 1 "long" $.v "u" "s" }}{{ end }}'
    ),
    loop("aes", "encrypts a long text", 'encryptAES "0123456789abcdef0123456789abcdef" $.v'),
    loop("date-layout", "a date by a long layout", "date $.v now", "2006-01-02 " * 25_000),
    loop("date-parsed", "a date of a long text", "toDate $.v $.v", "2006-01-02 " * 25_000),
    loop("durations", "a duration of a long text", "durationRound $.v", "1h" * 100_000),
    loop("semver", "versions by a long constraint", 'semverCompare $.v "1.2.3"', ">1.0.0, " * 30_000 + ">1.0.0"),
    template(
        "big-numbers",
        "numbers of 300 digits",
        "{{ range until 100000 }}{{ $x := mul 9223372036854775807 " + "3 " * 300 + "}}{{ end }}",
    ),
    template("literal", "a number of 300 digits", "{{ " + BIG + " }}"),
    long_text("else-if", "1.4 MB of {{else if 0}}", "{{else if 0}}", "{{if 0}}", "{{end}}"),
    long_text("fields", "1.4 MB of .a.a.a", ".a", "{{ ", " }}"),
    long_text("parentheses", "1.4 MB of opening parentheses", "(", "{{ "),
    long_text("braces", "1.4 MB of opening braces", "{{"),
    long_text("nested-ifs", "blocks in blocks that nothing ends", "{{if 1}}"),
    long_text("pipes", "a pipeline without end", "|print", "{{ .v "),
    long_text("values", "the same value, printed 200,000 times", "{{.v}}"),
    long_text("variables", "a variable for every place", "{{$a:=1}}"),
    long_text("defines", "one template, defined again and again", '{{define "a"}}{{end}}'),
    long_text("comments", "nothing but comments", "{{/* */}}"),
    long_text("digits", "a number of 1.4 million digits", "9", "{{ ", " }}"),
    long_text("string", "one text of 1.4 MB", "a", '{{ len "', '" }}'),
    long_text("escapes", "one text of escapes", "\\u00e4", '{{ len "', '" }}'),
    Bomb("many-keys", "20,000 templates", texts=lambda: {f"k{n:05}": "{{ .v }}{{ now }}" for n in range(20_000)}),
]

OTHERS = [
    sized("text", "one value of a megabyte", "x"),
    sized("emoji", "the same, in characters that take four bytes each in Python", "😀"),
    Bomb("many-values", "1,800 items, each of which opens", _many_items),
    Bomb("garbage", "1,800 items that no key opens", change=_garbage(1_800)),
    Bomb("garbage-2048", "3,500 such items, for keys that are shorter", change=_garbage(3_500, 256)),
    Bomb("damaged", "20,000 items that are cut off", change=_damaged),
    Bomb("long-item", "one item of 1.4 MB that is none", change=_one_long_item),
    Bomb("line-breaks", "an item of line breaks", change=_line_breaks),
    Bomb("long-names", "1,300 items with names of 240 bytes", change=_long_names),
    Bomb("deprecated", "1.4 MB in the deprecated form", change=_legacy),
    Bomb("hints", "250 KB of hints", change=_annotated(lambda: f"{'a' * 64}: " + ", ".join(map(str, range(36_000))))),
    Bomb("hint-groups", "as many groups of hints as there is room for", change=_annotated(lambda: f"{'a' * 64}:x;" * 3_700)),
    Bomb("labels", "14,000 labels on the object", change=_labelled),
    Bomb("template-labels", "16,000 labels in the template", change=_template_labels),
    Bomb("template-annotation", "an annotation of emoji in the template", change=_template_annotations),
    Bomb("managed-fields", "30,000 fields that are managed", change=_managed(lambda: {f"f:spec-{number}": {"f:x": {}} for number in range(30_000)})),
    Bomb("managed-deep-and-wide", "90,000 of them, and one that is 120 deep", change=_managed(lambda: {f"f:{number}": {} for number in range(90_000)} | {"f:x": _deep(120, "f:x", {})})),
    Bomb("managed-beginnings", "40,000 times what looks like managedFields", change=_beginnings),
    Bomb("deep", "maps in maps, 900 deep", change=_template_metadata(lambda: _deep(900))),
    Bomb("deep-beside-text", "lists in lists, 120 deep, and a text of brackets", change=_template_metadata(lambda: [_chain(120), "]" * 1_390_000])),
    Bomb("deep-chains", "6,500 times lists in lists, 101 deep", change=_template_metadata(lambda: [_chain(101)] * 6_500)),
    Bomb("deep-and-wide", "lists in lists, 120 deep, and 300,000 empty lists", change=_template_metadata(lambda: [_chain(120)] + [[]] * 300_000)),
    Bomb("deep-and-texts", "lists in lists, 120 deep, and 300,000 empty texts", change=_template_metadata(lambda: [_chain(120)] + [""] * 300_000)),
    Bomb("wide", "300,000 empty lists", change=_template_metadata(lambda: [[]] * 300_000)),
    Bomb("wide-within-bounds", "49,000 short texts", change=_template_metadata(lambda: ["xxxxxxxxxxxxxxxxxxxxxxxx"] * 49_000)),
]  # fmt: skip

BOMBS = [*TEMPLATES, *OTHERS]
WORST = ["copies-in-a-list", "numbers-slow", "contains", "else-if", "keys", "emoji", "garbage", "wide"]
"""Those that did most harm, one of each kind."""


def named(name: str) -> Bomb:
    """Return a bomb by its name."""
    return next(bomb for bomb in BOMBS if bomb.name == name)
