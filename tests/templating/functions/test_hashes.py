"""Checksums: of nothing, and of bytes that are not UTF-8."""

import hashlib
import zlib

import pytest

from sealwright_templating import TemplateLimitError, render

TEXTS = [b"", b"\xff\x00", "é".encode(), b"a" * 100_000]


@pytest.mark.parametrize("text", TEXTS, ids=["nothing", "no UTF-8", "a letter", "much"])
def test_checksums_are_those_of_the_bytes(text: bytes) -> None:
    rendered = render("{{ adler32sum .x }} {{ sha1sum .x }} {{ sha256sum .x }} {{ sha512sum .x }}", {"x": text})
    hashes = [getattr(hashlib, name)(text).hexdigest() for name in ("sha1", "sha256", "sha512")]
    assert rendered.decode().split() == [str(zlib.adler32(text)), *hashes]


def test_hashing_costs_steps() -> None:
    with pytest.raises(TemplateLimitError, match="takes more than"):
        render('{{ $x := repeat 1000000 "a" }}{{ range 100000 }}{{ $_ := sha256sum $x }}{{ end }}', {})
