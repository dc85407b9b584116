"""Looks at a tree for a first project file: certificates, sealed files, and what Kustomize, Argo CD and Flux say.

A file that cannot be read says nothing here; other verbs tell of it.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sealwright_cli.certificates.sources import read_certificate
from sealwright_cli.files.choosing import Choice, Chooser
from sealwright_cli.files.disk import decode, read_file
from sealwright_cli.messages.errors import CliError
from sealwright_conventions.records import changing_record, field, record
from sealwright_crypto import ManifestError, Scope, read_hints, scope_of
from sealwright_manifests.errors import BadManifestError, SyntaxProblemError
from sealwright_manifests.kinds.finding import Manifest, find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import read_documents
from sealwright_manifests.text.tree import native

CERTIFICATE_SUFFIXES = (".pem", ".crt", ".cert", ".cer")
MANIFEST_SUFFIXES = (".yaml", ".yml", ".json")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""The names of the files that Kustomize reads in a folder."""
_WORDS = ("Secret", "Kustomization", "Application", "namespace")


@record
class FoundCertificate:
    """A certificate in the tree: its path from the root, and its key."""

    path: str
    fingerprint: str


@record
class FoundSecret:
    """A Secret or SealedSecret: the path of its file from the root, and what it says; `keys` are fingerprints."""

    path: str
    namespace: str = ""
    scope: Scope = Scope.STRICT
    keys: frozenset[str] = frozenset()


@changing_record
class Survey:
    """What a tree holds. `namespaces` are those that tools give to the objects of a folder (path from the root)."""

    certificates: list[FoundCertificate] = field(default_factory=list)
    secrets: list[FoundSecret] = field(default_factory=list)
    namespaces: dict[str, str] = field(default_factory=dict)

    def namespace_of(self, found: FoundSecret) -> str:
        """Return the namespace that an object will be in, empty if nothing says it: the innermost folder counts."""
        if found.namespace:
            return found.namespace
        folder = os.path.dirname(found.path)  # noqa: PTH120 - texts with slashes
        while True:
            if folder in self.namespaces:
                return self.namespaces[folder]
            if not folder:
                return ""
            folder = os.path.dirname(folder)  # noqa: PTH120 - as above


def paths_below(folder: Path, choice: Choice = Choice()) -> Iterator[str]:  # noqa: B008 - it is frozen
    """Yield the paths of all files below a folder, with slashes, in order; not what .gitignore names."""
    chooser = Chooser(choice)
    chooser.begin(folder)
    for current, folders, files in os.walk(folder):
        at = Path(current)
        chooser.enter(at)
        kept = [name for name in folders if name != ".git"]
        folders[:] = sorted(
            one for one in kept if chooser.takes(at / one, (at / one).relative_to(folder), is_folder=True)
        )
        for name in sorted(files):
            relative = (at / name).relative_to(folder)
            if chooser.takes(at / name, relative, is_folder=False):
                yield relative.as_posix()


def survey(folder: Path, now: datetime) -> Survey:
    """Return what a folder and those below it hold; expired certificates do not count at `now` (aware)."""
    found = Survey()
    for path in paths_below(folder):
        if path.lower().endswith(CERTIFICATE_SUFFIXES):
            found.certificates += _certificates(folder, path, now)
        elif path.lower().endswith(MANIFEST_SUFFIXES) or os.path.basename(path) in _KUSTOMIZATIONS:  # noqa: PTH119
            _take(found, folder, path)
    return found


def _certificates(folder: Path, path: str, now: datetime) -> Iterable[FoundCertificate]:
    try:
        obtained = read_certificate(str(folder / path))
    except CliError:
        return
    if b"PRIVATE KEY" not in obtained.content and obtained.certificate.not_after > now:
        yield FoundCertificate(path, obtained.certificate.fingerprint)


def _take(found: Survey, folder: Path, path: str) -> None:
    try:
        text = decode(read_file(folder / path), path)
        if any(word in text for word in _WORDS):
            for manifest in find_manifests(read_documents(text, path)):
                _take_object(found, manifest, path)
    except (CliError, BadManifestError, ManifestError, SyntaxProblemError):
        return


def _take_object(found: Survey, manifest: Manifest, path: str) -> None:
    here = os.path.dirname(path)  # noqa: PTH120 - texts with slashes
    if manifest.is_sealed_secret:
        sealed = read_sealed_secret(manifest)
        hints = read_hints(sealed.annotations)
        keys = frozenset(filter(None, (hints.of(item) for item in sealed.items)))
        found.secrets.append(FoundSecret(path, sealed.namespace, sealed.scope, keys))
        return
    data = native(manifest.node)
    if manifest.is_secret:
        metadata = _map(data, "metadata")
        found.secrets.append(FoundSecret(path, _text(metadata, "namespace"), scope_of(_map(metadata, "annotations"))))
        return
    if os.path.basename(path) in _KUSTOMIZATIONS and _is_kustomization(manifest):  # noqa: PTH119 - a text with slashes
        place, namespace = here, _text(data, "namespace")
    else:
        place, namespace = _said_by_tools(manifest, data, here)
    if namespace:
        found.namespaces.setdefault(place, namespace)


def _is_kustomization(manifest: Manifest) -> bool:
    """Tell whether Kustomize takes an object in a file of its name for its own: apiVersion and kind may be missing."""
    group = manifest.api_version.partition("/")[0]
    return group in ("", "kustomize.config.k8s.io") and manifest.kind in ("", "Kustomization")


def _said_by_tools(manifest: Manifest, data: Mapping[str, Any], here: str) -> tuple[str, str]:
    """Return the folder for which Kustomize, Argo CD or Flux set a namespace, and the namespace."""
    spec = _map(data, "spec")
    match (manifest.api_version.partition("/")[0], manifest.kind):
        case ("kustomize.config.k8s.io", "Kustomization"):
            return here, _text(data, "namespace")
        case ("kustomize.toolkit.fluxcd.io", "Kustomization"):
            return _folder(_text(spec, "path")), _text(spec, "targetNamespace")
        case ("argoproj.io", "Application"):
            return _folder(_text(_map(spec, "source"), "path")), _text(_map(spec, "destination"), "namespace")
    return here, ""


def _folder(written: str) -> str:
    return "" if written in ("", ".", "./") else written.removeprefix("./").strip("/")


def _map(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
