"""f03: markers, the last line break, line ends, the byte order mark and the encoding of a file stay as they were."""

import codecs
import json
import time
from pathlib import Path

import pytest
from tests.support.builders import sealed_secret
from tests.support.cli import CERTIFICATE, SECRET, recording_console
from tests.support.edits import NOW, ciphertext, items_of, merge_into, reencrypt_file, sealed_text, shape

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.sealing.seal import SealOptions, seal

BODY = sealed_text("\n    a: <C>")
OTHER = "# another\nkind: ConfigMap\ndata: {a: 017}\n"
TEXTS = {
    "no marker": f"{BODY}\n",
    "a marker": f"---\n{BODY}\n",
    "a marker with a comment": f"--- # mine\n{BODY}\n",
    "a comment before the marker": f"# mine\n\n---\n{BODY}\n",
    "a directive": f"%YAML 1.1\n---\n{BODY}\n",
    "an end marker": f"{BODY}\n...\n",
    "an end marker with a comment": f"{BODY}\n... # end\n# more\n",
    "no last line break": f"---\n{BODY}",
    "no last line break behind others": f"{OTHER}---\n{BODY}",
    "empty lines at the end": f"{BODY}\n\n\n",
    "blanks at the end": f"{BODY}  \n  \n",
    "between others": f"{OTHER}---\n{BODY}\n--- # third\n{OTHER}...\n---\n# nothing\n---\n{OTHER}",
    "empty documents around it": f"---\n---\n# nothing\n---\n{BODY}\n---\n",
    "in a list": "kind: List\nitems:\n- # one\n  " + BODY.replace("\n", "\n  ") + "\n- kind: ConfigMap",
    "in a list of sequences that are indented": "items:\n  - " + BODY.replace("\n", "\n    ") + "\nkind: List\n",
    "JSON with an empty line at the end": json.dumps(sealed_secret(items={"a": b"v"}, hints=False), indent=2) + "\n\n",
    "JSON without a last line break": json.dumps(sealed_secret(items={"a": b"v"}, hints=False), indent=2),
    "JSON behind YAML": f"{OTHER}---\n" + json.dumps(sealed_secret(items={"a": b"v"}, hints=False)) + "\n",
}
CODINGS = {
    "UTF-8": (b"", "utf-8"),
    "UTF-8 with a mark": (codecs.BOM_UTF8, "utf-8"),
    "UTF-16 with a mark": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "UTF-16 of the other kind": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "UTF-16 without a mark": (b"", "utf-16-le"),
}


def written(path: Path, text: str, coding: str) -> bytes:
    mark, encoding = CODINGS[coding]
    content = mark + text.replace("<C>", ciphertext("v")).encode(encoding)
    path.write_bytes(content)
    return content


def check(path: Path, before: bytes, coding: str) -> None:
    mark, encoding = CODINGS[coding]
    after = path.read_bytes()
    assert after.startswith(mark)
    assert after != before
    assert shape(after[len(mark) :], encoding) == shape(before[len(mark) :], encoding)


@pytest.mark.parametrize("line_break", ["\n", "\r\n"], ids=["Unix", "Windows"])
@pytest.mark.parametrize("case", TEXTS)
def test_a_stream_stays_as_it_is_written(case: str, line_break: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    before = written(path, TEXTS[case].replace("\n", line_break), "UTF-8")
    merge_into(path, {"a": "w"})
    check(path, before, "UTF-8")
    before = path.read_bytes()
    reencrypt_file(path)
    check(path, before, "UTF-8")
    assert items_of(path) == {"a": "w"}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_file_keeps_its_encoding(coding: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    before = written(path, f"# č\n---\n{BODY}\n", coding)
    merge_into(path, {"a": "w"})
    check(path, before, coding)
    before = path.read_bytes()
    reencrypt_file(path)
    check(path, before, coding)
    assert items_of(path) == {"a": "w"}


@pytest.mark.parametrize("coding", CODINGS)
def test_sealing_in_place_keeps_it_too(coding: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    written(path, f"{OTHER}---\n{SECRET}--- # č\n{OTHER}", coding)
    options = SealOptions([str(path)], CertificateRequest(source=str(CERTIFICATE)), in_place=True)
    seal(options, recording_console(), now=NOW, clock=time.monotonic)
    mark, encoding = CODINGS[coding]
    assert path.read_bytes().startswith(mark)
    text = path.read_bytes()[len(mark) :].decode(encoding)
    assert text.startswith(f"{OTHER}---\napiVersion: bitnami.com/v1alpha1\n")
    assert text.endswith(f"\n--- # č\n{OTHER}")
    assert items_of(path) == {"password": "correct horse"}


@pytest.mark.parametrize("line_break", ["\n", "\r\n"], ids=["Unix", "Windows"])
@pytest.mark.parametrize("case", TEXTS)
def test_an_item_is_added_with_the_line_ends_that_are_there(case: str, line_break: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    text = TEXTS[case].replace("\n", line_break)
    before = written(path, text, "UTF-8")
    merge_into(path, {"new": "n"})
    after = shape(path.read_bytes()).decode()
    assert items_of(path) == {"a": "v", "new": "n"}
    assert set(after.replace("\r\n", "").split("\n")[1:]) == set() or line_break == "\n"
    if "JSON" not in case:
        lines = [line for line in after.splitlines(keepends=True) if "new: <C>" not in line]
        assert "".join(lines).rstrip("\r\n") == shape(before).decode().rstrip("\r\n")
