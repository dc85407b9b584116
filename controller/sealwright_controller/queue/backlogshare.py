"""When the backlog is next although live keys wait: for one key in eight, and for an eighth of the time.

By keys alone it would get less and less of the time, the longer the live keys take. Knows numbers only.
"""

SHARE = 8
"""While both wait, one key and one second in this many are the backlog's, so that it is finished under any load."""
OWED_SECONDS = 0.05
"""What is owed before it is paid: as long as a few quick keys take, which the count of keys takes care of."""
MAX_OWED_SECONDS = 1.0
"""What is owed at most, if groups that wait in the backlog may have no worker meanwhile."""


class BacklogShare:
    """What the backlog is owed. Not locked: the queue calls it with its own lock held."""

    def __init__(self) -> None:
        self._passed_over = 0  # how many live keys in a row were taken before it
        self._owed = 0.0

    def is_due(self, *, has_worker: bool) -> bool:
        """Tell whether the backlog is next; `has_worker` says whether one works on it: it is owed time of one only."""
        return self._passed_over >= SHARE - 1 or (self._owed >= OWED_SECONDS and not has_worker)

    def took(self, *, passed_over: bool) -> None:
        """Note that a key was taken, and whether the backlog was passed over for it."""
        self._passed_over = self._passed_over + 1 if passed_over else 0

    def live_worked(self, seconds: float, *, backlog_waits: bool) -> None:
        """Note that a live key took so long."""
        self._owed = min(self._owed + seconds / (SHARE - 1), MAX_OWED_SECONDS) if backlog_waits else 0.0

    def backlog_worked(self, seconds: float) -> None:
        """Note that a key of the backlog took so long."""
        self._owed = max(0.0, self._owed - seconds)
