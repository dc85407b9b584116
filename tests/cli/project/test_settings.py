"""What counts for a file: the project file above it, the first rule that fits, and the command line before both."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.messages.errors import InputError, RefusedError, UsageError
from sealwright_cli.project.finding import check_trusted, find
from sealwright_cli.project.settings import Projects
from sealwright_conventions.kubeconfig.flags import ClusterFlags

PIN = "cd" * 32
TEXT = f"""\
targets:
  dev: {{certificate: dev.pem, pin: {PIN}}}
  prod: {{context: prod-admin}}
rules:
  - {{path: prod/**, target: prod, namespace: shop, lint: {{ignore: SW2}}}}
  - {{path: both/**, target: [dev, prod]}}
  - {{path: dev/**, target: dev, lint: {{select: SW1}}}}
lint: {{select: SW3, ignore: SW101}}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in ("prod/deep", "dev", "both", "else", ".git"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".sealwright.yaml").write_text(TEXT)
    return tmp_path


def test_it_is_found_upwards_and_read_once(tree: Path) -> None:
    projects = Projects()
    found = [projects.settings_for(tree / path) for path in ("prod/x.yaml", "prod/deep/x.yaml", "dev/x.yaml")]
    assert [one.rule and one.rule.number for one in found] == [1, 1, 3]
    assert found[0].project is found[2].project
    assert found[0].namespace == "shop"


def test_the_nearest_one_counts_alone(tree: Path) -> None:
    (tree / "prod" / ".sealwright.yaml").write_text("rules: [{path: '*', namespace: near}]\n")
    assert Projects().settings_for(tree / "prod/deep/x.yaml").namespace == "near"


def test_the_search_ends_at_the_root_of_the_repository(tree: Path) -> None:
    (tree / "prod" / ".git").mkdir()
    assert Projects().settings_for(tree / "prod/deep/x.yaml").project is None


def test_standard_input_counts_as_in_the_working_folder(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree / "prod" / "deep")
    assert Projects().settings_for(None).namespace == "shop"
    assert Projects().settings_for(Path("../../prod/x.yaml")).namespace == "shop"


def test_another_one_can_be_named_or_none(tree: Path) -> None:
    other = tree / "other.yaml"
    other.write_text("rules: [{path: dev/**, namespace: named}]\n")
    assert Projects(named=other).settings_for(tree / "dev/x.yaml").namespace == "named"
    assert Projects(is_used=False).settings_for(tree / "prod/x.yaml").namespace == ""
    with pytest.raises(InputError, match="no such file"):
        Projects(named=tree / "missing.yaml").settings_for(tree / "dev/x.yaml")


def test_targets_say_certificates_and_pins(tree: Path) -> None:
    given = CertificateRequest()
    both = Projects().settings_for(tree / "both/x.yaml").requests(given)
    assert list(both) == ["dev", "prod"]
    assert (both["dev"].source, list(both["dev"].pins)) == (str(tree / "dev.pem"), [PIN])
    assert "line 2" in both["dev"].pinned_by
    assert (both["prod"].source, both["prod"].cluster.context) == (None, "prod-admin")


@pytest.mark.parametrize(
    "given",
    [
        CertificateRequest(source="mine.pem"),
        CertificateRequest(cluster=ClusterFlags(context="mine")),
        CertificateRequest(cluster=ClusterFlags(server="https://mine")),
    ],
)
def test_the_command_line_wins(tree: Path, given: CertificateRequest) -> None:
    assert Projects().settings_for(tree / "both/x.yaml").requests(given) == {"": given}


def test_what_the_environment_names_is_for_files_of_which_the_project_file_says_nothing(tree: Path) -> None:
    given = CertificateRequest(source="mine.pem", is_default=True)
    assert Projects().settings_for(tree / "dev/x.yaml").request(given).source == str(tree / "dev.pem")
    assert Projects().settings_for(tree / "both/x.yaml").requests(given)["prod"].source is None
    assert Projects(is_used=False).settings_for(tree / "dev/x.yaml").request(given) == given
    with pytest.raises(InputError, match=r"no rule of .* fits"):
        Projects().settings_for(tree / "else/x.yaml").requests(given)


@pytest.mark.parametrize("named", [{"source": "mine.pem"}, {"cluster": ClusterFlags(context="mine")}])
def test_pins_count_for_what_the_command_line_names_too(tree: Path, named: dict[str, Any]) -> None:
    found = Projects().settings_for(tree / "dev/x.yaml").request(CertificateRequest(**named))
    assert (found.source, list(found.pins)) == (named.get("source"), [PIN])
    assert "line 2" in found.pinned_by


def test_pins_of_the_command_line_win(tree: Path) -> None:
    found = Projects().settings_for(tree / "dev/x.yaml").request(CertificateRequest(pins=["ef" * 32]))
    assert (list(found.pins), found.pinned_by) == (["ef" * 32], "--cert-fingerprint")


def test_a_file_that_no_rule_fits_is_not_sealed_for_whatever_cluster_is_current(tree: Path) -> None:
    with pytest.raises(InputError, match=r"no rule of .* fits"):
        Projects().settings_for(tree / "else/x.yaml").requests(CertificateRequest())


def test_several_targets_where_one_is_needed_are_an_error(tree: Path) -> None:
    with pytest.raises(InputError, match="several targets for it: dev, prod") as caught:
        Projects().settings_for(tree / "both/x.yaml").request(CertificateRequest())
    assert caught.value.hint == "say which: --target dev"
    found = Projects(asked=("prod",)).settings_for(tree / "both/x.yaml").request(CertificateRequest())
    assert found.cluster.context == "prod-admin"


@pytest.mark.parametrize(
    ("path", "asked"), [("dev/x.yaml", "prod"), ("else/x.yaml", "prd"), ("/nowhere/x.yaml", "dev")]
)
def test_a_target_that_is_not_there_is_told(tree: Path, path: str, asked: str) -> None:
    with pytest.raises(UsageError, match="--target"):
        Projects(asked=(asked,)).settings_for(tree / path)


def test_a_file_that_no_rule_fits_takes_the_target_that_is_named(tree: Path) -> None:
    found = Projects(asked=("prod",)).settings_for(tree / "else/x.yaml").request(CertificateRequest())
    assert found.cluster.context == "prod-admin"


def test_lint_takes_what_rules_and_project_say(tree: Path) -> None:
    found = Projects().settings_for(tree / "prod/x.yaml").lint
    assert (found.select, found.ignore) == (("SW3",), ("SW101", "SW2"))
    assert Projects().settings_for(tree / "dev/x.yaml").lint.select == ("SW1",)


def test_a_name_that_is_almost_right_is_told(tmp_path: Path) -> None:
    (tmp_path / ".sealwright.yml").write_text("")
    with pytest.raises(InputError, match=r"is called \.sealwright\.yaml"):
        find(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no such owners")
@pytest.mark.parametrize(("file", "folder"), [(0o666, 0o755), (0o644, 0o777)])
def test_one_that_others_may_have_written_is_refused(tmp_path: Path, file: int, folder: int) -> None:
    found = tmp_path / "open" / ".sealwright.yaml"
    (found.parent / "mine").mkdir(parents=True)
    found.write_text(TEXT)
    found.chmod(file)
    found.parent.chmod(folder)
    with pytest.raises(RefusedError, match="every user of this machine"):
        find(found.parent / "mine")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_one_of_another_user_is_refused_unless_the_folder_is_theirs_too(tmp_path: Path) -> None:
    found = tmp_path / ".sealwright.yaml"
    (tmp_path / "mine").mkdir()
    found.write_text(TEXT)
    os.chown(found, 12345, 12345)
    with pytest.raises(RefusedError, match="belongs to another user"):
        find(tmp_path / "mine")
    os.chown(tmp_path / "mine", 12345, 12345)
    check_trusted(found, tmp_path / "mine")


def test_without_a_project_file_no_yaml_is_imported(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.project.settings import Projects
Projects().settings_for(Path("x.yaml")).requests(CertificateRequest())
print([one for one in sys.modules if one in ("yaml", "sealwright_cli.project.reading", "sealwright_cli.project.table")])
"""
    (tmp_path / ".git").mkdir()
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
