"""Manifests as text: read, sealed in their file, changed in their file. What is written is read back, as meant."""

import copy
import itertools
import json
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any

from hypothesis import strategies as st
from tests.support.builders import VECTORS, sealing_key
from tests.support.edits import sealed_text
from tests.support.gossip import gossip_texts
from tests.support.odd_secrets import odd_secrets
from tests.support.sealed_layouts import sealed_files
from tests.support.secret_texts import list_texts, secret_texts
from tests.support.testkeys import key

from sealwright_cli.messages.errors import CliError
from sealwright_cli.sealed.sealing import SealingRules, seal_text
from sealwright_manifests.editing.fields import ABSENT, merge_fields
from sealwright_manifests.editing.readback import check_as_meant
from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.kinds.finding import find_manifests, find_secrets
from sealwright_manifests.kinds.reading import read_sealed_secret, read_secret, read_uid, read_unknown_fields
from sealwright_manifests.text.bounds import Bounds
from sealwright_manifests.text.decoding import decoded
from sealwright_manifests.text.documents import Form, join, join_as_read, read_documents
from sealwright_manifests.text.plaindata import read_plain
from sealwright_manifests.text.tree import Scalar
from tools.fuzz.mutating import ODD, spoiled
from tools.fuzz.targets.sealed import item
from tools.fuzz.targets.sealed import manifest as sealed
from tools.fuzz.targets.target import Target

_STRANGERS = Bounds(documents=100, values=20_000, is_for_all=True, by_strangers=True)
_WORDS = [
    word.encode()
    for word in (
        "---\n", "...\n", "%YAML 1.1\n", "%TAG ! x\n", "- ", "? ", ": ", ":\n", "  ", "\n  ", "\t", " #", "# c\n", "&a ", "*a",
        "<<: ", "!!str ", "!!binary ", "!!int ", "!x ", "!<x> ", "|", ">", "|+2\n", ">-\n", "'", '"', "\\x41", "\\u010d", "\\\n",
        "{", "}", "[", "]", ", ", "null", "~", "true", "0x1F", "1e3", "017", ".inf", "2001-01-01", "kind: Secret\n", "kind: List\n",
        "items:\n", "data:\n", "stringData:\n", "metadata:\n", "  name: db\n", "encryptedData:\n", "kind: SealedSecret\n", "\r\n",
        "\u2028", "\x85", "\ufeff", "\U0001f40b", "=",
    )
]  # fmt: skip
_NAMES = [
    "apiVersion",
    "kind",
    "metadata",
    "name",
    "namespace",
    "data",
    "stringData",
    "items",
    "type",
    "spec",
    "labels",
]
_SECRET: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "db", "namespace": "team-a", "labels": {"a": "b"}, "annotations": {"c": "d"}},
    "type": "Opaque",
    "data": {"a": "eA=="},
    "stringData": {"b": "y", "long": "a\nb\n"},
}


def manifest() -> Target:
    """Return the target of all readers: nodes, plain data, Secrets and SealedSecrets, for the user and for strangers."""
    rows = json.loads((VECTORS / "dialect" / "rows.json").read_text(encoding="utf-8"))

    def check(data: bytes) -> None:
        for bounds in (Bounds(), _STRANGERS):
            with suppress(BadManifestError):
                json.dumps(read_plain(data, "x", bounds))
        try:
            text = decoded(data, "x")
            documents = read_documents(text, "x")
        except BadManifestError:
            return
        assert join_as_read(documents) == text or not text.endswith("\n")
        for find, read in itertools.product((find_manifests, find_secrets), (read_secret, read_sealed_secret)):
            try:
                for found in find(documents):
                    read(found)
                    read_uid(found)
                    read_unknown_fields(found)
            except BadManifestError:
                pass

    examples = [*_texts(), *(row["text"].encode("utf-8", "surrogatepass") for row in rows if "text" in row)]
    drawn = st.one_of(
        gossip_texts().map(lambda made: made.text),
        secret_texts().map(str),
        list_texts().map(lambda made: made.text),
        odd_secrets(),
    ).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return Target("manifest", check, examples, _WORDS, _make, drawn)


