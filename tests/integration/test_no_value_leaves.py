"""One law over everything: no byte of a plaintext leaves by any channel but the Secret.

Marked values go through every verb of the command and through whole controllers, in ordinary and in hostile files and
objects. Then every channel is searched for them, as they are, in base64, in hexadecimal, for URLs and in JSON: what is
printed, logged, told by Events, status, metrics and HTTP, handed to other processes, and written into any file.
"""

import base64
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.controller.test_observations import FAILING, SUCCEEDING, TOO_LARGE, TOO_LONG
from tests.integration.conftest import running
from tests.support import witness
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.chaos.leaks import LeakSearch, plaintext
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, Run, files_below, kubeseal, sealwright
from tests.support.controller_process import ControllerProcess
from tests.support.directories import put
from tests.support.installation import SEALED_SECRET, Installation
from tests.support.marked_texts import SECRETS, legacy
from tests.support.testkeys import key
from tests.support.wait import eventually
from tests.support.worlds import key_secret
from tools.fuzz.mutating import mutated

from sealwright_controller.gateway import KEY_LABEL
from sealwright_crypto import Certificate, load_certificate

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a process holds is read from /proc")


class Values:
    """Makes values, and finds them."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._search = LeakSearch()

    def new(self) -> bytes:
        """Return a value that nobody else has."""
        made = plaintext(self._random)
        self._search.add(made)
        return made

    def leaks(self, channels: Mapping[str, bytes]) -> dict[str, list[str]]:
        """Return the channels with a part of a value in them, and where."""
        return {name: found for name, content in channels.items() if (found := self._search.found_in(content))}


@pytest.fixture
def values() -> Values:
    return Values()


# The command


class Desk:
    """Runs commands in a folder, and collects what left by each channel."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self._seen = folder / "seen"
        self.given: dict[str, bytes] = {}
        for each in (self.folder, self._seen):
            each.mkdir()

    def write(self, name: str, content: bytes) -> None:
        """Write a file that the person has."""
        (self.folder / name).write_bytes(content)
        self.given[name] = content

    def channels(self, run: Run, *, prints_values: bool, output: str = "") -> dict[str, bytes]:
        """Return what left in a run. `output` is the file that the values were to be written into."""
        made = files_below(self.folder)
        known = {*self.given.values(), made.get(output, b"")}
        found = {f"file {name}": content for name, content in made.items() if content not in known}
        found |= {f"seen {name}": content for name, content in files_below(self._seen).items() if content not in known}
        return found | {"stderr": run.stderr.encode()} | ({} if prints_values else {"stdout": run.stdout})

    def run(self, command: Callable[..., Run], *arguments: str | Path, stdin: bytes = b"", **variables: str) -> Run:
        """Run a command here, watched from inside."""
        watched = {witness.VARIABLE: str(self._seen), "TMPDIR": str(self.folder)} | variables
        watched["XDG_STATE_HOME"] = str(self.folder / "state")
        if command is kubeseal:
            return kubeseal(*arguments, stdin=stdin, cwd=self.folder, **watched)
        return sealwright(*arguments, stdin=stdin, cwd=self.folder, env=watched)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def typing(desk: Desk, instead: str = "b:") -> str:
    """Return an editor that writes the content of in.yaml, in quotes, in the place of `b: <sealed>`."""
    code = (
        "import json, pathlib, sys; source, path = map(pathlib.Path, sys.argv[2:]); text = path.read_text();"
        "value = json.dumps(source.read_text(errors='replace'));"
        "path.write_text(text.replace('b: <sealed>', sys.argv[1] + ' ' + value))"
    )
    return shlex.join([sys.executable, "-IS", "-c", code, instead, str(desk.folder / "in.yaml")])


def mistyped(desk: Desk) -> Run:
    """Edit with a mistake; what is kept, in memory and for this person alone, is no leak, and is removed."""
    run = desk.run(sealwright, "edit", "target.yaml", EDITOR=typing(desk, "b: ["))
    (kept,) = map(Path, re.findall(r"kept in (\S+);", run.stderr))
    desk.given["kept"] = kept.read_bytes()
    shutil.rmtree(kept.parent)
    return run


