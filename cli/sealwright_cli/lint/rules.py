"""The table of rules: id, name, level and a sentence. docs/reference/lint has a section for each of them.

An id keeps its meaning for ever: files name it in comments. A rule that goes leaves its number unused.
"""

import difflib
import re
from collections.abc import Iterable, Mapping

from sealwright_cli.lint.finding import Level
from sealwright_cli.messages.advice import did_you_mean
from sealwright_cli.messages.errors import UsageError
from sealwright_conventions.records import record

GROUPS: Mapping[str, tuple[str, str]] = {
    "SW0": ("files", "Texts that cannot be read"),
    "SW1": ("objects", "Fields, names and labels"),
    "SW2": ("ciphertexts", "Ciphertexts and keys"),
    "SW3": ("templates", "Templates"),
    "SW4": ("secrets", "The Secret that is made"),
    "SW5": ("plaintext", "What must not be in a repository"),
}
"""The first digit of ids → the page in docs/reference/lint, and its heading."""


@record
class Rule:
    """One rule; `is_fixable` if --fix corrects some of its findings."""

    id: str
    name: str
    level: Level
    summary: str
    is_fixable: bool = False

    @property
    def page(self) -> str:
        """Where the rule is explained: a path in the documentation."""
        return f"docs/reference/lint/{GROUPS[self.id[:3]][0]}.md#{self.id.lower()}-{self.name}"


_E, _W = Level.ERROR, Level.WARNING
_TABLE = (
    Rule("SW001", "no-text", _E, "A file that mentions Secrets is not text."),
    Rule("SW002", "broken-syntax", _E, "A file is neither YAML nor JSON."),
    Rule("SW003", "refused-yaml", _E, "A text is YAML that Kubernetes refuses: a repeated key, an unknown tag."),
    Rule("SW004", "unknown-rule", _W, "A comment switches off a rule that does not exist."),
    Rule("SW101", "unknown-field", _E, "A field is not one of a SealedSecret."),
    Rule("SW102", "wrong-value", _E, "A field holds another kind of value than a cluster expects."),
    Rule("SW103", "wrong-kind", _E, "An object is almost a SealedSecret or a Secret.", is_fixable=True),
    Rule("SW104", "bad-name", _E, "The name or namespace of an object is missing or not allowed."),
    Rule("SW105", "bad-label", _E, "A label or annotation is not allowed."),
    Rule("SW106", "bare-value", _E, "A label or annotation is a bare number or boolean.", is_fixable=True),
    Rule("SW107", "bad-item-name", _E, "No Secret can have an item of this name."),
    Rule("SW108", "no-items", _W, "A SealedSecret holds nothing."),
    Rule("SW109", "two-of-one-name", _W, "Two SealedSecrets have the same name."),
    Rule("SW110", "other-name-in-template", _W, "The template names another object.", is_fixable=True),
    Rule("SW111", "deprecated-form", _W, "A SealedSecret is in the form of 2018."),
    Rule("SW112", "bare-key", _E, "YAML reads a key as a boolean or number."),
    Rule("SW201", "damaged-ciphertext", _E, "A ciphertext is cut off, rewrapped or a placeholder.", is_fixable=True),
    Rule("SW202", "other-key-size", _E, "A ciphertext does not fit the size of the certificate's key."),
    Rule("SW203", "older-key", _W, "An item is sealed with another key than the certificate's."),
    Rule("SW204", "expiring-certificate", _W, "The certificate has expired, or expires soon."),
    Rule("SW205", "copied-ciphertext", _E, "One ciphertext stands in two objects, and can open in one of them only."),
    Rule("SW206", "ciphertext-in-patch", _W, "A JSON patch sets a ciphertext, which no tool re-encrypts."),
    Rule("SW301", "broken-template", _E, "A template cannot be parsed."),
    Rule("SW302", "flux-variable", _W, "A template holds `${…}`, which Flux replaces."),
    Rule("SW303", "helm-renders-it", _E, "A SealedSecret in a chart holds `{{`, which Helm renders."),
    Rule("SW304", "hidden-template", _W, "A template has the name of an item, which wins.", is_fixable=True),
    Rule("SW305", "item-not-sealed", _W, "A template uses an item that is not sealed."),
    Rule("SW401", "missing-item", _E, "A typed Secret lacks the items of its type."),
    Rule("SW402", "other-scope-in-template", _W, "The template's annotations contradict the object's scope."),
    Rule("SW403", "immutable-secret", _W, "The Secret can never change."),
    Rule("SW404", "refused-type", _E, "The controller makes no Secret of this type."),
    Rule("SW501", "plaintext-secret", _E, "A Secret stands there in plain text."),
    Rule("SW502", "plaintext-in-annotation", _E, "An annotation holds a copy of a Secret in plain text."),
    Rule("SW503", "sealing-key", _E, "A private sealing key stands there."),
)
RULES: Mapping[str, Rule] = {rule.id: rule for rule in _TABLE}
"""All rules, by id."""


