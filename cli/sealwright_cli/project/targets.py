"""Several targets in one run: which files are sealed for which, and the names of their results."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.files.bounds import bounds_of
from sealwright_cli.files.inputs import Source
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.ui import Console
from sealwright_cli.project.finding import absolute
from sealwright_cli.project.settings import FileSettings, Projects
from sealwright_conventions.records import changing_record, field, record, replace
from sealwright_crypto import Certificate

MARK = "{target}"
"""What stands for a target's name in the name of a result."""


@changing_record
class Share:
    """The sources that are sealed for one target, each with its certificate and settings; one target has no name."""

    name: str
    sources: dict[Source, tuple[CertificateRequest, FileSettings]] = field(default_factory=dict)

    def place(self, path: Path | None) -> Path | None:
        """Return a file or folder that the command line names, for this target."""
        return None if path is None else Path(str(path).replace(MARK, self.name)) if self.name else path

    def result_of(self, source: Source) -> Path | None:
        """Return the file that the project file names for a source's result; None if it names none.

        Raises InputError for one outside the project file's folder, by its name or by a link, and for one in git's own
        folder: the author of the project file could have a file of the user's made or overwritten there.
        """
        settings = self.sources[source][1]
        if not settings.output or settings.project is None or source.path is None:
            return None
        words = {"{folder}": str(source.path.absolute().parent), "{name}": source.path.stem, MARK: self.name}
        written = settings.output
        for word, meant in words.items():
            written = written.replace(word, meant)
        found = absolute(settings.project.path.parent / written)
        bounds = bounds_of(settings.project.path.parent)
        if settings.project.inside(found) is None or bounds.leaves(found) or bounds.enters_git(found):
            where = "into git's own folder" if bounds.enters_git(found) else "outside the folder of that file"
            raise InputError(
                f"{source.name}: output in {settings.project.path} leads {where}",
                hint="correct it, or say where the result goes: --output FILE",
            )
        return found


def shares(
    sources: Sequence[Source], projects: Projects, given: CertificateRequest, named: Mapping[str, CertificateRequest]
) -> list[Share]:
    """Return what is sealed for each target; `named` are the certificates that --cert names, and win.

    Raises InputError and RefusedError as `Projects.settings_for` and `FileSettings.requests`.
    """
    found: dict[str, Share] = {}
    known: dict[tuple[Path, int], Mapping[str, CertificateRequest]] = {}
    for source in sources:
        settings = projects.settings_for(source.path, source.name)
        if settings.project and settings.rule:
            place = (settings.project.path, settings.rule.number)
            requests = known.setdefault(place, named or settings.requests(given))
        else:
            requests = named or settings.requests(given)
        for name, request in requests.items():
            found.setdefault(name, Share(name)).sources[source] = (request, settings)
    return list(found.values())


@record
class TargetFile:
    """A file that is changed or made for one target: `path` None is a stream. `request` is the certificate for it.

    `target` is the target's name, if it has one.
    """

    path: Path | None
    request: CertificateRequest
    settings: FileSettings
    target: str = ""


def files_for(
    path: Path | None,
    projects: Projects,
    given: CertificateRequest,
    named: Mapping[str, CertificateRequest],
    called: str,
) -> list[TargetFile]:
    """Return the files that one name stands for: with `{target}` in it, one for each target, else one.

    `named` are the certificates that --cert names; without, the targets are the project file's. `called` is what
    messages call the file. Raises UsageError for several targets and one file, and as `Projects.settings_for`.
    """
    if path is None or MARK not in str(path):
        if len(named) > 1:
            raise UsageError(
                f"{called}: several targets and one file: {', '.join(named)}", hint=f"put {MARK} into its name"
            )
        settings = projects.settings_for(path, called)
        request = next(iter(named.values()), None) or settings.request(given)
        target = next(iter(named or settings.requests(given)), "")
        return [TargetFile(path, request, settings, target)]
    project = projects.project_for(path.parent if path.parent.is_dir() else None)
    names = list(named) or list(projects.asked) or list(project.targets if project else ())
    if not names:
        raise UsageError(f"{called}: {MARK}, and there is no target", hint="name targets: --cert dev=dev.pem")
    found = []
    for name in names:
        own = Path(str(path).replace(MARK, name))
        settings = projects.settings_for(own, str(own)) if name in named else _settings_of(own, name, projects)
        found.append(TargetFile(own, named.get(name) or settings.request(given), settings, name))
    return found


def _settings_of(path: Path, target: str, projects: Projects) -> FileSettings:
    """Return what counts for the file of one target. Raises as `files_for`, and if the file is for other targets."""
    if projects.asked:
        return replace(projects, asked=(target,)).settings_for(path, str(path))
    settings = projects.settings_for(path, str(path))
    known = {one.name: one for one in settings.targets if one.name}
    if not known and settings.project:
        known = dict(settings.project.targets)  # no rule fits, and the name says the target
    if not known:
        return settings
    if target not in known:
        raise UsageError(
            f"{path}: the project file seals it for {', '.join(known)}, not for {target}",
            hint=f"name the targets that are meant: --target {next(iter(known))}",
        )
    return replace(settings, asked=(known[target],))


class Certificates:
    """The certificates of one run, each obtained once: for a request that is the same object."""

    def __init__(self, console: Console, now: datetime) -> None:
        self._console = console
        self._now = now
        self._known: dict[int, tuple[CertificateRequest, Certificate]] = {}

    def get(self, request: CertificateRequest) -> Certificate:
        """Return a certificate to seal with. Raises as `get_valid_certificate`."""
        if id(request) not in self._known:
            self._known[id(request)] = (request, get_valid_certificate(request, self._console, self._now))
        return self._known[id(request)][1]


def check_places(found: Sequence[Share], *, output: Path | None, folder: Path | None, in_place: bool) -> None:
    """Raise UsageError if the results of several targets would have one place."""
    if len(found) < 2:
        if output is not None and MARK in str(output) and not any(one.name for one in found):
            raise UsageError(f"--output: {MARK}, and there is no target", hint="name targets: --cert dev=dev.pem")
        return
    names = ", ".join(one.name or "the one that is named" for one in found)
    sealed = [source for one in found for source in one.sources]
    if in_place or folder is not None:
        if len(set(sealed)) == len(sealed) or MARK in str(folder or ""):
            return
        hint = f"name files: --output 'sealed-{MARK}.yaml', --output-dir 'sealed/{MARK}', or --target for one of them"
        raise UsageError(f"several targets for one file: {names}", hint=hint)
    if (output is None and _all_placed(found)) or MARK in str(output or ""):
        return
    raise UsageError(
        f"one place for the results of several targets: {names}",
        hint=f"put {MARK} into its name: --output 'sealed-{MARK}.yaml'; --target chooses one of the project file's",
    )


def _all_placed(found: Sequence[Share]) -> bool:
    return all(one.result_of(source) is not None for one in found for source in one.sources)