SEAL = ("seal", "--cert", CERTIFICATE, "-n", "team-a")
VERBS: dict[str, Callable[[Desk], Run]] = {
    "seal": lambda desk: desk.run(sealwright, *SEAL, "in.yaml"),
    "seal as JSON": lambda desk: desk.run(sealwright, *SEAL, "-o", "json", stdin=desk.given["in.yaml"]),
    "seal in place": lambda desk: desk.run(sealwright, *SEAL, "--in-place", "in.yaml"),
    "seal over a file": lambda desk: desk.run(sealwright, *SEAL, "--update", "target.yaml", "in.yaml"),
    "seal over a new file": lambda desk: desk.run(sealwright, *SEAL, "--update", "new.yaml", "in.yaml"),
    "seal over a file, with keys": lambda desk: desk.run(
        sealwright, *SEAL, "--key", PRIVATE_KEY, "--update", "target.yaml", "in.yaml"
    ),
    "seal a folder": lambda desk: desk.run(sealwright, *SEAL, "--output-dir", "out", "."),
    "kubeseal": lambda desk: desk.run(kubeseal, "--cert", CERTIFICATE, "-o", "yaml", stdin=desk.given["in.yaml"]),
    "merge": lambda desk: desk.run(sealwright, "merge", "--cert", CERTIFICATE, "target.yaml", "in.yaml"),
    "merge into it": lambda desk: desk.run(sealwright, "merge", "--cert", CERTIFICATE, "in.yaml", "other.yaml"),
    "raw": lambda desk: desk.run(
        sealwright, "raw", "--cert", CERTIFICATE, "--name", "a", "-n", "b", "--from-file", "in.yaml"
    ),
    "verify": lambda desk: desk.run(sealwright, "verify", "in.yaml"),
    "reencrypt": lambda desk: desk.run(
        sealwright, "reencrypt", "--key", PRIVATE_KEY, "--cert", CERTIFICATE, "--force", "in.yaml"
    ),
    "cert": lambda desk: desk.run(sealwright, "cert", "show", "in.yaml"),
    "create": lambda desk: desk.run(
        sealwright, "create", "new", "-n", "team-a", "--cert", CERTIFICATE, "--from-file", "in.yaml"
    ),
    "set": lambda desk: desk.run(
        sealwright, "set", "--cert", CERTIFICATE, "target.yaml", "b", "--from-file", "in.yaml"
    ),
    "set an item of it": lambda desk: desk.run(sealwright, "set", "--cert", CERTIFICATE, "in.yaml", "a", stdin=b"x"),
    "unset": lambda desk: desk.run(sealwright, "unset", "in.yaml", "a"),
    "rename": lambda desk: desk.run(sealwright, "rename", "in.yaml", "a", "c"),
    "inspect": lambda desk: desk.run(sealwright, "inspect", "in.yaml"),
    "explain": lambda desk: desk.run(sealwright, "explain", "in.yaml"),
    "lint": lambda desk: desk.run(sealwright, "lint", "-o", "json", "."),
    "diff": lambda desk: desk.run(sealwright, "diff", "in.yaml", "target.yaml"),
    "kustomize": lambda desk: desk.run(sealwright, "kustomize", "function.yaml", stdin=desk.given["in.yaml"]),
    "edit": lambda desk: desk.run(sealwright, "edit", "--cert", CERTIFICATE, "target.yaml", EDITOR=typing(desk)),
    "edit with a mistake": mistyped,
}
OPENING: dict[str, Callable[[Desk], Run]] = {
    "unseal": lambda desk: desk.run(sealwright, "unseal", "--key", PRIVATE_KEY, "in.yaml"),
    "unseal into a file": lambda desk: desk.run(
        sealwright, "unseal", "--key", PRIVATE_KEY, "in.yaml", "-w", "out.yaml"
    ),
    "render": lambda desk: desk.run(sealwright, "render", "--key", PRIVATE_KEY, "in.yaml", "-w", "out.yaml"),
    "a key that is none": lambda desk: desk.run(sealwright, "unseal", "--key", "in.yaml", "target.yaml"),
}
"""Verbs that print values, on purpose."""


KEEPING = {"merge into it", "set an item of it", "unset", "rename", "kustomize"}
"""Verbs that keep what stands in a SealedSecret already."""
THOROUGHLY = {"seal", "seal in place", "kubeseal", "merge", "unseal"}
"""Verbs that are run over every text; the others over each third."""


