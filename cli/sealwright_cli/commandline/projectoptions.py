"""The options about project files and about what is read of folders, for all verbs that take files.

`certificate_requests` reads --cert where it may be given for several targets.
"""

import re
from pathlib import Path

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commandline.options import certificate_request
from sealwright_cli.commandline.spec import CERTIFICATE, OTHER, WHAT, Call, Option
from sealwright_cli.files.choosing import Choice
from sealwright_cli.files.disk import exists
from sealwright_cli.messages.errors import UsageError
from sealwright_cli.project.settings import Projects
from sealwright_conventions.patterns import pattern

CONFIG_OPTIONS = (
    Option(("--config",), "Project file. Default: .sealwright.yaml, found upwards from the file.", "FILE", OTHER, Path),
    Option(("--no-config",), "Use no project file."),
)
"""For verbs that use the project file."""

TARGET = Option(
    ("--target",),
    "Only this target of the project file. May be repeated.",
    "NAME",
    CERTIFICATE,
    key="asked_targets",
    many=True,
)
CHOICE_OPTIONS = (
    Option(
        ("--exclude",), "Pass over files and folders that this glob fits. May be repeated.", "GLOB", WHAT, many=True
    ),
    Option(("--no-ignore",), "Read what .gitignore names too.", group=WHAT),
)
"""For verbs that take folders."""

CERTS = Option(
    ("--cert",),
    "Certificate to seal with (file or URL), or NAME=FILE for each of several targets. "
    "Default: the project file's, SEALWRIGHT_CERT, or fetched from the controller.",
    "FILE|URL",
    CERTIFICATE,
    many=True,
)
_NAMED = pattern(r"([A-Za-z0-9][A-Za-z0-9._-]*)=(.+)", re.DOTALL)


def projects(call: Call) -> Projects:
    """Return the project files that a call uses. Raises UsageError if --config and --no-config contradict."""
    if call["config"] and call["no_config"]:
        raise UsageError("--config and --no-config exclude each other", hint="give one of them")
    return Projects(call["config"], not call["no_config"], tuple(call.given.get("asked_targets", ())))


def choice(call: Call) -> Choice:
    """Return what a call reads of folders."""
    return Choice(call["exclude"], not call["no_ignore"], call.console.tell, call.console.warn)


def certificate_requests(call: Call) -> tuple[CertificateRequest, dict[str, CertificateRequest]]:
    """Return what a call says of a certificate, and of several by the names of their targets, by `CERTS`.

    Raises UsageError for several without names, or with one name.
    """
    given: tuple[str, ...] = call["cert"]
    named = dict[str, CertificateRequest]()
    for word in given:
        found = None if exists(Path(word)) else _NAMED.fullmatch(word)
        if found is None:
            if len(given) > 1:
                raise UsageError(
                    "several --cert, and one has no name",
                    hint="name each target: --cert dev=dev.pem --cert prod=prod.pem",
                )
            return certificate_request(call, word), {}
        if found[1] in named:
            raise UsageError(f"--cert: two targets are called {found[1]}", hint="give each a name of its own")
        named[found[1]] = certificate_request(call, found[2], "the file that --cert names for a target")
    if named:
        return certificate_request(call), named
    return certificate_request(call, call.surroundings.environ.get("SEALWRIGHT_CERT") or None), {}
