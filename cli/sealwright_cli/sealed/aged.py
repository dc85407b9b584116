"""The earlier versions of a manifest's file, with the SealedSecrets in each. `files/history` reads them from git."""

from collections.abc import Mapping
from pathlib import Path

from sealwright_cli.explaining.evidence import Version
from sealwright_cli.files.disk import decode
from sealwright_cli.files.history import Committed, versions_of
from sealwright_cli.messages.errors import InputError
from sealwright_crypto import SealedSecret
from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import read_documents


def earlier(path: Path | None, environ: Mapping[str, str], seconds: float | None = None) -> list[Version]:
    """Return the versions of a file with SealedSecrets in them, the oldest first; none for standard input.

    What cannot be read in a version is left out. git has so many `seconds`, if given.
    """
    if path is None:
        return []
    found = versions_of(path, environ) if seconds is None else versions_of(path, environ, seconds)
    versions = [Version(one.commit, one.when, one.path, _objects(one)) for one in found]
    return [version for version in versions if version.objects]


def _objects(version: Committed) -> list[SealedSecret]:
    found: list[SealedSecret] = []
    try:
        documents = read_documents(decode(version.content, version.path), version.path)
        sealed = (manifest for manifest in find_manifests(documents) if manifest.is_sealed_secret)
        found.extend(map(read_sealed_secret, sealed))
    except (BadManifestError, InputError):
        return found
    return found