def target_text() -> bytes:
    return json.dumps(sealed_secret(items={"b": b"x"}), indent=1).encode()


@pytest.mark.parametrize(("verb", "do"), (VERBS | OPENING).items(), ids=VERBS | OPENING)
def test_no_verb_lets_a_value_out(verb: str, do: Callable[[Desk], Run], desk: Desk, values: Values) -> None:
    found = {}
    for about, text in list(SECRETS.items())[:: 1 if verb in THOROUGHLY else 3]:
        if verb in KEEPING and about == "a ciphertext that is none":
            continue  # what is in the file stays there
        desk.write("in.yaml", text(values.new()).encode("utf-8", "surrogateescape"))
        desk.write("target.yaml", target_text())
        desk.write("function.yaml", f"kind: SealSecrets\nspec: {{cert: {CERTIFICATE}}}\n".encode())
        desk.write("other.yaml", b"kind: Secret\nmetadata: {name: db}\nstringData: {c: x}\n")
        run = do(desk)
        output = "out.yaml" if verb in OPENING else ""
        found[about] = values.leaks(desk.channels(run, prints_values=verb in OPENING, output=output))
    assert {about: leaks for about, leaks in found.items() if leaks} == {}


def test_no_damaged_file_lets_a_value_out(desk: Desk, values: Values) -> None:
    choices = random.Random(1)
    words = [
        word.encode() for word in ("\n", "  ", ": ", '"', "'", "- ", "{", "}", "&a ", "*a", "|", "#", "\t", "---\n")
    ]
    for number in range(40):
        value = values.new()
        text = list(SECRETS.values())[number % 8](value).encode()
        at = text.index(b"ata:") if b"ata:" in text else len(text) // 2
        # The beginning stays, so that it is a Secret whose values may not be shown.
        desk.write("in.yaml", text[: at + 4] + mutated(choices, text[at + 4 :], words))
        run = VERBS["seal"](desk) if number % 2 else OPENING["unseal"](desk)
        if run.status:  # else another value was sealed, or what is no value any more was kept
            assert values.leaks(desk.channels(run, prints_values=False)) == {}


@pytest.mark.parametrize("kind", [FAILING, SUCCEEDING], ids=["failing", "succeeding"])
def test_no_preview_of_a_template_says_more_than_its_result(kind: dict[str, str], desk: Desk, values: Values) -> None:
    value = values.new()
    texts = {f"t{number}": text for number, text in enumerate(kind.values())}
    desk.write("in.yaml", json.dumps(sealed_secret(items={"v": value}, template={"data": texts})).encode())
    for name, text in list(texts.items())[:: 1 if kind is FAILING else 3]:
        run = desk.run(sealwright, "render", "--key", PRIVATE_KEY, "--only", name, "in.yaml")
        assert values.leaks(desk.channels(run, prints_values=True)) == {}, text


