"""What private keys tell: for which place and to which key each item was sealed, and whether templates can be rendered.

Values are opened and dropped; nothing of them is told.
"""

from collections.abc import Iterator, Mapping

from sealwright_cli.explaining.causes import Cause, Likelihood, Why, listed
from sealwright_cli.explaining.ciphertexts import damage_of, key_bytes
from sealwright_cli.explaining.evidence import Evidence
from sealwright_cli.explaining.keys import lost_keys
from sealwright_cli.explaining.places import Place, candidates, place_cause, seal_again
from sealwright_cli.messages.ui import counted, short
from sealwright_conventions.records import changing_record, field
from sealwright_crypto import (
    DecryptionError,
    Fingerprint,
    Keyring,
    Label,
    SealedSecret,
    UnsealError,
    read_hints,
    unseal,
)
from sealwright_templating import TemplateError, render

MAX_LABELS = 60
"""How many labels are tried for an item that the present one does not open."""
MAX_TRIES = 3000
"""How often a key is tried for one object: some ten seconds with keys of 4096 bits."""


@changing_record
class Opened:
    """What was found out about the items: `here` open, `elsewhere` for another place, `altered` with their key only."""

    here: list[str] = field(default_factory=list)
    elsewhere: dict[Place, list[str]] = field(default_factory=dict)
    altered: dict[Fingerprint, list[str]] = field(default_factory=dict)
    never: list[str] = field(default_factory=list)
    tried: int = 0


def try_keys(evidence: Evidence, keyring: Keyring) -> Opened:
    """Try the keys on every item that is in the wire format, under each label that it may have been sealed for.

    After MAX_TRIES, items are tried under the labels alone that opened one.
    """
    places = candidates(evidence)[:MAX_LABELS]
    hints = read_hints(evidence.sealed.annotations)
    opened = Opened(tried=len(places))
    here, tries = Place.of(evidence.sealed), 0
    for item, ciphertext in evidence.ciphertexts.items():
        if damage_of(ciphertext):
            continue
        hinted = hints.of(item)
        likely = list(dict.fromkeys([*places[:1], *opened.elsewhere]))
        for place in dict.fromkeys([*likely, *places]) if tries < MAX_TRIES else likely:
            tries += len(keyring)
            fingerprint = keyring.unwraps(ciphertext, place.label or Label(b""), [hinted] if hinted else [])
            if fingerprint is None:
                continue
            if not _opens(keyring, ciphertext, place, fingerprint):
                opened.altered.setdefault(fingerprint, []).append(item)
            elif place.label == here.label:
                opened.here.append(item)
            else:
                opened.elsewhere.setdefault(place, []).append(item)
            break
        else:
            opened.never.append(item)
    return opened


def told_by_keys(evidence: Evidence, keyring: Keyring, opened: Opened) -> Iterator[Cause]:
    """Yield the causes that follow from what the keys opened."""
    for place, items in opened.elsewhere.items():
        proof = (f"a key that was given opens {listed(items)} as {place}, and not as it is now",)
        yield place_cause(evidence, tuple(items), place, Likelihood.CERTAIN, proof)
    for fingerprint, items in opened.altered.items():
        yield Cause(
            Why.DAMAGED,
            Likelihood.CERTAIN,
            "ciphertexts were cut or altered behind their session key",
            tuple(items),
            (f"key {short(fingerprint)} opens the session key of {listed(items)}, but not what is sealed with it",),
            "restore the ciphertexts from an earlier version, or seal the values again",
            tuple(seal_again(evidence, tuple(items))),
        )
    if opened.never:
        yield from _unopened(evidence, keyring, opened)


def told_by_rendering(evidence: Evidence, keyring: Keyring) -> Iterator[Cause]:
    """Yield the cause that a template fails with the values; all items open."""
    sealed = evidence.sealed

    def rendered(key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        return render(text, data, name=key)

    try:
        unseal(sealed, keyring, rendered)
    except TemplateError as error:
        yield failing_template(evidence, sealed, error)
    except UnsealError:
        return


def failing_template(evidence: Evidence, sealed: SealedSecret, error: TemplateError) -> Cause:
    """Return the cause that a template fails; what its functions say can hold a value, and is left out."""
    text = sealed.template.data.get(error.name) or ""
    lines = text.split("\n")
    line = lines[error.line - 1].strip()[:100] if 0 < error.line <= len(lines) else ""
    place = f"line {error.line}, column {error.column}"
    return Cause(
        Why.TEMPLATE,
        Likelihood.CERTAIN,
        f"spec.template.data.{error.name} cannot be rendered: {error}",
        (error.name,),
        (f"{place}: {line}",) if line else (place,),
        "correct the template; render shows what it makes",
        (f"sealwright render {evidence.file}",),
    )


def _unopened(evidence: Evidence, keyring: Keyring, opened: Opened) -> Iterator[Cause]:
    """Yield the causes for items that no key opens under any label."""
    existing = frozenset(keyring.fingerprints)
    items = tuple(opened.never)
    hints = read_hints(evidence.sealed.annotations)
    named = [cause for cause in lost_keys(evidence, existing, "among the given keys") if set(cause.items) & set(items)]
    yield from named
    rest = tuple(item for item in items if not any(item in cause.items for cause in named))
    if not rest:
        return
    sizes = {(key.bits + 7) // 8 for key in keyring}
    fit = [item for item in rest if key_bytes(evidence.ciphertexts[item]) in sizes]
    proof = [f"{counted(len(keyring), 'key')} given, {counted(opened.tried, 'label')} tried for each item"]
    if not fit:
        proof.append(f"no key that was given has the size that {listed(rest)} needs")
    if any(hints.of(item) for item in rest):
        proof.append(f"the annotation names a key that was given for {listed(rest)}, which does not open it")
    yield Cause(
        Why.OTHER_KEY,
        Likelihood.LIKELY,
        "no key that was given opens it, under any label that is known",
        rest,
        tuple(proof),
        "give the keys of the cluster that it was sealed for; or it was sealed for a name that the file never had; "
        "else seal the values again",
        tuple(seal_again(evidence, rest)),
    )


def _opens(keyring: Keyring, ciphertext: str, place: Place, fingerprint: Fingerprint) -> bool:
    try:
        keyring.open(ciphertext, place.label or Label(b""), [fingerprint])
    except DecryptionError:
        return False
    return True
