"""A secret value in the wrong place of a command line is not repeated: not by errors, warnings or hints, of either command.

What is repeated, and may be: a path under which something is there, and one that is written as nobody writes a value;
the name of an item, once it is a key of the file (docs/reference/exit-codes.md).
"""

import io
import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, kubeseal, seal, sealwright

from sealwright_cli import app, process
from sealwright_cli.commandline.spec import Option
from sealwright_cli.front.index import load
from sealwright_cli.kubeseal.flags import FLAGS, PREFIX
from sealwright_cli.kubeseal.front import kubeseal as kubeseal_front
from sealwright_cli.messages.errors import CliError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.naming import UNNAMED, shown_path

VERBS = (
    "seal",
    "raw",
    "create",
    "set",
    "edit",
    "unset",
    "rename",
    "unseal",
    "merge",
    "inspect",
    "explain",
    "verify",
    "reencrypt",
    "render",
    "cert show",
    "cert fetch",
    "diff",
    "lint",
    "kustomize",
)

NAMES_THAT_ARE_SHOWN = {"--name", "--namespace", "--controller-name", "--controller-namespace"}
"""Of objects: what was made for whom, and which right is missing on what, is told with them."""


Said = tuple[int, str]


def said_by(command: str, words: Sequence[str], folder: Path, **environ: str) -> Said:
    """Run a command within this process; return its exit status and all that it wrote."""
    out, err = io.TextIOWrapper(io.BytesIO(), write_through=True), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("KUBECONFIG", "SEALWRIGHT_CERT", "SEALWRIGHT_CERT_FINGERPRINT", "VISUAL", "XDG_CACHE_HOME"):
            patch.delenv(name, raising=False)
        for name, value in ({"HOME": str(folder), "NO_PROXY": "*", "EDITOR": "true"} | environ).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", [command, *words])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SECRET.encode())))
        patch.setattr(sys, "__stdout__", out)
        patch.setattr(sys, "stderr", err)
        status = ended(command, words)
    out.seek(0)
    return status, out.read() + err.getvalue()