LEAKS = {
    "stdout": "print(value)",
    "stderr": "sys.stderr.write(value.encode().hex())",
    "argv": "subprocess.run(['true', value])",
    "environment": "subprocess.run(['true'], env={'A': base64.b64encode(value.encode()).decode()})",
    "a file": "pathlib.Path('x').write_text(json.dumps({'a': value}))",
    "a file that is gone": "path = pathlib.Path('x'); path.write_text(urllib.parse.quote(value)); path.unlink()",
    "a file that is moved": "path = pathlib.Path('x'); path.write_text('- ' + value); path.rename('in.yaml')",
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_command_that_lets_a_value_out_is_caught(leak: str, desk: Desk, values: Values) -> None:
    value = values.new().decode()
    program = (
        "import base64, json, os, pathlib, subprocess, sys, urllib.parse; from tests.support import witness\n"
        f"witness.watch(pathlib.Path(os.environ['{witness.VARIABLE}'])); value = sys.stdin.read(); {LEAKS[leak]}"
    )

    def leaking(*_: Any, stdin: bytes, cwd: Path, env: dict[str, str]) -> Run:
        environ = {**os.environ, **env, "PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(
            [sys.executable, "-c", program], input=stdin, capture_output=True, cwd=cwd, env=environ, check=False
        )
        assert done.returncode == 0, done.stderr
        return Run(0, done.stdout, done.stderr.decode())

    run = leaking(stdin=value.encode(), cwd=desk.folder, env={witness.VARIABLE: str(desk._seen)})
    assert values.leaks(desk.channels(run, prints_values=False))


# The controller


SOME_TOO_LONG = dict(list(TOO_LONG.items())[:1])
"""Each takes a core for as long as a template may."""


def objects(namespace: str, certificate: Certificate, values: Values) -> Iterator[dict[str, Any]]:
    """Yield SealedSecrets, ordinary and hostile, each with values of its own, and names of its own."""
    templates: dict[str, Any] = {
        f"{kind}-{number}": {"data": {"t": text}}
        for kind, texts in (("well", SUCCEEDING), ("failing", FAILING), ("long", SOME_TOO_LONG), ("large", TOO_LARGE))
        for number, text in enumerate(texts.values())
    }
    templates |= {
        "docker": {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": "{{ .v }}"}},
        "key-name": {"data": {"a/{{ .v }}": "x"}},
        "label": {"metadata": {"labels": {"a": "{{ .v }}"}, "annotations": {"b": "{{ .v }}"}}},
        "forbidden": {"type": "kubernetes.io/service-account-token"},
        "finalizer": {"metadata": {"finalizers": ["example.com/x"]}},
        "number": {"data": {"t": 5}},
        "tls": {"type": "kubernetes.io/tls"},
    }
    for name, template in templates.items():
        yield sealed_secret(name, namespace, {"v": values.new()}, certificate=certificate, template=template)
    foreign = other_sealing_key().certificate
    yield sealed_secret("foreign", namespace, {"v": values.new()}, certificate=foreign)
    damaged = sealed_secret("damaged", namespace, {"v": values.new(), "w": values.new()}, certificate=certificate)
    damaged["spec"]["encryptedData"]["w"] = damaged["spec"]["encryptedData"]["w"][:-8] + "AAAAAAA="
    yield damaged
    moved = sealed_secret("elsewhere", namespace, {"v": values.new()}, certificate=certificate)
    yield moved | {"metadata": {**moved["metadata"], "name": "moved"}}
    for about in ("in-the-way", "drifting"):
        yield sealed_secret(about, namespace, {"v": values.new()}, certificate=certificate)


def in_the_way(namespace: str, values: Values) -> dict[str, Any]:
    data = {"v": base64.b64encode(values.new()).decode()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "in-the-way", "namespace": namespace},
        "data": data,
    }


def asked(controller: ControllerProcess, bodies: list[bytes]) -> dict[str, bytes]:
    """Return what a controller answers over HTTP to everything that anybody may ask."""
    answers = {f"GET {path}": controller.get(path) for path in ("/healthz", "/livez", "/readyz", "/v1/cert.pem", "/x")}
    choices = random.Random(2)
    for path in ("/v1/verify", "/v1/rotate"):
        for number, body in enumerate(bodies):
            answers[f"POST {path} {number}"] = controller.post(path, body)
            spoilt = mutated(choices, body, [b'"', b"{", b"]", b"null", b": "])
            answers[f"POST {path} {number}, spoilt"] = controller.post(path, spoilt)
    found = {name: f"{status} {body}".encode() for name, (status, body) in answers.items()}
    return found | {"metrics": controller.metrics().encode()}


def processes_of(pid: int) -> dict[str, bytes]:
    """Return the arguments and the environment of a process and of those that it started."""
    found = {}
    for each in [pid, *(int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal())]:
        try:
            parent = int(Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[1])
            if pid in (each, parent):
                for what in ("cmdline", "environ"):
                    found[f"{what} of {each}"] = Path(f"/proc/{each}/{what}").read_bytes()
        except OSError:  # it has ended
            continue
    return found


FLAGS = (
    "--log-level=debug",
    "--rate-limit=100000",
    "--rate-limit-burst=100000",
    "--key-size=2048",
    "--pace-edits=false",
)


@pytest.mark.parametrize("log", ["text", "json"])
def test_no_controller_over_a_folder_lets_a_value_out(log: str, tmp_path: Path, values: Values) -> None:
    root, temporary = tmp_path / "root", tmp_path / "tmp"
    temporary.mkdir()
    put(root, "keys/key.json", key_secret(sealing_key(), name="key", namespace="x", labels={KEY_LABEL: "active"}))
    made = list(objects("team-a", sealing_key().certificate, values))
    made += [
        legacy(SECRETS[about](values.new()).encode(), about.replace(" ", "-").lower())
        for about in ("JSON", "cut-off JSON")
    ]
    put(root, "secrets/team-a/in-the-way.yaml", in_the_way("team-a", values))
    for manifest in made:
        put(root, f"sealed/{manifest['metadata']['name']}.json", manifest)
    for number, text in enumerate(SECRETS.values()):
        put(root, f"sealed/file-{number}.yaml", text(values.new()).encode("utf-8", "surrogateescape"))
    names = {manifest["metadata"]["name"] for manifest in made}
    flags = (f"--directory={root}", f"--log-format={log}", *FLAGS)
    controller = ControllerProcess(flags, folder=tmp_path, environment={"TMPDIR": str(temporary)})
    controller.start()
    try:
        drifting = root / "secrets/team-a/drifting.yaml"
        eventually(drifting.exists, timeout=60, what="its Secret is there")
        eventually(
            lambda: {path.stem for path in root.glob("status/team-a/*")} >= names, timeout=300, what="all are told"
        )
        drifting.write_text(
            drifting.read_text().replace("  v: ", f"  v: {base64.b64encode(values.new()).decode()}\n  w: ")
        )
        eventually(lambda: "  w: " not in drifting.read_text(), timeout=60, what="the Secret is as it was")
        channels = asked(controller, [json.dumps(manifest).encode() for manifest in made])
        channels |= processes_of(controller.pid)
    finally:
        controller.stop()
    given = root / "sealed"
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        if given not in path.parents and root / "secrets" not in path.parents:
            channels[str(path.relative_to(tmp_path))] = path.read_bytes()
    assert {"controller.log", "metrics"} < channels.keys()
    assert any("event" in name for name in channels)
    assert values.leaks(channels) == {}
    channels["controller.log"] += values.new().hex().encode()
    assert list(values.leaks(channels)) == ["controller.log"]


@pytest.fixture(scope="module")
def installed(own_control_plane: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    yield from running(Installation(own_control_plane, folder, arguments=FLAGS))


def test_nothing_but_secrets_holds_a_value_in_a_cluster(
    installed: Installation, namespace: str, values: Values
) -> None:
    kube = installed.kube
    kube.create(in_the_way(namespace, values))
    made = list(objects(namespace, load_certificate(installed.certificate.read_bytes()), values))
    made = [manifest for manifest in made if manifest["metadata"]["name"] != "number"]  # the schema refuses it
    for manifest in made:
        kube.create(manifest)
    names = [manifest["metadata"]["name"] for manifest in made]
    eventually(lambda: all(installed.condition(namespace, name) for name in names), timeout=300, what="all are told")
    drifted = {"data": {"v": base64.b64encode(values.new()).decode()}}
    installed.kubectl("patch", "-n", namespace, "secret", "drifting", f"--patch={json.dumps(drifted)}")
    eventually(
        lambda: any("Drift" in event["reason"] for event in installed.events(namespace, "drifting")),
        timeout=60,
        what="the drift is told",
    )
    channels = asked(installed.controller, [json.dumps(manifest).encode() for manifest in made])
    channels |= processes_of(installed.controller.pid)
    for kind in (SEALED_SECRET, "v1/Event", "v1/ConfigMap", "coordination.k8s.io/v1/Lease"):
        channels[kind] = json.dumps(kube.list(kind, "")).encode()
    channels["log"] = installed.controller.log.read_bytes()
    assert b"drifting" in channels["v1/Event"]
    assert values.leaks(channels) == {}
    channels["v1/Event"] += base64.b64encode(b"x" + values.new())
    assert list(values.leaks(channels)) == ["v1/Event"]


def test_what_was_sealed_to_other_keys_is_not_let_out_by_reencrypting(desk: Desk, values: Values) -> None:
    desk.write("in.yaml", json.dumps(sealed_secret(items={"v": values.new()})).encode())
    desk.write("new.pem", key("new-2048").certificate.pem.encode())
    run = desk.run(sealwright, "reencrypt", "--key", PRIVATE_KEY, "--cert", "new.pem", "in.yaml")
    assert run.status == 0
    assert (desk.folder / "in.yaml").read_bytes() != desk.given["in.yaml"]
    assert values.leaks(desk.channels(run, prints_values=False)) == {}
