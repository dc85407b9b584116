"""What counts for one file: the command line first, then the project file above the file. The one call of verbs.

Where there is no project file, this costs a look at each folder above, and imports nothing.
"""

from collections.abc import Mapping
from pathlib import Path

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.files.bounds import bounds_of
from sealwright_cli.files.choosing import PROJECT_FILE
from sealwright_cli.files.disk import exists
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.project.finding import absolute, find, folder_of
from sealwright_cli.project.model import LintWords, Project, Rule, Target, names_cluster
from sealwright_conventions.records import changing_record, field, record, replace
from sealwright_crypto import Scope

STDIN_NAME = "-"
"""The name by which rules know standard input, in the working folder."""


@record
class FileSettings:
    """What a project file says of one file, called `name` in messages: nothing without `project`."""

    name: str = ""
    project: Project | None = None
    rule: Rule | None = None
    asked: tuple[Target, ...] | None = None
    """The targets that --target names, or {target} in a name, in the place of the rule's."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets to seal for; empty if the project file does not say."""
        return self.asked if self.asked is not None else tuple(self.rule.targets) if self.rule else ()

    @property
    def namespace(self) -> str:
        """The namespace for objects that name none; empty if the project file does not say."""
        return self.rule.namespace if self.rule else ""

    @property
    def scope(self) -> Scope | None:
        """The scope of Secrets whose annotations name none; None if the project file does not say."""
        return self.rule.scope if self.rule else None

    @property
    def output(self) -> str:
        """Where sealed files go, with placeholders, from the project file's folder; empty if it does not say."""
        return self.rule.output if self.rule else ""

    @property
    def labels(self) -> Mapping[str, str]:
        """Labels of the SealedSecret itself."""
        return self.rule.labels if self.rule else {}

    @property
    def annotations(self) -> Mapping[str, str]:
        """Annotations of the SealedSecret itself."""
        return self.rule.annotations if self.rule else {}

    @property
    def lint(self) -> LintWords:
        """Which rules of lint count: what the rule selects, and what rule and project file ignore."""
        everywhere = self.project.lint if self.project else LintWords()
        here = self.rule.lint if self.rule else LintWords()
        return LintWords(here.select or everywhere.select, tuple(dict.fromkeys(everywhere.ignore + here.ignore)))

    def requests(self, given: CertificateRequest) -> dict[str, CertificateRequest]:
        """Return the certificates to seal with, by the name of the target; `given` is what the command line says.

        A certificate or a cluster that the command line names wins; its target has no name, and the pins of the file's
        targets still count. What the environment names is for files of which the project file does not say it. Raises
        InputError for a file that no rule fits, where the project file has targets: the current cluster may be a wrong
        one.
        """
        if _wins(given):
            return {"": self._pinned(given)}
        if self.targets:
            return {target.name: target.request(given) for target in self.targets}
        if self.project and self.project.targets:
            raise InputError(
                f"{self.name}: no rule of {self.project.path} fits this file",
                hint="add a rule for its path, or say what to seal for: --target, --cert, --context",
            )
        return {"": given}

    def _pinned(self, given: CertificateRequest) -> CertificateRequest:
        """Return a request with the pins of the file's targets, if each has some and the command line has none."""
        if given.pins or not self.targets or not all(target.pins for target in self.targets):
            return given
        pins = [pin for target in self.targets for pin in target.pins]
        return replace(given, pins=pins, pinned_by=f"pin, {self.targets[0].place}")

    def request_to_compare(self, given: CertificateRequest, *, asks: bool) -> CertificateRequest | None:
        """Return the certificate whose key the file's items should be on; None if nothing says which one it is.

        If it `asks`, that is what the target's cluster serves; else neither a cluster nor a page on the web is asked.
        """
        if _wins(given) or not (self.targets or (self.project and self.project.targets)):
            return given
        if len(self.targets) != 1:
            return None
        target = self.targets[0]
        if asks and target.context:
            return target.cluster_request(given)
        return target.request(given) if asks or "://" not in target.certificate else None

    def cluster_request(self, given: CertificateRequest) -> CertificateRequest:
        """Return the request for the cluster that a sealed file is for.

        Raises InputError as `request`, and for a target without a context: the current cluster may be a wrong one.
        """
        self.request(given)
        if _wins(given) or not self.targets:
            return given
        target = self.targets[0]
        if not target.context:
            raise InputError(
                f"{self.name}: its target has a certificate and no context: which cluster is to be asked?",
                hint=f"add context: to the target ({target.place}), or give --context",
            )
        return target.cluster_request(given)

    def request(self, given: CertificateRequest) -> CertificateRequest:
        """Return the one certificate to seal with. Raises InputError if there are several, and as `requests`."""
        found = self.requests(given)
        if len(found) > 1:
            raise InputError(
                f"{self.name}: the project file has several targets for it: {', '.join(found)}",
                hint=f"say which: --target {next(iter(found))}",
            )
        return next(iter(found.values()))


