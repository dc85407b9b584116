"""A project as data: targets, and rules for paths. Reads nothing and imports nothing slow."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.files.globs import Glob
from sealwright_conventions.kubeconfig.flags import ClusterFlags
from sealwright_conventions.records import field, record, replace
from sealwright_crypto import Scope


@record
class Target:
    """A certificate to seal with, or the cluster to ask for it; `name` is empty for one that stands in a rule.

    `certificate` is a path or URL, `context` one of the kubeconfig's; with both, the cluster is asked only about
    sealed files and whether the certificate is its present one. `place` is where it stands: file and line.
    """

    name: str = ""
    certificate: str = ""
    context: str = ""
    controller: ControllerAddress = field(default_factory=ControllerAddress)
    pins: Sequence[str] = ()
    place: str = ""

    def request(self, given: CertificateRequest) -> CertificateRequest:
        """Return what the target says, with what the command line says beside it; its pins win."""
        asked = replace(
            self.cluster_request(given),
            source=self.certificate or None,
            called="the project's certificate",
            written_in=": ".join(self._written_in),
            counted_from="the project file's folder",
        )
        return self.pinned(asked)

    def pinned(self, request: CertificateRequest) -> CertificateRequest:
        """Return a request with the target's pins, unless it has some."""
        if request.pins or not self.pins:
            return request
        return replace(request, pins=self.pins, pinned_by=f"pin, {self.place}")

    def cluster_request(self, given: CertificateRequest) -> CertificateRequest:
        """Return the request for what the target's cluster serves; what the command line says of a cluster wins."""
        if names_cluster(given.cluster):
            return given
        address = given.controller if given.controller != ControllerAddress() else self.controller
        cluster = replace(given.cluster, context=self.context, context_from=", ".join(self._written_in))
        return replace(given, cluster=cluster, controller=address)

    @property
    def _written_in(self) -> Sequence[str]:
        """What messages call the place that says this: file and line, and the target's name if it has one."""
        return [self.place, f"target {self.name}"] if self.name else [self.place]


@record
class LintWords:
    """Which rules of lint count: ids and their beginnings; without `select`, the usual ones."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@record
class Rule:
    """What counts for the files that one of `paths` fits; `number` counts from 1, `line` is where it begins."""

    number: int
    line: int
    paths: Sequence[Glob]
    targets: Sequence[Target] = ()
    namespace: str = ""
    scope: Scope | None = None
    output: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    lint: LintWords = LintWords()

    def fits(self, path: str) -> Glob | None:
        """Return the first glob that fits a path below the project's folder, with slashes."""
        return next((one for one in self.paths if one.fits(path)), None)


@record
class Project:
    """A project file: `path` is where it is. The first rule that fits a file counts, alone."""

    path: Path
    targets: Mapping[str, Target] = field(default_factory=dict)
    rules: Sequence[Rule] = ()
    lint: LintWords = LintWords()

    def inside(self, path: Path) -> str | None:
        """Return an absolute path as rules see it; None if it is not below the project's folder."""
        folder = self.path.parent
        return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else None

    def rules_for(self, path: Path) -> list[Rule]:
        """Return the rules that fit a file, by its absolute path; the first one counts."""
        written = self.inside(path)
        return [] if written is None else [rule for rule in self.rules if rule.fits(written)]

    @property
    def all_targets(self) -> list[Target]:
        """All targets: those with a name, and those that stand in rules."""
        return [*self.targets.values(), *(one for rule in self.rules for one in rule.targets if not one.name)]


def names_cluster(flags: ClusterFlags) -> bool:
    """Tell whether the command line names a cluster: with a context, a kubeconfig or a server."""
    return bool(flags.context or flags.kubeconfig or flags.cluster or flags.server)
