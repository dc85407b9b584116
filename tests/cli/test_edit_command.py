"""`sealwright edit`: what a person sees, what becomes of each kind of change, and mistakes that open the editor again."""

import re
import stat
from pathlib import Path

import pytest
from tests.support.builders import VECTORS, sealing_key
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, Run, sealwright
from tests.support.editors import Editor, scripted
from tests.support.edits import ciphertext, items_of, sealed_text

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import HINT_ANNOTATION
from sealwright_manifests.text.plaindata import read_plain

KEY = sealing_key().fingerprint[:32]
OLD, ANN = ciphertext("old"), ciphertext("ann")
TEXT = sealed_text(
    f"\n    password: {OLD} # mine\n    user: {ANN}\n",
    head="# ours\n",
    tail='  template:\n    metadata:\n      labels: {app: "x"} # stays\n    type: Opaque\n',
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "db.yaml"
    written.write_text(TEXT)
    return written


def edited(path: Path, script: str, *arguments: str | Path) -> tuple[Run, Editor]:
    """Edit a file with a scripted editor; whatever it does, the text that it saw is gone afterwards."""
    editor = scripted(path.parent, script)
    run = sealwright("edit", path, "--cert", CERTIFICATE, *arguments, env=editor.variables)
    assert "Traceback" not in run.stderr
    if (editor.folder / "path").exists():
        assert not editor.path.parent.exists()
    return run, editor


def kept(run: Run) -> Path:
    """Return the file in which a run kept what was typed."""
    found = re.search(r"what you typed is kept in (\S+);", run.stderr)
    assert found, run.stderr
    return Path(found[1])


def kept_text(run: Run) -> str:
    """Return what a run kept, and remove it."""
    file = kept(run)
    text = file.read_text()
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)
    file.unlink()
    file.parent.rmdir()
    return text


class TestWhatAPersonSees:
    def test_the_object_without_ciphertexts(self, path: Path) -> None:
        run, editor = edited(path, "")
        assert (run.status, run.stderr, path.read_text()) == (0, f"{path}: unchanged\n", TEXT)
        (data,) = read_plain(editor.seen[0].encode())
        assert data["spec"] == {
            "encryptedData": {"password": "<sealed>", "user": "<sealed>"},
            "template": {"metadata": {"labels": {"app": "x"}}, "type": "Opaque"},
        }
        assert "    password: <sealed>\n" in editor.seen[0]

    def test_values_if_keys_are_given(self, path: Path) -> None:
        path.write_text(
            sealed_text("".join(f"\n    {name}: {ciphertext(value)}" for name, value in ODD.items()) + "\n")
        )
        before = path.read_text()
        run, editor = edited(path, "", "--key", PRIVATE_KEY)
        assert (run.status, path.read_text()) == (0, before)
        assert "    lines: |\n      one\n      two\n" in editor.seen[0]
        assert "    mark: <base64 PHNlYWxlZD4=>\n" in editor.seen[0]
        assert run.stderr == f"{path}: unchanged\n"

    def test_another_key_opens_nothing(self, path: Path) -> None:
        run, editor = edited(path, "", "--key", VECTORS / "keys/other-2048.key.pem")
        assert run.status == ExitStatus.DECRYPTION
        assert f"error: {path}: SealedSecret team-a/db: " in run.stderr
        assert not (editor.folder / "seen").exists()

    def test_the_hint_is_not_shown_and_follows(self, path: Path) -> None:
        key = sealing_key().fingerprint
        hint = f'metadata:\n  annotations:\n    {HINT_ANNOTATION}: "{key}; {"0" * 64}: user"\n'
        path.write_text(TEXT.replace("metadata:\n", hint, 1))
        _, editor = edited(path, "replace('user:', 'login:')")
        assert HINT_ANNOTATION not in editor.seen[0]
        assert f'"{key}; {"0" * 64}: login"' in path.read_text()


ODD = {"lines": "one\ntwo\n", "mark": "<sealed>", "number": "017", "empty": "", "control": "a\0b", "blank": " a\n"}


