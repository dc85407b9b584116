"""`sealwright seal` as a process: what goes in, what comes out, and which files are touched."""

import json
import os
import stat
from pathlib import Path

import pytest
from tests.support.builders import sealing_key
from tests.support.cli import CERTIFICATE, SECRET, Run, files_below, kubeseal, seal, sealwright, unseal

from sealwright_cli.messages.exitcodes import ExitStatus

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: 1.50}  # kept\n"
KEY = sealing_key().fingerprint[:32]


def opened(run: Run) -> dict[str, str]:
    """Unseal what a run printed; returns item → base64 of the first Secret."""
    recovered = unseal("-o", "json", stdin=run.stdout)
    assert recovered.status == ExitStatus.OK, recovered.stderr
    return dict(recovered.json["data"])


def test_a_secret_from_standard_input_is_printed_sealed() -> None:
    run = seal(stdin=SECRET)
    assert run.status == ExitStatus.OK
    assert run.stdout.startswith(b"---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n")
    assert opened(run) == {"password": "Y29ycmVjdCBob3JzZQ=="}
    assert b"horse" not in run.stdout
    assert run.stderr == f"standard input: sealed team-a/db (strict) with key {KEY}, 1 item\n"


def test_a_dash_is_standard_input() -> None:
    assert seal("-", stdin=SECRET).yaml[0]["metadata"]["name"] == "db"


def test_quiet_says_nothing() -> None:
    assert seal("--quiet", stdin=SECRET).stderr == ""


def test_the_certificate_may_come_from_the_environment() -> None:
    run = sealwright("seal", stdin=SECRET, env={"SEALWRIGHT_CERT": str(CERTIFICATE)})
    assert run.status == ExitStatus.OK, run.stderr


@pytest.mark.parametrize(
    ("arguments", "label", "annotation"),
    [
        ([], "team-a/db (strict)", None),
        (["--scope", "namespace-wide"], "team-a/db (namespace-wide)", "sealedsecrets.bitnami.com/namespace-wide"),
        (["--scope", "cluster-wide"], "team-a/db (cluster-wide)", "sealedsecrets.bitnami.com/cluster-wide"),
        (["--name", "other"], "team-a/other (strict)", None),
        (["--namespace", "team-a"], "team-a/db (strict)", None),
        (["--namespace", ""], "team-a/db (strict)", None),
    ],
)
def test_scope_name_and_namespace_are_chosen_by_options(
    arguments: list[str], label: str, annotation: str | None
) -> None:
    run = seal(*arguments, stdin=SECRET)
    assert f"sealed {label} " in run.stderr
    (sealed,) = run.yaml
    scopes = [key for key in sealed["metadata"]["annotations"] if key.startswith("sealedsecrets")]
    assert scopes == ([annotation] if annotation else [])
    assert "password" in opened(run)


def test_hints_can_be_left_out() -> None:
    assert "annotations" in seal(stdin=SECRET).yaml[0]["metadata"]
    assert "annotations" not in seal("--no-key-annotation", stdin=SECRET).yaml[0]["metadata"]


def test_an_empty_secret_is_sealed_when_asked_for() -> None:
    empty = SECRET.partition("stringData")[0]
    assert seal("--allow-empty", stdin=empty).yaml[0]["spec"]["encryptedData"] == {}


