"""docs/reference/compatibility.md: each sentence names a test, and each test that is named exists."""

import re
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.support.named_tests import NAME, exists, named_in
from tests.support.repository import ROOT

from sealwright_controller.options.table import FLAGS

PAGE = (ROOT / "docs/reference/compatibility.md").read_text(encoding="utf-8")
ROWS = [row for row in re.findall(r"^\| (.*) \|$", PAGE, re.MULTILINE) if not row.startswith("sentence |")]
OF_SEALED_SECRETS = """
    accept-deprecated-v1-data additional-namespaces all-namespaces key-cutoff-time key-order-priority key-prefix
    key-renew-period key-size key-ttl kubeclient-burst kubeclient-qps label-selector listen-addr listen-metrics-addr
    log-format log-info-stdout log-level max-unseal-retries metrics-omit-secret-labels my-cn old-gc-behavior
    privatekey-annotations privatekey-labels rate-limit rate-limit-burst read-timeout write-timeout skip-recreate
    update-status watch-for-secrets
"""
"""The flags of sealed-secrets' controller; `--version` is not one of the table's."""


def test_every_sentence_names_a_test() -> None:
    assert len(ROWS) > 40
    assert [row for row in ROWS if not re.search(rf" \| {NAME}(<br>{NAME})*$", row)] == []


@pytest.mark.parametrize("name", named_in(PAGE))
def test_a_test_that_is_named_exists(name: str) -> None:
    assert exists(name)


def test_every_flag_of_sealed_secrets_is_there() -> None:
    assert set(OF_SEALED_SECRETS.split()) <= {flag.name for flag in FLAGS.flags}


def kind(path: str) -> dict[str, Any]:
    spec: dict[str, Any] = YAML(typ="safe").load((ROOT / path).read_text(encoding="utf-8"))["spec"]
    return spec


OURS, THEIRS = kind("manifests/crd.yaml"), kind("tests/vectors/upstream/crd.yaml")


def test_the_kind_is_that_of_sealed_secrets() -> None:
    for field in ("group", "scope", "names"):
        assert OURS[field] == THEIRS[field]
    (ours,), (theirs,) = OURS["versions"], THEIRS["versions"]
    for field in ("name", "served", "storage", "subresources"):
        assert ours[field] == theirs[field]
    columns = [
        {key: column[key] for key in ("name", "type", "jsonPath")} for column in ours["additionalPrinterColumns"]
    ]
    assert columns == theirs["additionalPrinterColumns"]


def test_no_field_of_sealed_secrets_is_missing_or_of_another_type() -> None:
    (ours,), (theirs,) = OURS["versions"], THEIRS["versions"]
    lacking, added = compared(theirs["schema"]["openAPIV3Schema"], ours["schema"]["openAPIV3Schema"])
    assert lacking == set()
    # Besides fields, there is what is said about them, and that a value may be null, for the controller to say so.
    fields = {path for path in added if path.startswith(".properties.status.properties.") and path.count(".") == 4}
    assert fields == {f".properties.status.properties.{name}" for name in ("secret", "scope", "keyFingerprints")}
    rest = {path for path in added - fields if not path.endswith((".description", ".nullable"))}
    assert rest == {".properties.status.default"}


def compared(theirs: Any, ours: Any, at: str = "") -> tuple[set[str], set[str]]:
    """Return the paths in a schema that the one has and the other has not, or has with another value; and those added."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        parts = [compared(theirs[key], ours[key], f"{at}.{key}") for key in theirs.keys() & ours.keys()]
        lacking = {f"{at}.{key}" for key in theirs.keys() - ours.keys()}
        added = {f"{at}.{key}" for key in ours.keys() - theirs.keys()}
        return lacking.union(*(part[0] for part in parts)), added.union(*(part[1] for part in parts))
    same = sorted(theirs) == sorted(ours) if isinstance(theirs, list) else theirs == ours
    return (set() if same else {at}), set()
