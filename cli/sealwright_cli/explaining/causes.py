"""One cause for which a SealedSecret would not unseal, with its evidence and what mends it. Finds none itself."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_conventions.records import record


class Likelihood(StrEnum):
    """How sure a cause is; the first two count as a fault."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Why(StrEnum):
    """The kinds of causes. Of equally likely ones, the first here is shown first: scripts rely on the words."""

    BOTH_FORMS = "both-forms"
    """Both `spec.data` and `spec.encryptedData` hold something."""
    MALFORMED = "malformed"
    """A field that no cluster takes."""
    DAMAGED = "damaged-ciphertext"
    """A ciphertext is cut, re-wrapped, altered or a placeholder."""
    KEY_SIZE = "other-key-size"
    """Sealed to a key of another size than the certificate's."""
    OTHER_PLACE = "other-place"
    """Sealed for another name, namespace or scope."""
    OTHER_KEY = "other-key"
    """Sealed to another key than the certificate's: another cluster's, or an older one."""
    LOST_KEY = "lost-key"
    """Sealed to a key that does not exist any more."""
    TEMPLATE = "template"
    """A template that cannot be rendered."""
    NOT_APPLIED = "not-applied"
    """The cluster has no such SealedSecret, or another version of it."""
    NOT_PROCESSED = "not-processed"
    """The controller has not processed the object."""
    BLOCKED = "blocked"
    """Something in the cluster is in the way of the Secret."""
    SUSPENDED = "suspended"
    """An annotation keeps the controller from the object."""


_STATUS: Mapping[Why, ExitStatus] = {
    Why.BOTH_FORMS: ExitStatus.INPUT,
    Why.MALFORMED: ExitStatus.INPUT,
    Why.TEMPLATE: ExitStatus.INPUT,
    Why.NOT_APPLIED: ExitStatus.CLUSTER,
    Why.NOT_PROCESSED: ExitStatus.CLUSTER,
    Why.BLOCKED: ExitStatus.CLUSTER,
    Why.SUSPENDED: ExitStatus.CLUSTER,
}


@record
class Cause:
    """A cause. `summary` is a sentence without an end; `evidence` are such too; `mend` are lines of a shell.

    `advice` says in words what to do, where it is more than the commands. `items` are those that it concerns; none
    means the whole object. Nothing of it holds a value.
    """

    why: Why
    likelihood: Likelihood
    summary: str
    items: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    advice: str = ""
    mend: tuple[str, ...] = ()

    @property
    def is_fault(self) -> bool:
        """Whether something is wrong, as far as can be told."""
        return self.likelihood is not Likelihood.POSSIBLE

    @property
    def status(self) -> ExitStatus:
        """The exit status for it."""
        return _STATUS.get(self.why, ExitStatus.DECRYPTION) if self.is_fault else ExitStatus.OK

    def facts(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "cause": str(self.why),
            "likelihood": str(self.likelihood),
            "summary": self.summary,
            "items": list(self.items),
            "evidence": list(self.evidence),
            "advice": self.advice,
            "mend": list(self.mend),
        }


def in_order(causes: Iterable[Cause]) -> list[Cause]:
    """Return causes with the likeliest first."""
    likelihoods, kinds = list(Likelihood), list(Why)
    return sorted(causes, key=lambda one: (likelihoods.index(one.likelihood), kinds.index(one.why)))


def command(*words: str) -> str:
    """Return a command line, quoted for a shell."""
    return shlex.join(word for word in words if word)


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return names for a sentence: all of a few, else the first and how many more."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"
