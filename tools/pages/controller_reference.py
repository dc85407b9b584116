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
from sealwright_controller.metrics.leadership import LeadershipMetrics
from sealwright_controller.metrics.missingkeys import MissingKeyMetrics
from sealwright_controller.metrics.othercontroller import OtherControllerMetrics
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

This page lists the controller's flags, endpoints, metrics, Events, reasons, exit statuses and signals. [Compatibility](compatibility.md)
lists what is the same as in sealed-secrets' controller, with a test for each line; `manifests/rbac.yaml` lists the rights that it
needs, with a reason for each.

## Flags

`--flag=value` and `--flag value` mean the same, also with one dash. A switch takes a value only after `=`: `--update-status` means `--update-status=true`. Each flag also has an environment variable. The flag takes precedence; an empty variable counts as unset.
An invalid value ends the program with status 2, and the message names its flag or variable.

Durations are written as in Go (`90s`, `1h30m`), and days are allowed too (`30d`). An address is `HOST:PORT`; without `HOST` it
means all addresses. The first line of the log shows all settings.

{flags}
Without `--kubeconfig`, the variable `KUBECONFIG` counts, which may list several files; without `--controller-namespace`,
`POD_NAMESPACE`. A kubeconfig means the same as for kubectl: tokens and token files, client certificates, exec plug-ins that return
a token, `as`, `as-uid` and one of `as-groups`, `proxy-url`, `tls-server-name`. The controller refuses what it does not support:
several groups, `as-user-extra` with several values, and a plug-in's client certificate.
`--help` prints all flags, `--version` the version as `controller version: v{version}`.

## Endpoints

[HTTP](http.md) describes the answers, and the limit on requests that use the private keys.

| path | methods | on the port of | for |
|---|---|---|---|
{endpoints}

## Metrics

Metrics with the prefix `sealed_secrets_controller_` are those of sealed-secrets, with the same labels; those with
`sealwright_` are additions. [Metrics](metrics.md) describes the labels and the alerts.

| metric | type | counts |
|---|---|---|
{metrics}

## Events

Events have the component `{component}` and refer to the object that they are about. A repeated Event increases a count.
After {similar} different messages of one reason within {minutes} minutes, further ones are combined into one Event, which begins
with `{combined}`. For one object, {object_burst} Events (counts included) are written at once, and then one in {object_minutes}
minutes; for all objects of a namespace together, {namespace_burst:,} at once, and then one a second. The same limits apply to a
folder's `events.log`.

| reason | type | on | when |
|---|---|---|---|
{events}

## Reasons of the condition `Synced`

| reason | status | means | event | in `unseal_errors_total` | advice |
|---|---|---|---|---|---|
{reasons}

The condition's message is the text of the error, that of sealed-secrets where it has one, and empty after a success; it has at
most {message} characters. If templates fail while they run, the message names the keys of all of them and nothing else, because
more would depend on values; `sealwright render` shows the rest. If the API server refuses a Secret, the message names the cause
(policy, webhook, quota, right, item or field) and never quotes the server, whose words may contain values. The Event adds the
advice; after a failure to unseal it begins with `Failed to unseal: `, as in sealed-secrets. An object that is deleted with its
namespace does not count as failed. A failed SealedSecret is retried at growing intervals without end, and at once when the cause
may be gone: a key was added, the Secret in the way was changed or deleted, or the SealedSecret was changed. An object that no key
opened is not tried again with the same keys. If it has hundreds of items, the message names some of them and the number of those
that were not tried. Namespaces [take turns](../adr/0013-whose-turn-it-is.md) according to the time that their objects take.