def ended(command: str, words: Sequence[str]) -> int:
    """Do what the mains do, but for signals; return the exit status."""
    try:
        if command == "kubeseal":
            return int(kubeseal_front(list(words), process.console(terse=True), process.surroundings()))
        process._with_words_written(app._run)
    except CliError as error:
        process.console().error(error)
        return int(error.status)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the commands need."""
    folder = tmp_path_factory.mktemp("echoes")
    (folder / "cert.pem").write_bytes(CERTIFICATE.read_bytes())
    (folder / "key.pem").write_bytes(PRIVATE_KEY.read_bytes())
    (folder / "secret.yaml").write_text(SECRET)
    assert said_by("sealwright", ["seal", "--cert", "cert.pem", "secret.yaml", "-w", "sealed.yaml"], folder)[0] == 0
    return folder


def marker() -> str:
    """Return a value that nobody may see."""
    return f"Hunter{secrets.token_hex(6)}"


def check(command: str, words: Sequence[str], value: str, folder: Path, **environ: str) -> None:
    """Run a command whose line holds a value in the wrong place: it is not repeated, in whole or in pieces."""
    before = set(folder.rglob("*"))
    contents = {path: path.read_bytes() for path in before if path.is_file()}
    _, said = said_by(command, words, folder, **environ)
    made = set(folder.rglob("*")) - before
    is_key = any(f"    {value}: A".encode() in path.read_bytes() for path in contents)
    assert value not in said or is_key or any(path.name == value for path in made), (words, said)
    assert "Traceback" not in said
    for path in sorted(made, reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    for path, content in contents.items():  # words in the wrong place may make a command write over a file
        path.write_bytes(content)


USUAL = {
    "seal": ["seal", "--cert", "cert.pem", "secret.yaml"],
    "raw": ["raw", "--cert", "cert.pem", "--scope", "cluster-wide"],
    "unseal": ["unseal", "--key", "key.pem", "sealed.yaml"],
    "merge": ["merge", "--cert", "cert.pem", "sealed.yaml", "secret.yaml", "-w", "merged.yaml"],
    "create": ["create", "db", "-n", "team-a", "--cert", "cert.pem", "--from-file", "secret.yaml", "-w", "new.yaml"],
    "set": ["set", "sealed.yaml", "password", "--cert", "cert.pem"],
    "edit": ["edit", "sealed.yaml", "--cert", "cert.pem"],
    "unset": ["unset", "sealed.yaml", "password"],
    "rename": ["rename", "sealed.yaml", "password", "pass"],
    "inspect": ["inspect", "--cert", "cert.pem", "sealed.yaml"],
    "explain": ["explain", "--key", "key.pem", "--cert", "cert.pem", "sealed.yaml"],
    "verify": ["verify", "--server", "http://127.0.0.1:1", "sealed.yaml"],
    "reencrypt": ["reencrypt", "--key", "key.pem", "--cert", "cert.pem", "sealed.yaml", "-w", "again.yaml"],
    "render": ["render", "sealed.yaml"],
    "cert show": ["cert", "show", "cert.pem"],
    "cert fetch": ["cert", "fetch", "--server", "http://127.0.0.1:1"],
    "diff": ["diff", "sealed.yaml", "secret.yaml"],
    "lint": ["lint", "--cert", "cert.pem", "sealed.yaml"],
    "kustomize": ["kustomize"],
}
"""A command line for each verb, which works or finds no cluster."""


def parameters(verb: str) -> Sequence[Option]:
    """Return the options of a verb."""
    return load(verb).options


def misplaced(verb: str, value: str) -> Iterator[list[str]]:
    """Yield command lines of a verb with a value where it does not belong."""
    usual = USUAL[verb]
    depth = len(verb.split())
    yield [*usual[: depth - 1], value, *usual[depth:]]
    yield [*usual[:depth], value]
    for at in range(len(usual) + 1):
        yield [*usual[:at], value, *usual[at:]]
        yield [*usual[:at], f"--{value}", *usual[at:]]
        yield [*usual[:at], f"-{value}", *usual[at:]]
        yield [*usual[:at], f"--{value}=x", *usual[at:]]
        yield [*usual[:at], f"{value}=x", *usual[at:]]
    yield [*usual, "--nam", value]
    yield [*usual, f"--nam={value}"]
    yield [*usual, "--", value]
    for option in parameters(verb):
        if NAMES_THAT_ARE_SHOWN & set(option.names):
            continue
        for name in option.names:
            yield [*usual, name, value]
            yield [*usual, f"{name}={value}"]
            yield [*usual[:depth], name, value]
        if name.startswith("--"):
            yield [*usual, f"{name[:-1]}", value]


@pytest.mark.parametrize("verb", USUAL)
def test_a_value_in_the_wrong_place_is_not_repeated(verb: str, folder: Path) -> None:
    value = marker()
    leaks = []
    for words in misplaced(verb, value):
        try:
            check("sealwright", words, value, folder)
        except AssertionError as error:
            leaks.append(str(error)[:600])
    assert not leaks, "\n\n".join(leaks)


KUBESEAL_USUAL = {
    "seal": ["--cert", "cert.pem", "-f", "secret.yaml"],
    "raw": ["--cert", "cert.pem", "--raw", "--scope", "cluster-wide"],
    "merge": ["--cert", "cert.pem", "--merge-into", "sealed.yaml", "-f", "secret.yaml", "-w", "merged.yaml"],
    "recovery": ["--recovery-unseal", "--recovery-private-key", "key.pem", "-f", "sealed.yaml"],
    "validate": ["--validate", "--server", "http://127.0.0.1:1", "-f", "sealed.yaml"],
    "re-encrypt": ["--re-encrypt", "--server", "http://127.0.0.1:1", "-f", "sealed.yaml", "-w", "again.yaml"],
    "fetch-cert": ["--fetch-cert", "--cert", "cert.pem"],
}


def misplaced_with_kubeseal(usual: list[str], value: str) -> Iterator[list[str]]:
    """Yield command lines of kubeseal's with a value where it does not belong."""
    for at in range(len(usual) + 1):
        for word in (value, f"--{value}", f"-{value}", f"--{value}=x", f"{value}=x"):
            yield [*usual[:at], word, *usual[at:]]
    yield [*usual, "--nam", value]
    yield [*usual, f"--nam={value}"]
    yield [*usual, "--", value]
    yield [*usual, f"---{value}"]
    for flag in FLAGS:
        if f"--{flag.name}" in NAMES_THAT_ARE_SHOWN:
            continue
        yield [*usual, f"--{flag.name}", value]
        yield [*usual, f"--{flag.name}={value}"]
        yield [*usual, f"--{flag.name}", f'"{value}']
        if flag.short:
            yield [*usual, f"-{flag.short}{value}"]
            yield [*usual, f"-{flag.short}={value}"]


