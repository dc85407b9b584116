"""What is written down of sealed-secrets in tests/vectors/upstream is what its chart has."""

from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.support.installation import UPSTREAM, Installation
from tests.support.sealedsecrets import SealedSecrets
from tests.support.upstream import recorded
from tools.building.make_sealedsecrets import version


@pytest.fixture(scope="module")
def theirs(theirs_over, control_plane, tmp_path_factory: pytest.TempPathFactory) -> SealedSecrets:
    return theirs_over(Installation(control_plane, tmp_path_factory.mktemp("theirs")))


def test_it_is_the_version_that_the_pages_name(theirs: SealedSecrets) -> None:
    assert theirs.kubeseal("--version").stdout.decode() == f"kubeseal version: {version()}\n"
    assert version().startswith("v0.40.")


def test_the_kind(theirs: SealedSecrets) -> None:
    """All but descriptions: a schema's words are not written down."""
    (written,) = YAML(typ="safe").load_all((UPSTREAM / "crd.yaml").read_text())
    real = YAML(typ="safe").load(theirs.crd.read_text())
    assert plain(written["spec"]) == plain(real["spec"])


def plain(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: plain(value) for key, value in schema.items() if not isinstance(value, str) or key != "description"
        }
    if isinstance(schema, list):
        found = [plain(each) for each in schema]
        return sorted(found) if all(isinstance(each, str) for each in found) else found
    return schema


@pytest.mark.parametrize(("file", "kind"), [("cluster-role.yaml", "ClusterRole"), ("role.yaml", "Role")])
def test_no_right_is_written_down_that_it_does_not_have(theirs: SealedSecrets, file: str, kind: str) -> None:
    """With it, a right of ours that sealed-secrets' roles lack would go unnoticed."""
    (role,) = [each for each in recorded("rbac.yaml") if each["kind"] == kind]
    assert rights(role["rules"]) <= rights(theirs.rules(file))


def rights(rules: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return which verbs are allowed on which resources, by rules for all names."""
    return {(what, verb) for rule in rules for what in rule["resources"] for verb in rule["verbs"]}
