"""Paths with slashes, by Go's `path`. The `os…` functions are the same: upstream's controller runs on Linux."""

from sealwright_templating.context import Context
from sealwright_templating.values.registry import function

_HERE = b"."
_ROOT = b"/"


@function("base", "osBase", signature="func(string) string")
def base(path: bytes) -> bytes:
    """Return the last element of a path, without slashes at its end."""
    if not path:
        return _HERE
    return path.rstrip(b"/").rpartition(b"/")[2] or _ROOT


@function("dir", "osDir", signature="func(string) string")
def directory(context: Context, path: bytes) -> bytes:
    """Return all elements of a path except the last, cleaned."""
    parent, slash, _ = path.rpartition(b"/")
    return clean(context, parent + slash)


@function("clean", "osClean", signature="func(string) string")
def clean(context: Context, path: bytes) -> bytes:
    """Return the shortest equivalent path, without looking at files."""
    context.budget.items(path.count(b"/"))
    rooted = path.startswith(b"/")
    kept: list[bytes] = []
    for element in path.split(b"/"):
        if element == b"..":
            _go_up(kept, rooted=rooted)
        elif element not in {b"", b"."}:
            kept.append(element)
    return _ROOT * rooted + b"/".join(kept) or _HERE


def _go_up(kept: list[bytes], *, rooted: bool) -> None:
    if kept and kept[-1] != b"..":
        kept.pop()
    elif not rooted:
        kept.append(b"..")


@function("ext", "osExt", signature="func(string) string")
def extension(path: bytes) -> bytes:
    """Return the extension of a path, from the last dot of its last element; an empty text without a dot."""
    _, point, after = path.rpartition(b"/")[2].rpartition(b".")
    return point + after if point else b""


@function("isAbs", "osIsAbs", signature="func(string) bool")
def is_absolute(path: bytes) -> bool:
    """Tell whether a path begins at the root."""
    return path.startswith(b"/")
