"""Which key sealed which item, in an annotation: a holder of many keys can try the right one first.

    sealwright.dev/key-fingerprints: "9f2c…"                        every item was sealed to this key
    sealwright.dev/key-fingerprints: "9f2c…; 01ab…: token, user"    …but these two were sealed to another

The annotation stands on the SealedSecret itself, never in the template, so upstream keeps it and does not copy it
into the Secret. It is only a hint: a false one costs at most one failed attempt per item.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from sealwright_conventions.patterns import pattern
from sealwright_conventions.records import field, record
from sealwright_crypto.keys import Fingerprint

HINT_ANNOTATION = "sealwright.dev/key-fingerprints"
MAX_HINT_CHARACTERS = 256 * 1024  # as much as Kubernetes lets all annotations of an object hold together

_FINGERPRINT = pattern(r"[0-9a-f]{64}")


@record
class Hints:
    """The fingerprint for most items, and the items with another fingerprint."""

    default: Fingerprint | None = None
    exceptions: Mapping[str, Fingerprint] = field(default_factory=dict)

    def of(self, item: str) -> Fingerprint | None:
        """Return the fingerprint hinted for an item, or None."""
        return self.exceptions.get(item, self.default)


def read_hints(annotations: Mapping[str, object]) -> Hints:
    """Read the annotation; entries that cannot be understood are ignored."""
    text = annotations.get(HINT_ANNOTATION)
    if not isinstance(text, str) or len(text) > MAX_HINT_CHARACTERS:
        return Hints()
    default: Fingerprint | None = None
    exceptions: dict[str, Fingerprint] = {}
    for group in text.split(";"):
        fingerprint, colon, items = group.partition(":")
        if not _FINGERPRINT.fullmatch(fingerprint.strip()):
            continue
        known = Fingerprint(fingerprint.strip())
        if colon:
            exceptions.update((item.strip(), known) for item in items.split(","))
        else:
            default = default or known
    return Hints(default, exceptions)


def write_hints(fingerprints: Mapping[str, Fingerprint]) -> str:
    """Return the annotation's text for items and the keys they were sealed to; empty if there are no items."""
    if not fingerprints:
        return ""
    uses = Counter(fingerprints.values())
    default = max(uses, key=uses.__getitem__)  # most_common imports heapq
    others = {item: fingerprint for item, fingerprint in fingerprints.items() if fingerprint != default}
    return "; ".join([default, *_groups(others)])


def update_hint(annotations: Mapping[str, object], items: Iterable[str], sealed: Mapping[str, Fingerprint]) -> str:
    """Return the annotation's text for an object after some of its items were sealed again.

    `annotations` are the object's previous ones, `items` the names of its items, `sealed` maps the new ones to their
    keys. Items whose key is not known are left out.
    """
    hints = read_hints(annotations)
    before = {item: hints.of(item) for item in items}
    known = {item: fingerprint for item, fingerprint in before.items() if fingerprint} | dict(sealed)
    return write_hints(known) if known.keys() >= before.keys() else "; ".join(_groups(known))


def hint_with(annotations: Mapping[str, object], items: Collection[str], item: str, sealed: Fingerprint) -> str:
    """Return the annotation's text after one item was sealed: the text that is there, changed as little as possible.

    So `hint_without` gives the old text again for an item that was new. `items` are the names before.
    """
    text = _text(annotations)
    if read_hints(annotations).of(item) == sealed:
        return text
    rest = hint_without(text, item)
    hints = read_hints({HINT_ANNOTATION: rest})
    others = [hints.of(one) for one in items if one != item]
    if item in items and hints.default not in others:
        return update_hint(annotations, items, {item: sealed})
    if hints.default == sealed:
        return rest
    groups = rest.split(";")
    for position, group in enumerate(groups):
        if ":" in group and group.partition(":")[0].strip() == sealed:
            groups[position] = f"{group}, {item}"
            return ";".join(groups)
    return f"{rest}; {sealed}: {item}" if rest.strip() else f"{sealed}: {item}" if others else sealed


def hint_without(text: str, item: str) -> str:
    """Return the annotation's text without the name of an item that is no longer there; all else of it stays."""
    kept = []
    for group in text.split(";"):
        fingerprint, colon, names = group.partition(":")
        others = [name for name in names.split(",") if name.strip() != item]
        if not colon or len(others) == names.count(",") + 1:
            kept.append(group)
        elif others:
            kept.append(f"{fingerprint}:{','.join(others)}")
    return ";".join(kept)


def hint_renamed(text: str, old: str, new: str) -> str:
    """Return the annotation's text after an item was renamed; nothing but its name changes."""
    groups = []
    for group in hint_without(text, new).split(";"):
        fingerprint, colon, names = group.partition(":")
        written = [name.replace(old, new) if name.strip() == old else name for name in names.split(",")]
        groups.append(f"{fingerprint}{colon}{','.join(written)}")
    return ";".join(groups)


def _text(annotations: Mapping[str, object]) -> str:
    text = annotations.get(HINT_ANNOTATION)
    return text if isinstance(text, str) else ""


def _groups(fingerprints: Mapping[str, Fingerprint]) -> list[str]:
    groups: dict[Fingerprint, list[str]] = {}
    for item, fingerprint in sorted(fingerprints.items()):
        groups.setdefault(fingerprint, []).append(item)
    return [f"{fingerprint}: {', '.join(items)}" for fingerprint, items in groups.items()]
