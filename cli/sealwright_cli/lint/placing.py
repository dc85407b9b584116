"""What counts for each file of a run: which rules, which certificate, and whether Helm renders the file.

The command line wins, then the project file says it. A project file's certificate is compared with where it is a file:
lint asks nobody.
"""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sealwright_cli.files.inputs import Source
from sealwright_cli.lint.settings import KeyAtHand, LintSettings, Surroundings
from sealwright_cli.project.model import Target
from sealwright_cli.project.results import Results
from sealwright_cli.project.settings import FileSettings, Projects
from sealwright_conventions.records import changing_record, field

_OF_CERTIFICATES = frozenset({"SW202", "SW203", "SW204"})
"""The rules that compare with a certificate."""


@changing_record
class Placing:
    """What counts for the files of one run, found once for each.

    `key` is that of the command line's certificate; without, `read` gives that of a target's. Both may be missing.
    `namespace` is for objects that name none, else the project file says it.
    """

    settings: LintSettings = field(default_factory=LintSettings)
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))
    key: KeyAtHand | None = None
    read: Callable[[Target], KeyAtHand | None] = lambda _: None
    namespace: str = ""
    _results: Results = field(default_factory=Results)
    _known: dict[Source, Surroundings] = field(default_factory=dict)

    def __call__(self, source: Source) -> Surroundings:
        """Return what rules know besides the object. Raises CliError for a project file that cannot be used."""
        if source not in self._known:
            here = self.projects.settings_for(source.path, source.name)
            rules = self.settings.rules(here.lint.select, here.lint.ignore)
            key = self.key or (self._key_of(here) if rules & _OF_CERTIFICATES else None)
            is_chart_template = source.path is not None and _is_chart_template(source.path.absolute().parent)
            target = self._results.target_of(source.path, here)
            self._known[source] = Surroundings(
                rules, key, is_chart_template, self.namespace or here.namespace, _called(target) if target else ""
            )
        return self._known[source]

    def keys(self, rule: str) -> list[KeyAtHand]:
        """Return the certificates of the files for which a rule runs, each once."""
        found = [one.key for one in self._known.values() if one.key and rule in one.rules]
        return list(dict.fromkeys(found))

    def _key_of(self, here: FileSettings) -> KeyAtHand | None:
        """Return the key of the only target's certificate; of several, none is known to be the file's."""
        return self.read(here.targets[0]) if len(here.targets) == 1 else None


def _called(target: Target) -> str:
    """Return what tells a target from others: its name, or what it seals with and for."""
    return target.name or f"{target.certificate} {target.context}"


@cache
def _is_chart_template(folder: Path) -> bool:
    """Tell whether Helm renders the files of a folder: it is `templates` of a chart, or below it."""
    return any(
        one.name == "templates" and os.path.exists(one.parent / "Chart.yaml")  # noqa: PTH110 - says no for an unreadable one
        for one in (folder, *folder.parents)
    )
