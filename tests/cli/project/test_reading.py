"""The text of a project file: what it says, and every mistake with line, column and what to do next."""

from pathlib import Path

import pytest

from sealwright_cli.messages.errors import InputError
from sealwright_cli.project.reading import project_of
from sealwright_crypto import Scope

PLACE = Path("/repo/.sealwright.yaml")
PIN = "ab" * 32
WHOLE = f"""\
targets:
  dev:
    certificate: certs/dev.pem
  prod:
    context: prod-admin
    controller: {{namespace: sealing, name: sealer}}
    pin: "{PIN.upper()}"
rules:
  # the shop in production
  - path: apps/prod/**
    target: prod
    namespace: shop
    scope: namespace-wide
    outer:
      labels: {{team: shop}}
      annotations: {{argocd.argoproj.io/sync-wave: "-1"}}
    lint: {{ignore: SW302}}
  - path: [apps/dev/, "*.dev.yaml"]
    target: [dev, prod]
    output: sealed/{{target}}/{{name}}.yaml
lint:
  ignore: [SW101]
"""


def test_it_says_targets_and_rules() -> None:
    project = project_of(WHOLE, PLACE)
    dev, prod = project.targets.values()
    assert (dev.name, dev.certificate, dev.place) == ("dev", "/repo/certs/dev.pem", "/repo/.sealwright.yaml: line 2")
    assert (prod.context, prod.pins, str(prod.controller)) == ("prod-admin", (PIN,), "sealing/sealer")
    first, second = project.rules
    assert (first.line, first.namespace, first.scope) == (10, "shop", Scope.NAMESPACE_WIDE)
    assert (first.labels, first.annotations) == ({"team": "shop"}, {"argocd.argoproj.io/sync-wave": "-1"})
    assert (first.lint.ignore, project.lint.ignore) == (("SW302",), ("SW101",))
    assert [one.name for one in second.targets] == ["dev", "prod"]


def test_a_certificate_of_a_user_who_does_not_exist_is_a_file_that_is_missing() -> None:
    project = project_of("targets: {a: {certificate: ~nobody-of-this-name/a.pem}}", PLACE)
    assert project.targets["a"].certificate == "/repo/~nobody-of-this-name/a.pem"


def test_the_first_rule_that_fits_counts() -> None:
    project = project_of("rules: [{path: a/*.yaml, namespace: one}, {path: '*/db.yaml', namespace: two}]", PLACE)
    assert [one.namespace for one in project.rules_for(Path("/repo/a/db.yaml"))] == ["one", "two"]
    assert [one.namespace for one in project.rules_for(Path("/repo/b/db.yaml"))] == ["two"]
    assert project.rules_for(Path("/repo/c")) == project.rules_for(Path("/elsewhere/a/db.yaml")) == []


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\nrules: []\n", "{}", '{"rules": []}'])
def test_an_empty_one_is_one(text: str) -> None:
    assert project_of(text, PLACE).rules == []


