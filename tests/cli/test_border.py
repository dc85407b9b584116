"""What the pure packages raise, as a command tells it: the same words, the right status, and what to do next."""

import pytest

from sealwright_cli.messages.advice import NEW_CERTIFICATE, RIGHT_PLACE, SEALED_ELSEWHERE, for_field, for_problem
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CertificateError, CliError, InputError, UnsealingError
from sealwright_crypto import FieldProblem, KeyMaterialError, ManifestError, ScopeError, UnsealError
from sealwright_manifests.errors import BadManifestError, Problem

WRONG_FIELD = ManifestError("metadata", "expected a map, found a list", FieldProblem.NO_MAP)


@pytest.mark.parametrize(
    ("raised", "told", "message", "hint"),
    [
        (
            BadManifestError("a.yaml: line 3", "the key a is there twice", Problem.REPEATED_KEY),
            InputError, "a.yaml: line 3: the key a is there twice", "keep one of them",
        ),
        (
            BadManifestError("a.yaml", "Secret x: metadata: …", Problem.FIELD, field=WRONG_FIELD, kind="Secret"),
            InputError, "a.yaml: Secret x: metadata: …", "write its fields below it, indented",
        ),
        (WRONG_FIELD, InputError, "here: metadata: expected a map, found a list", "write its fields below it, indented"),
        (ManifestError("spec", "odd"), InputError, "here: spec: odd", "kubectl explain sealedsecret describes each field"),
        (ScopeError("no name"), InputError, "here: no name", RIGHT_PLACE),
        (UnsealError(["a"]), UnsealingError, "here: no key could decrypt secret (a)", SEALED_ELSEWHERE),
        (KeyMaterialError("too short"), CertificateError, "the certificate cannot seal here: too short", NEW_CERTIFICATE),
    ],
)  # fmt: skip
def test_each_error_becomes_one_of_the_command(
    raised: Exception, told: type[CliError], message: str, hint: str
) -> None:
    with pytest.raises(told) as caught, border("here"):
        raise raised
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_without_a_place_the_words_stand_alone() -> None:
    with pytest.raises(CertificateError, match=r"^the certificate cannot seal it: too short$"), border():
        raise KeyMaterialError("too short")


@pytest.mark.parametrize(
    "problem", [one for one in Problem if one is not Problem.FIELD], ids=lambda problem: problem.name
)
def test_there_is_advice_for_every_problem(problem: Problem) -> None:
    assert for_problem(problem)


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(ZeroDivisionError), border():
        print(1 / 0)


@pytest.mark.parametrize("problem", [one for one in FieldProblem if one is not FieldProblem.OTHER])
def test_there_is_advice_for_every_problem_of_a_field(problem: FieldProblem) -> None:
    usual = for_field(ManifestError("spec", "odd"), "Secret")
    assert for_field(ManifestError("spec", "odd", problem), "Secret") not in ("", usual)
