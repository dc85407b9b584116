"""docs/guides/kustomize.md, typed as it stands there: its files, and its commands with the real kubectl."""

import re
import shutil
from pathlib import Path

import pytest
from tests.support.builders import keyring, sealing_key
from tests.support.guides import run_guide
from tests.support.repository import ROOT

from sealwright_crypto import SealedSecret, unseal
from sealwright_manifests.text.plaindata import read_plain

PAGE = (ROOT / "docs/guides/kustomize.md").read_text(encoding="utf-8")
FILES = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl")
def test_its_commands_work_in_their_order(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "cert.pem").write_text(sealing_key().certificate.pem)
    (folder / "db.env").write_text("PASSWORD=hunter2\n")
    for name, text in FILES:
        (folder / name).write_text(text)
    assert [name for name, _ in FILES].count("kustomization.yaml") == 2
    early = folder / "kustomization.yaml"
    late, first = early.read_text(), FILES[0][1]
    # Way 1 is typed with the first kustomization.yaml, way 2 with the second.
    early.write_text(first)
    run_guide("kustomize", folder, section="## Way 1")
    named = made(folder)
    assert re.fullmatch(r"eu-db-[0-9a-z]{10}", named)
    early.write_text(late)
    run_guide("kustomize", folder, section="## Way 2", HOME=str(tmp_path))
    assert made(folder) == "eu-db"


def made(folder: Path) -> str:
    """Return the name of the SealedSecret, which opens and which the Deployment names; nothing is in plain text."""
    content = (folder / "sealed.yaml").read_bytes()
    assert b"hunter2" not in content
    assert b"aHVudGVyMg" not in content
    by_kind = {one["kind"]: one for one in read_plain(content)}
    sealed, deployment = by_kind["SealedSecret"], by_kind["Deployment"]
    secret = unseal(SealedSecret.from_dict(sealed), keyring(), lambda *_: b"").secret
    assert dict(secret.items) == {"PASSWORD": b"hunter2"}
    assert (secret.name, secret.namespace) == (sealed["metadata"]["name"], "shop")
    assert not any("kubernetes.io/" in name for name in secret.metadata.get("annotations", {}))
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"] == [{"secretRef": {"name": secret.name}}]
    return secret.name
