"""`sealwright git merge`: merges three versions of a file into ours. Git calls it, and its exit status is Git's."""

from pathlib import Path

from sealwright_cli.commandline.spec import Argument, Call, Verb
from sealwright_cli.git.driver import Versions, merge_versions
from sealwright_cli.messages.errors import UsageError
from sealwright_cli.messages.exitcodes import ExitStatus

_CONFLICT = ExitStatus.BUG
"""Git wants 1 for conflicts, which is the status of a defect elsewhere."""


def _run(call: Call) -> ExitStatus:
    base, ours, theirs = (Path(call[name]) for name in ("base", "ours", "theirs"))
    versions = Versions(base, ours, theirs, call["path"], call["size"])
    return ExitStatus.OK if merge_versions(versions, call.console) else _CONFLICT


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1000):
        raise UsageError("the size of conflict markers is a number", hint="git gives 7, unless an attribute says more")
    return int(text)


VERB = Verb(
    """\
Merge three versions of a file into OURS, item by item.

Git calls this for files whose attributes say merge=sealwright. Ends with 1 if there are conflicts, which then stand
between markers in OURS. PATH is what messages call the file, SIZE how long the markers are.
""",
    """\
sealwright git merge base.yaml ours.yaml theirs.yaml sealed.yaml
sealwright git merge base.yaml ours.yaml theirs.yaml sealed.yaml 7""",
    _run,
    (
        Argument("base", "BASE", is_required=True),
        Argument("ours", "OURS", is_required=True),
        Argument("theirs", "THEIRS", is_required=True),
        Argument("path", "PATH", is_required=True),
        Argument("size", "[SIZE]", _size, 7),
    ),
)
