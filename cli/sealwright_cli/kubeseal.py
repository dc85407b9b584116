"""`sealwright-kubeseal`: will take kubeseal's own flags; says what to use until it does."""

import sys

from sealwright_cli.exitcodes import ExitStatus

_NOT_YET = """\
error: sealwright-kubeseal does not take kubeseal's flags yet
hint: use sealwright seal, raw and unseal (sealwright --help); what they write, kubeseal and its controller read
"""


def main() -> None:
    """Say that this command is not there yet, and fail."""
    sys.stderr.write(_NOT_YET)
    sys.exit(ExitStatus.REFUSED)
