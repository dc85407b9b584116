"""What a parsed template is made of. Says nothing about where nodes come from or what becomes of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text, to be copied; `offset` is where it stands in the template."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Field:
    """`.a.b.c` as `("a", "b", "c")`; `offset` is that of the first dot."""

    path: tuple[str, ...]
    offset: int


Node = Text | Field