MISTAKES = [
    (
        "rules:\n<<<<<<< HEAD\n- path: a\n=======\n- path: b\n>>>>>>> x\n",
        "line 2, column 1: a conflict marker of Git",
        "git mergetool",
    ),
    ("rules:\n- path: a\n  scop: strict\n", "line 3, column 3: a rule has no field scop", "did you mean scope?"),
    ("rule: []\n", "line 1, column 1: a project file has no field rule", "did you mean rules?"),
    ("rules:\n- path: a\n  xyz: 1\n", "a rule has no field xyz", "its fields: path, target, "),
    ("rules:\n- path: a\n  scope: Strict\n", "line 3, column 10: a scope", "one of strict, namespace-wide"),
    ("rules:\n- path: a\n  namespace: on\n", "line 3, column 14: a namespace is expected", "quotes"),
    ("rules:\n- path: a\n  namespace: My_NS\n", "no namespace can have this name", "write a namespace"),
    ("rules:\n- path: a\n  namespace: ''\n", "not an empty text", "write a namespace"),
    ("rules:\n- namespace: a\n", "line 2, column 3: a rule needs path", "add path: globs as in .gitignore"),
    ("rules:\n- path: []\n", "line 2, column 9: the list is empty", "leave the field out"),
    ("rules:\n- path: 'a/{b,c}'\n", "braces and backslashes", "several as a list"),
    ("rules:\n- path: '!a'\n", "takes nothing back", ".gitignore"),
    ("rules:\n- path: ../a\n", "goes down from the project file's folder", ""),
    ("rules:\n- path: a\n- path: /a\n- path: a\n", "line 4, column 9: rule 1 (line 2) has the same path", "remove it"),
    ("rules:\n- path: '**'\n- path: a\n", "line 3, column 9: rule 1 (line 2) fits all that", "before that one"),
    ("rules:\n- path: a/**\n- path: a/b/*.yaml\n", "rule 1 (line 2) fits all that", "before that one"),
    ("rules:\n- path: a\n  target: prod\n", "line 3, column 11: no target is called prod", "under targets"),
    (
        "targets: {prod: {context: p}}\nrules:\n- path: a\n  target: prd\n",
        "line 4, column 11: no target is called prd",
        "did you mean prod?",
    ),
    ("targets: {p: {context: p}}\nrules:\n- path: a\n  target: [p, p]\n", "target p is there twice", "keep one"),
    ("targets: {p: {context: p}}\nrules:\n- path: a\n", "line 3, column 3: this rule says nothing", "add target: p"),
    (
        "targets: {p: {context: p}}\nrules:\n- path: a\n  target: p\n  certificate: c\n",
        "line 5, column 3: both target and certificate",
        "where the target is described",
    ),
    ("targets: {p: {pin: " + PIN + "}}\n", "line 1, column 11: target p has neither", "add certificate"),
    ("targets: {p: {context: p, pin: abc}}\n", "line 1, column 32: no fingerprint", "sealwright cert pin"),
    ("targets: {'a b': {context: x}}\n", "no target can have this name", "give each cluster a name"),
    (
        "targets: {a: {context: a}, b: {context: b}}\nrules:\n- path: x\n  target: [a, b]\n  output: x.yaml\n",
        "line 5, column 11: several targets",
        "add {target}",
    ),
    ("rules:\n- path: a\n  output: '{file}.yaml'\n", "a name in braces that stands for nothing", "{target}"),
    ("rules:\n- path: a\n  output: ../prod/db.yaml\n", "outside the project file's folder", "{target}"),
    ("rules:\n- path: a\n  output: a/../../db.yaml\n", "outside the project file's folder", "{target}"),
    ("rules:\n- path: a\n  output: /etc/db.yaml\n", "outside the project file's folder", "{target}"),
    ('rules:\n- path: a\n  output: "a\\0.yaml"\n', "a zero byte", "write it without"),
    ('targets: {a: {certificate: "a\\0.pem"}}\n', "a zero byte", "write it without"),
    ("rules:\n- path: a\n  outer: {labels: {'a b': c}}\n", "no label or annotation can have this name", "team: shop"),
    ("rules:\n- path: a\n  outer: {labels: {a: 'b c'}}\n", "no label can have this value", ""),
    ("rules:\n- path: a\n  outer: {annotations: {a: -1}}\n", "column 28: a text is expected", "quotes"),
    ("lint: {ignore: E501}\n", "no rule of lint has this id", "SW101"),
    ("lint:\n  select: [SW1, SW3, SW113]\n", "line 2, column 22: no rule of lint has this id", "lint --rules"),
    ("lint: {ignore: SW7}\n", "or begins so", "lint --rules"),
    ("lint: {ignore: ''}\n", "not an empty text", ""),
    ("rules: 3\n", "line 1, column 8: a list of rules", "begin each item with -"),
    ("- a\n", "line 1, column 1: a project file is expected", "its fields: targets, rules, lint"),
    ("rules: [\n", "column 1: ", "look at that line"),
    ("rules:\n- path: a\n  path: b\n", "line 3, column 3: the key path is there twice", "keep one"),
    ("rules: []\n---\nrules: []\n", "a second document", "one document"),
    ("rules: *a\n", "line 1, column 8", ""),
    ("\tx: [\n", "line ", ""),
]


@pytest.mark.parametrize(("text", "message", "hint"), MISTAKES)
def test_a_mistake_is_told_with_its_place(text: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        project_of(text, PLACE)
    assert caught.value.message.startswith("/repo/.sealwright.yaml: line ")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.hint
