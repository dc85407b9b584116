"""The page docs/reference/controller.md, from the program's own tables. Run this file to write it anew.

What only people can say about an endpoint, an event or a status stands here, by the name that the program has for it:
a name without words, and words without a name, fail.
"""

import ast
import inspect
import time
from collections.abc import Iterator
from typing import NoReturn
from wsgiref.types import WSGIEnvironment

from sealwright_controller import __version__
from sealwright_controller.kube.events import COMPONENT
from sealwright_controller.manager import DRAIN_SECONDS
from sealwright_controller.metrics.contention import ContentionMetrics
from sealwright_controller.metrics.missingkeys import MissingKeyMetrics
from sealwright_controller.metrics.queue import QueueMetrics
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.metrics.renderers import RendererMetrics
from sealwright_controller.metrics.watches import WatchMetrics
from sealwright_controller.objects import reasons, status
from sealwright_controller.objects.decide import SUSPEND_ANNOTATION
from sealwright_controller.objects.forms import RETRY_ANNOTATION
from sealwright_controller.objects.reasons import EventReason, Reason
from sealwright_controller.options.flags import PREFIX
from sealwright_controller.options.table import FLAGS
from sealwright_controller.pacing import edits, eventcaps
from sealwright_controller.queue.contention import Contention
from sealwright_controller.queue.workqueue import WorkQueue
from sealwright_controller.renderer.service import Renderers
from sealwright_controller.web.endpoints import App, controller_app, metrics_app
from sealwright_conventions.flaghelp import typed
from sealwright_conventions.flags import Flag
from tools.checkout import ROOT
from tools.pages.writing import write_page

PAGE = ROOT / "docs" / "reference" / "controller.md"

_HEAD = """\
# The controller `sealwright-controller`

What it can be told, what it tells, and how it ends. What of sealed-secrets' controller is promised, and which test shows it,
is in [compatibility.md](compatibility.md); which rights it needs, in `manifests/rbac.yaml`, with a reason for each.

## Flags

`--flag=value` and `--flag value` mean the same, with one dash too. A switch takes its value behind `=` alone: `--update-status` means `--update-status=true`. Every flag can be set by its variable as well. The flag wins; an empty variable counts as not set.
A value that cannot be used ends the program with status 2 and names its flag or variable, wherever it comes from.

Durations are written as in Go (`90s`, `1h30m`), days too (`30d`). An address is `HOST:PORT`; without `HOST` it is every one.
The first line of the log has every setting that is in force.

{flags}
Besides, where `--kubeconfig` is not given, the variable `KUBECONFIG` is looked at, which may list several files, and where
`--controller-namespace` is not, `POD_NAMESPACE`. A kubeconfig counts as for kubectl: tokens and files of tokens, client
certificates, exec plug-ins that answer with a token, `as`, `as-uid` and one of `as-groups`, `proxy-url`, `tls-server-name`. What
the controller cannot carry out (several groups, `as-user-extra` of several values, a plug-in's client certificate) it refuses.
`--help` prints all flags, `--version` the version as `controller version: v{version}`.

## Endpoints

[HTTP](http.md) tells what each answers, and the limit on those that use the private keys.

| path | methods | on the port of | for |
|---|---|---|---|
{endpoints}

## Metrics

The first of a name tells whose it is: `sealed_secrets_controller_` are those of sealed-secrets, with the same labels;
`sealwright_` are additions. There are no others. [Metrics](metrics.md) tells their labels, and what to be alerted by.

| metric | type | counts |
|---|---|---|
{metrics}

## Events

Kubernetes Events of the component `{component}`, on the object that they are about. One that repeats is counted up, and
after {similar} different messages of one reason within {minutes} minutes the further ones become one as well, which begins
with `{combined}`. About one object {object_burst} are written at once, counts included, and then one in {object_minutes}
minutes; about all objects of a namespace {namespace_burst:,} at once, and then one a second. A folder's `events.log` keeps
to the same.

| reason | type | on | when |
|---|---|---|---|
{events}

## Reasons of the condition `Synced`

| reason | status | means | event | in `unseal_errors_total` | advice |
|---|---|---|---|---|---|
{reasons}

The message of the condition is the error's text alone, the one that sealed-secrets has where it has one, and empty when all is
well; it has {message} characters at most. Of templates that fail while they run it names the keys, all of them, and no
more: what else there is to say depends on values, and is shown by `sealwright render`. Of a Secret that the API server
refuses it names the cause (policy, webhook, quota, right, item or field), and never passes on the server's own words, which may
quote values. The Event says the advice as well; of a failure to unseal it begins with `Failed to unseal: `, as in
sealed-secrets. What goes with its namespace is no failure: nothing is told or counted. A failed SealedSecret is tried again,
later and later, for ever, and at once when the cause may be gone: a key came, the Secret in the way changed or went, the
SealedSecret changed. What no key opened is not tried with the same keys again, and of an object with hundreds of items that
no key opens the message names some and says how many more were not tried. Namespaces
[take turns](../adr/0013-whose-turn-it-is.md) by the time that their objects cost.

Beside `Synced` there may be two conditions that say nothing of whether the Secret is right, and are there only while they are
true: `KeyMissing`, when [a key that the Secret was made with](keys.md#lost-keys) is not in use any more, and `UnknownField`, when
`spec.template.metadata` has a field that Kubernetes does not have.

A failure also has the condition `Stalled`, with the reason and message of `Synced`, for
[tools that follow kstatus](../guides/health.md).

## Annotations of a SealedSecret

| annotation | does |
|---|---|
| `{suspend}: "true"` | stops all work on this object: its Secret is neither made, changed nor repaired, until the annotation is removed. The status has the condition `Suspended`; the others stay as they were, so tools see the health that the object had, a new or changed one in progress. A deletion goes on. |
| `{retry}` | each new value asks for a look at once, for example `kubectl annotate --overwrite sealedsecret/db {retry}="$(date)"`. It counts as a change. A SealedSecret that is up to date is left as it is. |

Changes of one SealedSecret are looked at {looks} at once, and then one in {seconds:g} seconds; a look that fails counts for
{failed}, so that three failures and what mends them are looked at at once, and then one in {failed_seconds:g} seconds.
Meanwhile the status stays as it was, with the older `observedGeneration`, and its message says that a change waits; an
object that is new has no status until then. All objects of namespace-wide or cluster-wide scope with templates share one
measure in each namespace beside that: {shared} changes at once, and then one in {shared_seconds:g} seconds; one that fails
counts for {failed}. They come in the order in which they came to wait. Retries of what failed count only where they may end
otherwise: where a template looks at the time or at chance, or exceeded a limit.
`--pace-edits=false` switches these waits off. [Why so](../adr/0010-what-an-author-can-observe.md).

## Exit statuses

| status | means |
|---:|---|
{statuses}

## Signals

| signal | what it does |
|---|---|
{signals}
"""

