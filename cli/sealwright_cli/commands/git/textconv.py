"""`sealwright git textconv`: what `git diff` shows of a file. Git calls it."""

from pathlib import Path

from sealwright_cli.commandline.spec import Argument, Call, Verb
from sealwright_cli.files.disk import read_file, write_stdout
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console
from sealwright_manifests.comparing.view import coding_line, marked, view_of
from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.text.decoding import Coding, decoded


def show_view(path: Path, console: Console) -> ExitStatus:
    """Write the view of a file to standard output; a file without one is written as it is. Raises CliError."""
    content = read_file(path)
    write_stdout(console.stdout, _view(content))
    return ExitStatus.OK


def _view(content: bytes) -> bytes:
    try:
        text = decoded(content, "")
    except BadManifestError:
        return content
    try:
        shown = view_of(text)
    except Exception:  # noqa: BLE001 - git diff must not fail for any file
        shown = marked(text)
    return (coding_line(Coding.of(content)) + shown).encode()


def _run(call: Call) -> ExitStatus:
    return show_view(Path(call["file"]), call.console)


VERB = Verb(
    """\
Show a file as git diff does: digests and keys instead of ciphertexts.

Git calls this for files whose attributes say diff=sealwright.
""",
    """\
sealwright git textconv sealed.yaml
git diff --textconv""",
    _run,
    (Argument("file", "FILE", is_required=True),),
)