_LIKE_AN_ID = re.compile(r"SW\w{0,4}", re.IGNORECASE | re.ASCII)
_LIKE_DIGITS = str.maketrans("OIL", "011")


def named_by(word: str) -> frozenset[str]:
    """Return the ids of the rules that a word names: an id, the beginning of ids (`SW1`, `SW`), or a rule's name."""
    written = word.strip().upper()
    if not written.startswith("SW"):
        return frozenset(rule.id for rule in _TABLE if rule.name == word.strip().lower())
    return frozenset(one for one in RULES if one.startswith(written))


def nearest(word: str) -> str:
    """Return the id or name that is most like a word that names no rule, with the other of both."""
    names = {rule.name: rule for rule in _TABLE}
    if rule := RULES.get(word.strip().upper().translate(_LIKE_DIGITS)):
        return f"{rule.id} ({rule.name})"
    known = {**RULES, **names, **{one: names[RULES[one].name] for one in RULES}}
    found = difflib.get_close_matches(word.strip(), [*RULES, *names], n=1, cutoff=0.5) or difflib.get_close_matches(
        word.strip().upper(), RULES, n=1, cutoff=0
    )
    rule = known[found[0]] if found else _TABLE[0]
    return f"{rule.id} ({rule.name})"


def chosen(select: Iterable[str], ignore: Iterable[str]) -> frozenset[str]:
    """Return the ids of the rules to run: those selected, or all, without those to ignore.

    A longer beginning of an id overrides a shorter one, so `--ignore SW3 --select SW301` runs SW301; of two of the same
    length, ignoring wins. Raises UsageError for a word that names no rule.
    """
    weights = {rule: [-1, -1] for rule in RULES}
    words = {"--select": list(select), "--ignore": list(ignore)}
    for place, (option, given) in enumerate(words.items()):
        for word in given:
            for rule in _named(option, word):
                weights[rule][place] = max(weights[rule][place], _weight(word))
    usual = -1 if words["--select"] else 0
    return frozenset(rule for rule, (taken, left) in weights.items() if max(taken, usual) > left)


def _weight(word: str) -> int:
    return len(word.strip()) if word.strip().upper().startswith("SW") else len("SW000")


def _is_almost_a_rule(word: str) -> bool:
    """Tell whether a word is so like an id or a name that it is none of a user's values."""
    names = [rule.name for rule in _TABLE]
    return bool(_LIKE_AN_ID.fullmatch(word) or difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.7))


def _named(option: str, word: str) -> frozenset[str]:
    found = named_by(word)
    if not found:
        called = word if _is_almost_a_rule(word.strip()) else "a word"
        raise UsageError(
            f"{option}: {called} is not a rule",
            hint=did_you_mean(
                nearest(word), "ids, their beginnings (SW1) and names are allowed; lint --rules lists all"
            ),
        )
    return found