def test_json_stays_json_and_a_list_is_sealed_in_place() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": "b"}, "data": {"x": "YQ=="}}
    other = {"kind": "ConfigMap", "data": {"ratio": 1.50}}
    run = seal(stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": [other, secret]}, indent=2))
    assert run.json["kind"] == "List"
    assert [item["kind"] for item in run.json["items"]] == ["ConfigMap", "SealedSecret"]
    assert run.json["items"][0] == other


@pytest.mark.parametrize(
    ("arguments", "text", "begins"),
    [
        (["-o", "json"], SECRET, b"{\n"),
        (
            ["-o", "yaml"],
            '{"kind":"Secret","metadata":{"name":"a","namespace":"b"},"data":{"x":""}}',
            b"---\napiVersion",
        ),
        ([], '{"kind":"Secret","metadata":{"name":"a","namespace":"b"},"data":{"x":""}}', b'{"apiVersion"'),
    ],
)
def test_the_form_is_that_of_the_input_or_the_one_asked_for(arguments: list[str], text: str, begins: bytes) -> None:
    assert seal(*arguments, stdin=text).stdout.startswith(begins)


@pytest.mark.parametrize(
    ("name", "arguments", "begins"),
    [
        ("out.yaml", [], b"---\n"),
        ("out.YML", [], b"---\n"),
        ("out.json", [], b"{\n"),
        ("out", [], b"---\n"),
        ("out.json", ["-o", "yaml"], b"---\n"),
    ],
)
def test_an_output_file_has_the_form_of_its_suffix(
    tmp_path: Path, name: str, arguments: list[str], begins: bytes
) -> None:
    run = seal("-w", tmp_path / name, *arguments, stdin=SECRET)
    assert (run.status, run.stdout) == (ExitStatus.OK, b"")
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_documents_of_other_kinds_pass_through(tmp_path: Path) -> None:
    run = seal(stdin=f"{CONFIG_MAP}---\n{SECRET}---\n{CONFIG_MAP}")
    assert run.stdout.startswith(f"{CONFIG_MAP}---\napiVersion: bitnami".encode())
    assert run.stdout.endswith(f"---\n{CONFIG_MAP}".encode())


def test_several_files_make_one_stream(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(SECRET.replace("db", name))
    run = seal(tmp_path / "b.yaml", tmp_path / "a.yaml")
    assert [document["metadata"]["name"] for document in run.yaml] == ["b", "a"]
    assert "2 Secrets sealed in 2 files" in run.stderr


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_what_editors_and_shells_make_of_a_file_is_read(encoding: str, line_break: str) -> None:
    text = SECRET.replace("correct horse", "žluťoučký kůň").replace("\n", line_break)
    run = seal(stdin=text.encode(encoding))
    assert run.status == ExitStatus.OK, run.stderr
    assert opened(run) == {"password": "xb5sdcWlb3XEjWvDvSBrxa/FiA=="}
    assert (b"\r\n" in run.stdout) == (line_break == "\r\n")


class TestInPlace:
    def test_replaces_the_file_and_keeps_its_mode(self, tmp_path: Path) -> None:
        path = tmp_path / "secret.yaml"
        path.write_text(SECRET)
        path.chmod(0o640)
        run = seal("--in-place", path)
        assert (run.status, run.stdout) == (ExitStatus.OK, b"")
        assert "kind: SealedSecret" in path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert list(files_below(tmp_path)) == ["secret.yaml"]

    def test_follows_a_symbolic_link(self, tmp_path: Path) -> None:
        (tmp_path / "real.yaml").write_text(SECRET)
        (tmp_path / "link.yaml").symlink_to("real.yaml")
        assert seal("--in-place", tmp_path / "link.yaml").status == ExitStatus.OK
        assert (tmp_path / "link.yaml").is_symlink()
        assert "kind: SealedSecret" in (tmp_path / "real.yaml").read_text()

    def test_does_a_whole_tree_and_says_what_it_found(self, tmp_path: Path) -> None:
        (tmp_path / "deep" / "er").mkdir(parents=True)
        (tmp_path / "deep" / "er" / "one.yml").write_text(SECRET)
        (tmp_path / "two.json").write_text(
            '{"kind":"Secret","metadata":{"name":"two","namespace":"b"},"data":{"x":""}}'
        )
        (tmp_path / "config.yaml").write_text(CONFIG_MAP)
        (tmp_path / "template.yaml").write_text("a: {{ helm }}\n")
        (tmp_path / "README.md").write_text("kind: Secret\n")
        untouched = files_below(tmp_path)
        run = seal("--in-place", tmp_path)
        assert run.status == ExitStatus.OK, run.stderr
        assert run.stderr.splitlines()[-1] == "2 Secrets sealed in 2 files; 2 files without a Secret"
        after = files_below(tmp_path)
        changed = {name for name in after if after[name] != untouched[name]}
        assert changed == {"deep/er/one.yml", "two.json"}
        again = seal("--in-place", tmp_path)
        assert again.stderr == "0 Secrets sealed; 2 sealed already; 2 files without a Secret\n"
        assert files_below(tmp_path) == after

    def test_goes_on_after_a_file_that_fails_and_says_which(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text("kind: Secret\n")
        (tmp_path / "b.yaml").write_text(SECRET)
        run = seal("--in-place", tmp_path)
        assert run.status == ExitStatus.PARTLY_DONE
        assert f"error: {tmp_path / 'a.yaml'}: the Secret has no metadata.name" in run.stderr
        assert run.stderr.splitlines()[-1] == "1 Secret sealed in 1 file; 1 error"
        assert (tmp_path / "a.yaml").read_text() == "kind: Secret\n"
        assert "SealedSecret" in (tmp_path / "b.yaml").read_text()

    def test_a_file_with_one_bad_secret_stays_as_it_was(self, tmp_path: Path) -> None:
        text = f"{SECRET}---\nkind: Secret\n"
        (tmp_path / "a.yaml").write_text(text)
        assert seal("--in-place", tmp_path / "a.yaml").status == ExitStatus.INPUT
        assert (tmp_path / "a.yaml").read_text() == text


class TestOutputDir:
    def test_mirrors_the_tree_and_leaves_the_sources(self, tmp_path: Path) -> None:
        (tmp_path / "in" / "deep").mkdir(parents=True)
        (tmp_path / "in" / "deep" / "a.yaml").write_text(SECRET)
        (tmp_path / "in" / "config.yaml").write_text(CONFIG_MAP)
        run = seal(tmp_path / "in", "--output-dir", tmp_path / "out")
        assert run.status == ExitStatus.OK, run.stderr
        assert list(files_below(tmp_path / "out")) == ["deep/a.yaml"]
        assert (tmp_path / "in" / "deep" / "a.yaml").read_text() == SECRET

    def test_can_be_run_again_over_its_own_results(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(SECRET)
        for _ in range(2):
            run = seal(".", "--output-dir", "sealed", cwd=tmp_path)
            assert run.status == ExitStatus.OK, run.stderr
        assert sorted(files_below(tmp_path)) == ["a.yaml", "sealed/a.yaml"]

    def test_does_not_overwrite_what_is_not_sealed(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(SECRET)
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "a.yaml").write_text(CONFIG_MAP)
        run = seal(tmp_path / "a.yaml", "--output-dir", tmp_path / "out")
        assert run.status == ExitStatus.REFUSED
        assert "exists and does not hold a SealedSecret" in run.stderr
        assert (tmp_path / "out" / "a.yaml").read_text() == CONFIG_MAP

    def test_does_not_overwrite_its_input(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(SECRET)
        run = seal(tmp_path / "a.yaml", "--output-dir", tmp_path)
        assert run.status == ExitStatus.USAGE
        assert (tmp_path / "a.yaml").read_text() == SECRET

    def test_two_files_of_one_name_are_told(self, tmp_path: Path) -> None:
        for folder in ("x", "y"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "a.yaml").write_text(SECRET)
        run = seal(tmp_path / "x" / "a.yaml", tmp_path / "y" / "a.yaml", "--output-dir", tmp_path / "out")
        assert run.status == ExitStatus.USAGE
        assert "would both be written to" in run.stderr


def test_the_input_may_be_the_output_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SECRET)
    assert seal(tmp_path / "a.yaml", "-w", tmp_path / "a.yaml").status == ExitStatus.OK
    assert "SealedSecret" in (tmp_path / "a.yaml").read_text()


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no /dev/stdout")
def test_the_output_file_may_be_a_device() -> None:
    assert seal("-w", "/dev/stdout", stdin=SECRET).stdout.startswith(b"---\n")


def test_no_traces_of_the_plaintext_are_told(tmp_path: Path) -> None:
    text = SECRET.replace("stringData:", "stringData:  # correct horse\n  # old: battery staple")
    run = seal(stdin=text)
    assert "horse" not in run.stderr + run.stdout.decode()
    assert "battery" not in run.stdout.decode()
    assert "standard input: left out a comment that could hold a secret (line 6)" in run.stderr
    assert "(line 7)" in run.stderr


def test_doubtful_input_is_sealed_with_a_warning() -> None:
    text = SECRET.replace("name: db", "name: Db").replace("password: correct horse", "on call: 017") + "spec: {}\n"
    run = seal(stdin=text)
    assert run.status == ExitStatus.OK
    warnings = [line for line in run.stderr.splitlines() if line.startswith("warning: ")]
    assert [line.partition(": ")[2].partition(": ")[2] for line in warnings] == [
        "no cluster accepts 'Db' as metadata.name",
        "stringData.on call is bare, and YAML reads it as a number or boolean; quote it to keep its text",
        "no cluster accepts 'on call' as the name of an item (letters, digits, - _ .)",
        "spec is not a field of a Secret, and is left out",
    ]


def test_names_that_play_tricks_with_terminals_are_made_visible(tmp_path: Path) -> None:
    path = tmp_path / "evil\x1b[31m.yaml"
    if os.name == "nt":
        pytest.skip("Windows does not allow such names")
    path.write_text("kind: Secret\n")
    assert "\x1b" not in seal(path).stderr


@pytest.mark.parametrize("text", ["kind: ConfigMap\n", ""])
def test_a_folder_without_secrets_makes_no_result(tmp_path: Path, text: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_text(text)
    for arguments in (["-w", tmp_path / "out.yaml"], []):
        run = seal(tmp_path / "in", *arguments)
        assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
        assert "error: no Secret (kind: Secret) in what was given\n" in run.stderr
    assert not (tmp_path / "out.yaml").exists()


def test_null_is_sealed_as_nothing_with_a_warning() -> None:
    text = "kind: Secret\nmetadata: {name: db, namespace: team-a}\ndata: {a: null, b: ''}\nstringData: {c: , d: '', e: ~}\n"
    run = seal(stdin=text)
    assert run.status == ExitStatus.OK
    warnings = [line for line in run.stderr.splitlines() if line.startswith("warning: ")]
    assert warnings == [
        f"warning: standard input: {field} is null, which is sealed as an empty value, as Kubernetes reads it; "
        'write "" if that is meant'
        for field in ("data.a", "stringData.c", "stringData.e")
    ]


def test_two_secrets_of_one_name_in_a_file_are_told() -> None:
    run = seal(stdin=f"{SECRET}---\n{SECRET}---\n{SECRET.replace('team-a', 'team-b')}")
    assert run.status == ExitStatus.OK
    assert "warning: standard input: several Secrets are called team-a/db; the last one applied wins\n" in run.stderr
    assert "team-b/db;" not in run.stderr


def test_a_missing_namespace_is_no_reason_for_a_wider_scope() -> None:
    run = seal(stdin=SECRET.replace("  namespace: team-a\n", ""))
    assert run.status == ExitStatus.INPUT
    assert "hint: add metadata.namespace, or give --namespace\n" in run.stderr


def test_a_kubeconfig_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    gone = tmp_path / "gone.yaml"
    for run in (
        seal("--kubeconfig", gone, stdin=SECRET),
        kubeseal("--cert", CERTIFICATE, "--kubeconfig", gone, stdin=SECRET),
        kubeseal("--cert", CERTIFICATE, "--kubeconfig", gone, "--raw", "--scope", "cluster-wide", stdin="v"),
    ):
        assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
        assert f"error: {gone}: no such file\nhint: correct --kubeconfig" in run.stderr


def test_each_front_names_its_own_option_for_a_secret_without_data() -> None:
    empty = "kind: Secret\napiVersion: v1\nmetadata: {name: a, namespace: b}\n"
    assert "hint: --allow-empty accepts Secrets without data\n" in seal(stdin=empty).stderr
    assert (
        "hint: --allow-empty-data accepts Secrets without data\n" in kubeseal("--cert", CERTIFICATE, stdin=empty).stderr
    )


def two_secrets(tmp_path: Path, case: str) -> list[Path]:
    """Write two Secrets of different names: in one file, in two, or in a folder."""
    texts = [SECRET, SECRET.replace("name: db", "name: web")]
    (tmp_path / "in").mkdir()
    if case == "one file":
        (tmp_path / "in" / "a.yaml").write_text("---\n".join(texts))
        return [tmp_path / "in" / "a.yaml"]
    for name, text in zip("ab", texts, strict=True):
        (tmp_path / "in" / f"{name}.yaml").write_text(text)
    return [tmp_path / "in"] if case == "a folder" else sorted((tmp_path / "in").iterdir())


@pytest.mark.parametrize("case", ["one file", "two files", "a folder"])
def test_one_name_for_two_secrets_of_a_namespace_is_an_error(tmp_path: Path, case: str) -> None:
    run = seal("--name", "same", *two_secrets(tmp_path, case))
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    assert ": --name gives two Secrets the same name, team-a/same\n" in run.stderr


def test_one_name_for_two_secrets_of_two_namespaces_is_none() -> None:
    run = seal("--name", "same", stdin=f"{SECRET}---\n{SECRET.replace('team-a', 'team-b')}")
    assert run.status == ExitStatus.OK, run.stderr


def test_a_folder_in_which_all_is_sealed_says_what_renews_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SECRET)
    assert seal("--in-place", tmp_path).status == ExitStatus.OK
    run = seal(tmp_path)
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    assert run.stderr.startswith("error: every Secret in what was given is sealed already\nhint: sealwright reencrypt ")


def test_an_error_of_a_single_file_is_all_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(seal(stdin=SECRET).stdout.decode())
    for run in (seal(tmp_path / "a.yaml"), seal(stdin="kind: secret\n")):
        assert run.status == ExitStatus.INPUT
        assert [line.split(":")[0] for line in run.stderr.splitlines()] == ["error", "hint"]
    assert "an object of kind secret" in run.stderr
    assert "capitals count" in run.stderr


def test_labels_and_annotations_of_the_sealed_secret_itself() -> None:
    run = seal("--outer-label", "team=a", "--outer-annotation", "argocd.argoproj.io/sync-wave=-1", stdin=SECRET)
    (manifest,) = run.yaml
    assert manifest["metadata"]["labels"] == {"team": "a"}
    assert manifest["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"] == "-1"
    assert "labels" not in manifest["spec"]["template"]["metadata"]
    assert seal("--outer-label", "team", stdin=SECRET).status == ExitStatus.USAGE