def sealing() -> Target:
    """Return the target of sealing in place: the result is read back, and holds no plaintext where it was."""
    rules = SealingRules(key("small-1024").certificate, default_namespace=lambda: "default", allow_empty=True)

    def check(data: bytes) -> None:
        try:
            made = seal_text(decoded(data, "x"), "x", rules)
            if made.errors:
                return
            check_as_meant(made.documents, join_as_read(made.documents))
            # Our reader takes a bare scalar for YAML, so a JSON text of several documents cannot begin with one.
            is_plain = any(isinstance(one.root, Scalar) for one in made.documents)
            for form in () if is_plain else Form:
                check_as_meant(made.documents, join(made.documents, form), is_converted=True)
        except (CliError, BadManifestError):
            pass

    drawn = st.one_of(
        gossip_texts().map(lambda made: made.text),
        secret_texts().map(str),
        list_texts().map(lambda made: made.text),
        odd_secrets(),
    ).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return Target("sealing", check, _texts(), _WORDS, _make, drawn)


def editing() -> Target:
    """Return the target of changes in place: items and fields set, added and removed, as merge and reencrypt do."""
    certificate = sealing_key().certificate
    new, x, y = (item(value, certificate) for value in (b"another", b"x", b"y"))

    def check(data: bytes) -> None:
        for changes in _changes(new):
            try:
                documents = read_documents(decoded(data, "x"), "x")
                for found in find_manifests(documents):
                    if found.is_sealed_secret:
                        read_sealed_secret(found)
                        merge_fields(found.document, found.node, changes)
                check_as_meant(documents, join_as_read(documents))
            except BadManifestError:
                return

    examples = [sealed_text(f"\n    a: {x}\n    b: |\n      {y}\n").encode()]
    examples += [sealed_text(f" {{a: {x}, 'b': \"{y}\"}}\n").encode()]
    examples += [
        json.dumps(sealed({"a": b"x"}, certificate), indent=2).encode(),
        examples[0] + b"---\n" + examples[1],
    ]
    drawn = sealed_files().map(lambda file: file.content)
    return Target("editing", check, examples, _WORDS, None, drawn)


def _changes(new: str) -> Iterator[dict[str, Any]]:
    yield {"spec": {"encryptedData": {"a": new, "new": new}}}
    yield {"spec": {"encryptedData": {"a": ABSENT}}, "metadata": {"annotations": {"k": "v"}}}
    yield {"spec": {"template": {"metadata": {"labels": {"x": "y"}}, "type": "Opaque"}}}


def _texts() -> list[bytes]:
    """Return inputs that were given to kubeseal, and manifests of our own."""
    cases = [json.loads(path.read_bytes()) for path in sorted((VECTORS / "kubeseal" / "cases").glob("*.json"))]
    taken = {given for case in cases if isinstance(given := case.get("stdin"), str)} | {
        _block(_SECRET),
        json.dumps(_SECRET),
    }
    return [text.encode("utf-8", "surrogatepass") for text in sorted(taken) if len(text) < 4_000]


def _make(random: Random) -> bytes:
    """Write one to three objects, whole or spoiled, in any of the forms of YAML."""
    documents = []
    for _ in range(random.choice((1, 1, 2, 3))):
        made = spoiled(random, _SECRET, _NAMES) if random.random() < 0.7 else _SECRET
        if random.random() < 0.2:
            made = {
                "apiVersion": "v1",
                "kind": random.choice(("List", "SecretList")),
                "items": [made, copy.deepcopy(random.choice(ODD))],
            }
        documents.append(random.choice((_block, json.dumps, lambda data: json.dumps(data, indent=1)))(made) + "\n")
    text = random.choice(("---\n", "--- # c\n", "...\n---\n", "")).join(documents)
    encoding = random.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16"))
    return text.replace("\n", random.choice(("\n", "\n", "\r\n"))).encode(encoding, "surrogatepass")


def _block(data: Any, margin: str = "") -> str:
    """Return plain data as block YAML."""
    if isinstance(data, dict) and data:
        lines = [f"{margin}{json.dumps(str(key))}: {_inner(value, margin)}" for key, value in data.items()]
        return "\n".join(lines) + "\n" * (not margin)
    if isinstance(data, list) and data:
        return "\n".join(f"{margin}- {_inner(value, margin)}" for value in data)
    return margin + json.dumps(data)


def _inner(value: Any, margin: str) -> str:
    if isinstance(value, dict | list) and value:
        return "\n" + _block(value, margin + "  ")
    if isinstance(value, str) and value.isprintable() and len(value) % 2:
        return f"|-\n{margin}  {value}" if value.strip() == value and value else json.dumps(value)
    return json.dumps(value, ensure_ascii=isinstance(value, str) and len(value) % 3 == 0)
