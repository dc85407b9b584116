"""`sealwright config show`: which rule of the project file counts for a file, why, and what it says."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sealwright_cli.commandline.options import QUIET, REPORT_FORM
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, projects
from sealwright_cli.commandline.spec import Argument, Call, Verb
from sealwright_cli.files.disk import exists, is_folder, write_stdout
from sealwright_cli.messages.errors import InputError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console, counted, visible
from sealwright_cli.project.finding import absolute
from sealwright_cli.project.model import Project, Rule, Target
from sealwright_cli.project.settings import FileSettings, Projects
from sealwright_conventions.records import field, record
from sealwright_manifests.text.documents import Form


@record
class ShowOptions:
    """The file to tell of (None: the project file of the working folder), and the form; None is lines of text."""

    file: Path | None = None
    form: Form | None = None
    projects: Projects = field(default_factory=Projects)


def show(options: ShowOptions, console: Console) -> ExitStatus:
    """Print what counts for a file, or all rules with the number of files that each fits. Raises CliError.

    The file need not exist. Globs that fit no file of the project are warned of.
    """
    if options.file is not None and not is_folder(options.file):
        facts = _of_file(options.file, options.projects)
        project = options.projects.project_for(options.file)
    else:
        project = options.projects.project_for(options.file)
        if project is None:
            raise InputError(
                "no project file in this folder or above it", hint="sealwright init writes one; --config names one"
            )
        facts = _of_project(project)
    for warning in _idle(project) if project else ():
        console.warn(warning)
    words = json.dumps(facts, indent=2) if options.form is Form.JSON else "\n".join(_lines(facts))
    write_stdout(console.stdout, words.encode() + b"\n")
    return ExitStatus.OK


def _of_file(file: Path, projects: Projects) -> dict[str, Any]:
    settings = projects.settings_for(file)
    project, rule = settings.project, settings.rule
    if project is None:
        return {"file": str(file), "projectFile": None, "rule": None, "why": "there is no project file above it"}
    fitting = project.rules_for(absolute(file))
    inside = project.inside(absolute(file)) or ""
    facts: dict[str, Any] = {
        "file": str(file),
        "projectFile": str(project.path),
        "rule": _rule(rule, inside) if rule else None,
        "why": _why(settings, inside),
        "fitToo": [_rule(one, inside) for one in fitting[1:]],
    }
    if rule is None:
        return facts | {"lint": _lint(settings)}
    return facts | {
        "targets": [_target(one) for one in rule.targets],
        "namespace": rule.namespace,
        "scope": rule.scope.value if rule.scope else "",
        "output": rule.output,
        "outer": {"labels": dict(rule.labels), "annotations": dict(rule.annotations)},
        "lint": _lint(settings),
    }


def _why(settings: FileSettings, inside: str) -> str:
    if settings.rule is None and settings.project and settings.project.targets:
        return "no rule fits it, so it is sealed for none of the targets: add a rule, or give --target or --cert"
    if settings.rule is None:
        return "no rule fits it, so the command line alone counts"
    glob = settings.rule.fits(inside)
    return f"the first rule that fits: {glob.written if glob else ''} fits {inside}"


def _rule(rule: Rule, inside: str) -> dict[str, Any]:
    glob = rule.fits(inside)
    return {"number": rule.number, "line": rule.line, "path": glob.written if glob else ""}


def _target(target: Target) -> dict[str, Any]:
    return {
        "name": target.name,
        "certificate": target.certificate,
        "context": target.context,
        "controller": str(target.controller),
        "pins": list(target.pins),
        "missing": bool(target.certificate)
        and "://" not in target.certificate
        and not exists(Path(target.certificate)),
    }


def _lint(settings: FileSettings) -> dict[str, list[str]]:
    return {"select": list(settings.lint.select), "ignore": list(settings.lint.ignore)}


def _of_project(project: Project) -> dict[str, Any]:
    firsts = _firsts(project)
    return {
        "projectFile": str(project.path),
        "targets": [_target(one) for one in project.targets.values()],
        "rules": [
            {
                "number": rule.number,
                "line": rule.line,
                "paths": [glob.written for glob in rule.paths],
                "targets": [one.name for one in rule.targets],
                "namespace": rule.namespace,
                "scope": rule.scope.value if rule.scope else "",
                "files": firsts.get(rule.number, 0),
            }
            for rule in project.rules
        ],
    }


def _paths(project: Project) -> list[str]:
    from sealwright_cli.project.surveying import paths_below  # noqa: PLC0415 - reads YAML's readers too

    return list(paths_below(project.path.parent))


def _firsts(project: Project) -> Mapping[int, int]:
    """Return how many files each rule counts for, by its number."""
    counts: dict[int, int] = {}
    for path in _paths(project):
        for rule in project.rules:
            if rule.fits(path):
                counts[rule.number] = counts.get(rule.number, 0) + 1
                break
    return counts


def _idle(project: Project) -> Iterator[str]:
    paths = _paths(project)
    for rule in project.rules:
        for glob in rule.paths:
            if not any(glob.fits(path) for path in paths):
                yield f"{project.path}: line {rule.line}: rule {rule.number}: no file fits the path {glob.written}"


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    if "file" in facts:
        yield from _lines_of_file(facts)
        return
    yield f"project file: {visible(facts['projectFile'])}"
    for one in facts["targets"]:
        yield from _lines_of_target(one)
    for one in facts["rules"]:
        said = [
            *([f"target {', '.join(filter(None, one['targets']))}"] if any(one["targets"]) else []),
            *([f"namespace {one['namespace']}"] if one["namespace"] else []),
            *([f"scope {one['scope']}"] if one["scope"] else []),
            counted(one["files"], "file"),
        ]
        yield visible(f"rule {one['number']} (line {one['line']}): {' '.join(one['paths'])}: {', '.join(said)}")


def _lines_of_file(facts: Mapping[str, Any]) -> Iterator[str]:
    rule = facts["rule"]
    yield f"file:         {visible(facts['file'])}"
    yield f"project file: {visible(facts['projectFile'] or 'none')}"
    yield f"rule:         {rule['number']} (line {rule['line']})" if rule else "rule:         none"
    yield f"why:          {visible(facts['why'])}"
    for one in facts.get("fitToo", ()):
        yield visible(f"fits too:     rule {one['number']} (line {one['line']}), {one['path']}: it comes later")
    for one in facts.get("targets", ()):
        yield from _lines_of_target(one)
    for key in ("namespace", "scope", "output"):
        if facts.get(key):
            yield f"{key + ':':<13} {visible(facts[key])}"
    for kind, entries in facts.get("outer", {}).items():
        for name, value in entries.items():
            yield visible(f"outer {kind}: {name}: {value}")
    for kind, ids in facts.get("lint", {}).items():
        if ids:
            yield f"lint {kind}:  {' '.join(ids)}"


def _lines_of_target(one: Mapping[str, Any]) -> Iterator[str]:
    said: Sequence[str] = [
        *(
            [f"certificate {one['certificate']}" + (" (missing)" if one["missing"] else "")]
            if one["certificate"]
            else []
        ),
        *([f"context {one['context']}"] if one["context"] else []),
        *(f"pin {pin}" for pin in one["pins"]),
    ]
    yield visible(f"target:       {one['name'] or 'in the rule'}: {', '.join(said)}")


def _run(call: Call) -> ExitStatus:
    return show(ShowOptions(call["file"], call["format"], projects(call)), call.console)


VERB = Verb(
    """\
Show what the project file says of a file, and why.

The first rule of .sealwright.yaml that fits the file counts, alone. Without FILE, shows all rules and how many files
each one counts for. FILE need not exist.
""",
    """\
sealwright config show apps/shop/db.yaml
sealwright config show -o json""",
    _run,
    (Argument("file", "[FILE]", Path),),
    (REPORT_FORM, *CONFIG_OPTIONS, QUIET),
)
