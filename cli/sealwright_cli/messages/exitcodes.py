"""Every exit status of `sealwright`, by name; docs/reference/exit-codes.md is the same list for readers."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit status of a run. Scripts depend on the numbers: add, never renumber."""

    OK = 0
    """Everything was done."""
    BUG = 1
    """An unexpected failure of the program, or a result that is not what was meant; never a user's mistake."""
    USAGE = 2
    """The command line is wrong: an unknown option, or options that exclude each other."""
    INPUT = 3
    """A file that was read is missing, malformed, too large, or does not say enough."""
    CERTIFICATE = 4
    """The certificate or private key is missing, expired or of the wrong kind."""
    DECRYPTION = 5
    """No given private key opens what was to be unsealed."""
    CLUSTER = 6
    """The cluster or its controller did not answer, or did not allow it."""
    REFUSED = 7
    """The request was understood and refused, because it could expose or destroy something."""
    PARTLY_DONE = 8
    """Some files were written, and at least one was not; of `reencrypt --check`: not all is on the newest key."""
    OUTPUT = 9
    """The result could not be written: a full disk, a missing folder, a missing right."""
    FINDINGS = 10
    """`lint` found something; everything was examined."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C (128 + SIGINT); files not yet written are as they were."""
    CLOSED_PIPE = 141
    """The reader of standard output is gone (128 + SIGPIPE)."""