def _wins(given: CertificateRequest) -> bool:
    """Tell whether the command line says what to seal for."""
    return given.is_named or names_cluster(given.cluster)


@changing_record
class Projects:
    """The project files of one run, each read once.

    `named` is the file that --config names; it counts for all files below its folder. Without `is_used` (--no-config)
    no project file counts. `asked` are the targets that --target names: no others count.
    """

    named: Path | None = None
    is_used: bool = True
    asked: tuple[str, ...] = ()
    _found: dict[Path, Path | None] = field(default_factory=dict)
    _read: dict[Path, Project] = field(default_factory=dict)

    def settings_for(self, path: Path | None, name: str = "") -> FileSettings:
        """Return what counts for a file, which need not exist; None is standard input, as if in the working folder.

        `name` is what messages call it. Raises InputError for a project file that cannot be used, and for a file that
        only a link puts into its folder; RefusedError for one
        that others may have put there, UsageError for a target that --target names and that is not there.
        """
        project = self.project_for(path)
        called = name or ("standard input" if path is None else shown_path(path))
        if project is None:
            self._check_asked((), FileSettings(called))
            return FileSettings(called)
        if path is not None and bounds_of(project.path.parent).leaves(absolute(path)):
            # The project file's author would choose the file, and the certificate that opens what is in it.
            raise InputError(
                f"{called}: a link on its path leads out of {project.path.parent}, whose project file is for it",
                hint="name the file that the link leads to, or do without the project file: --no-config",
            )
        fitting = project.rules_for(folder_of(None) / STDIN_NAME if path is None else absolute(path))
        return self._chosen(FileSettings(called, project, fitting[0] if fitting else None))

    def project_for(self, path: Path | None) -> Project | None:
        """Return the project that a file is in. Raises as `settings_for`."""
        if not self.is_used:
            return None
        if self.named is not None:
            return self._project(_checked(self.named))
        folder = folder_of(path)
        if folder not in self._found:
            self._found[folder] = find(folder)
        found = self._found[folder]
        return None if found is None else self._project(found)

    def _project(self, path: Path) -> Project:
        if path not in self._read:
            from sealwright_cli.project.reading import read_project  # noqa: PLC0415 - reading YAML takes time

            self._read[path] = read_project(path)
        return self._read[path]

    def _chosen(self, settings: FileSettings) -> FileSettings:
        """Leave only the targets that --target names."""
        if not self.asked or settings.project is None:
            return settings
        known = settings.targets if settings.rule else tuple(settings.project.targets.values())
        self._check_asked(known, settings)
        return replace(settings, asked=tuple(one for one in known if one.name in self.asked))

    def _check_asked(self, targets: tuple[Target, ...], settings: FileSettings) -> None:
        known = [one.name for one in targets if one.name]
        for name in self.asked:
            if name not in known:
                raise UsageError(
                    f"{settings.name}: --target names a target that is not among its targets",
                    hint=f"they are {', '.join(known)}" if known else "sealwright config show tells why",
                )


def no_such_target(project: Project | None) -> UsageError:
    """Return the error for a target that --target names and that the project file, if there is one, has not."""
    known = ", ".join(project.targets) if project else ""
    return UsageError(
        "--target names a target that the project file has not",
        hint=f"its targets are {known}" if known else "sealwright init writes a project file",
    )


def _checked(named: Path) -> Path:
    """Return the absolute path of the file that --config names. Raises InputError if there is none."""
    if named.is_dir():
        raise InputError(f"{named}: is a folder", hint=f"name the project file in it: {named / PROJECT_FILE}")
    if not exists(named):
        raise InputError(
            f"{shown_path(named, 'the file that --config names')}: no such file", hint="sealwright init writes one"
        )
    return absolute(named)
