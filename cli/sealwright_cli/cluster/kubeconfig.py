"""The chosen cluster, user and default namespace, from kubeconfig files, flags and the surrounding pod.

The rules are those of kubectl's library (client-go's clientcmd): which file wins, which flag overrides what, and when a
configuration counts as empty. This module talks to no cluster and does not import the Kubernetes client: sealing
offline also needs the namespace of the current context.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from sealwright_cli.cluster.kubeconfigfile import credential_files, read_kubeconfig_file
from sealwright_cli.messages.errors import InputError, KubeconfigError, NoClusterError, UsageError
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.durations import SECOND, parse_duration
from sealwright_conventions.kubeconfig.choosing import (
    choose,
    cluster_with_flags,
    merged,
    user_with_flags,
)
from sealwright_conventions.kubeconfig.flags import ClusterFlags
from sealwright_conventions.kubeconfig.stanzas import Cluster, Context, KubeconfigFile, User
from sealwright_conventions.records import field, record

_HOW_TO_NAME_ONE = "name a kubeconfig with --kubeconfig or KUBECONFIG, and one of its contexts with --context"
_HOW_TO_HAVE_IT = "name a kubeconfig that has this context with KUBECONFIG, or correct the context there"


@record
class Kubeconfig:
    """The chosen cluster, user and context, with the flags applied.

    `missing` are problems that matter only for a connection: a user that was asked for and does not exist.
    `pod_namespace` is the namespace of the pod that this runs in, None outside a cluster; `in_cluster` is True if the
    cluster is the one around that pod, since nothing names another.
    """

    cluster: Cluster
    user: User
    context: Context
    flags: ClusterFlags
    environ: Mapping[str, str] = field(repr=False)
    problems: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    pod_namespace: str | None = None
    in_cluster: bool = False
    is_empty: bool = False

    @property
    def namespace(self) -> str:
        """The namespace for objects that name none: the flag's, the context's, the pod's, else `default`.

        Raises KubeconfigError, and NoClusterError if no configuration names one.
        """
        if self.flags.namespace:
            return self.flags.namespace
        if not self.in_cluster:
            self._check(self.problems)
        return self.context.namespace or self.pod_namespace or "default"

    def check_usable(self) -> None:
        """Raise KubeconfigError if this cannot be used to ask the API server: contradictions, missing files."""
        if not self.in_cluster:
            self._check(self.missing + self.problems)

    @property
    def timeout_seconds(self) -> float | None:
        """How long a request may take; None if the user sets no limit. Raises UsageError for --request-timeout."""
        return _timeout_seconds(self.flags.request_timeout)

    def _check(self, problems: tuple[str, ...]) -> None:
        if self.is_empty and not self.missing:
            _fail_empty(self.files)
        if problems and self.flags.context_from and not self.files:
            named = f"{self.flags.context} ({self.flags.context_from})"
            raise KubeconfigError(f"there is no kubeconfig that has the context {named}", hint=_HOW_TO_HAVE_IT)
        if problems:
            origin = f"{', '.join(self.files)}: " if self.files else "flags: "
            hint = _HOW_TO_HAVE_IT if self.flags.context_from else _HOW_TO_NAME_ONE
            raise KubeconfigError(origin + "; ".join(problems), hint=hint)


def namespace_of(flags: ClusterFlags, surroundings: Surroundings) -> str:
    """Return the namespace for objects that name none. Raises InputError if it cannot be determined."""
    try:
        return load_kubeconfig(flags, surroundings).namespace
    except KubeconfigError as error:
        raise InputError(
            f"no namespace is given, and none is known: {error.message}", hint="give --namespace"
        ) from None


def load_kubeconfig(flags: ClusterFlags, surroundings: Surroundings) -> Kubeconfig:
    """Read the files that kubectl would read: --kubeconfig, else those of KUBECONFIG, else ~/.kube/config.

    Among several files, the first to set a value wins, entry by entry; missing files are skipped, except the one of
    --kubeconfig. Raises KubeconfigError for a file that cannot be read and for a --context that does not exist; other
    problems appear when the result is used.
    """
    configured, files = _configured(flags, surroundings)
    choice = choose(configured, flags, credential_files)
    pod = surroundings.service_account if _is_in_pod(surroundings) else None
    in_cluster = choice.is_empty and pod is not None and not choice.missing
    return Kubeconfig(
        cluster=cluster_with_flags(_pod_cluster(pod, surroundings), flags) if in_cluster and pod else choice.cluster,
        user=user_with_flags(User(token_file=str(pod / "token")), flags) if in_cluster and pod else choice.user,
        context=choice.context,
        flags=flags,
        environ=surroundings.environ,
        problems=choice.problems,
        missing=choice.missing,
        files=files,
        pod_namespace=None if pod is None else _pod_namespace(pod, surroundings),
        in_cluster=in_cluster,
        is_empty=choice.is_empty,
    )


def _configured(flags: ClusterFlags, surroundings: Surroundings) -> tuple[KubeconfigFile, tuple[str, ...]]:
    found: list[KubeconfigFile] = []
    names = []
    for path in _paths(flags, surroundings):
        try:
            found.append(read_kubeconfig_file(path))
            names.append(str(path))
        except FileNotFoundError:
            if flags.kubeconfig:
                raise KubeconfigError(
                    f"{shown_path(path, 'the file that --kubeconfig names')}: no such file",
                    hint="correct --kubeconfig, or leave it out to use the default one",
                ) from None
    return merged(found), tuple(names)


def _paths(flags: ClusterFlags, surroundings: Surroundings) -> list[Path]:
    if flags.kubeconfig:
        return [Path(flags.kubeconfig)]
    listed = surroundings.environ.get("KUBECONFIG", "")
    if listed:
        return [Path(name) for name in dict.fromkeys(listed.split(os.pathsep)) if name]
    return [surroundings.home / ".kube" / "config"]


def _is_in_pod(surroundings: Surroundings) -> bool:
    environ = surroundings.environ
    address = environ.get("KUBERNETES_SERVICE_HOST") and environ.get("KUBERNETES_SERVICE_PORT")
    return bool(address) and (surroundings.service_account / "token").is_file()


def _pod_cluster(pod: Path, surroundings: Surroundings) -> Cluster:
    environ = surroundings.environ
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ["KUBERNETES_SERVICE_PORT"]
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    authority = pod / "ca.crt"
    return Cluster(server, certificate_authority=str(authority) * authority.exists())


def _pod_namespace(pod: Path, surroundings: Surroundings) -> str:
    named = surroundings.environ.get("POD_NAMESPACE")
    try:
        return named or (pod / "namespace").read_text(encoding="utf-8").strip() or "default"
    except (OSError, ValueError):
        return "default"


def _fail_empty(files: tuple[str, ...]) -> NoReturn:
    """Raise NoClusterError; the message depends on whether a file was found."""
    if files:
        raise NoClusterError(f"{', '.join(files)}: the chosen context names no cluster", hint=_HOW_TO_NAME_ONE)
    raise NoClusterError("there is no kubeconfig, and no other configuration of a cluster", hint=_HOW_TO_NAME_ONE)


def _timeout_seconds(written: str) -> float | None:
    """Read whole seconds (`30`) or a duration in Go's notation (`1m30s`). Raises UsageError."""
    if not written or written == "0":
        return None
    if written.isascii() and written.isdecimal():
        return float(written) or None
    try:
        seconds = parse_duration(written) / SECOND
    except ValueError:
        seconds = -1.0
    if seconds < 0:
        raise UsageError("--request-timeout: not a duration", hint="write 30, 30s or 1m30s; 0 is no limit")
    return seconds or None