ENDPOINTS = {
    "/healthz": "whoever watches sealed-secrets",
    "/livez": "the liveness probe: restart it when there is no answer; on `--listen-probe-addr` too",
    "/readyz": "the readiness probe: it has its keys; on `--listen-probe-addr` too",
    "/v1/cert.pem": "whoever seals",
    "/v1/verify": "`sealwright verify`, `kubeseal --validate`",
    "/v1/rotate": "`sealwright reencrypt`, `kubeseal --re-encrypt`",
    "/metrics": "Prometheus",
}
EVENTS = {
    EventReason.UNSEALED: ("Normal", "the SealedSecret", "its Secret was made or brought up to date"),
    EventReason.UNSEAL_FAILED: ("Warning", "the SealedSecret", "it does not open, or cannot be read or rendered"),
    EventReason.UPDATE_FAILED: ("Warning", "the SealedSecret", "it opens, but its Secret may not or cannot be written"),
    EventReason.DRIFT_REVERTED: (
        "Normal",
        "the SealedSecret",
        "somebody else changed or removed its Secret, and it was restored; the message names the fields",
    ),
    EventReason.DRIFT_FOUND: (
        "Warning",
        "the SealedSecret",
        "the same with `--drift=report`: the Secret stays so, and the condition `Drifted` says it",
    ),
    EventReason.KEY_UNREADABLE: ("Warning", "the key's Secret", "a Secret is labelled as a sealing key, and is none"),
    EventReason.KEY_NOT_TRUSTED: (
        "Warning",
        "the key's Secret",
        "it was made from a SealedSecret, or `--key-trust=controller` does not know it",
    ),
    EventReason.KEY_EXPOSED: (
        "Warning",
        "the key's Secret",
        "an annotation of `kubectl apply` holds the private key; the message says how to remove it",
    ),
    EventReason.KEY_LOST: ("Warning", "the key's Secret", "a key in use is gone from it: deleted, or another one"),
}
STATUSES = {
    0: "It was told to stop, and did; or `--help` or `--version` was asked for.",
    1: "It cannot start: no way to the cluster, no usable folder, or a port that is taken. The log says which.",
    2: "A flag or variable is wrong. Standard error says which, and what it takes.",
}
SIGNALS = {
    "SIGTERM": (
        "Stop in good order: no new work, `/readyz` answers 503, work that has begun may take"
        f" {DRAIN_SECONDS:g} seconds to end, requests are answered."
    ),
    "SIGINT": "The same (Ctrl-C).",
    "SIGUSR1": "Make a sealing key now, whatever the age of the newest; the old ones stay in use.",
}