Besides `Synced` there are three conditions that do not affect it, and that exist only while they are true:
`KeyMissing`, when [a key that the Secret was made with](keys.md#lost-keys) is no longer in use, `UnknownField`, when
`spec.template.metadata` has a field that Kubernetes does not have, and `Drifted`, when somebody else changed or deleted the Secret
and `--drift=report` leaves it so.

A failure also has the condition `Stalled`, with the reason and message of `Synced`, for
[tools that follow kstatus](../guides/health.md).

## Annotations of a SealedSecret

| annotation | does |
|---|---|
| `{suspend}: "true"` | stops all work on this object: its Secret is neither made, changed nor repaired, until the annotation is removed. The status has the condition `Suspended`; the others stay as they were, so tools see the health that the object had, a new or changed one in progress. A deletion goes on. |
| `{retry}` | each new value asks for a look at once, for example `kubectl annotate --overwrite sealedsecret/db {retry}="$(date)"`. It counts as a change. A SealedSecret that is up to date is left as it is. |

Changes of one SealedSecret are limited: {looks} are processed at once, and then one in {seconds:g} seconds. A change that fails
counts as {failed}, so three failures and their correction are processed at once, and then one change in {failed_seconds:g} seconds.
Until then the status keeps its older `observedGeneration`, and its message says that a change waits; a new object has no status
yet. In each namespace, all objects of namespace-wide or cluster-wide scope with templates also share a limit: {shared} changes at
once, and then one in {shared_seconds:g} seconds; a change that fails counts as {failed}. They are processed in the order in which
they began to wait. Retries count only if their result may differ: if a template uses the time or randomness, or exceeded a limit.
`--pace-edits=false` switches these limits off. [Why so](../adr/0010-what-an-author-can-observe.md).

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
    "/healthz": "monitoring that was set up for sealed-secrets",
    "/livez": "the liveness probe: restart the controller if there is no answer; also on `--listen-probe-addr`",
    "/readyz": "the readiness probe: the sealing keys are loaded; also on `--listen-probe-addr`",
    "/v1/cert.pem": "sealing: the certificate",
    "/v1/verify": "`sealwright verify`, `kubeseal --validate`",
    "/v1/rotate": "`sealwright reencrypt`, `kubeseal --re-encrypt`",
    "/metrics": "Prometheus",
}
EVENTS = {
    EventReason.UNSEALED: ("Normal", "the SealedSecret", "its Secret was made or brought up to date"),
    EventReason.UNSEAL_FAILED: ("Warning", "the SealedSecret", "it does not open, or cannot be read or rendered"),
    EventReason.UPDATE_FAILED: (
        "Warning",
        "the SealedSecret",
        "it opens, but its Secret cannot or must not be written",
    ),
    EventReason.KEY_MISSING: (
        "Warning",
        "the SealedSecret",
        "a key with which its Secret was made is no longer in use (condition `KeyMissing`)",
    ),
    EventReason.DRIFT_REVERTED: (
        "Normal",
        "the SealedSecret",
        "somebody else changed or removed its Secret, and it was restored; the message names the fields",
    ),
    EventReason.DRIFT_FOUND: (
        "Warning",
        "the SealedSecret",
        "the same with `--drift=report`: the Secret stays so (`Drifted`); if it was removed, `Synced` is `False`",
    ),
    EventReason.KEY_UNREADABLE: (
        "Warning",
        "the key's Secret",
        "it is labelled as a sealing key, and does not hold a usable one",
    ),
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
    EventReason.KEY_LOST: ("Warning", "the key's Secret", "it was deleted, or holds another key now"),
    EventReason.OTHER_CONTROLLER: (
        "Warning",
        "the SealedSecret, or the key's Secret",
        "sealed-secrets' controller wrote it while this one was running: stop one of the two",
    ),
}
STATUSES = {
    0: "It was stopped by a signal; or `--help` or `--version` was given.",
    1: "It cannot start: the cluster cannot be reached, the folder cannot be used, or a port is taken. The log says which.",
    2: "A flag or variable is invalid. Standard error says which, and what is allowed.",
}
SIGNALS = {
    "SIGTERM": (
        "Stop gracefully: no new work begins, `/readyz` answers 503, running work gets"
        f" {DRAIN_SECONDS:g} seconds, requests are answered."
    ),
    "SIGINT": "The same (Ctrl-C).",
    "SIGUSR1": "Make a sealing key now, regardless of the age of the newest; the old ones stay in use.",
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
    metrics.register(LeadershipMetrics(lambda: True, lambda: [True]))
    metrics.register(MissingKeyMetrics(lambda: 0))
    metrics.register(OtherControllerMetrics(lambda: False))
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
