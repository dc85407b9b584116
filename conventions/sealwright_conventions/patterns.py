"""Regular expressions that are compiled when they are first used, for modules that every command imports.

Compiling the hundred that the command has takes some 10 ms, and one run uses few of them.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, AnyStr, cast


def pattern(text: AnyStr, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[AnyStr]:
    """Return what `re.compile` would; a mistake in the text is found at the first use."""
    return cast(re.Pattern[AnyStr], _Uncompiled(lambda: re.compile(text, flags)))


@contextmanager
def compiled_when_used() -> Iterator[None]:
    """Let a library that is imported meanwhile have patterns of the same kind, as if it had asked for them here.

    It must use only their methods.
    """
    usual = re.compile
    re.compile = pattern  # type: ignore[assignment]
    try:
        yield
    finally:
        re.compile = usual


class _Uncompiled:
    """Stands for a pattern, and takes over its methods one by one as they are asked for."""

    def __init__(self, compile: Callable[[], re.Pattern[Any]]) -> None:  # noqa: A002 - what it does
        self._compile = compile

    def __getattr__(self, name: str) -> Any:
        # `re` keeps what it has compiled, so the second method does not compile the text again.
        method = getattr(self._compile(), name)
        setattr(self, name, method)
        return method
