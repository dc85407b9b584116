"""Large texts of every kind that takes some reader of YAML or JSON a time that grows with the square of its size."""

import json
from collections.abc import Callable
from typing import Any

HEAD = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: team-a\n"
SECRET = f"{HEAD}stringData:\n  password: correct horse\n"
VALUE = f"{HEAD}stringData:\n  password: "
OTHER = "---\nkind: ConfigMap\ndata:\n  x: "


def comments(size: int) -> str:
    """Comment lines of 67 characters behind the values."""
    return SECRET + f"# {'x' * 56} remark\n" * (size // 66)


def documents(number: int) -> str:
    """Secrets, each in a document of its own."""
    return "".join(f"---\n{SECRET.replace('db', f'db{one}')}" for one in range(number))


def items(number: int) -> str:
    """One Secret with many items."""
    return HEAD + "stringData:\n" + "".join(f"  key{one}: value{one}\n" for one in range(number))


def small_secrets(number: int) -> str:
    """A List of Secrets in block style."""
    lines = SECRET.splitlines()
    item = "- " + "\n  ".join(lines) + "\n"
    return "apiVersion: v1\nkind: List\nitems:\n" + "".join(item.replace("db", f"db{one}") for one in range(number))


def small_secrets_in_json(number: int) -> str:
    """A List of Secrets in JSON, on one line."""
    metadata = {"name": "db", "namespace": "team-a"}
    secret: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"a": "x" * 9}}
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [secret] * number})


def small_secrets_in_braces(number: int) -> str:
    """A List of Secrets in flow style, on one line."""
    secret = "{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: b}, stringData: {p: 'correct horse'}}"
    return "{apiVersion: v1, kind: List, items: [" + ", ".join([secret] * number) + "]}\n"


