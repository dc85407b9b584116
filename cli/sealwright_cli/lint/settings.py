"""Which rules run, and what they compare with. Plain data, so that processes can exchange it."""

from collections.abc import Sequence
from datetime import datetime

from sealwright_cli.lint.rules import RULES, chosen
from sealwright_conventions.records import field, record
from sealwright_crypto import Fingerprint

DAYS_BEFORE_EXPIRY = 30
"""How many days before its end a certificate is reported: a month, in which somebody still has to act."""


@record
class LintSettings:
    """What the command line says: words that name rules, and days before a certificate's end."""

    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    days_before_expiry: int = DAYS_BEFORE_EXPIRY

    def rules(self, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> frozenset[str]:
        """Return the ids of the rules to run for a file of which a project file says `select` and `ignore`.

        --select takes the place of both, and --ignore leaves out more. Raises UsageError for a word that names no rule.
        """
        if self.select:
            return chosen(self.select, self.ignore)
        return chosen(select, ignore) & chosen((), self.ignore)


@record
class KeyAtHand:
    """What rules need of the certificate: its key's fingerprint and size in bytes, its end, and where it is from."""

    fingerprint: Fingerprint
    size: int
    not_after: datetime
    origin: str


@record
class Surroundings:
    """What rules know besides the object: which rules run, the certificate if one was given, and where the file is.

    `is_chart_template` if Helm renders the file. `namespace` is that of objects that name none, if it is known,
    `target` the target of the project file that the file is for.
    """

    rules: frozenset[str] = field(default_factory=lambda: frozenset(RULES))
    key: KeyAtHand | None = None
    is_chart_template: bool = False
    namespace: str = ""
    target: str = ""
