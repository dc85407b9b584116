"""Rules SW2: the form of ciphertexts, and which key they are for, as far as that shows without a private key."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sealwright_cli.lint.finding import Problem, fix_at, shown
from sealwright_cli.lint.seen import ANNOTATIONS, ITEMS, Check, Seen
from sealwright_cli.lint.settings import KeyAtHand, Surroundings
from sealwright_cli.messages.ui import counted, short, visible
from sealwright_crypto import HINT_ANNOTATION, FormatError, parse_item, read_hints

_LEGACY = ("spec", "data")


def _damaged(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    for path, text in _ciphertexts(seen):
        reason = _fault(text)
        if not reason:
            continue
        without = "".join(text.split())
        if without != text and not _fault(without):
            yield Problem(
                f"{shown(path)}: holds blanks, as of a text that was wrapped again; no cluster decodes it",
                "write it without blanks",
                path,
                fix_at(path, without, "removes the blanks"),
            )
        else:
            hint = "seal the value again, or copy the whole ciphertext from where it was"
            yield Problem(f"{shown(path)}: {reason}", hint, path)


def _other_size(seen: Seen, around: Surroundings) -> Iterator[Problem]:
    for path, text in _ciphertexts(seen) if around.key else ():
        size = _key_size(text)
        if around.key and size and size != around.key.size:
            yield Problem(
                f"{shown(path)}: made for a key of {8 * size} bits; that of {around.key.origin} has "
                f"{8 * around.key.size}",
                "seal the value with this certificate, or give the one of the cluster that the file is for",
                path,
            )


def _older(seen: Seen, around: Surroundings) -> Iterator[Problem]:
    hints = read_hints(seen.map_at(ANNOTATIONS))
    if around.key is None:
        return
    old: dict[str, list[str]] = {}
    for item in seen.items:
        used = hints.of(item)
        if used and used != around.key.fingerprint:
            old.setdefault(used, []).append(item)
    for fingerprint, items in old.items():
        yield Problem(
            f"{counted(len(items), 'item')} on key {short(fingerprint)}, not on that of {around.key.origin}: "
            f"{_listed(items)}",
            "sealwright reencrypt moves them to the newest key; is it the certificate of the right cluster?",
            (*ANNOTATIONS, HINT_ANNOTATION),
        )


CHECKS: Mapping[str, Check] = {"SW201": _damaged, "SW202": _other_size, "SW203": _older}
"""Rule → its check of one object."""


def expiring(key: KeyAtHand, days: int, now: datetime) -> Problem | None:
    """Return what rule SW204 says of a certificate at `now` (aware); None if its end is further away."""
    left = key.not_after - now
    if left > timedelta(days=days):
        return None
    is_over = left <= timedelta()
    when = "expired" if is_over else f"expires in {counted(left.days, 'day')}"
    return Problem(
        f"the certificate {when}, on {key.not_after:%Y-%m-%d}",
        "fetch the controller's current certificate: sealwright cert fetch -w cert.pem",
    )


def _ciphertexts(seen: Seen) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from (((*ITEMS, item), text) for item, text in seen.items.items())
    if legacy := seen.text_at(_LEGACY):
        yield _LEGACY, legacy


def _fault(text: str) -> str:
    try:
        parse_item(text)
    except FormatError as error:
        return str(error)
    return ""


def _key_size(text: str) -> int:
    """Return the size in bytes of the key that a ciphertext is for; 0 if the ciphertext is damaged."""
    try:
        return len(parse_item(text).wrapped_key)
    except FormatError:
        return 0


def _listed(names: list[str]) -> str:
    shown = [visible(name) for name in names[:5]]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")
