"""Every error that a command shows its user; `app` turns each into a message, a hint and an exit status.

    CliError                 root
    ├── UsageError           another command line is needed
    ├── InputError           a file has to be corrected
    │   └── KubeconfigError  the kubeconfig has to be corrected, or another one to be named
    │       └── NoClusterError  no configuration names a cluster
    ├── CertificateError     another certificate or private key is needed
    ├── UnsealingError       the key, or the object's name and namespace, do not match
    ├── ClusterError         the cluster or its controller did not answer, or not as expected
    │   └── BusyError        …as it has too many requests at present
    ├── RefusedError         the user has to confirm it with an option
    ├── DefectError          a fault of the program that it detected itself
    ├── OutputError          the output cannot be written
    │   └── KilledError      …as a process that did a part of the work was killed
    └── OutputClosedError    the reader of the output is gone; no message is shown

Messages say what and where, hints what to do next (rules at the top of ui.py). Neither ever holds a plaintext.
"""

from collections.abc import Sequence
from typing import ClassVar

from sealwright_cli.messages.exitcodes import ExitStatus


class CliError(Exception):
    """Root: `message` (also the exception's text) names the file or object and the cause, `hint` says what to do next.

    `excerpt` are lines that show the place, printed between the two; `afterwards` are printed after both, and say what
    became of the work.
    """

    status: ClassVar[ExitStatus] = ExitStatus.BUG
    usual_hint: ClassVar[str] = ""
    """The hint for errors without a more specific one."""

    def __init__(self, message: str, *, hint: str = "", excerpt: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.excerpt = tuple(excerpt)
        self.afterwards: Sequence[str] = ()

    def facts(self) -> dict[str, str | int]:
        """Return it as plain data, for reports."""
        return {"message": self.message, "hint": self.hint or self.usual_hint, "status": int(self.status)}


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
    succeed now, `about_object` that the same request about another object may succeed now.
    """

    status = ExitStatus.CLUSTER
    usual_hint = "does kubectl reach this cluster, and does the controller run there (kubectl get pods)?"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        unreachable: bool = False,
        final: bool = False,
        about_object: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.unreachable = unreachable
        self.final = final
        self.about_object = about_object


class BusyError(ClusterError):
    """The controller accepts no more requests at present; it asks to wait for `pause_seconds`, if it says so."""

    def __init__(self, message: str, *, hint: str = "", pause_seconds: int | None = None) -> None:
        super().__init__(message, hint=hint, unreachable=True)
        self.pause_seconds = pause_seconds


class RefusedError(CliError):
    """The action could expose or destroy something that the user did not name."""

    status = ExitStatus.REFUSED


class DefectError(CliError):
    """The text to be written is not what was meant; nothing was written."""

    status = ExitStatus.BUG


class OutputError(CliError):
    """The result could not be written; existing files are unchanged."""

    status = ExitStatus.OUTPUT


class KilledError(OutputError):
    """One of several processes that share the work was killed; each file is unchanged or completely written."""


class OutputClosedError(CliError):
    """The reader of standard output is gone."""

    status = ExitStatus.CLOSED_PIPE
