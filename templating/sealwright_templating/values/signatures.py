"""Signatures in Go's notation, as reflection prints them: `func(string, ...interface {}) (string, error)`."""

from dataclasses import dataclass

from sealwright_templating.values.types import ERROR, GoType, go_type


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's parameters and results; `variadic` means that the last parameter takes any number of arguments.

    The last of `parameters` is then the type of one such argument. `results` are all results, an error included.
    """

    text: str
    parameters: tuple[GoType, ...]
    variadic: bool
    results: tuple[GoType, ...]

    @property
    def fixed(self) -> int:
        """The number of parameters that take exactly one argument: those before the variadic one."""
        return len(self.parameters) - self.variadic

    def parameter(self, index: int) -> GoType:
        """Return the required type of the argument at an index."""
        return self.parameters[min(index, len(self.parameters) - 1)]

    def misfit(self, count: int) -> str:
        """Return why that number of arguments is wrong; empty if it is right."""
        if self.variadic:
            return "" if count >= self.fixed else f"want at least {self.fixed} got {count}"
        return "" if count == len(self.parameters) else f"want {len(self.parameters)} got {count}"

    @property
    def defect(self) -> str:
        """Return why a template cannot call this, which holds for some methods; empty if it can."""
        if len(self.results) not in {1, 2}:
            return f"it has {len(self.results)} results; should be 1 or 2"
        if len(self.results) == 2 and self.results[1] is not ERROR:
            return "its second result is not an error"
        return ""


def parse_signature(text: str) -> Signature:
    """Parse a signature in Go's notation. Raises KeyError for types that are not defined."""
    parameters, _, results = text.removeprefix("func(").partition(")")
    names = _names(parameters)
    variadic = bool(names) and names[-1].startswith("...")
    return Signature(
        text=text,
        parameters=tuple(go_type(name.removeprefix("...")) for name in names),
        variadic=variadic,
        results=tuple(go_type(name) for name in _names(results.strip().removeprefix("(").removesuffix(")"))),
    )


def _names(listed: str) -> list[str]:
    return [name for name in listed.split(", ") if name]