SEALED: dict[str, Callable[[int], str]] = {
    "comments": comments,
    "comments above": lambda size: "# remark\n" * (size // 9) + SECRET,
    "comments, indented": lambda size: SECRET + "  # remark\n" * (size // 11),
    "comments between items": lambda size: items(1) + "  # remark\n" * (size // 11) + "  last: one\n",
    "comments that hold the value": lambda size: SECRET + "# correct horse\n" * (size // 16),
    "values commented out": lambda size: SECRET + "  # token: old\n" * (size // 15),
    "a block commented out": lambda size: SECRET + "  # token: |\n" + "  #   old\n" * (size // 10),
    "one long comment": lambda size: f"{SECRET}# {'y ' * (size // 2)}\n",
    "one comment of blanks": lambda size: f"{SECRET}#{' ' * size}\n",
    "one comment of signs": lambda size: f"{SECRET}{'#' * size}\n",
    "one comment of signs and blanks": lambda size: f"{SECRET}{'# ' * (size // 2)}\n",
    "one comment of dashes": lambda size: f"{SECRET}# {'- ' * (size // 2)}x y\n",
    "one comment of quotes": lambda size: SECRET + "# '\"" * (size // 4) + "\n",
    "blank lines": lambda size: SECRET + "\n" * size,
    "blanks behind a value": lambda size: SECRET.rstrip() + " " * size + "\n",
    "blanks before a header": lambda size: f"{VALUE}{' ' * size}| # remark\n    x\n",
    "Windows' line ends": lambda size: (SECRET + "  # remark\n" * (size // 12)).replace("\n", "\r\n"),
    "Macs' line ends": lambda size: (SECRET + "# remark\n" * (size // 9)).replace("\n", "\r"),
    "one long value": lambda size: f'{VALUE}"{"a b" * (size // 3)}"\n',
    "one long value of many lines": lambda size: f"{VALUE}'" + "a\n\n    " * (size // 7) + "'\n",
    "one long block": lambda size: f"{VALUE}|\n" + f"    {'z' * 70}\n" * (size // 75),
    "one block of blank lines": lambda size: f"{VALUE}|+\n    z\n" + "\n" * size + "type: Opaque\n",
    "one folded block": lambda size: f"{VALUE}>\n" + "    a\n\n" * (size // 7),
    "escapes": lambda size: f'{VALUE}"' + "\\u0041" * (size // 6) + '"\n',
    "colons and number signs": lambda size: f"{SECRET}{OTHER}{'a:b#c' * (size // 5)}\n",
    "a long list": lambda size: f"{SECRET}{OTHER}[" + "a," * min(size // 2, 150_000) + "]\n",
    "long anchors": lambda size: f"{SECRET}{OTHER}&{'a' * size} b\n",
    "values of nothing": lambda size: SECRET + "".join(f"k{n}:  # c\n\n" for n in range(min(size // 12, 15_000))),
    "anchors and aliases": lambda size: SECRET + OTHER[:-5] + "".join(f"  a{n}: &a{n} x\n  b{n}: *a{n}\n" for n in range(min(size // 25, 15_000))),
    "empty documents": lambda size: SECRET + "---\n# x\n" * min(size // 8, 50_000),
    "JSON with many blanks": lambda size: small_secrets_in_json(1).replace(" ", " " * (size // 20)),
}  # fmt: skip
"""Texts of about so many characters that can be sealed."""

BROKEN: dict[str, Callable[[int], str]] = {
    "a bracket left open": lambda size: items(size // 20) + "  bad: [\n",
    "brackets left open": lambda size: f"{SECRET}x: " + "[" * size,
    "braces left open": lambda size: f"{SECRET}x: " + "{" * size,
    "a list left open": lambda size: f"{SECRET}x: [" + "a," * (size // 4),
    "an empty list left open": lambda size: f"{SECRET}x: [" + "\n  " * (size // 3),
    "a quote left open": lambda size: f"{SECRET}x: 'a" + " b" * (size // 2),
    "a double quote left open": lambda size: f'{SECRET}x: "a' + " b" * (size // 2),
    "quotes in lines left open": lambda size: f"{SECRET}x: 'a\n" + "  b\n" * (size // 4),
    "a tab": lambda size: items(size // 20) + "\tx: y\n",
    "a control character": lambda size: items(size // 20) + "  x: \x01\n",
    "a sign that is reserved": lambda size: items(size // 20) + "  x: @\n",
    "a line too far to the right": lambda size: items(size // 20) + "     x: y\n",
    "a line too far to the left": lambda size: items(size // 20) + " x: y\n",
    "two keys on a line": lambda size: items(size // 20) + "  x: y: z\n",
    "a key twice": lambda size: items(1) + "  a: b\n" * (size // 20),
    "a key without a colon": lambda size: items(size // 20) + "  x\n",
    "an unknown alias": lambda size: items(size // 20) + "  x: *y\n",
    "an alias of itself": lambda size: items(size // 20) + "  x: &y [*y]\n",
    "aliases of aliases": lambda size: f"{SECRET}x: &a0 [1, 1]\n" + "".join(f"y{n}: &a{n + 1} [*a{n}, *a{n}]\n" for n in range(size // 30)),
    "an unknown tag": lambda size: items(size // 20) + "  x: !e!y z\n",
    "a long tag": lambda size: f"{SECRET}x: !{'a' * size} b\n",
    "tags with a number sign": lambda size: SECRET + "".join(f"x{n}: !a#b c\n" for n in range(size // 20)),
    "directives": lambda size: "".join(f"%TAG !e{n}! tag:x,2000:\n" for n in range(size // 25)) + f"---\n{SECRET}",
    "an unknown directive": lambda size: "%X\n" * (size // 3) + f"---\n{SECRET}",
    "no base64": lambda size: f"{HEAD}data:\n  x: '{'*' * size}'\n",
    "a bad escape": lambda size: f'{VALUE}"{"a" * size}\\q"\n',
    "half a surrogate pair": lambda size: f'{VALUE}"{"a" * size}\\ud800"\n',
    "blanks among lines": lambda size: f"{VALUE}'a{' ' * size}b\n" + "    b\n" * size + "    '\n",
    "too many values": lambda size: f"{SECRET}x: [" + "a, " * max(size, 250_000) + "]\n",
    "too many documents": lambda size: "---\n" * 100_002 + SECRET,
    "too deep": lambda size: f"{SECRET}x:\n" + "".join(f"{' ' * (n % 500 + 1)}a:\n" for n in range(size // 250)),
    "JSON that ends too early": lambda size: '{"a": [' + "1," * (size // 2),
    "JSON that nests too deep": lambda size: '{"a":' * (size // 5),
    "JSON with a comma too many": lambda size: small_secrets_in_json(size // 150)[:-1] + ",,}",
    "JSON that is YAML until its end": lambda size: '{"a": [' + "1, " * (size // 3) + "x: y, z]]",
}  # fmt: skip
"""Texts of about so many characters that cannot be read."""
