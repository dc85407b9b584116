"""Which variables a template has at each place, while it is parsed, and which slot each of them is kept in.

Go looks variables up when the template runs, and checks while parsing only that the name was seen before; the two
differ in corners (`{{ $x := $x }}`, a variable of the `if` branch named in the `else` branch). So both are kept: what
is known, for the check, and what will be there at run time, for the slots.
"""

from sealwright_templating.machine.steps import Variable

Mark = tuple[int, int]


class Scope:
    """The variables of one template; `$`, in slot 0, is there from the beginning."""

    def __init__(self) -> None:
        self.slots = 1
        self._known: dict[str, int] = {"$": 1}
        self._known_names: list[str] = []
        self._there: dict[str, list[tuple[int, ...]]] = {"$": [(0,)]}
        self._there_names: list[str] = []

    def mark(self) -> Mark:
        """Return what `forget` needs to come back to this place."""
        return len(self._known_names), len(self._there_names)

    def forget(self, mark: Mark) -> None:
        """Go back to a mark: the end of a block."""
        while len(self._known_names) > mark[0]:
            self._known[self._known_names.pop()] -= 1
        self.leave(mark)

    def leave(self, mark: Mark) -> None:
        """Forget which variables are there since a mark, but not that they are known: the `else` of a block."""
        while len(self._there_names) > mark[1]:
            self._there[self._there_names.pop()].pop()

    def know(self, name: str) -> None:
        """Note that a name stands before `:=` or `=`."""
        self._known[name] = self._known.get(name, 0) + 1
        self._known_names.append(name)

    def is_known(self, name: str) -> bool:
        """Tell whether Go's parser takes the name for that of a variable."""
        return self._known.get(name, 0) > 0

    def new_slots(self, count: int) -> int:
        """Return the first of so many new slots."""
        self.slots += count
        return self.slots - count

    def declare(self, name: str, *, skippable: bool) -> Variable:
        """Return a new variable; if its declaration may be skipped, it stands for what it hides until it is there."""
        slots: tuple[int, ...] = (self.new_slots(1),)
        hidden = self._there.setdefault(name, [])
        if skippable and hidden:
            slots += hidden[-1]
        hidden.append(slots)
        self._there_names.append(name)
        return Variable(slots, name)

    def find(self, name: str) -> Variable | None:
        """Return the variable that a name stands for here; None if there will be none when the template runs."""
        there = self._there.get(name)
        return Variable(there[-1], name) if there else None
