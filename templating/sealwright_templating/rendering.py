"""The library's two calls, `parse` and `render`: texts and data in, bytes out, everything else is a parameter."""

import secrets
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace

from sealwright_templating.context import Clock, Context, Randomness, Zones
from sealwright_templating.errors import TemplateExecutionError, TemplateLimitError, quoted
from sealwright_templating.functions.index import VARYING
from sealwright_templating.language.parser import parse_programs
from sealwright_templating.limits import DEFAULT_LIMITS, Budget, Deadline, Limits
from sealwright_templating.machine.missing import missing_fields
from sealwright_templating.machine.program import Program
from sealwright_templating.machine.stackmachine import StackMachine
from sealwright_templating.source import Source
from sealwright_templating.values.objects import Map, string_dict
from sealwright_templating.zones import find_zone

Data = Mapping[str, str | bytes]
"""The items of a Secret: text becomes UTF-8, bytes are unchanged."""

Timer = Callable[[], float]
"""Returns monotonic seconds, for the limit of wall time."""


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text; it can be rendered any number of times, by several threads at once."""

    source: Source
    programs: Mapping[str, Program]

    @property
    def varies(self) -> bool:
        """Whether another rendering of the same data may differ: by time, randomness or new keys."""
        return any(not VARYING.isdisjoint(program.calls) for program in self.programs.values())

    def missing_fields(self, known: Container[str]) -> list[str]:
        """Return the names that the text reads of its data, in their order, if only those that are known are there.

        A name that the text expects to be missing is left out: one of which an `if` asks, or that has a default.
        """
        return missing_fields(self.programs[self.source.name], known)

    def render(
        self,
        data: Data,
        *,
        limits: Limits = DEFAULT_LIMITS,
        clock: Clock = time.time_ns,
        randomness: Randomness = secrets.token_bytes,
        zones: Zones = find_zone,
        timer: Timer = time.monotonic,
        before_slow_work: Callable[[], None] = lambda: None,
    ) -> bytes:
        """Return the template's output for the data; `before_slow_work` is called when slow work is about to begin.

        Raises TemplateExecutionError if the data does not fit, TemplateLimitError if a limit is exceeded.
        """
        values = self._values(data)
        # Slow work is left for a second run: a template that requests too much of it is stopped before any is done.
        rehearsal = Context(Budget(limits, timer), clock, randomness, zones, clock(), rehearsal=True)
        try:
            rendered = self._run(values, rehearsal)
        except TemplateExecutionError as error:
            if isinstance(error, TemplateLimitError) or not rehearsal.postponed:
                raise
        else:
            if not rehearsal.postponed:
                return rendered
        before_slow_work()
        patient = replace(limits, wall_seconds=limits.slow_wall_seconds)
        return self._run(values, Context(Budget(patient, timer), clock, randomness, zones, clock()))

    def _run(self, values: Map, context: Context) -> bytes:
        machine = StackMachine(self.programs, context)
        context.budget.live = machine.live
        return machine.run(self.source.name, values)

    def _values(self, data: Data) -> Map:
        made = {}
        for key, value in data.items():
            try:
                made[key.encode()] = value if isinstance(value, bytes) else value.encode()
            except UnicodeEncodeError:  # its text would quote the value
                reason = f"the value of field {quoted(key)} is not text that UTF-8 can encode"
                raise self.source.error(TemplateExecutionError, 0, reason) from None
        return string_dict(made)


def parse(
    text: str,
    *,
    name: str = "template",
    templates: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    timer: Timer = time.monotonic,
) -> Template:
    """Parse a Go template; errors and `{{ template }}` refer to it as `name`.

    `templates` are further texts by name, also for `{{ template }}`; definitions in the text itself take precedence.
    Raises TemplateParseError if one of them is not a template, TemplateLimitError if one is larger than the limit, or
    if all together take longer than `limits.wall_seconds`.
    """
    deadline = Deadline(limits.wall_seconds, timer)
    programs: dict[str, Program] = {}
    for other, its_text in (templates or {}).items():
        programs |= parse_programs(_source(other, its_text, limits), limits.tokens, deadline)
    source = _source(name, text, limits)
    return Template(source, programs | parse_programs(source, limits.tokens, deadline))


def render(
    text: str,
    data: Data,
    *,
    name: str = "template",
    limits: Limits = DEFAULT_LIMITS,
    clock: Clock = time.time_ns,
    randomness: Randomness = secrets.token_bytes,
    zones: Zones = find_zone,
    timer: Timer = time.monotonic,
    templates: Mapping[str, str] | None = None,
) -> bytes:
    """Parse a Go template and return its output for the data, which is a map[string]string to it.

    `clock` gives nanoseconds since 1970, `randomness` random bytes, `zones` time zones by name: functions such as
    `now`, `randAlpha` and `dateInZone` use nothing else from outside. `timer` is for the limit of wall time. See
    `parse` for `name` and `templates`. Raises TemplateParseError, TemplateExecutionError and TemplateLimitError.
    """
    template = parse(text, name=name, templates=templates, limits=limits, timer=timer)
    return template.render(data, limits=limits, clock=clock, randomness=randomness, zones=zones, timer=timer)


def _source(name: str, text: str, limits: Limits) -> Source:
    source = Source(name, text)
    if len(text) > limits.text_characters:
        raise source.error(TemplateLimitError, 0, f"the text is longer than {limits.text_characters} characters")
    return source
