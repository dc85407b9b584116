"""`sealwright seal --update FILE`: the ciphertexts of unchanged values stay, and all that was sealed is told."""

import json
import os
import re
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.support.builders import keyring, other_sealing_key, sealing_key
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, Run, sealwright

from sealwright_crypto import HINT_ANNOTATION, SealedSecret, unseal

OTHER = other_sealing_key()
SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: team-a
  labels: {app: web}
stringData:
  user: ann
  password: correct horse
"""


class Desk:
    """A folder with a SealedSecret, and a state folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "sealed.yaml"
        self.state = folder / "state" / "sealwright"

    def update(self, secret: str = SECRET, *options: str | Path, certificate: Path = CERTIFICATE) -> Run:
        """Seal a Secret over the file."""
        words = ("seal", "--cert", certificate, "--update", self.file, *options)
        return sealwright(*words, stdin=secret, env={"XDG_STATE_HOME": str(self.state.parent)})

    @property
    def object(self) -> Any:
        """The SealedSecret in the file."""
        return YAML(typ="safe", pure=True).load(self.file.read_text())

    @property
    def items(self) -> dict[str, str]:
        """The ciphertexts in the file."""
        return dict(self.object["spec"]["encryptedData"])

    @property
    def values(self) -> dict[str, bytes]:
        """What the ciphertexts hold."""
        sealed = SealedSecret.from_dict(self.object)
        return dict(unseal(sealed, keyring(sealing_key(), OTHER), lambda *_: b"").secret.items)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk whose file was made by --update."""
    desk = Desk(tmp_path)
    run = desk.update()
    assert run.stderr.endswith(f", 2 items; {desk.file} is new\n"), run.stderr
    return desk


CHANGED = SECRET.replace("correct horse", "battery staple")


def test_a_secret_that_is_the_same_changes_nothing(desk: Desk) -> None:
    before, when = desk.file.read_bytes(), desk.file.stat().st_mtime_ns
    run = desk.update()
    assert run.stderr == f"{desk.file}: SealedSecret team-a/db: unchanged: kept user, password\n"
    assert (desk.file.read_bytes(), desk.file.stat().st_mtime_ns) == (before, when)


def test_only_what_changed_is_sealed_and_the_rest_of_the_file_stays(desk: Desk) -> None:
    text = "# ours\n" + desk.file.read_text().replace("  encryptedData:", "  # by hand\n  encryptedData:")
    desk.file.write_text(text)
    old = desk.items
    run = desk.update(CHANGED)
    assert run.stderr.endswith(": kept user; sealed password\n"), run.stderr
    assert desk.file.read_text().replace(desk.items["password"], old["password"]) == text
    assert desk.values == {"user": b"ann", "password": b"battery staple"}


@pytest.mark.parametrize("knows", ["digests", "keys"])
def test_items_come_and_go_and_the_template_is_that_of_the_new_secret(desk: Desk, knows: str) -> None:
    if knows == "keys":
        desk.file.write_text(desk.file.read_text())
        (desk.state / "digests.json").unlink()
    old = desk.items
    new = SECRET.replace("user: ann", "host: a.example").replace("{app: web}", "{tier: backend}") + "type: x/y\n"
    run = desk.update(new, *(("--key", PRIVATE_KEY) if knows == "keys" else ()))
    assert run.stderr.endswith(": kept password; sealed host; removed user\n"), run.stderr
    assert desk.values == {"host": b"a.example", "password": b"correct horse"}
    assert desk.items["password"] == old["password"]
    template = desk.object["spec"]["template"]
    assert (template["metadata"]["labels"], template["type"]) == ({"tier": "backend"}, "x/y")


def test_two_items_may_hold_the_same_ciphertext(desk: Desk) -> None:
    """So they do after one was copied to another name by hand: each is remembered."""
    desk.file.write_text(desk.file.read_text().replace(desk.items["user"], desk.items["password"]))
    same = SECRET.replace("ann", "correct horse")
    assert ": kept user, password" in desk.update(same, "--key", PRIVATE_KEY).stderr
    assert ": unchanged: kept user, password\n" in desk.update(same).stderr


def test_what_a_secret_does_not_have_stays(desk: Desk) -> None:
    text = desk.file.read_text().replace("  template:\n", "  template:\n    data:\n      url: '{{ .user }}'\n")
    desk.file.write_text(text.replace("  annotations:\n", "  annotations:\n    argocd.argoproj.io/sync-wave: '1'\n", 1))
    assert desk.update(CHANGED).status == 0
    assert desk.object["spec"]["template"]["data"] == {"url": "{{ .user }}"}
    assert desk.object["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"] == "1"


def test_where_nothing_is_known_all_is_sealed_and_the_next_time_it_is_known(desk: Desk) -> None:
    (desk.state / "digests.json").unlink()
    old = desk.items
    run = desk.update()
    assert ": not known whether the value changed: user, password (no earlier --update of it here" in run.stderr
    assert not set(old.values()) & set(desk.items.values())
    assert ": unchanged: kept user, password\n" in desk.update().stderr


@pytest.mark.parametrize(
    ("secret", "options", "moved"),
    [
        (SECRET.replace("name: db", "name: cache"), (), "name db → cache"),
        (SECRET.replace("team-a", "team-b"), (), "namespace team-a → team-b"),
        (SECRET, ("--scope", "cluster-wide"), "scope strict → cluster-wide"),
    ],
    ids=["name", "namespace", "scope"],
)
@pytest.mark.parametrize("keys", [(), ("--key", PRIVATE_KEY)], ids=["digests", "keys"])
def test_ciphertexts_are_bound_to_their_place(
    desk: Desk, secret: str, options: tuple[str, ...], moved: str, keys: tuple[str | Path, ...]
) -> None:
    old = desk.items
    run = desk.update(secret, *options, *keys)
    assert f"all items are sealed anew, as ciphertexts are bound to these: {moved}\n" in run.stderr
    assert not set(old.values()) & set(desk.items.values())
    assert desk.values == {"user": b"ann", "password": b"correct horse"}
    assert ": unchanged: kept user, password\n" in desk.update(secret, *options, *keys).stderr


def test_another_name_does_not_matter_where_ciphertexts_are_not_bound_to_it(desk: Desk) -> None:
    wide = ("--scope", "namespace-wide")
    desk.update(SECRET, *wide)
    old = desk.items
    run = desk.update(SECRET.replace("name: db", "name: cache"), *wide)
    assert run.stderr.endswith(": kept user, password\n"), run.stderr
    assert (desk.items, desk.object["metadata"]["name"]) == (old, "cache")
    assert desk.values == {"user": b"ann", "password": b"correct horse"}


def test_a_narrower_scope_takes_the_annotations_of_the_wider_one_away(desk: Desk) -> None:
    desk.update(SECRET, "--scope", "cluster-wide")
    desk.update(SECRET)
    assert [*desk.object["metadata"]["annotations"]] == [HINT_ANNOTATION]
    assert desk.values == {"user": b"ann", "password": b"correct horse"}


def test_items_on_an_older_key_are_kept_and_told(desk: Desk, tmp_path: Path) -> None:
    newer = tmp_path / "new.pem"
    newer.write_text(OTHER.certificate.pem)
    run = desk.update(CHANGED, certificate=newer)
    assert ": kept on an older key: user; sealwright reencrypt encrypts to the newest\n" in run.stderr
    hint = desk.object["metadata"]["annotations"][HINT_ANNOTATION]
    assert SealedSecret.from_dict(desk.object).items
    assert {OTHER.fingerprint, sealing_key().fingerprint} == {part.split(":")[0] for part in hint.split("; ")}
    assert desk.values == {"user": b"ann", "password": b"battery staple"}


@pytest.mark.parametrize("claimed", ["", OTHER.fingerprint], ids=["no hint", "a hint that is wrong"])
def test_an_item_that_is_not_known_to_be_on_the_wanted_key_is_sealed_to_it(desk: Desk, claimed: str) -> None:
    text = re.sub(f"  annotations:\n +{HINT_ANNOTATION}: .*\n", "", desk.file.read_text())
    hint = f"  annotations: {{{HINT_ANNOTATION}: {claimed}}}\n" if claimed else ""
    desk.file.write_text(text.replace("  namespace: team-a\n", f"  namespace: team-a\n{hint}", 1))
    old = desk.items
    other = desk.file.with_name("other.pem")
    other.write_text(OTHER.certificate.pem)
    run = desk.update(certificate=other)
    assert run.stderr.endswith(": sealed user, password\n"), run.stderr
    assert not set(old.values()) & set(desk.items.values())
    opened = unseal(SealedSecret.from_dict(desk.object), keyring(OTHER), lambda *_: b"").secret.items
    assert opened == {"user": b"ann", "password": b"correct horse"}


def test_an_item_that_a_private_key_shows_to_be_on_an_older_key_is_told(desk: Desk) -> None:
    desk.file.write_text(re.sub(f"  annotations:\n +{HINT_ANNOTATION}: .*\n", "", desk.file.read_text()))
    other = desk.file.with_name("other.pem")
    other.write_text(OTHER.certificate.pem)
    run = desk.update(SECRET, "--key", PRIVATE_KEY, "--no-hints", certificate=other)
    assert ": kept on an older key: user, password; sealwright reencrypt" in run.stderr


def test_without_hints_a_secret_that_is_the_same_changes_nothing(desk: Desk) -> None:
    desk.file.unlink()
    desk.update(SECRET, "--no-hints")
    before = desk.file.read_bytes()
    assert ": unchanged: kept user, password\n" in desk.update(SECRET).stderr
    assert desk.file.read_bytes() == before


def test_a_file_without_a_namespace_stays_so(desk: Desk) -> None:
    text = re.sub(" +namespace: team-a\n", "", desk.file.read_text())
    desk.file.write_text(text)
    old = desk.items
    run = desk.update(CHANGED)
    assert run.stderr.endswith(": kept user; sealed password\n"), run.stderr
    assert desk.file.read_text().replace(desk.items["password"], old["password"]) == text


def test_a_secret_without_a_namespace_gets_that_of_the_file(desk: Desk) -> None:
    assert ": unchanged: kept user, password\n" in desk.update(SECRET.replace("  namespace: team-a\n", "")).stderr


def test_of_several_objects_that_of_the_name_is_updated(desk: Desk) -> None:
    first = desk.file.read_text()
    desk.file.write_text(first + first.replace("name: db", "name: cache"))
    assert desk.update(CHANGED).stderr.endswith(": kept user; sealed password\n")
    assert desk.file.read_text().endswith(first.replace("name: db", "name: cache"))
    assert "no SealedSecret called web" in desk.update(SECRET.replace("name: db", "name: web")).stderr


def test_json_stays_json(desk: Desk) -> None:
    desk.file.write_text(json.dumps(desk.object, indent=2) + "\n")
    assert desk.update(CHANGED).stderr.endswith(": kept user; sealed password\n")
    assert json.loads(desk.file.read_text())["kind"] == "SealedSecret"


class TestState:
    def test_is_for_its_owner_only_and_holds_no_value_name_or_ciphertext(self, desk: Desk) -> None:
        file = desk.state / "digests.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(desk.state.stat().st_mode) == 0o700
        content = file.read_text()
        for word in ("ann", "correct", "user", "password", "db", "team-a", *desk.items.values()):
            assert word not in content or set(word) <= set("0123456789abcdef"), word
        assert [*json.loads(content)] == ["version", "key", "digests"]

    @pytest.mark.parametrize("content", ["junk", "[]", '{"version": 2, "key": "00", "digests": {}}', ""])
    def test_that_is_broken_is_told_and_made_anew(self, desk: Desk, content: str) -> None:
        (desk.state / "digests.json").write_text(content)
        run = desk.update()
        assert (run.status, run.stderr.count("warning: ")) == (0, 1)
        assert "warning: the remembered digests are not used, and made anew: " in run.stderr
        assert ": unchanged: kept user, password\n" in desk.update().stderr

    @pytest.mark.skipif(os.name == "nt", reason="there are no modes")
    def test_that_others_may_have_written_is_not_used_and_not_changed(self, desk: Desk) -> None:
        file = desk.state / "digests.json"
        file.chmod(0o666)
        before = file.read_bytes()
        run = desk.update()
        assert (run.status, file.read_bytes()) == (0, before)
        assert f"warning: the remembered digests are not used: {file} may be written by others\n" in run.stderr

    def test_that_cannot_be_read_is_told(self, desk: Desk) -> None:
        (desk.state / "digests.json").unlink()
        desk.state.rmdir()
        desk.state.write_text("")
        run = desk.update(CHANGED)
        assert (run.status, run.stderr.count("warning: ")) == (0, 1)
        assert "warning: the remembered digests are not used: " in run.stderr
        assert desk.values["password"] == b"battery staple"

    @pytest.mark.skipif(sys.platform != "linux", reason="needs a folder in which nobody can make one")
    def test_that_cannot_be_written_is_told(self, desk: Desk) -> None:
        desk.state = Path("/proc/nowhere/sealwright")
        run = desk.update(CHANGED)
        assert run.status == 0
        assert "warning: what was sealed could not be remembered: /proc/nowhere/sealwright/" in run.stderr
        assert desk.values["password"] == b"battery staple"

    def test_digests_of_another_machine_know_nothing(self, desk: Desk) -> None:
        file = desk.state / "digests.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"key": "00" * 32}))
        assert desk.update().stderr.count("sealed user, password") == 1


@pytest.mark.parametrize(
    ("options", "stdin", "words"),
    [
        (("--output", "x.yaml"), SECRET, "--update and --output exclude each other"),
        (("--in-place",), SECRET, "--update and --in-place exclude each other"),
        (("a.yaml", "b.yaml"), SECRET, "--update takes one file with a Secret"),
        ((), SECRET + "---\n" + SECRET, "standard input: 2 Secrets; --update takes one Secret"),
        ((), "kind: ConfigMap\n", "standard input: found: ConfigMap; --update takes one Secret"),
        (("--strict",), SECRET.replace("correct horse", '"secret-token\\n"'), "password ends with a line break"),
    ],
    ids=["output", "in place", "two files", "two Secrets", "no Secret", "strict"],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(
    desk: Desk, options: tuple[str, ...], stdin: str, words: str
) -> None:
    before = desk.file.read_bytes(), (desk.state / "digests.json").read_bytes()
    run = desk.update(stdin, *options)
    assert run.status != 0
    assert words in run.stderr
    assert "correct horse" not in run.stderr
    assert (desk.file.read_bytes(), (desk.state / "digests.json").read_bytes()) == before


def test_keys_are_for_updates() -> None:
    assert "error: --key needs --update\n" in sealwright("seal", "--key", PRIVATE_KEY, stdin=SECRET).stderr


def test_a_file_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.file.write_text("kind: ConfigMap\napiVersion: v1\n")
    run = desk.update()
    assert "no SealedSecret in it (found: ConfigMap)" in run.stderr
    assert desk.file.read_text() == "kind: ConfigMap\napiVersion: v1\n"