@pytest.mark.parametrize("what", KUBESEAL_USUAL)
def test_nor_by_kubeseal(what: str, folder: Path) -> None:
    value = marker()
    leaks = []
    for words in misplaced_with_kubeseal(KUBESEAL_USUAL[what], value):
        try:
            check("kubeseal", words, value, folder)
        except AssertionError as error:
            leaks.append(str(error)[:600])
    assert not leaks, "\n\n".join(leaks)


def test_nor_from_variables(folder: Path) -> None:
    value = marker()
    for name in ("SEALWRIGHT_CERT", "SEALWRIGHT_CERT_FINGERPRINT", "KUBECONFIG"):
        for words in USUAL.values():
            check(
                "sealwright",
                [word for word in words if word not in ("--cert", "cert.pem")],
                value,
                folder,
                **{name: value},
            )
            check("sealwright", words, value, folder, **{name: value})
    for flag in FLAGS:
        if f"--{flag.name}" not in NAMES_THAT_ARE_SHOWN and flag.has_variable:
            check("kubeseal", ["-f", "secret.yaml"], value, folder, **{flag.variable(PREFIX): value})


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nor_in_any_mixture(folder: Path, data: st.DataObject) -> None:
    value = marker()
    verb = data.draw(st.sampled_from(list(USUAL)))
    names = [name for one in parameters(verb) for name in one.names if name not in (*NAMES_THAT_ARE_SHOWN, "-n")]
    garbage = [value, f"--{value}", f"{value} {value}", f"x={value}", f"{value}\n", f"{value}/{value}", value * 20]
    words = data.draw(st.lists(st.sampled_from([*names, *garbage, *USUAL[verb]]), max_size=6))
    check("sealwright", [*data.draw(st.sampled_from([USUAL[verb], verb.split(), []])), *words], value, folder)


# --- namespaces -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["seal", "merge"])
def test_a_namespace_that_disagrees_is_repeated_only_as_a_plain_word(command: str, folder: Path) -> None:
    for namespace, is_shown in (("coast", True), ("hunter2", False)):
        status, said = said_by("kubeseal", [*KUBESEAL_USUAL[command], "--namespace", namespace], folder)
        assert (status, namespace in said, "team-a" in said) == (ExitStatus.INPUT, is_shown, True)


# --- paths ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "is_shown"),
    [
        ("secret.yaml", True),
        ("gone.yaml", True),
        ("gone.PEM", True),
        ("keys", True),
        ("keys/gone", True),
        ("gone", False),
        ("gone.x", False),
        ("gone/gone", False),
        ("/gone", False),
        ("gone\n.yaml", False),
        ("x" * 5000, False),
        ("x" * 5000 + ".yaml", False),
        ("\0", False),
    ],
)
def test_a_path_is_shown_only_where_it_is_surely_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, is_shown: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.yaml").touch()
    (tmp_path / "keys").mkdir()
    assert shown_path(Path(path)) == (path if is_shown else UNNAMED)


def test_a_file_that_is_not_there_is_told_by_its_place(tmp_path: Path) -> None:
    run = seal("-", "gone.yaml", "hunter2", stdin=SECRET, cwd=tmp_path)
    assert run.status == ExitStatus.INPUT
    assert "error: gone.yaml: no such file or directory\n" in run.stderr
    assert "error: argument 3: no such file or directory\n" in run.stderr
    assert "hunter2" not in run.stderr


def test_a_file_that_is_there_is_named_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "hunter2").write_text("kind: ConfigMap\n")
    assert seal("hunter2", cwd=tmp_path).stderr.startswith("error: hunter2: no Secret in it")


def test_raw_says_where_the_value_belongs() -> None:
    run = sealwright("raw", "hunter2")
    assert (run.status, run.stdout) == (ExitStatus.USAGE, b"")
    assert "hunter2" not in run.stderr
    assert "give the value on standard input, or name its file with --from-file" in run.stderr


def test_suggestions_are_names_that_there_are() -> None:
    run = kubeseal("--certt", "hunter2")
    assert run.stderr.startswith("error: unknown flag: --certt (word 1 of the command line); did you mean --cert\n")
    run = sealwright("rwa", "hunter2")
    assert run.stderr == "error: no such command (word 1 after sealwright)\nhint: did you mean 'raw'\n"
