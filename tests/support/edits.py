"""Edits files in place as the commands do, and compares the bytes that are no ciphertext."""

import functools
import io
import json
import re
import time
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from tests.support.builders import keyring, other_sealing_key, sealing_key
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, recording_console

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.opening.reencrypt import ReencryptOptions, reencrypt
from sealwright_cli.commands.sealing.merge import MergeOptions, merge
from sealwright_cli.files.disk import decode
from sealwright_cli.files.inputs import Source
from sealwright_cli.files.rewriting import Edited, write_edited
from sealwright_cli.messages.errors import DefectError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import Label, SealedSecret, seal_item, unseal
from sealwright_manifests.editing.fields import ABSENT, merge_fields
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import read_documents

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CIPHERTEXT = re.compile(rb"A[gQ][A-Za-z0-9+/=]{200,}")
NEW = other_sealing_key()


@functools.cache
def ciphertext(value: str, label: str = "team-a/db") -> str:
    """Return a value sealed for team-a/db to the usual test key."""
    return seal_item(value.encode(), sealing_key().certificate, Label(label.encode()))


def sealed_text(encrypted: str, head: str = "", tail: str = "") -> str:
    """Return a SealedSecret team-a/db in block YAML; `encrypted` is what stands behind `encryptedData:`."""
    return (
        f"{head}apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n  namespace: team-a\n"
        f"spec:\n  encryptedData:{encrypted}{tail}"
    )


def merge_into(path: Path, items: dict[str, str], **options: Any) -> None:
    """Merge items into the SealedSecret of a file, as `sealwright merge`."""
    source = path.with_name("added.txt")
    lines = "".join(f"  {json.dumps(name)}: {json.dumps(value)}\n" for name, value in items.items())
    source.write_text(f"kind: Secret\nmetadata: {{name: db}}\nstringData:\n{lines}")
    request = CertificateRequest(source=str(CERTIFICATE))
    given = {"hints": False} | options
    merge(MergeOptions(path, str(source), request, **given), recording_console(), now=NOW)


def reencrypt_file(path: Path, **options: Any) -> None:
    """Bring a file to another key, as `sealwright reencrypt --key`. Raises DefectError where that tells of a defect."""
    certificate = path.with_name("new.crt")
    certificate.write_text(NEW.certificate.pem)
    request = CertificateRequest(source=str(certificate))
    console = recording_console()
    status = reencrypt(
        ReencryptOptions([str(path)], [str(PRIVATE_KEY)], request, **options), console, now=NOW, clock=time.monotonic
    )
    if status is ExitStatus.BUG:
        message, hint = cast(io.StringIO, console.stderr).getvalue().splitlines()
        raise DefectError(message.removeprefix("error: "), hint=hint.removeprefix("hint: "))


def remove_from(path: Path, names: Collection[str]) -> None:
    """Remove items from the SealedSecret of a file."""
    text, original = Source(path, Path(path.name)).read_original(recording_console())
    documents = read_documents(text, str(path))
    (manifest,) = [one for one in find_manifests(documents) if one.is_sealed_secret]
    merge_fields(manifest.document, manifest.node, {"spec": {"encryptedData": dict.fromkeys(names, ABSENT)}})
    write_edited(io.BytesIO(), Edited(path, original, documents), None, None)


def items_of(path: Path) -> dict[str, str]:
    """Return what all SealedSecrets of a file hold, opened with both test keys."""
    documents = read_documents(decode(path.read_bytes(), str(path)), str(path))
    return {
        name: value.decode()
        for manifest in find_manifests(documents)
        if manifest.is_sealed_secret
        for name, value in opened(read_sealed_secret(manifest)).items()
    }


def opened(sealed: SealedSecret) -> dict[str, bytes]:
    """Return the items of a SealedSecret, opened with both test keys."""
    return dict(unseal(sealed, keyring(NEW, sealing_key()), lambda *_: b"").secret.items)


def shape(content: bytes, encoding: str = "utf-8") -> bytes:
    """Return a file's bytes with every ciphertext written as <C>."""
    found = content if encoding == "utf-8" else content.decode(encoding).encode("utf-8", "surrogatepass")
    return CIPHERTEXT.sub(b"<C>", found)
