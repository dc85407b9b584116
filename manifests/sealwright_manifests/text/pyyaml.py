"""The names of PyYAML that are used here. All modules import them from here, so that the import is quick."""

from sealwright_conventions.patterns import compiled_when_used

with compiled_when_used():  # its parser in Python has patterns that take 7 ms to compile; libyaml needs none of them
    from yaml import MarkedYAMLError, __with_libyaml__, events  # type: ignore[import-untyped] # PyYAML has no types
    from yaml.events import (  # type: ignore[import-untyped]
        AliasEvent,
        CollectionEndEvent,
        CollectionStartEvent,
        DocumentStartEvent,
        MappingStartEvent,
        ScalarEvent,
    )
    from yaml.reader import ReaderError  # type: ignore[import-untyped]

__all__ = [
    "AliasEvent",
    "CollectionEndEvent",
    "CollectionStartEvent",
    "DocumentStartEvent",
    "MappingStartEvent",
    "MarkedYAMLError",
    "ReaderError",
    "ScalarEvent",
    "__with_libyaml__",
    "events",
]