CHANGES = {
    "a value": ("replace('password: <sealed>', 'password: new')", {"password": "new", "user": "ann"}),
    "a number is taken as it is written": (
        "replace('password: <sealed>', 'password: 0017')",
        {"password": "0017", "user": "ann"},
    ),
    "a text in quotes": (
        "replace('password: <sealed>', 'password: \"a #b\"')",
        {"password": "a #b", "user": "ann"},
    ),
    "several lines": (
        "replace('password: <sealed>', 'password: |\\n      a\\n      b')",
        {"password": "a\nb\n", "user": "ann"},
    ),
    "base64": ("replace('password: <sealed>', 'password: <base64 YWI=>')", {"password": "ab", "user": "ann"}),
    "a new item": (
        "replace('user: <sealed>', 'user: <sealed>\\n    token: t')",
        {"password": "old", "user": "ann", "token": "t"},
    ),
    "an item less": ("replace('    user: <sealed>\\n', '')", {"password": "old"}),
    "no item at all": (
        "replace('encryptedData:\\n    password: <sealed>\\n    user: <sealed>', 'encryptedData: {}')",
        {},
    ),
    "another name": ("replace('user: <sealed>', 'login: <sealed>')", {"password": "old", "login": "ann"}),
    "other names": (
        "replace('password: <sealed>\\n    user: <sealed>', 'user: <sealed password>\\n    login: <sealed user>')",
        {"user": "old", "login": "ann"},
    ),
    "names exchanged": (
        "replace('password: <sealed>\\n    user: <sealed>', 'password: <sealed user>\\n    user: <sealed password>')",
        {"password": "ann", "user": "old"},
    ),
    "a copy": (
        "replace('user: <sealed>', 'user: <sealed>\\n    login: <sealed user>')",
        {"password": "old", "user": "ann", "login": "ann"},
    ),
    "all at once": (
        "replace('password: <sealed>\\n    user: <sealed>', 'pass: <sealed password>\\n    token: t')",
        {"pass": "old", "token": "t"},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_items(change: str, path: Path) -> None:
    script, items = CHANGES[change]
    run, _ = edited(path, script)
    assert (run.status, items_of(path)) == (0, items), run.stderr
    for name, value in {"password": OLD, "user": ANN}.items():
        if items_of(path).get(name) == {"password": "old", "user": "ann"}[name]:
            assert f"    {name}: {value}" in path.read_text()
    assert 'labels: {app: "x"} # stays' in path.read_text()
    assert path.read_text().startswith("# ours\n")


def test_what_is_said(path: Path) -> None:
    run, _ = edited(
        path, "replace('password: <sealed>\\n    user: <sealed>', 'pass: <sealed password>\\n    token: t')"
    )
    told = "set token (new); renamed password to pass; removed user in team-a/db (strict) with key"
    assert run.stderr == f"{path}: {told} {KEY}\n"


def test_only_a_renamed_items_line_changes(path: Path) -> None:
    edited(path, "replace('password:', 'passphrase:')", "--quiet")
    assert path.read_text() == TEXT.replace("password:", "passphrase:")


FIELDS = {
    "the type": ("replace('type: Opaque', 'type: example.com/x')", ("type: Opaque", "type: example.com/x")),
    "a label": ("replace('app: x', 'app: web')", ('{app: "x"}', '{app: "web"}')),
    "another label": ("replace('app: x', 'app: x\\n        b: c')", ('{app: "x"}', '{app: "x", "b": "c"}')),
}


@pytest.mark.parametrize("change", FIELDS)
def test_other_fields_need_no_certificate(change: str, path: Path) -> None:
    script, (old, new) = FIELDS[change]
    editor = scripted(path.parent, script)
    run = sealwright("edit", path, env=editor.variables)
    assert (run.status, path.read_text()) == (0, TEXT.replace(old, new)), run.stderr
    assert run.stderr == f"{path}: changed other fields in team-a/db (strict)\n"


def test_a_template(path: Path) -> None:
    edited(
        path,
        "replace('    type: Opaque', '    data:\\n      url: |\\n        a {{ .user }}\\n        b\\n    type: Opaque')",
    )
    assert read_plain(path.read_bytes())[0]["spec"]["template"]["data"] == {"url": "a {{ .user }}\nb\n"}
    _, editor = edited(path, "")
    assert "        a {{ .user }}\n        b\n" in editor.seen[0]


def test_a_value_that_was_shown_and_stays_keeps_its_ciphertext(path: Path) -> None:
    run, _ = edited(path, "replace('user: ann', 'user: bob')", "--key", PRIVATE_KEY)
    assert (run.status, items_of(path)) == (0, {"password": "old", "user": "bob"})
    assert OLD in path.read_text()


class TestAnotherPlace:
    SCOPE = "if not turn: replace('  name: db', '  annotations: {sealedsecrets.bitnami.com/cluster-wide: \"true\"}\\n  name: db')"

    def test_a_scope_needs_every_value(self, path: Path) -> None:
        run, editor = edited(path, self.SCOPE)
        assert (run.status, path.read_text()) == (ExitStatus.INPUT, TEXT)
        assert "needs every value, and 2 items stayed <sealed>: password, user" in run.stderr
        assert editor.seen[1].startswith(
            "#! error: the edited text: another name, namespace or scope needs every value"
        )
        assert "cluster-wide" in kept_text(run)

    @pytest.mark.parametrize("change", ["scope", "name", "namespace"])
    def test_with_the_values_shown_all_are_sealed_again(self, path: Path, change: str) -> None:
        words = {"name": "replace('name: db', 'name: other')", "namespace": "replace('team-a', 'team-b')"}
        run, _ = edited(path, words.get(change, self.SCOPE), "--key", PRIVATE_KEY)
        assert (run.status, items_of(path)) == (0, {"password": "old", "user": "ann"}), run.stderr
        assert OLD not in path.read_text()

    def test_a_scope_that_the_template_contradicts(self, path: Path) -> None:
        path.write_text(
            TEXT.replace(
                '{app: "x"} # stays', "{}\n      annotations: {sealedsecrets.bitnami.com/namespace-wide: 'true'}"
            )
        )
        run, _ = edited(path, self.SCOPE, "--key", PRIVATE_KEY)
        assert run.status == ExitStatus.INPUT
        assert "and another one by those of spec.template\nhint: change both" in run.stderr
        kept_text(run)


MISTAKES = {
    "YAML that is none": ("'password: \"x'", "line 1"),
    "a name that does not say which": ("'a: <sealed>\\n    b: <sealed>'", "does not say which ciphertext is meant"),
    "an item that is not there": ("'password: <sealed usr>'", "no item usr"),
    "no value": ("'password:'", "item password: no value"),
    "a comment that may be a part of it": ("'password: se#cret #1'", "# begins a comment"),
    "an anchor that may be a part of it": ("'password: &se cret'", "begins with & or !"),
    "a tag that may be a part of it": ("'password: !!str cret'", "begins with & or !"),
    "a list": ("'password: [a]'", "a map or a list stands where its value is expected"),
    "a mark with a mistake": ("'password: <sealed'", "looks like a mark and is none"),
    "base64 that is none": ("'password: <base64 a>'", "not base64"),
    "a name that no item can have": ("'a/b: x'", "an item has a name that no cluster accepts"),
    "an item twice": ("'user: x'", "the key user is there twice"),
    "a second document": ("'password: x\\n---\\na: b'", "the edited text"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_opens_the_editor_again(mistake: str, path: Path) -> None:
    written, words = MISTAKES[mistake]
    run, editor = edited(
        path,
        f"replace('password: <sealed>', {written}) if not turn else path.write_text((here / 'seen/0').read_text())",
    )
    assert (run.status, run.stderr, path.read_text()) == (0, f"{path}: unchanged\n", TEXT)
    reason, _, body = editor.seen[1].partition("# SealedSecret")
    assert reason.startswith("#! error: ")
    assert words in reason or words == "line 1"
    assert f"# SealedSecret{body}".count("#!") == 0
    assert len(editor.seen) == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: SealedSecret", "kind: Secret", "leave apiVersion and kind as they were"),
        ("spec:", "specs:", "no map spec in it"),
        ("name: db", "name: D_B", "metadata.name is one that no cluster accepts"),
        ("namespace: team-a", "namespace: T_A", "metadata.namespace is one that no cluster accepts"),
        ("  template:", "  templat:", "templat is not a field"),
        ("app: x", "app: true", "expected text"),
        ("  encryptedData:", "  encryptedData: x\n  y:", "not a map of items"),
    ],
)
def test_mistakes_in_other_fields(old: str, new: str, words: str, path: Path) -> None:
    run, editor = edited(path, f"if not turn: replace({old!r}, {new!r})")
    assert (run.status, path.read_text()) == (ExitStatus.INPUT, TEXT)
    assert words in run.stderr
    assert words in editor.seen[1]
    assert new in kept_text(run)


def test_a_reason_names_the_line_that_the_editor_shows(path: Path) -> None:
    run, editor = edited(path, "if not turn: replace('user: <sealed>', 'user: \"a\\\\q\"')")
    named = re.search(r"line (\d+)", editor.seen[1])
    assert named, editor.seen[1]
    assert "user:" in editor.seen[1].splitlines()[int(named[1]) - 1]
    kept_text(run)


def test_a_mistake_that_is_corrected(path: Path) -> None:
    run, editor = edited(
        path, "replace('password: <sealed>', 'password: [new]') if not turn else replace('[new]', 'new')"
    )
    assert (run.status, items_of(path)["password"], len(editor.seen)) == (0, "new", 2)


def test_doubts(path: Path) -> None:
    script = "if not turn: replace('password: <sealed>', 'password: |\\n      new')"
    run, editor = edited(path, script, "--strict")
    assert "ends with a line break" in editor.seen[1]
    kept_text(run)
    run, _ = edited(path, "replace('password: <sealed>', 'password: |\\n      new')")
    assert run.stderr.count("item password ends with a line break") == 1


def test_an_empty_text_changes_nothing(path: Path) -> None:
    run, _ = edited(path, "path.write_text('')")
    assert (run.status, run.stderr, path.read_text()) == (0, f"{path}: unchanged\n", TEXT)


@pytest.mark.parametrize("spec", ["", "spec:\n", "spec: {}\n", "spec:\n  encryptedData:\n", "spec:\n  template:\n"])
def test_an_object_that_holds_nothing_yet(path: Path, spec: str) -> None:
    path.write_text(
        f"apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: db, namespace: team-a}}\n{spec}"
    )
    before = path.read_text()
    run, _ = edited(path, "")
    assert (run.status, path.read_text()) == (0, before)
    run, _ = edited(path, "replace('encryptedData: {}', 'encryptedData:\\n    password: new')")
    assert (run.status, items_of(path)) == (0, {"password": "new"}), run.stderr


class TestWhichObject:
    def test_one_of_several(self, path: Path) -> None:
        path.write_text(f"---\n{TEXT}---\n{TEXT.replace('name: db', 'name: other')}")
        run, _ = edited(path, "replace('type: Opaque', 'type: example.com/x')", "--name", "other")
        assert run.status == 0
        assert path.read_text() == f"---\n{TEXT}---\n" + TEXT.replace("name: db", "name: other").replace(
            "type: Opaque", "type: example.com/x"
        )

    def test_without_a_namespace(self, path: Path) -> None:
        path.write_text(TEXT.replace("  namespace: team-a\n", ""))
        assert "no namespace; strict scope needs one" in edited(path, "")[0].stderr
        run, _ = edited(path, "replace('password: <sealed>', 'password: new')", "-n", "team-a")
        assert run.status == 0
        assert "namespace" not in path.read_text()

    def test_the_project_file(self, path: Path) -> None:
        (path.parent / ".sealwright.yaml").write_text(
            f"targets:\n  dev: {{certificate: {CERTIFICATE}}}\nrules:\n- path: '*.yaml'\n  target: dev\n  namespace: team-a\n"
        )
        path.write_text(TEXT.replace("  namespace: team-a\n", ""))
        editor = scripted(path.parent, "replace('password: <sealed>', 'password: new')")
        run = sealwright("edit", path, env=editor.variables)
        assert (run.status, f"set password in team-a/db (strict) with key {KEY}" in run.stderr) == (0, True), run.stderr


@pytest.mark.parametrize(
    ("password", "user", "told"),
    [
        ("<sealed user>", "<sealed password>", "moved user to password, password to user"),
        ("<sealed user>", "<sealed>", "copied user to password"),
        ("<sealed user>", "new", "set user; moved user to password"),
    ],
)
def test_ciphertexts_in_the_place_of_others_are_told(path: Path, password: str, user: str, told: str) -> None:
    both = "password: <sealed>\n    user: <sealed>"
    run, _ = edited(path, f"replace({both!r}, {f'password: {password}{chr(10)}    user: {user}'!r})")
    assert run.status == 0
    assert run.stderr.startswith(f"{path}: {told} in team-a/db (strict)")


def test_the_last_item_goes_with_a_warning(path: Path) -> None:
    run, _ = edited(path, "replace('\\n    password: <sealed>\\n    user: <sealed>', ' {}')")
    assert run.status == 0
    assert f"warning: {path}: SealedSecret team-a/db: no item is left; " in run.stderr
    assert f"{path}: removed password, user in team-a/db" in run.stderr


def test_a_mistyped_mark_is_not_sealed(path: Path) -> None:
    run, editor = edited(path, "replace('password: <sealed>', 'password: <Sealed>') if not turn else None")
    assert (run.status, len(editor.seen)) == (ExitStatus.INPUT, 2)
    assert "#! error: the edited text: item password: looks like a mark and is none\n" in editor.seen[1]
    kept_text(run)
    assert path.read_text() == TEXT
