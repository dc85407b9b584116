"""`sealwright verify`: what needs no key to be known is said without asking the cluster."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import VERIFY
from tests.support.builders import sealed_secret
from tests.support.cli import Run, recording_console, sealwright, unseal
from tests.support.table_server import Reply

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.knowing.verify import VerifyOptions
from sealwright_cli.commands.knowing.verify import verify as verify_objects
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_conventions.kubeconfig.flags import ClusterFlags


def verify(server: StandIn, *arguments: str | Path, stdin: str = "") -> Run:
    server.table = {VERIFY: Reply(b"ok")}
    return sealwright("verify", "--kubeconfig", server.write_kubeconfig(), *arguments, stdin=stdin)


def with_item(ciphertext: str) -> dict[str, Any]:
    manifest = sealed_secret()
    manifest["spec"]["encryptedData"]["token"] = ciphertext
    return manifest


WHOLE = sealed_secret()["spec"]["encryptedData"]["password"]
DAMAGED = {
    "placeholder": ("<sealed value here>", "token: the ciphertext is not base64"),
    "base64 of something": ("Q0hBTkdFTUU=", "token: the ciphertext is cut off"),
    "cut off": (WHOLE[:200], "token: the ciphertext is cut off"),
    "empty": ("", "token: the ciphertext is empty or cut off"),
    "cut within a group": (WHOLE[:201], "token: the ciphertext is not base64"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_item_is_named_and_nobody_asked(plain_server: StandIn, case: str) -> None:
    ciphertext, words = DAMAGED[case]
    text = json.dumps(with_item(ciphertext))
    run = verify(plain_server, stdin=text)
    assert run.status == ExitStatus.DECRYPTION
    assert "error: standard input: SealedSecret team-a/db: no key could decrypt secret (token); " + words in run.stderr
    assert "hint: seal the value again" in run.stderr
    assert "another cluster" not in run.stderr
    assert plain_server.asked == []
    assert words in unseal(stdin=text).stderr


def test_the_others_are_verified_nevertheless(plain_server: StandIn, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(with_item("x")))
    (tmp_path / "b.json").write_text(json.dumps(sealed_secret()))
    run = verify(plain_server, tmp_path)
    assert run.status == ExitStatus.DECRYPTION
    assert f"{tmp_path}/b.json: team-a/db (strict) can be unsealed, 1 item" in run.stderr
    assert plain_server.lines == [VERIFY]


@pytest.mark.parametrize(
    ("path", "name"),
    [(("spec",), "encyptedData"), ((), "extra"), (("metadata",), "lables")],
)
def test_a_field_with_which_a_cluster_refuses_it_is_an_error(
    plain_server: StandIn, path: tuple[str, ...], name: str
) -> None:
    manifest = sealed_secret()
    place: Any = manifest
    for key in path:
        place = place[key]
    place[name] = {}
    run = verify(plain_server, stdin=json.dumps(manifest))
    assert run.status == ExitStatus.INPUT
    assert f"SealedSecret team-a/db: {'.'.join((*path, name))} is not a field of a SealedSecret" in run.stderr
    assert plain_server.asked == []


def test_a_field_without_effect_is_told(plain_server: StandIn) -> None:
    manifest = sealed_secret(template={"metadata": {"name": "db", "namespace": "team-a", "lables": {"a": "b"}}})
    run = verify(plain_server, stdin=json.dumps(manifest))
    assert run.status == ExitStatus.OK
    words = (
        "warning: standard input: spec.template.metadata.lables is not a field of a SealedSecret, and has no effect\n"
    )
    assert words in run.stderr
    assert words in unseal(stdin=json.dumps(manifest)).stderr


@pytest.mark.parametrize(
    "text",
    [
        "spec: {encrypteddata: {a: AgB}}\n",
        "spec: {encryptedData: {}}\n",
    ],
    ids=["misspelt", "no items"],
)
def test_nothing_to_open_is_never_silent(plain_server: StandIn, text: str) -> None:
    head = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: b}\n"
    run = verify(plain_server, stdin=head + text)
    assert "is encryptedData meant?" in run.stderr or "holds no items" in run.stderr
    assert (run.status == ExitStatus.INPUT) is ("encrypteddata" in text)


def test_a_bare_scope_annotation_is_refused(plain_server: StandIn) -> None:
    head = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: a\n  annotations:\n"
    text = f"{head}    sealedsecrets.bitnami.com/cluster-wide: true\nspec: {{encryptedData: {{}}}}\n"
    run = verify(plain_server, stdin=text)
    assert run.status == ExitStatus.INPUT
    assert "cluster-wide: expected text, found true or false\nhint: put it in quotes\n" in run.stderr


def test_without_a_cluster_the_files_are_checked_and_the_rest_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(with_item("x")))
    (tmp_path / "b.json").write_text(json.dumps(sealed_secret()))
    run = sealwright("verify", tmp_path)
    assert run.status == ExitStatus.DECRYPTION
    assert "a.json: SealedSecret team-a/db: no key could decrypt secret (token)" in run.stderr
    assert "b.json: team-a/db (strict) has no error that shows without the controller, 1 item\n" in run.stderr
    assert "error: the controller was not asked: there is no kubeconfig" in run.stderr


def test_what_was_not_asked_is_not_verified(tmp_path: Path) -> None:
    run = sealwright("verify", stdin=json.dumps(sealed_secret()))
    assert run.status == ExitStatus.INPUT
    assert "error: the controller was not asked: there is no kubeconfig" in run.stderr


@pytest.mark.parametrize("code", [400, 413, 422])
def test_an_object_that_the_controller_does_not_accept_is_named_and_the_others_are_asked_about(
    plain_server: StandIn, code: int
) -> None:
    plain_server.table = {VERIFY: Reply(b"too odd", code)}
    text = json.dumps(sealed_secret()) + json.dumps(sealed_secret(name="other"))
    run = sealwright("verify", "--kubeconfig", plain_server.write_kubeconfig(), stdin=text)
    assert run.status == ExitStatus.INPUT
    for number, name in ((1, "db"), (2, "other")):
        place = f"error: standard input: document {number}: SealedSecret team-a/{name}: the controller "
        assert place in run.stderr
    assert f"does not accept it ({code}): too odd" in run.stderr


def test_a_controller_that_fails_on_objects_is_told_of_each(plain_server: StandIn) -> None:
    plain_server.table = {VERIFY: Reply(b"", 500)}
    text = json.dumps(sealed_secret()) + json.dumps(sealed_secret(name="other"))
    run = sealwright("verify", "--kubeconfig", plain_server.write_kubeconfig(), stdin=text)
    assert run.status == ExitStatus.CLUSTER
    for number, name in ((1, "db"), (2, "other")):
        assert f"error: standard input: document {number}: SealedSecret team-a/{name}: the controller " in run.stderr
    assert plain_server.lines.count(VERIFY) == 2


def test_the_results_as_json(plain_server: StandIn, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(with_item("x")))
    (tmp_path / "b.json").write_text(json.dumps(sealed_secret()))
    (tmp_path / "c.json").write_text('{"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "spec": 1}')
    run = verify(plain_server, tmp_path, "-o", "json")
    assert run.status == ExitStatus.INPUT
    assert [(one["place"], one["result"]) for one in run.json["objects"]] == [
        (f"{tmp_path}/a.json", "failed"),
        (f"{tmp_path}/b.json", "unsealable"),
    ]
    assert run.json["objects"][0]["errors"][0]["status"] == ExitStatus.DECRYPTION
    assert ["c.json" in one["message"] for one in run.json["errors"]] == [True]
    assert "can be unsealed, 1 item" not in run.stderr
    alone = sealwright("verify", "-o", "json", stdin=json.dumps(sealed_secret()))
    assert [one["result"] for one in alone.json["objects"]] == ["not-asked"]


def test_the_controllers_limit_is_met_and_not_failed_on(plain_server: StandIn) -> None:
    busy = Reply(b"too many requests\n", 429, {"Retry-After": "1"})
    plain_server.table = {VERIFY: busy}
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        plain_server.table = {VERIFY: Reply(b"ok")}

    console = recording_console()
    console.stdin.write("".join(json.dumps(sealed_secret(name=f"db-{number}")) for number in range(5)).encode())
    console.stdin.seek(0)
    request = CertificateRequest(cluster=ClusterFlags(kubeconfig=str(plain_server.write_kubeconfig())))
    assert verify_objects(VerifyOptions(controller=request, wait=wait), console) == ExitStatus.OK
    assert waits == [1]
    assert isinstance(console.stderr, io.StringIO)
    said = console.stderr.getvalue()
    assert said.startswith("the controller has too many requests; going on in 1 second\n")
    assert "5 SealedSecrets can be unsealed" in said


@pytest.mark.parametrize("text", ["{{ .password | fooo }}", "{{ .password", "{{ end }}"])
def test_a_template_that_is_none_is_an_error_and_nobody_is_asked(plain_server: StandIn, text: str) -> None:
    manifest = sealed_secret(template={"data": {"conf": text, "good": "{{ .password }}"}})
    plain_server.table = {VERIFY: Reply(b"ok")}
    run = sealwright("verify", "--kubeconfig", plain_server.write_kubeconfig(), stdin=json.dumps(manifest))
    assert run.status == ExitStatus.INPUT
    assert 'SealedSecret team-a/db: template "conf", line 1, column ' in run.stderr
    assert "can be unsealed" not in run.stderr


def test_templates_are_counted(plain_server: StandIn) -> None:
    manifest = sealed_secret(template={"data": {"conf": "{{ .password }}", "gone": None, "password": "{{ not used"}})
    plain_server.table = {VERIFY: Reply(b"ok")}
    run = sealwright("verify", "--kubeconfig", plain_server.write_kubeconfig(), stdin=json.dumps(manifest))
    assert run.stderr == "standard input: team-a/db (strict) can be unsealed, 1 item, 1 template\n"
    assert run.status == ExitStatus.OK
    alone = sealwright("verify", stdin=json.dumps(manifest))
    assert "has no error that shows without the controller, 1 item, 1 template\n" in alone.stderr


def test_the_deprecated_form_is_told_with_the_way_out() -> None:
    manifest = sealed_secret(items={}, hints=False)
    manifest["spec"] = {"data": sealed_secret()["spec"]["encryptedData"]["password"]}
    run = sealwright("verify", stdin=json.dumps(manifest))
    assert "warning: standard input: SealedSecret team-a/db: the form spec.data is deprecated" in run.stderr
    assert "no error that shows without the controller, 1 item in the deprecated form\n" in run.stderr


@pytest.mark.parametrize("value", [None, 12, True, ["x"], {"x": "y"}])
def test_what_stands_in_the_place_of_a_ciphertext_is_to_be_sealed_and_not_quoted(value: object) -> None:
    manifest = sealed_secret()
    manifest["spec"]["encryptedData"]["password"] = value
    run = sealwright("verify", stdin=json.dumps(manifest))
    assert run.status == ExitStatus.INPUT
    assert (
        "error: standard input: SealedSecret team-a/db: spec.encryptedData.password: expected text, found "
        in run.stderr
    )
    assert "hint: seal the value, and write the ciphertext; sealwright raw prints one\n" in run.stderr
