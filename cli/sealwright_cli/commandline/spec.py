"""What a verb takes, as data: its options, arguments, help and examples. Both readers of command lines use it.

Imports nothing slow: to seal one file, nothing else of a command line is needed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.records import record

WHAT, WHERE, CERTIFICATE, CLUSTER, OTHER = GROUPS = ("What", "Where to", "Certificate", "Cluster", "Other")
"""The groups of options, in the order in which help shows them."""


@record
class Option:
    """An option of a verb.

    `names` are as they are typed, the one that gives the key in `Call.given` first: `--no-hints` is `no_hints`; `key`
    is another one. Without a `metavar` it is a flag. `kind` makes a value of a word, and raises ValueError. One that
    has `many` may be repeated, and its value is a tuple. `variable` is the environment's variable that is used if the
    option is missing. `bare` is its value where the option is given without one; a word behind it belongs to it only
    if `is_value` says so. Several `words` may stand behind one that has `many`, each a value: `--tls CERT KEY`.
    """

    names: tuple[str, ...]
    help: str
    metavar: str = ""
    group: str = OTHER
    kind: Callable[[str], Any] = str
    default: Any = None
    key: str = ""
    variable: str = ""
    many: bool = False
    bare: str | None = None
    is_value: Callable[[str], bool] = str.isdigit
    words: int = 1
    is_hidden: bool = False
    shows_default: bool = False

    @property
    def into(self) -> str:
        """The key of its value."""
        return self.key or self.names[0].lstrip("-").replace("-", "_")

    @property
    def is_flag(self) -> bool:
        """Whether it takes no value."""
        return not self.metavar

    @property
    def absent(self) -> Any:
        """The value if it is missing."""
        return () if self.many else False if self.is_flag else self.default


@record
class Argument:
    """A word, or all words with `many`, that is no option; `into` is the key of its value, a tuple with `many`.

    `completes` returns what may stand in its place, of what was given before and its beginning; a shell shows it.
    """

    into: str
    metavar: str
    kind: Callable[[str], Any] = str
    default: Any = None
    many: bool = False
    is_required: bool = False
    variable: str = ""
    completes: Callable[[Mapping[str, Any], str], Sequence[str]] | None = None

    @property
    def absent(self) -> Any:
        """The value if it is missing."""
        return () if self.many else self.default


@record
class Call:
    """One call of a verb: what was given, and what the process has. `now` is aware, `clock` gives monotonic seconds."""

    given: Mapping[str, Any]
    console: Console
    surroundings: Surroundings
    now: datetime
    clock: Callable[[], float]

    def __getitem__(self, key: str) -> Any:
        """Return the value of an option or argument."""
        return self.given[key]


@record
class Verb:
    """A verb: the help begins with a sentence for lists of verbs; `examples` are lines of a shell."""

    help: str
    examples: str
    run: Callable[[Call], ExitStatus]
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()

    @property
    def summary(self) -> str:
        """The first sentence of the help."""
        return self.help.strip().partition("\n")[0]
