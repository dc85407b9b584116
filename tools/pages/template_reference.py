"""The page docs/reference/templates.md: the language by example, and all functions. Run this file to write it anew."""

import re
from collections.abc import Iterable, Iterator

from sealwright_controller.renderer.child import MAX_SLOW_CHARACTERS
from sealwright_controller.renderer.service import MEMORY_BYTES
from sealwright_controller.renderer.templates import MAX_SECONDS, MAX_SLOW_SECONDS
from sealwright_templating import limits
from sealwright_templating.functions import passwords
from sealwright_templating.functions.index import FAMILIES, lookup
from sealwright_templating.go.x509.privatekeys import RSA_KEYS_PER_TEMPLATE
from tools.checkout import ROOT
from tools.pages.template_examples import DATA, EXAMPLES, NOW, result_of
from tools.pages.template_language import ERRORS, LANGUAGE
from tools.pages.writing import write_page

PAGE = ROOT / "docs" / "reference" / "templates.md"

SECTIONS = {
    "Go's own functions": "builtin",
    "Texts": "strings pieces",
    "Letters, words and layout": "casing wordcase layout",
    "Numbers": "numbers floats",
    "Lists": "lists",
    "Dicts": "dicts copying merging",
    "Defaults and failure": "defaults",
    "Encodings and checksums": "encoding hashes json",
    "Dates": "dates",
    "Regular expressions": "regex",
    "Versions, URLs and paths": "semver urls paths",
    "Types": "types",
    "Random values": "random",
    "Passwords and encryption": "passwords aes",
    "Keys and certificates": "certificates",
}
"""The families of functions, by headings for readers."""

_MIB = 1024 * 1024

_HEAD = """\
# Templates

Each text in `spec.template.data` of a SealedSecret is a template, and what it makes becomes an item of the Secret. The
language is that of Go's `text/template`, with the functions of Sprig 3.3.0 except for `env`, `expandenv` and `getHostByName`,
as in sealed-secrets. The same template gives the same bytes.

- A template can use the decrypted items by their names, and the unrendered texts of `spec.template.data` by their keys,
  unless an item has the same name.
- The result of a template replaces an item of the same name. A key with the value `null` removes that item from the Secret.
- If one template fails, no Secret is made. `sealwright render` and `sealwright unseal` say which template, the line, the
  column and why. The controller's status, Events and log say the same for an invalid template. For one that fails while it
  runs, they name the keys of all templates, and whether time or memory was exceeded. More details would reveal values.

All examples here use these items: {items}.
The time is {now}. In the results, ⏎ is a line break, and ␣ a space that would not be visible.

## The language
"""

_ERRORS_HEAD = """\
### What fails

An invalid template fails before anything is rendered, and so does one with an unknown function. These are valid, and
fail when they are rendered:
"""

_LIMITS = """\
## Limits

Go's templates may run forever and use all memory. Here, a template that exceeds a limit fails.

| what | at most |
|---|---|
| the template | {text:,} characters; {tokens:,} words, signs, constants and texts between actions |
| its result | {output:g} MiB, the size of a Secret |
| its work | {steps:,} steps: a field, a constant or a jump is one, a function call a few, large values more |
| one value | {value:g} MiB |
| all values that it holds | {memory:g} MiB |
| templates that call each other | {calls:,} levels |
| nested lists and dicts | {depth} levels, for functions that go through all of them |

Some functions are slow. A template may make {hashes} hashes with `bcrypt` and `htpasswd`, or {derived} passwords with
`derivePassword`, or {large_keys} RSA keys with `genPrivateKey`, or {small_keys} certificates with new keys. An RSA key may
have 8192 bits.

On Linux, the controller renders in a separate process, which has {memory_limit:g} MiB for an object's templates (those
with slow functions may have {slow_characters:,} characters together) and no access to files, network or environment. All templates of an object together may make 1 MiB, and take {seconds:g} seconds of processor time, plus {slow_seconds:g} seconds
for slow functions. On other systems, only the limits in the table apply.

## Differences from Go

- The time zone of the process is UTC, regardless of the machine's.
- Time zones come from the system or the package tzdata, which merges zones that differed only before 1970.
- DSA keys of `genPrivateKey "dsa"` share their parameters; Sprig makes new ones each time, which takes seconds.
- A pointer prints as an address, which is always the same here.
- No order is random: `keys` and `values` follow the order of the keys.

## Functions

The types are Go's: an `interface {{}}` accepts any value, `...` any number of arguments. The last argument may come from a pipeline.
"""


def render() -> str:
    """Return the current content of the page."""
    items = ", ".join(f"`{name}={value}`" for name, value in DATA.items())
    parts = [_HEAD.format(items=items, now=f"{NOW:%Y-%m-%d %H:%M:%S} UTC")]
    parts.append(_table(["", "write", "get", "for"], _language()))
    errors = [[code(template), reason] for template, reason in ERRORS]
    parts.append(_ERRORS_HEAD + "\n" + _table(["write", "fails, because"], errors))
    parts.append(
        _LIMITS.format(
            text=limits.TEXT_LIMIT_CHARACTERS,
            tokens=limits.TOKEN_LIMIT,
            memory_limit=MEMORY_BYTES / _MIB,
            slow_characters=MAX_SLOW_CHARACTERS,
            seconds=MAX_SECONDS,
            slow_seconds=MAX_SLOW_SECONDS,
            output=limits.OUTPUT_LIMIT_BYTES / _MIB,
            steps=limits.STEP_LIMIT,
            value=limits.VALUE_LIMIT_BYTES / _MIB,
            memory=limits.MEMORY_LIMIT_BYTES / 2 / _MIB,
            calls=limits.CALL_DEPTH_LIMIT,
            depth=limits.VALUE_DEPTH_LIMIT,
            hashes=passwords.HASHES_PER_TEMPLATE,
            derived=passwords.DERIVED_PASSWORDS_PER_TEMPLATE,
            large_keys=RSA_KEYS_PER_TEMPLATE[4096],
            small_keys=RSA_KEYS_PER_TEMPLATE[2048],
        )
    )
    for title, families in SECTIONS.items():
        names = sorted(" ".join(FAMILIES[family] for family in families.split()).split())
        parts.append(f"### {title}\n\n{_table(['function', 'does', 'example', 'gives'], map(_row, names))}")
    return "\n".join(parts)


def _language() -> Iterator[list[str]]:
    for title, examples in LANGUAGE.items():
        for index, (template, note) in enumerate(examples):
            yield ["" if index else f"**{title}**", code(template), code(result_of(template)), _cell(note)]


def _row(name: str) -> list[str]:
    function = lookup(name)
    assert function is not None
    template = EXAMPLES[name]
    called = f"{code(name)}<br>{code(function.signature.text)}"
    return [called, _cell(function.summary), code(template), code(result_of(template))]


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def code(text: str) -> str:
    """Return a text as code in a table cell, with spaces and line breaks made visible where they would be lost."""
    if not text:
        return "nothing"
    if text != text.strip() or "  " in text or "\n" in text:
        text = text.replace("\n", "⏎")
        text = re.sub(r"^ +| +$|(?<=⏎) +| +(?=⏎)| {2,}", lambda spaces: "␣" * len(spaces[0]), text)
    quote = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return _cell(f"{quote}{pad}{text}{pad}{quote}")


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    write_page(PAGE, render, __doc__)
