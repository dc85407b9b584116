"""Which variables a template has at each place, during parsing, and the slot of each.

Go looks variables up when the template runs; its parser checks only that the name was seen before. The two differ in
corner cases (`{{ $x := $x }}`, a variable of the `if` branch named in the `else` branch). So both are recorded: known
names for the check, and the variables that exist at run time for the slots.
"""

from sealwright_templating.machine.steps import Variable

Mark = tuple[int, int]


class Scope:
    """The variables of one template; `$`, in slot 0, always exists."""

    def __init__(self) -> None:
        self.slots = 1
        self._known: dict[str, int] = {"$": 1}
        self._known_names: list[str] = []
        self._there: dict[str, list[tuple[int, ...]]] = {"$": [(0,)]}
        self._there_names: list[str] = []

    def mark(self) -> Mark:
        """Return a mark, with which `forget` returns to this place."""
        return len(self._known_names), len(self._there_names)

    def forget(self, mark: Mark) -> None:
        """Return to a mark: the end of a block."""
        while len(self._known_names) > mark[0]:
            self._known[self._known_names.pop()] -= 1
        self.leave(mark)

    def leave(self, mark: Mark) -> None:
        """Forget which variables exist since a mark, but not that their names are known: the `else` of a block."""
        while len(self._there_names) > mark[1]:
            self._there[self._there_names.pop()].pop()

    def know(self, name: str) -> None:
        """Record that a name stands before `:=` or `=`."""
        self._known[name] = self._known.get(name, 0) + 1
        self._known_names.append(name)

    def is_known(self, name: str) -> bool:
        """Tell whether Go's parser accepts the name as a variable."""
        return self._known.get(name, 0) > 0

    def new_slots(self, count: int) -> int:
        """Return the first of `count` new slots."""
        self.slots += count
        return self.slots - count

    def declare(self, name: str, *, skippable: bool) -> Variable:
        """Return a new variable; if its declaration may be skipped, the variable that it hides is used until then."""
        slots: tuple[int, ...] = (self.new_slots(1),)
        hidden = self._there.setdefault(name, [])
        if skippable and hidden:
            slots += hidden[-1]
        hidden.append(slots)
        self._there_names.append(name)
        return Variable(slots, name)

    def find(self, name: str) -> Variable | None:
        """Return the variable of a name here; None if none will exist when the template runs."""
        there = self._there.get(name)
        return Variable(there[-1], name) if there else None
