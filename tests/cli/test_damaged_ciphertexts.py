"""What is wrong with a damaged ciphertext, as far as it shows without a key; nothing of it is repeated."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.builders import sealed_secret, sealing_key

from sealwright_cli.explaining.ciphertexts import damage_of, joined, value_bytes
from sealwright_crypto import Secret, seal

WHOLE = sealed_secret()["spec"]["encryptedData"]["password"]
CERTIFICATE = sealing_key().certificate
OUR_WORDS = "a placeholder of a tool that fills in variables, - and _ stand for + and /"


def folded(text: str) -> str:
    return " ".join(text[at : at + 64] for at in range(0, len(text), 64))


DAMAGES = {
    "folded by >": (folded(WHOLE), "is re-wrapped: blanks stand in it"),
    "wrapped and indented": (WHOLE[:60] + "\n  " + WHOLE[60:], "is re-wrapped: blanks stand in it"),
    "written line breaks": (WHOLE[:64] + "\\n" + WHOLE[64:], "has line breaks written as \\n"),
    "quoted twice": (f'"{WHOLE}"', "has quotes in it"),
    "a zero-width space": (WHOLE[:10] + "\u200b" + WHOLE[10:], "has invisible characters in it"),
    "URL-safe": (WHOLE.replace("+", "-").replace("/", "_"), "is in the URL-safe alphabet"),
    "no padding": (WHOLE.rstrip("="), "has lost its padding"),
    "base64 twice": (base64.b64encode(WHOLE.encode()).decode(), "is encoded in base64 twice"),
    "folded, without padding": (
        folded(WHOLE.rstrip("=")),
        "is re-wrapped: blanks stand in it and has lost its padding",
    ),
    "cut": (WHOLE[:200], "is cut off"),
    "cut within a group": (WHOLE[:201], "is cut off"),
    "empty": ("", "is empty"),
    "blank": (" \n", "is empty"),
    "a placeholder": ("<sealed value here>", "is no ciphertext, but a placeholder"),
    "Helm's": ("{{ .Values.password }}", "is no ciphertext, but a placeholder of a template tool such as Helm"),
    "SOPS's": ("ENC[AES256_GCM,data:x]", "is no ciphertext, but a value that SOPS encrypted"),
    "a value": ("correct horse battery!", "is no ciphertext, but another text"),
    "base64 of a value": (base64.b64encode(b"correct horse").decode(), "is no ciphertext, but base64 of a text"),
    "bytes": (base64.b64encode(bytes(range(200, 256)) * 4).decode(), "is base64, but no ciphertext"),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_what_is_wrong_with_a_ciphertext_is_told_without_repeating_it(case: str) -> None:
    text, words = DAMAGES[case]
    if text == WHOLE:
        pytest.skip("this ciphertext has no padding")
    damage = damage_of(text)
    assert damage is not None
    assert damage.words == words
    assert not any(piece in " ".join(damage.evidence) for piece in ("horse", "Values", "sealed value"))
    if damage.whole:
        assert damage_of(damage.whole) is None


def test_a_whole_ciphertext_has_no_damage_and_tells_its_values_length() -> None:
    for size in (0, 1, 7, 5000):
        text = seal(Secret("a", "b", {"x": b"v" * size}), CERTIFICATE).items["x"]
        assert damage_of(text) is None
        assert damage_of("\r\n".join([text[:76], text[76:]])) is None
        assert value_bytes(text) == size


@pytest.mark.parametrize("at", range(1, len(WHOLE), 37))
def test_a_beginning_of_a_ciphertext_never_passes_for_another_thing_than_a_cut_or_a_whole_one(at: int) -> None:
    damage = damage_of(WHOLE[:at])
    if at > 3:
        assert damage is None or "cut off" in damage.words or "padding" in damage.words, at


@settings(max_examples=200)
@given(st.one_of(st.text(max_size=300), st.text(alphabet="ABab01+/-_= \n\\\"'<{", max_size=300)))
def test_nothing_of_a_damaged_ciphertext_is_repeated(text: str) -> None:
    damage = damage_of(text)
    if damage is None:
        return
    told = f"{damage.words} {' '.join(damage.evidence)}"
    for at in range(len(text) - 7):
        assert text[at : at + 8] not in told or text[at : at + 8] in OUR_WORDS


BLANKS = st.sampled_from([" ", "\t", "\n  ", "\\n", "\u200b", "\u00a0"])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, len(WHOLE) - 1), BLANKS), min_size=1))
def test_a_damage_that_can_be_undone_is(put_in: list[tuple[int, str]]) -> None:
    text = WHOLE
    for at, blank in sorted(put_in, reverse=True):  # from behind, so that none gets into another
        text = text[:at] + blank + text[at:]
    damage = damage_of(text)
    assert damage is None or joined(damage.whole) == WHOLE
    assert damage is not None or joined(text) == WHOLE
