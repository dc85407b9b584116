"""Every exit status of `sealwright`, by name; docs/reference/exit-codes.md is the same list for readers."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """What a run tells the shell. Scripts depend on the numbers: add, never renumber."""

    OK = 0
    """Everything that was asked for is done."""
    BUG = 1
    """The program failed in a way that nobody foresaw, or made what was not meant; never a user's mistake."""
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
    """The request was understood and not carried out, because it could expose or destroy something."""
    PARTLY_DONE = 8
    """Of several files some were written, and at least one was not."""
    OUTPUT = 9
    """The result could not be written: a full disk, a missing folder, a right that is lacking."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C (128 + SIGINT); files not yet written are as they were."""
    CLOSED_PIPE = 141
    """The reader of standard output went away (128 + SIGPIPE)."""
