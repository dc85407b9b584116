"""Deep merging of dicts, by the rules of Go's mergo library.

A key that the first dict lacks, or whose value there is empty, gets its value from the others; if they overwrite, every
key does. Two dicts under the same key are merged, too; one never replaces the other.
"""

from dataclasses import dataclass

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.limits import Budget
from sealwright_templating.values.objects import Map, Pointer, Slice, Struct, Value, is_nil, truth
from sealwright_templating.values.registry import function
from sealwright_templating.values.types import ANY_DICT

_CHANGEABLE = "*semver.Version"


class _TypesDifferError(Exception):
    """A pointer, such as a *semver.Version, and another kind of value have the same key."""


@function("merge", signature="func(map[string]interface {}, ...map[string]interface {}) interface {}")
def merge(context: Context, target: Map, *sources: Map) -> Value:
    """Merge dicts into the first one without overwriting, and return it; an empty text if types conflict."""
    return _merged_or_empty(context, target, sources, overwrite=False)


@function("mergeOverwrite", signature="func(map[string]interface {}, ...map[string]interface {}) interface {}")
def merge_overwrite(context: Context, target: Map, *sources: Map) -> Value:
    """Merge dicts into the first one with overwriting, and return it; an empty text if types conflict."""
    return _merged_or_empty(context, target, sources, overwrite=True)


@function("mustMerge", signature="func(map[string]interface {}, ...map[string]interface {}) (interface {}, error)")
def must_merge(context: Context, target: Map, *sources: Map) -> Map:
    """Merge dicts into the first one without overwriting, and return it."""
    return _merged_or_error(context, target, sources, overwrite=False)


@function(
    "mustMergeOverwrite", signature="func(map[string]interface {}, ...map[string]interface {}) (interface {}, error)"
)
def must_merge_overwrite(context: Context, target: Map, *sources: Map) -> Map:
    """Merge dicts into the first one with overwriting, and return it."""
    return _merged_or_error(context, target, sources, overwrite=True)


def _merged_or_empty(context: Context, target: Map, sources: tuple[Map, ...], *, overwrite: bool) -> Value:
    try:
        return _merged(context, target, sources, overwrite=overwrite)
    except _TypesDifferError:
        return b""


def _merged_or_error(context: Context, target: Map, sources: tuple[Map, ...], *, overwrite: bool) -> Map:
    try:
        return _merged(context, target, sources, overwrite=overwrite)
    except _TypesDifferError:
        raise FunctionError("two values under the same key are of different types") from None


def _merged(context: Context, target: Map, sources: tuple[Map, ...], *, overwrite: bool) -> Map:
    merging = _Merging(context.budget, overwrite=overwrite)
    for source in sources:
        if target.nil and not source.nil:
            target = Map(ANY_DICT, {})
        merging.merge(target, source, 0)
    return target


@dataclass(frozen=True, slots=True)
class _Merging:
    budget: Budget
    overwrite: bool

    def merge(self, target: Map, source: Map, level: int) -> None:
        """Merge a dict into another."""
        self.budget.depth(level)
        for key, value in list(source.items.items()):
            self.budget.steps(1)
            if value is None:
                if self.overwrite:
                    self._put(target, key, value, source)
                continue
            old = target.items.get(key)
            self._merge_values(target, old, value, level)
            if isinstance(value, Map) and isinstance(old, Map) and old.items:
                continue
            if self.overwrite or _is_empty(old):
                self._put(target, key, value, source)

    def _put(self, target: Map, key: bytes, value: Value, source: Map) -> None:
        if target.go_type is not ANY_DICT and target.go_type is not source.go_type:
            raise FunctionError("a dict of texts takes no values of other dicts")
        self.budget.items(1)
        self.budget.memory(len(key))
        target.items[key] = value

    def _merge_values(self, target: Map, old: Value, value: Value, level: int) -> None:
        """Merge a value into the one of the same key; dicts, structs and pointers are merged part by part."""
        if isinstance(value, Slice):
            if target.go_type is not ANY_DICT:
                raise FunctionError("a dict of texts takes no lists")
        elif not isinstance(value, Map | Struct | Pointer):
            return
        elif isinstance(old, Map):
            self._merge_into_dict(old, value, level)
        elif isinstance(old, Struct):
            _merge_into_struct(old, value)
        elif isinstance(old, Pointer) and old.target is not None and not is_nil(value):
            self._merge_into_pointer(old, value)

    def _merge_into_dict(self, old: Map, value: Value, level: int) -> None:
        if isinstance(value, Map) and not old.nil:
            self.merge(old, value, level + 1)
        elif isinstance(value, Struct) and old.nil:
            raise FunctionError("a nil dict and a value that is not a dict cannot be merged")

    def _merge_into_pointer(self, old: Pointer, value: Value) -> None:
        """Change the value behind a pointer, for all that hold the pointer.

        In Go, this includes a *time.Location, so a template can change UTC for the whole process; here, it does not.
        """
        if isinstance(value, Pointer):
            if self.overwrite and old.go_type is not value.go_type:
                raise FunctionError("two pointers to different types do not go together")
            if self.overwrite and old.go_type.name == _CHANGEABLE:
                old.target = value.target
        elif not self.overwrite and not (isinstance(value, Struct) and value.go_type is old.go_type.element):
            raise _TypesDifferError


def _merge_into_struct(old: Struct, value: Value) -> None:
    """Change nothing, as a struct in a dict is immutable; its public fields are still looked up in the other value."""
    fields = old.go_type.fields
    public = any(name[0].isupper() for name, _ in fields)
    if public and not (isinstance(value, Struct) and len(value.go_type.fields) >= len(fields)):
        raise FunctionError("a struct and a value of another type cannot be merged")


def _is_empty(value: Value) -> bool:
    """Tell whether a value is empty for mergo: as for `if`, except for complex numbers."""
    return not truth(value) and not isinstance(value, complex)
