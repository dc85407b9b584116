"""The command line as Typer has it: help, completion, mistakes, and rarer ways to write what is right."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Optional

import typer

from sealwright_cli.commandline.spec import Argument, Option, Verb
from sealwright_cli.front import index
from sealwright_cli.front.usage import SETTINGS, Command, Group
from sealwright_cli.messages.exitcodes import ExitStatus

Run = Callable[[Verb, dict[str, Any]], ExitStatus]
Tell = Callable[[str], None]

ABOUT = "Encrypt Kubernetes Secrets so that they can be kept in Git: only the cluster can decrypt them."
EXAMPLES = """\
sealwright seal secret.yaml -w sealed.yaml
sealwright verify apps/"""


def make_app(run: Run, tell: Tell, version: str, only: str = "") -> typer.Typer:
    """Return the command line. `run` carries out a verb, with the values given for it; `tell` shows a line of help.

    Only the verb `only` gets its options; the others are what lists of verbs need, and so are all if it is empty.
    """
    # Help without rich (it takes 100 ms to import), tracebacks without local variables (they may be secrets).
    plain: dict[str, Any] = {"cls": Group, "rich_markup_mode": None, "pretty_exceptions_enable": False}
    app = typer.Typer(name="sealwright", context_settings=SETTINGS, **plain)

    @app.callback(invoke_without_command=True, help=ABOUT, epilog=EXAMPLES)
    def sealwright(
        context: typer.Context,
        *,
        version_: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    ) -> None:
        if version_:
            tell_version(version)
        _check_verb(context, tell)

    groups = {"": app}
    for name, (summary, examples) in index.GROUPS.items():
        groups[name] = group = typer.Typer(**plain)
        group.callback(invoke_without_command=True, help=summary, epilog=examples)(_group(tell))
        app.add_typer(group, name=name)
    for name, (_, summary) in index.VERBS.items():
        first, _, last = name.rpartition(" ")
        is_hidden = name in index.HIDDEN
        if only == name:
            verb = index.load(name)
            says: dict[str, Any] = {"help": verb.help, "epilog": verb.examples, "hidden": is_hidden}
            groups[first].command(last, cls=Command, **says)(_function(verb, run))
        else:
            groups[first].command(last, cls=Command, help=summary, hidden=is_hidden)(lambda: None)
    return app


def tell_version(version: str) -> None:
    """Show the version, and end."""
    typer.echo(f"sealwright version: v{version}")
    raise typer.Exit


def _group(tell: Tell) -> Callable[[typer.Context], None]:
    def run(context: typer.Context) -> None:
        _check_verb(context, tell)

    return run


def _check_verb(context: typer.Context, tell: Tell) -> None:
    """Show the help when the verb is missing."""
    if context.invoked_subcommand is None:
        for line in context.get_help().splitlines():
            tell(line)
        raise typer.Exit(ExitStatus.USAGE)


def _function(verb: Verb, run: Run) -> Callable[..., None]:
    """Return a function whose signature says what the verb takes: Typer reads options from nothing else."""
    taken: list[Option | Argument] = [*verb.arguments, *verb.options]
    names = {f"given_{number}": one for number, one in enumerate(taken)}

    def command(**given: Any) -> None:
        values = {one.into: _as_given(one, given[name]) for name, one in names.items()}
        raise typer.Exit(run(verb, values))

    keys = {name: one.into for name, one in names.items()}
    parameters = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=_default(one), annotation=_annotation(one, keys)
        )
        for name, one in names.items()
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # mypy does not know it
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    return command


def _as_given(one: Option | Argument, value: Any) -> Any:
    return tuple(value or ()) if one.many else value


def _default(one: Option | Argument) -> Any:
    if isinstance(one, Argument) and one.is_required:
        return inspect.Parameter.empty
    return None if one.many else one.absent


def _annotation(one: Option | Argument, keys: Mapping[str, str]) -> Any:
    kind: Any = bool if isinstance(one, Option) and one.is_flag else _type(one.kind)
    kind = Optional[list[kind]] if one.many else Optional[kind]  # noqa: UP045 - types that are values
    more: dict[str, Any] = {} if isinstance(one.kind, type) else {"callback": _kind_of_given(one)}
    if isinstance(one, Argument):
        if one.completes is not None:
            more["autocompletion"] = _completion(one.completes, keys)
        # Hidden from the help's list of arguments, where Typer would show the Python type; the help mentions them.
        return Annotated[kind, typer.Argument(metavar=one.metavar, envvar=one.variable or None, hidden=True, **more)]
    more |= {} if one.is_flag else {"metavar": one.metavar}
    more |= {"envvar": one.variable or None, "show_default": one.shows_default, "hidden": one.is_hidden}
    return Annotated[kind, typer.Option(*one.names, help=one.help, rich_help_panel=one.group, **more)]


def _kind_of_given(one: Option | Argument) -> Callable[[Any], Any]:
    """Return what Typer calls for every value, also one that is missing: only what was given becomes its kind."""

    def convert(value: Any) -> Any:
        if value is None or value == one.absent:
            return value
        try:
            return [one.kind(word) for word in value] if one.many else one.kind(value)
        except ValueError:
            raise typer.BadParameter("") from None

    return convert


def _type(kind: Callable[[str], Any]) -> type:
    return kind if isinstance(kind, type) else str


def _completion(
    completes: Callable[[Mapping[str, Any], str], Sequence[str]], keys: Mapping[str, str]
) -> Callable[[typer.Context, list[str], str], Sequence[str]]:
    """Return what Typer asks, which calls values by the names of parameters; `keys` has theirs in the verb."""

    def complete(ctx: typer.Context, args: list[str], incomplete: str) -> Sequence[str]:  # noqa: ARG001
        given = {key: ctx.params.get(name) for name, key in keys.items()}
        return completes(given, incomplete)

    return complete
