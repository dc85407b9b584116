"""Every error that a command shows its user; `app` turns each into a message, a hint and an exit status.

    CliError                 root
    ├── UsageError           another command line is needed
    ├── InputError           a file has to be corrected
    │   └── KubeconfigError  the kubeconfig has to be corrected, or another one to be named
    │       └── NoClusterError  no configuration names a cluster
    ├── CertificateError     another certificate or private key is needed
    ├── UnsealingError       the key, or the object's name and namespace, do not match
    ├── ClusterError         the cluster or its controller did not answer, or not as expected
    ├── RefusedError         the user has to confirm it with an option
    ├── DefectError          a fault of the program that it detected itself
    ├── OutputError          the output cannot be written
    └── OutputClosedError    the reader of the output is gone; no message is shown

Messages say what and where, hints what to do next (rules at the top of ui.py). Neither ever holds a plaintext.
"""

from collections.abc import Sequence
from typing import ClassVar

from sealwright_cli.exitcodes import ExitStatus


class CliError(Exception):
    """Root: `message` (also the exception's text) names the file or object and the cause, `hint` says what to do next.

    `excerpt` are lines that show the place, printed between the two.
    """

    status: ClassVar[ExitStatus] = ExitStatus.BUG
    usual_hint: ClassVar[str] = ""
    """The hint for errors without a more specific one."""

    def __init__(self, message: str, *, hint: str = "", excerpt: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.excerpt = tuple(excerpt)


class UsageError(CliError):
    """Options are missing or exclude each other."""

    status = ExitStatus.USAGE


class InputError(CliError):
    """A file or standard input cannot be used as it is."""

    status = ExitStatus.INPUT


class KubeconfigError(InputError):
    """A kubeconfig is missing, malformed or contradicts itself."""

    usual_hint = "correct the kubeconfig, or name another one or another of its contexts (--kubeconfig, --context)"


class NoClusterError(KubeconfigError):
    """Neither a kubeconfig nor a flag names an API server, and this does not run in a cluster."""


class CertificateError(CliError):
    """A certificate or private key is missing or unusable."""

    status = ExitStatus.CERTIFICATE


class UnsealingError(CliError):
    """Items could not be opened; the message names them."""

    status = ExitStatus.DECRYPTION


class ClusterError(CliError):
    """The API server or the controller behind it could not be asked, refused, or failed.

    `unreachable` means that the same request may succeed later, `final` that no other request to this cluster would
    succeed now.
    """

    status = ExitStatus.CLUSTER
    usual_hint = "does kubectl reach this cluster, and does the controller run there (kubectl get pods)?"

    def __init__(self, message: str, *, hint: str = "", unreachable: bool = False, final: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.unreachable = unreachable
        self.final = final


class RefusedError(CliError):
    """The action could expose or destroy something that the user did not name."""

    status = ExitStatus.REFUSED


class DefectError(CliError):
    """The text to be written is not what was meant; nothing was written."""

    status = ExitStatus.BUG


class OutputError(CliError):
    """The result could not be written; existing files are unchanged."""

    status = ExitStatus.OUTPUT


class OutputClosedError(CliError):
    """The reader of standard output is gone."""

    status = ExitStatus.CLOSED_PIPE
