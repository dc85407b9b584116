"""Which target a sealed file is for, told from its rule, or from its name: the `output` of a rule gives it one."""

import posixpath
from collections.abc import Iterator
from pathlib import Path

from sealwright_cli.files.globs import Glob, glob
from sealwright_cli.project.finding import absolute
from sealwright_cli.project.model import Project, Target
from sealwright_cli.project.settings import FileSettings
from sealwright_conventions.records import changing_record, field

_TARGET, _FOLDER, _NAME = "{target}", "{folder}", "{name}"
_ESCAPED = str.maketrans({char: f"\\{char}" for char in "*?[\\"})


@changing_record
class Results:
    """The names that the rules of project files give to results, each file's read once."""

    _known: dict[Path, list[tuple[Glob, Target]]] = field(default_factory=dict)

    def target_of(self, path: Path | None, settings: FileSettings) -> Target | None:
        """Return the target that a file is for; None if there is none, or nothing tells which of several it is."""
        if len(settings.targets) == 1:
            return settings.targets[0]
        if settings.project is None or path is None:
            return None
        written = settings.project.inside(absolute(path))
        names = self._names(settings.project)
        return next((target for name, target in names if written is not None and name.fits(written)), None)

    def _names(self, project: Project) -> list[tuple[Glob, Target]]:
        """Return the globs that fit results, with the target of each; of two targets, the longer name comes first."""
        if project.path not in self._known:
            found = sorted(_names_in(project), key=lambda one: -len(one[1].name))
            self._known[project.path] = found
        return self._known[project.path]


def _names_in(project: Project) -> Iterator[tuple[Glob, Target]]:
    for rule in project.rules:
        for target in rule.targets if rule.output and (_TARGET in rule.output or len(rule.targets) == 1) else ():
            name = posixpath.normpath(rule.output.replace(_TARGET, target.name)).translate(_ESCAPED)
            yield glob(f"/{name.replace(_FOLDER, '**').replace(_NAME, '*')}"), target
