"""Labels and annotations that options give: those of a Secret's template, and those of the SealedSecret itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from sealwright_cli.messages.errors import UsageError
from sealwright_conventions.records import field, record
from sealwright_crypto import HINT_ANNOTATION, Scope, scope_annotations
from sealwright_manifests.names import is_label_value, is_qualified_name

_OF_SCOPES = frozenset(name for scope in Scope for name in scope_annotations(scope))


@record
class Outer:
    """Labels and annotations of the SealedSecret itself, such as Argo CD's sync waves."""

    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    def over(self, labels: Mapping[str, str], annotations: Mapping[str, str]) -> "Outer":
        """Return these over others: for the same name, these count."""
        return Outer({**labels, **self.labels}, {**annotations, **self.annotations})

    def add_to(self, data: dict[str, Any]) -> dict[str, Any]:
        """Add them to the manifest of a SealedSecret, and return it."""
        metadata = data["metadata"]
        for key, texts in (("labels", self.labels), ("annotations", self.annotations)):
            if texts:
                metadata[key] = {**metadata.get(key, {}), **texts}
        return data


def outer(labels: Sequence[str], annotations: Sequence[str]) -> Outer:
    """Return what --outer-label and --outer-annotation give. Raises UsageError."""
    return Outer(read_labels(labels, "--outer-label"), read_annotations(annotations, "--outer-annotation"))


def read_labels(words: Sequence[str], flag: str) -> dict[str, str]:
    """Return labels from words `NAME=VALUE`. Raises UsageError, naming the option alone."""
    pairs = _pairs(words, flag)
    if not all(is_qualified_name(name) and is_label_value(value) for name, value in pairs.items()):
        raise UsageError(
            f"{flag}: no label can be called so, or have this value",
            hint="letters, digits, - _ and . are allowed, at most 63, and a prefix before a / in the name",
        )
    return pairs


def read_annotations(words: Sequence[str], flag: str) -> dict[str, str]:
    """Return annotations from words `NAME=VALUE`. Raises UsageError, naming the option alone."""
    pairs = _pairs(words, flag)
    if not all(is_qualified_name(name.lower()) for name in pairs):
        raise UsageError(
            f"{flag}: no annotation can be called so",
            hint="letters, digits, - _ and . are allowed, at most 63, and a prefix before a /",
        )
    if _OF_SCOPES & pairs.keys():
        raise UsageError(f"{flag}: this annotation sets the scope", hint="use --scope")
    if HINT_ANNOTATION in pairs:
        raise UsageError(f"{flag}: this annotation names the keys", hint="leave it out; it is written by itself")
    return pairs


def _pairs(words: Sequence[str], flag: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise UsageError(f"{flag}: NAME=VALUE is expected", hint=f"{flag} team=shop, for example")
        if name in pairs:
            raise UsageError(f"{flag}: a name is given twice", hint="give each name once")
        pairs[name] = value
    return pairs
