"""Values that are spelled in odd ways are sealed as kubectl reads them, and the file can be read afterwards."""

import json
import shutil
import subprocess

import pytest
from hypothesis import example, given, settings
from tests.support.builders import sealing_key
from tests.support.edits import opened
from tests.support.odd_secrets import odd_secrets

from sealwright_cli.sealed.sealing import SealingRules, seal_text
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import join, join_as_read, read_documents

KUBECTL = shutil.which("kubectl")
RULES = SealingRules(sealing_key().certificate)
HEAD = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: team-a\nstringData:\n"


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not there")
@settings(max_examples=25)
@given(odd_secrets())
@example(HEAD + "  a: |-\n   x\n   \t")
@example(HEAD + "  a: x\n   '\n   \t")
@example(HEAD + "  a: x\n   \u2028\n   \t\n   y\n   \t\n \n")
@example(HEAD + "  a: |-\n\n    x\n     \n\n")
@example(HEAD + "  a: !!str |+\n    x\n\n\n")
@example(HEAD + "  a: |2\n     \n  b: >+\n\n\n")
def test_what_kubectl_reads_is_what_is_sealed(text: str) -> None:
    expected = read_by_kubectl(text)
    if expected is None:
        return
    for write in (join, join_as_read):
        result = seal_text(text, "x", RULES)
        assert result.errors == []
        (manifest,) = find_manifests(read_documents(write(result.documents), "x"))
        items = opened(read_sealed_secret(manifest))
        assert {name: value.decode() for name, value in items.items()} == expected


def read_by_kubectl(text: str) -> dict[str, str] | None:
    """Return the items of a Secret as kubectl reads them, None where it cannot."""
    command = [str(KUBECTL), "annotate", "--local", "-f", "-", "read=yes", "-o", "json"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode:
        return None
    return {name: value or "" for name, value in json.loads(done.stdout)["stringData"].items()}
