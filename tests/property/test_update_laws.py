"""Laws of `seal --update`: the values are the new ones, unchanged ones keep their ciphertexts, and twice is as once."""

import base64
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.builders import sealing_key
from tests.support.cli import PRIVATE_KEY, recording_console
from tests.support.edits import items_of
from tests.support.sealed_layouts import NAMES, SealedFile, sealed_files

from sealwright_cli.commands.sealing.update import UpdateOptions, update
from sealwright_cli.files.disk import decode
from sealwright_cli.sealed.sealing import SealingRules
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import read_documents

some = settings(max_examples=25)  # each works with RSA keys and files
Values = Mapping[str, str]


class Desk:
    """A folder with one file, and a state folder of its own."""

    def __init__(self, folder: str, content: bytes) -> None:
        self._folder = Path(folder)
        self.path = self._folder / "sealed.yaml"
        self.path.write_bytes(content)

    def update(self, values: Values, *keys: Path) -> None:
        """Seal a Secret of these values over the file."""
        data = {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}
        metadata = {"name": "db", "namespace": "team-a"}
        secret = self._folder / "secret.json"
        secret.write_text(json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}))
        rules = SealingRules(sealing_key().certificate)
        options = UpdateOptions(self.path, [str(secret)], rules, self._folder / "state", [str(key) for key in keys])
        update(options, recording_console())

    @property
    def ciphertexts(self) -> dict[str, str]:
        """The ciphertexts of the object team-a/db."""
        found = find_manifests(read_documents(decode(self.path.read_bytes(), ""), ""))
        (sealed,) = [read_sealed_secret(one) for one in found if one.is_sealed_secret]
        return dict(sealed.items)

    @property
    def state(self) -> tuple[bytes, dict[str, str]]:
        """What the file holds, and the values in it."""
        return self.path.read_bytes(), items_of(self.path)


@st.composite
def changed(draw: st.DrawFn, values: Values) -> dict[str, str]:
    """Draw other values: some are the same, some change, some go and some come."""
    fates = {name: draw(st.sampled_from(["stays", "stays", "changes", "goes"])) for name in values}
    left = {name: f"{value}!" * (fates[name] == "changes") or value for name, value in values.items()}
    left = {name: value for name, value in left.items() if fates[name] != "goes"}
    come = draw(st.lists(st.sampled_from(["new", *NAMES]), max_size=2))
    return left | {name: "came" for name in come if name not in values} or {"new": "came"}


@some
@given(sealed_files(), st.data())
def test_the_values_are_the_new_ones_and_what_stays_keeps_its_ciphertext(file: SealedFile, data: st.DataObject) -> None:
    wanted = data.draw(changed(file.values))
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(folder, file.content)
        before = desk.ciphertexts
        desk.update(wanted, PRIVATE_KEY)
        assert desk.state[1] == wanted
        kept = {name for name, text in desk.ciphertexts.items() if before.get(name) == text}
        assert kept == {name for name, value in wanted.items() if file.values.get(name) == value}


@some
@given(sealed_files(), st.data())
def test_twice_is_as_once_also_by_what_is_remembered(file: SealedFile, data: st.DataObject) -> None:
    wanted = data.draw(changed(file.values))
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(folder, file.content)
        desk.update(wanted, PRIVATE_KEY)
        once = desk.state
        desk.update(wanted, PRIVATE_KEY)
        assert desk.state == once
        desk.update(wanted)
        assert desk.state == once


@some
@given(sealed_files(), st.data())
def test_what_is_remembered_tells_as_much_as_a_key(file: SealedFile, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(folder, file.content)
        desk.update(file.values)
        assert desk.state[1] == file.values
        before = desk.ciphertexts
        wanted = data.draw(changed(file.values))
        desk.update(wanted)
        assert desk.state[1] == wanted
        kept = {name for name, text in desk.ciphertexts.items() if before.get(name) == text}
        assert kept == {name for name, value in wanted.items() if file.values.get(name) == value}
