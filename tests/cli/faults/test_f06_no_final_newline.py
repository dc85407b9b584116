"""f06: a file that ends in the last line of a block text is read as if it ended that line, as kubectl reads it."""

import base64

import pytest
from tests.support.cli import CERTIFICATE, Run, kubeseal, seal, unseal

SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: git, namespace: team-a}\nstringData:\n  key: "


def opened(sealed: Run) -> bytes:
    return base64.b64decode(unseal("-o", "json", stdin=sealed.stdout).json["data"]["key"])


@pytest.mark.parametrize(
    ("block", "value"),
    [
        ("|\n    a\n    b", b"a\nb\n"),
        ("|+\n    a\n    b", b"a\nb\n"),
        ("|-\n    a\n    b", b"a\nb"),
        (">\n    a\n    b", b"a b\n"),
        ("|\r\n    a\r\n    b", b"a\nb\n"),
    ],
)
def test_the_last_line_of_a_block_text_ends(block: str, value: bytes) -> None:
    assert opened(seal(stdin=SECRET + block)) == value
    assert opened(kubeseal("--cert", CERTIFICATE, stdin=SECRET + block)) == value


def test_the_file_gets_no_line_break_for_it() -> None:
    text = "# a text of others\nkind: ConfigMap\ndata:\n  a: |\n    b"
    assert seal(stdin=f"{SECRET}a\n---\n{text}").stdout.decode().endswith(text)