def render() -> str:
    """Return the current content of the page."""
    return _HEAD.format(
        suspend=SUSPEND_ANNOTATION,
        retry=RETRY_ANNOTATION,
        version=__version__,
        flags="\n".join(_flags()),
        endpoints="\n".join(_endpoints()),
        metrics="\n".join(_metrics()),
        component=COMPONENT,
        similar=eventcaps.SIMILAR_MESSAGES,
        minutes=int(eventcaps.SIMILAR_SECONDS // 60),
        combined=eventcaps.COMBINED_PREFIX.strip(),
        object_burst=eventcaps.OBJECT_BURST,
        object_minutes=int(eventcaps.SECONDS_PER_EVENT_OF_OBJECT // 60),
        namespace_burst=eventcaps.NAMESPACE_BURST,
        message=f"{status.MAX_MESSAGE_CHARACTERS:,}",
        looks=edits.LOOKS_AT_ONCE,
        seconds=edits.SECONDS_PER_LOOK,
        failed=edits.FAILED_LOOK,
        shared=edits.SHARED_LOOKS_AT_ONCE,
        shared_seconds=edits.SECONDS_PER_SHARED_LOOK,
        failed_seconds=edits.FAILED_LOOK * edits.SECONDS_PER_LOOK,
        events="\n".join(_row(f"`{reason.value}`", *EVENTS[reason]) for reason in EventReason),
        reasons="\n".join(_reasons()),
        statuses="\n".join(_row(str(code), text) for code, text in STATUSES.items()),
        signals="\n".join(_row(f"`{name}`", text) for name, text in SIGNALS.items()),
    )


def _flags() -> Iterator[str]:
    for title, flags in FLAGS.groups.items():
        yield f"### {title}\n\n| flag | variable | default | |\n|---|---|---|---|"
        yield from (_flag(flag) for flag in flags)
        yield ""


def _flag(flag: Flag) -> str:
    default = f"`{flag.default}`" if flag.default else ""
    return _row(f"`{typed(flag)}`", f"`{flag.variable(PREFIX)}`", default, flag.help)


def _endpoints() -> Iterator[str]:
    public = controller_app(
        certificate=_nobody, why_not_ready=_nobody, verify=_refuse, rotate=_refuse, observe=lambda *_: None
    )
    ports = {"--listen-addr": public, "--listen-metrics-addr": metrics_app(lambda: b"")}
    served = [(path, methods, flag) for flag, app in ports.items() for path, methods in routes(app)]
    assert [path for path, _, _ in served] == list(ENDPOINTS)
    for path, methods, flag in served:
        yield _row(f"`{path}`", ", ".join(f"`{each}`" for each in methods), f"`{flag}`", ENDPOINTS[path])


def routes(app: App) -> Iterator[tuple[str, list[str]]]:
    """Yield the paths of an app with the methods of each."""
    for path, methods in app._routes.items():  # noqa: SLF001 - only this page needs all of them
        yield path, [*methods, *(["HEAD"] if "GET" in methods else [])]


def _metrics() -> Iterator[str]:
    """Collect names, types and help from the metrics of a controller that has not done anything yet."""
    told: dict[str, list[str]] = {}
    metrics = Metrics("v0")
    metrics.register(QueueMetrics(WorkQueue(clock=time.monotonic)))
    metrics.register(ContentionMetrics(Contention()))
    metrics.register(MissingKeyMetrics(lambda: 0))
    metrics.register(WatchMetrics())
    metrics.register(RendererMetrics(Renderers()))
    for line in metrics.exposition().decode().splitlines():
        if line.startswith("#"):
            _, _, name, text = line.split(" ", 3)
            told.setdefault(name, []).append(text)
    for name, (text, kind) in told.items():
        yield _row(f"`{name}`", kind, text)


def _reasons() -> Iterator[str]:
    words = _docstrings()
    for reason in Reason:
        well = reason is Reason.UNSEALED
        counted = "" if well else f"`{reason.metric}`"
        value = "`True`" if well else "`False`"
        yield _row(
            f"`{reason.value}`",
            value,
            words[reason.name],
            f"`{reason.event.value}`",
            counted,
            _sentence(reason.advice),
        )


def _docstrings() -> dict[str, str]:
    """Return the text below each member of Reason, which does not exist at run time."""
    (found,) = [
        node
        for node in ast.parse(inspect.getsource(reasons)).body
        if isinstance(node, ast.ClassDef) and node.name == "Reason"
    ]
    words: dict[str, str] = {}
    for member, text in zip(found.body, found.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            (target,) = member.targets
            assert isinstance(target, ast.Name)
            words[target.id] = str(text.value.value)
    return words


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _nobody() -> None:
    return None


def _refuse(_: WSGIEnvironment) -> NoReturn:
    raise AssertionError


if __name__ == "__main__":
    write_page(PAGE, render, __doc__)
