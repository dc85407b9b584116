"""One SealedSecret as rules see it: its data, however odd, and its nodes.

Each rule looks at its own fields only, so that a mistake in one field does not hide those in others.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sealwright_cli.lint.finding import Problem
from sealwright_cli.lint.places import Places
from sealwright_cli.lint.settings import Surroundings
from sealwright_cli.messages.ui import visible
from sealwright_conventions.records import field, record
from sealwright_crypto import KIND, Scope, scope_of
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.text.tree import Node

if TYPE_CHECKING:
    from sealwright_templating import Template, TemplateError

METADATA = ("metadata",)
ANNOTATIONS = ("metadata", "annotations")
ITEMS = ("spec", "encryptedData")
TEMPLATE = ("spec", "template")
MADE_METADATA = (*TEMPLATE, "metadata")
TEXTS = (*TEMPLATE, "data")


@record
class Seen:
    """A SealedSecret: the manifest, and its content as plain data."""

    manifest: Manifest
    data: Mapping[str, Any]
    places: Places = field(default_factory=Places, repr=False)

    def node_at(self, path: Sequence[str]) -> Node | None:
        """Return the node of the field at a path; None if there is none."""
        return self.places.node(self.manifest, path)

    def at(self, path: Sequence[str]) -> Any:
        """Return what stands at a path; None if nothing does."""
        found: Any = self.data
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def map_at(self, path: Sequence[str]) -> Mapping[str, Any]:
        """Return the map at a path; empty if there is none."""
        found = self.at(path)
        return found if isinstance(found, Mapping) else {}

    def text_at(self, path: Sequence[str]) -> str:
        """Return the text at a path; empty if there is none."""
        found = self.at(path)
        return found if isinstance(found, str) else ""

    @cached_property
    def called(self) -> str:
        """What messages call the object."""
        return called(KIND, self.data)

    @cached_property
    def scope(self) -> Scope:
        """The scope by the object's own annotations."""
        return scope_of(self.map_at(ANNOTATIONS))

    @cached_property
    def items(self) -> Mapping[str, str]:
        """The ciphertexts by item, as far as they are texts."""
        return {key: text for key, text in self.map_at(ITEMS).items() if isinstance(text, str)}

    @cached_property
    def templates(self) -> Mapping[str, str]:
        """The texts that the controller renders: an item takes precedence over a text of its name."""
        texts = self.map_at(TEXTS)
        return {key: text for key, text in texts.items() if isinstance(text, str) and key not in self.items}

    @cached_property
    def parsed(self) -> "Mapping[str, Template | TemplateError]":
        """The templates, parsed, or why one cannot be."""
        if not self.templates:
            return {}
        from sealwright_templating import TemplateError, parse  # noqa: PLC0415 - it takes 50 ms; few files have some

        def one(key: str, text: str) -> "Template | TemplateError":
            try:
                return parse(text, name=key)
            except TemplateError as error:
                return error

        return {key: one(key, text) for key, text in self.templates.items()}

    @property
    def is_legacy(self) -> bool:
        """Whether it is in the deprecated form, whose items do not show."""
        return bool(self.text_at(("spec", "data")))


Check = Callable[[Seen, Surroundings], Iterator[Problem]]
"""One rule: (object, what is known besides) → its problems."""


def called(kind: str, data: Mapping[str, Any]) -> str:
    """Return kind, namespace and name of an object as messages show them."""
    metadata = data.get("metadata")
    parts = [metadata.get(key) for key in ("namespace", "name")] if isinstance(metadata, Mapping) else []
    place = "/".join(visible(part) for part in parts if isinstance(part, str) and part)
    return f"{visible(kind)} {place}".strip()


def path_in(data: Mapping[str, Any], written: str) -> tuple[str, ...]:
    """Return the path of a field that an error names with points between names, which may hold points themselves."""
    path: list[str] = []
    found: Any = data
    rest = written
    while rest:
        names = [name for name in found if rest == name or rest.startswith(f"{name}.")] if _is_map(found) else []
        name = max(names, key=len, default=rest.partition(".")[0])
        path.append(name)
        found = found.get(name) if _is_map(found) else None
        rest = rest[len(name) + 1 :]
    return tuple(path)


def _is_map(found: Any) -> bool:
    return isinstance(found, Mapping)
