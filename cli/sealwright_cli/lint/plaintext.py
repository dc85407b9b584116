"""Rules SW5: what must not be in a repository: Secrets in plain text, copies of them, private sealing keys."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sealwright_cli.files.templatefiles import is_action
from sealwright_cli.lint.finding import Problem, shown
from sealwright_cli.lint.seen import ANNOTATIONS, MADE_METADATA, Check, Seen
from sealwright_cli.lint.settings import Surroundings
from sealwright_cli.messages.ui import counted
from sealwright_manifests.kinds import keysecrets

_COPIES = ("kubectl.kubernetes.io/last-applied-configuration", "kubecfg.ksonnet.io/last-applied-configuration")
_OF_SOPS = "sops"
"""The field that SOPS adds to a file whose values it has encrypted."""


def of_secret(data: Mapping[str, Any]) -> Iterator[tuple[str, Problem]]:
    """Yield (rule, problem) for a Secret, given as plain data. Messages name no value."""
    metadata = data.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    values = _values(data)
    if not values or _OF_SOPS in data:
        return
    if keysecrets.is_key_secret(name, labels if isinstance(labels, Mapping) else {}):
        yield (
            "SW503",
            Problem(
                "a sealing key with its private key: whoever reads it can unseal everything",
                "remove it from the repository and its history, keep it in a safe place, and let the controller make a "
                "new key; re-encrypt all files, and change the values",
            ),
        )
    else:
        yield (
            "SW501",
            Problem(
                f"a Secret in plain text, with {counted(len(values), 'value')}",
                "sealwright seal --in-place encrypts it; if it was ever pushed, change the values too",
                values[0],
            ),
        )


def _copy(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    for above in (ANNOTATIONS, (*MADE_METADATA, "annotations")):
        for name in _COPIES:
            path = (*above, name)
            if _holds_secret(seen.text_at(path)):
                yield Problem(
                    f"{shown(path)}: a copy of the Secret in plain text",
                    "remove the annotation, and change the values: they are in the history",
                    path,
                )


CHECKS: Mapping[str, Check] = {"SW502": _copy}
"""Rule → its check of one object."""


def _holds_secret(text: str) -> bool:
    if '"Secret"' not in text:
        return False
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("kind") == "Secret" and bool(_values(found))


def _values(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the paths of a Secret's values, without empty ones and placeholders of a tool."""
    found = []
    for field in ("data", "stringData"):
        items = data.get(field)
        for name, value in items.items() if isinstance(items, Mapping) else ():
            is_empty = value in (None, "") or (isinstance(value, str) and is_action(value))
            if not is_empty and isinstance(name, str):
                found.append((field, name))
    return found
