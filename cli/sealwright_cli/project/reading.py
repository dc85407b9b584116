"""The text of a project file → a project. Imported only if there is a project file, since reading YAML takes time.

`table` knows the fields. This file checks what concerns several of them: names of targets, and rules that cannot count.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.files.disk import decode, read_file
from sealwright_cli.files.globs import WILD, glob
from sealwright_cli.messages.advice import did_you_mean, for_problem, nearest
from sealwright_cli.messages.errors import InputError
from sealwright_cli.project.model import LintWords, Project, Rule, Target
from sealwright_cli.project.shapes import Fields, Word, WrongValueError
from sealwright_cli.project.table import CERTIFICATE_FIELDS, PROJECT
from sealwright_crypto import Scope
from sealwright_manifests.errors import Problem, SyntaxProblemError
from sealwright_manifests.text.bounds import USUAL, Tally
from sealwright_manifests.text.conflicts import conflict_behind
from sealwright_manifests.text.yamlreader import read_yaml

MAX_BYTES = 1024 * 1024


def read_project(path: Path) -> Project:
    """Return the project of a file. Raises InputError with line and column, and what to do."""
    return project_of(decode(read_file(path, MAX_BYTES), str(path)), path)


def project_of(text: str, path: Path) -> Project:
    """Return the project that a text says; `path` is the absolute path of its file. Raises as `read_project`."""
    try:
        root = read_yaml(text, Tally(USUAL))
        found = PROJECT.read(root) if root else Fields({}, 0)
        return _Builder(path, text).build(found)
    except SyntaxProblemError as problem:
        problem = conflict_behind(problem, text) or problem
        if problem.problem is Problem.SECOND_DOCUMENT:
            raise _at(path, text, problem.offset, "a second document", "write one document only") from None
        raise _at(path, text, problem.offset, problem.reason, for_problem(problem.problem)) from None
    except WrongValueError as problem:
        raise _at(path, text, problem.offset, problem.reason, problem.hint) from None


def _at(path: Path, text: str, offset: int, reason: str, hint: str) -> InputError:
    line, column = place_in(text, offset)
    return InputError(f"{path}: line {line}, column {column}: {reason}", hint=hint)


def place_in(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, both counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


class _Builder:
    """Makes a project of what was read."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text

    def build(self, found: Fields) -> Project:
        """Return the project. Raises WrongValueError."""
        given: Mapping[Word, Fields] = found.get("targets", {})
        targets = {str(name): self._target(name, one, name.offset) for name, one in given.items()}
        rules: list[Rule] = []
        for number, one in enumerate(found.get("rules", []), start=1):
            rules.append(self._rule(number, one, targets))
            self._check_reached(rules, one)
        return Project(self._path, targets, rules, _lint(found.get("lint")))

    def _target(self, name: str, found: Fields, offset: int) -> Target:
        if not (found.get("certificate") or found.get("context")):
            raise WrongValueError(
                f"target {name} has neither certificate nor context" if name else "neither certificate nor context",
                offset,
                "add certificate: FILE or URL, or context: one of the kubeconfig's",
            )
        controller = found.get("controller") or Fields({}, 0)
        usual = ControllerAddress()
        return Target(
            name=str(name),
            certificate=self._certificate(found.get("certificate", "")),
            context=str(found.get("context", "")),
            controller=ControllerAddress(
                str(controller.get("namespace", usual.namespace)), str(controller.get("name", usual.name))
            ),
            pins=tuple(re.sub(r"[:\s]", "", pin).lower() for pin in found.get("pin", [])),
            place=f"{self._path}: line {place_in(self._text, offset)[0]}",
        )

    def _certificate(self, written: str) -> str:
        """Return a certificate's source: a URL as it is, a file by its absolute path."""
        if not written or "://" in written:
            return str(written)
        return os.path.normpath(self._path.parent / os.path.expanduser(written))  # noqa: PTH111 - Path.expanduser raises for users who are not there

    def _rule(self, number: int, found: Fields, targets: Mapping[str, Target]) -> Rule:
        outer = found.get("outer") or Fields({}, 0)
        scope = found.get("scope")
        rule = Rule(
            number=number,
            line=place_in(self._text, found.offset)[0],
            paths=tuple(glob(written) for written in found.get("path")),
            targets=self._targets(found, targets),
            namespace=str(found.get("namespace", "")),
            scope=Scope(scope) if scope else None,
            output=str(found.get("output", "")),
            labels=_plain(outer.get("labels", {})),
            annotations=_plain(outer.get("annotations", {})),
            lint=_lint(found.get("lint")),
        )
        if len(rule.targets) > 1 and rule.output and "{target}" not in rule.output:
            raise WrongValueError(
                "several targets, and their files would have one name", found.get("output").offset, "add {target} to it"
            )
        return rule

    def _targets(self, found: Fields, targets: Mapping[str, Target]) -> tuple[Target, ...]:
        names: list[Word] = found.get("target", [])
        own = [key for key in CERTIFICATE_FIELDS if key in found.values]
        if names and own:
            raise WrongValueError(
                f"both target and {own[0]}", found.keys[own[0]], f"write {own[0]} where the target is described"
            )
        for at, name in enumerate(names):
            if name not in targets:
                raise WrongValueError(f"no target is called {name}", name.offset, _known(name, targets))
            if name in names[:at]:
                raise WrongValueError(f"target {name} is there twice", name.offset, "keep one of them")
        if targets and not (names or own):
            raise WrongValueError(
                "this rule says nothing of its target", found.offset, f"add target: {' or '.join(targets)}, or several"
            )
        if own:
            return (self._target("", found, found.keys[own[0]]),)
        return tuple(targets[name] for name in names)

    def _check_reached(self, rules: list[Rule], found: Fields) -> None:
        """Raise WrongValueError for a path that an earlier rule fits in any case: it would never count."""
        rule = rules[-1]
        for one, word in zip(rule.paths, found.get("path"), strict=True):
            for earlier in rules[:-1]:
                if any(_covers(other.body, one.body) for other in earlier.paths):
                    same = any(other.body == one.body for other in earlier.paths)
                    how = "has the same path" if same else "fits all that this path fits"
                    raise WrongValueError(
                        f"rule {earlier.number} (line {earlier.line}) {how}, and the first rule that fits counts",
                        word.offset,
                        "make one of them more exact, or remove it" if same else "put this rule before that one",
                    )


def _covers(wide: str, narrow: str) -> bool:
    """Tell whether one glob surely fits all that another one fits; most such pairs are not worth being found."""
    if wide == narrow or wide in ("**", "**/*", "**/**"):
        return True
    folder = wide.removesuffix("/**")
    return not WILD.search(folder) and narrow.startswith(f"{folder}/")


def _known(name: str, targets: Mapping[str, Target]) -> str:
    if not targets:
        return "describe it under targets"
    return did_you_mean(nearest(name, targets)) or f"the targets are {', '.join(targets)}"


def _lint(found: Fields | None) -> LintWords:
    if found is None:
        return LintWords()
    words: Callable[[str], tuple[str, ...]] = lambda key: tuple(str(one) for one in found.get(key, []))  # noqa: E731 - short
    return LintWords(words("select"), words("ignore"))


def _plain(found: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in found.items()}
