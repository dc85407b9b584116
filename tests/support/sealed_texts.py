"""Compares sealed documents with what they have to look like."""

import re
import textwrap

from tests.support.builders import sealing_key

from sealwright_cli.sealed.sealing import SealingRules, seal_text
from sealwright_manifests.editing.readback import check_as_meant
from sealwright_manifests.text.documents import join, join_as_read

RULES = SealingRules(sealing_key().certificate, hints=False)
CIPHERTEXT = re.compile(r"A[A-Za-z0-9+/]{200,}=*")


def sealed(text: str, rules: SealingRules = RULES) -> str:
    """Seal a text (indented as its test is) and return the result with every ciphertext written as <sealed>."""
    result = seal_text(textwrap.dedent(text), "x", rules)
    assert result.errors == []
    check_as_meant(result.documents, join_as_read(result.documents))
    return CIPHERTEXT.sub("<sealed>", join(result.documents))


def check(source: str, expected: str, rules: SealingRules = RULES) -> None:
    """Assert that sealing the one text gives the other, both indented as their test is."""
    assert sealed(source, rules) == textwrap.dedent(expected)
