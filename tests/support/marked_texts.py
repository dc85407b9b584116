"""Files that people give to the command, with a value in them at a place where it may be: whole ones, and broken ones."""

import base64
import json
from collections.abc import Callable

from tests.support import independent
from tests.support.builders import sealed_secret, sealing_key

_HEAD = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: team-a}\n"


def _quoted(value: bytes) -> str:
    return json.dumps(value.decode())


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _first_word(value: bytes) -> str:
    return value.decode().partition('"')[0]


def _line(value: bytes) -> str:
    return value.decode().rstrip("\n")


def _json(value: bytes) -> str:
    metadata = {"name": "db", "namespace": "team-a"}
    return json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"a": value.decode()}})


SECRETS: dict[str, Callable[[bytes], str]] = {
    "a text": lambda v: f"{_HEAD}stringData:\n  a: {_quoted(v)}\n",
    "base64": lambda v: f"{_HEAD}data:\n  a: {_base64(v)}\n",
    "a block": lambda v: f"{_HEAD}stringData:\n  a: |\n    {v.decode()}",
    "JSON": _json,
    "a list": lambda v: f"kind: List\nitems:\n- {_json(v)}\n",
    "an alias": lambda v: f"{_HEAD}stringData: {{a: &x {_quoted(v)}, b: *x}}\n",
    "a comment beside": lambda v: f"{_HEAD}stringData:\n  a: {_quoted(v)}  # {_line(v)}\n# it is {_base64(v)}\n",
    "the deployed form": lambda v: (
        f"{_HEAD.replace('db,', 'db, annotations: {kubectl.kubernetes.io/last-applied-configuration: x},')}"
        f"stringData:\n  a: {_quoted(v)}\n"
    ),
    "a field that is misspelt": lambda v: f"{_HEAD}stringdata:\n  a: {_quoted(v)}\nstringData: {{b: x}}\n",
    "a field that is none": lambda v: f"{_HEAD}password: {_quoted(v)}\nstringData: {{b: x}}\n",
    "no base64": lambda v: f"{_HEAD}data:\n  a: {_quoted(v)}\n",
    "cut-off base64": lambda v: f"{_HEAD}data:\n  a: {_base64(v)[:-3]}\n",
    "an open quotation mark": lambda v: f"{_HEAD}stringData:\n  a: {_quoted(v)[:-1]}\n  b: x\n",
    "a tab before it": lambda v: f"{_HEAD}stringData:\n\ta: {_quoted(v)}\n",
    "a key that is there twice": lambda v: f"{_HEAD}stringData:\n  a: {_quoted(v)}\n  a: {_quoted(v)}\n",
    "a value that is a list": lambda v: f"{_HEAD}stringData:\n  a: [{_quoted(v)}]\n",
    "a value that is a map": lambda v: f"{_HEAD}stringData:\n  a: {{b: {_quoted(v)}}}\n",
    "data that is a text": lambda v: f"{_HEAD}data: {_quoted(v)}\n",
    "data that is a list": lambda v: f"{_HEAD}data: [{_quoted(v)}]\n",
    "an unknown tag": lambda v: f"{_HEAD}stringData:\n  a: !x {_quoted(v)}\n",
    "a number's tag": lambda v: f"{_HEAD}stringData:\n  a: !!int {_quoted(v)}\n",
    "a binary tag": lambda v: f"{_HEAD}data:\n  a: !!binary {_base64(v)}\n",
    "a merge": lambda v: f"{_HEAD}stringData:\n  <<: {_quoted(v)}\n",
    "an alias of nothing": lambda v: f"{_HEAD}stringData:\n  a: {_quoted(v)}\n  b: *nothing\n",
    "a template of Helm": lambda v: f"{_HEAD}stringData:\n  a: {{{{ default {_quoted(v)} .Values.a }}}}\n",
    "a broken document behind it": lambda v: f"{_HEAD}stringData:\n  a: {_quoted(v)}\n---\na: [{_quoted(v)}\n",
    "cut-off JSON": lambda v: _json(v)[:-2],
    "JSON with a comma too many": lambda v: _json(v).replace("}}", ",}}"),
    "JSON with half a character": lambda v: _json(v).replace('"a": "', '"a": "\\ud800'),
    "a control character": lambda v: f"{_HEAD}stringData:\n  a: '{_first_word(v)}\x07'\n",
    "a byte that is no UTF-8": lambda v: f"{_HEAD}stringData:\n  a: {_quoted(v)}\n  b: \udcff\n",
    "no name": lambda v: f"kind: Secret\nstringData:\n  a: {_quoted(v)}\n",
    "another apiVersion": lambda v: (
        f"apiVersion: v2\nkind: Secret\nmetadata: {{name: a}}\nstringData: {{a: {_quoted(v)}}}\n"
    ),
    "a ciphertext that is none": lambda v: json.dumps(
        sealed_secret() | {"spec": {"encryptedData": {"a": v.decode(), "b": _base64(v)}}}
    ),
    "the deprecated form": lambda v: json.dumps(legacy(_json(v).encode())),
    "a deprecated form that is no object": lambda v: json.dumps(legacy(_json(v).encode()[:-2])),
}
"""What a file is → its text, for a value."""


def legacy(inner: bytes, name: str = "db", namespace: str = "team-a") -> dict[str, object]:
    """Return a SealedSecret of the deprecated form, with any content in it."""
    public, label = sealing_key().certificate.public_key, f"{namespace}/{name}".encode()
    return sealed_secret(name, namespace, {}) | {"spec": {"data": independent.seal_item(inner, public, label)}}
