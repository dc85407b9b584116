"""Whatever the command line of `sealwright-kubeseal`: it ends soon, with a status, and never with a traceback."""

import itertools
import subprocess
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.cli import CERTIFICATE, KUBESEAL, PRIVATE_KEY, SECRET, environment

from sealwright_cli.kubeseal.flags import FLAGS, LOGGING, PREFIX
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_conventions.flagkinds import Kind
from sealwright_conventions.flags import Flag

SECONDS = 5
EXAMPLES = 60
FILES = {
    "secret.yaml": SECRET,
    "sealed.yaml": "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db}\nspec: {encryptedData: {}}\n",
    "config": "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters: [{name: a, cluster: {server: 'http://127.0.0.1:1'}}]\n"
    "contexts: [{name: a, context: {cluster: a}}]\n",
    "junk": "\x00{[",
}
WORDS = [
    *FILES,
    str(CERTIFICATE),
    str(PRIVATE_KEY),
    "strict",
    "cluster-wide",
    "json",
    "yaml",
    "true",
    "0",
    "https://127.0.0.1:1",
]

values = st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)


@st.composite
def flags(draw: st.DrawFn) -> list[str]:
    flag: Flag = draw(st.sampled_from([flag for flag in FLAGS if flag not in LOGGING]) | st.sampled_from(FLAGS))
    if flag.kind is Kind.BOOL:
        return draw(st.sampled_from([[f"--{flag.name}"], [f"--{flag.name}=false"]]))
    value = draw(values)
    written = [[f"--{flag.name}", value], [f"--{flag.name}={value}"]]
    return draw(st.sampled_from([*written, [f"-{flag.short}", value]] if flag.short else written))


parts = st.lists(flags() | values.map(lambda word: [word]), max_size=7)
command_lines = parts.map(lambda lists: list(itertools.chain(*lists)))
variables = st.dictionaries(
    st.sampled_from([f"{PREFIX}_{flag.name.replace('-', '_').upper()}" for flag in FLAGS]), values, max_size=2
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(command_lines, variables, st.sampled_from([SECRET, "", "junk: [", FILES["sealed.yaml"]]))
def test_every_command_line_ends_well(argv: list[str], env: dict[str, str], stdin: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in FILES.items():
            Path(folder, name).write_text(content)
        done = subprocess.run(
            [KUBESEAL, *argv],
            input=stdin.encode(),
            capture_output=True,
            cwd=folder,
            env=environment(**env),
            timeout=SECONDS,
            check=False,
        )
    assert done.returncode in set(ExitStatus) - {ExitStatus.BUG}
    assert b"Traceback" not in done.stderr
    assert bool(done.returncode) == (b"error: " in done.stderr)
