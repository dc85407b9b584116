"""What tests of lint share: findings in a text, and documents with real ciphertexts in the place of marks."""

import functools

from tests.support.builders import NOW, other_sealing_key, sealing_key

from sealwright_cli.lint.finding import Finding
from sealwright_cli.lint.onefile import FileResult, of_text
from sealwright_cli.lint.settings import KeyAtHand, LintSettings, Surroundings
from sealwright_cli.lint.tree import add_between
from sealwright_crypto import Label, Scope, generate_sealing_key, label_for, seal_item


def surroundings(*rules: str, chart: bool = False, key: bool = False) -> Surroundings:
    """Return what rules know besides the object: only these rules run, or all."""
    certificate = sealing_key().certificate
    known = KeyAtHand(certificate.fingerprint, certificate.bits // 8, certificate.not_after, "cert.pem")
    return Surroundings(LintSettings(select=rules).rules(), known if key else None, chart)


def lint_result(text: str, around: Surroundings | None = None, name: str = "db.yaml") -> FileResult:
    """Return what lint finds in one file, marks replaced, with what shows between its objects."""
    around = around or surroundings()
    result = of_text(filled(text), name, around)
    add_between([result])
    return result


def findings(text: str, *rules: str, chart: bool = False, key: bool = False) -> list[Finding]:
    """Return the findings in one file."""
    return lint_result(text, surroundings(*rules, chart=chart, key=key)).findings


def rules_found(text: str, *rules: str, chart: bool = False, key: bool = False) -> list[str]:
    """Return the rules of the findings in one file, in their order."""
    return [one.rule for one in findings(text, *rules, chart=chart, key=key)]


def filled(text: str) -> str:
    """Return a text with ciphertexts for `AgB…` and `AgC…`, one for a smaller key for `AQA…`, and the fingerprint."""
    for mark in ("AgB…", "AgC…", "AQA…"):
        text = text.replace(mark, _ciphertext(mark)) if mark in text else text
    return text.replace("FINGERPRINT", sealing_key().certificate.fingerprint)


@functools.cache
def _ciphertext(mark: str) -> str:
    label: Label = label_for(Scope.STRICT, "team-a", "db")
    key = generate_sealing_key(now=NOW, bits=1024) if mark == "AQA…" else other_sealing_key()
    return seal_item(mark.encode(), key.certificate, label)
