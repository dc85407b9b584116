"""The text of a first project file, and pins in an existing one. `surveying` looks at the tree, verbs write files."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from sealwright_cli.files.choosing import PROJECT_FILE
from sealwright_cli.project.reading import project_of
from sealwright_cli.project.surveying import FoundSecret, Survey
from sealwright_conventions.records import record
from sealwright_crypto import Scope
from sealwright_manifests.names import is_namespace
from sealwright_manifests.text.yamlwriter import scalar

_DULL = ("cert", "certificate", "tls", "public", "public-cert", "pub", "sealed-secrets", "sealing", "ca")
"""Names of certificate files that say nothing of their cluster; their folder's name may."""
_HEAD = """\
# Which certificate, namespace and scope count for which files; the first rule that fits a file counts, alone.
# sealwright config show FILE says what counts for a file; docs/reference/project-file.md has all fields.
"""
_NO_CERTIFICATE = """\
# No certificate was found: without a target, the controller of the current cluster is asked for one. For another:
# targets:
#   production:
#     certificate: certs/production.pem   # sealwright cert fetch -w certs/production.pem
#     context: production
"""


@record
class _Said:
    """What a rule would say; `targets` are all that are possible."""

    targets: tuple[str, ...]
    namespace: str
    scope: Scope


@record
class FirstFile:
    """The text of a first project file, how many rules it has, and those that somebody has to complete."""

    text: str
    rules: int
    open_rules: tuple[str, ...]


def first_project(found: Survey) -> FirstFile:
    """Return a project file for a tree. It can be read, and each of its rules fits what it was made from."""
    targets = _targets(found)
    names = {one.fingerprint: name for name, one in zip(targets, found.certificates, strict=True)}
    said = {one: _said(one, found, names, tuple(targets)) for one in found.secrets}
    rules = _rules(said, "") if said else [("**", _Said(tuple(targets), "", Scope.STRICT))]
    text = _HEAD
    if targets:
        text += "targets:\n"
        for name, certificate in targets.items():
            text += f"  {scalar(name)}:\n    certificate: {scalar(certificate)}\n"
    else:
        text += _NO_CERTIFICATE
    open_rules = tuple(path for path, one in rules if len(one.targets) > 1)
    text += "rules:\n"
    text += "".join(_rule(path, one) for path, one in rules)
    project_of(text, Path("/", PROJECT_FILE))
    return FirstFile(text, len(rules) - len(open_rules), open_rules)


def _targets(found: Survey) -> dict[str, str]:
    """Return the name of each certificate's target, and its path."""
    targets: dict[str, str] = {}
    names = [_name(one.path) for one in found.certificates]
    times = Counter(names)
    for number, (name, one) in enumerate(zip(names, found.certificates, strict=True), start=1):
        targets[name if times[name] == 1 else f"{name}-{number}"] = one.path
    return targets


def _name(path: str) -> str:
    place = PurePosixPath(path)
    name = place.stem
    if name.lower() in _DULL and place.parent.name:
        name = place.parent.name
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "-" for char in name)
    return kept.strip("._-") or "cluster"


def _said(one: FoundSecret, found: Survey, names: Mapping[str, str], targets: tuple[str, ...]) -> _Said:
    """Return what a rule for this object would say. Its keys tell the target, else the names of its folders."""
    known = tuple(dict.fromkeys(names[key] for key in sorted(one.keys) if key in names))
    parts = PurePosixPath(one.path).parts
    named = tuple(name for name in targets if name in parts)
    possible = known if len(known) == 1 else named if len(named) == 1 else targets
    namespace = found.namespace_of(one)
    return _Said(possible, namespace if is_namespace(namespace) else "", one.scope)


def _rules(said: Mapping[FoundSecret, _Said], folder: str) -> list[tuple[str, _Said]]:
    """Return (path, what is said) for the files of a folder: one rule, if the same is said of all of them."""
    if len(kinds := set(said.values())) == 1:
        return [(f"{folder}**", kinds.pop())]
    below: dict[str, dict[FoundSecret, _Said]] = {}
    here: dict[str, list[_Said]] = {}
    for one, what in said.items():
        name, slash, _ = one.path[len(folder) :].partition("/")
        if slash:
            below.setdefault(name, {})[one] = what
        else:
            here.setdefault(name, []).append(what)
    rules = [rule for name in sorted(below) for rule in _rules(below[name], f"{folder}{name}/")]
    start = folder or "/"
    agreed = {what for several in here.values() for what in several}
    if len(agreed) == 1:
        suffixes = sorted({PurePosixPath(name).suffix for name in here})
        return [*rules, *((f"{start}*{suffix}", what) for suffix in suffixes for what in agreed)]
    return [*rules, *((f"{start}{name}", _common(here[name])) for name in sorted(here))]


def _common(several: list[_Said]) -> _Said:
    """Return what is said of all objects of one file."""
    first = several[0]
    targets = dict.fromkeys(target for one in several for target in one.targets)
    return _Said(
        tuple(targets),
        first.namespace if len({one.namespace for one in several}) == 1 else "",
        first.scope if len({one.scope for one in several}) == 1 else Scope.STRICT,
    )


def _rule(path: str, said: _Said) -> str:
    lines = [f"- path: {scalar(_escaped(path))}"]
    if len(said.targets) == 1:
        lines.append(f"  target: {scalar(said.targets[0])}")
    if said.namespace:
        lines.append(f"  namespace: {scalar(said.namespace)}")
    if said.scope is not Scope.STRICT:
        lines.append(f"  scope: {said.scope}")
    if len(said.targets) > 1:
        lines.insert(1, f"  target: …  # which one? {', '.join(said.targets)}")
        return "".join(f"  # {line}\n" for line in lines)
    return "".join(f"  {line}\n" for line in lines)


def _escaped(path: str) -> str:
    """Return a path in which what a glob would read otherwise stands in a set of its own."""
    folder, slash, last = path.rpartition("/")
    if not last.startswith("*"):
        folder, slash, last = path, "", ""
    return "".join(f"[{char}]" if char in "*?[" else char for char in folder) + slash + last
