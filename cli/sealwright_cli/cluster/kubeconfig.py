"""Which cluster is meant, who speaks, and which namespace is the default: kubeconfig files, flags, the pod around us.

The rules are those of kubectl's library (client-go's clientcmd): which file wins, which flag overrides what, when a
configuration counts as empty. Nothing here talks to a cluster, and nothing imports the Kubernetes client: sealing
offline needs the namespace of the current context too.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import NoReturn, TypeVar

from sealwright_cli.cluster.kubeconfigfile import Cluster, Context, KubeconfigFile, User, read_kubeconfig_file
from sealwright_cli.errors import InputError, KubeconfigError, NoClusterError, UsageError
from sealwright_cli.naming import shown_path

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds its ServiceAccount's token, its namespace and the authority of the API server."""

_HOW_TO_NAME_ONE = "name a kubeconfig with --kubeconfig or KUBECONFIG, and one of its contexts with --context"
_DURATION_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class ClusterFlags:
    """What the command line says about the cluster, by kubectl's flags; an empty value means that it was not given.

    `kubeconfig` is a path; `impersonate_*` are --as, --as-group and --as-uid; the three certificate fields are paths,
    relative to the working directory; `request_timeout` is as kubectl takes it ("0" or empty: no limit of the
    user's).
    """

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    user: str = ""
    server: str = ""
    token: str = field(default="", repr=False)
    impersonate_user: str = ""
    impersonate_groups: Sequence[str] = ()
    impersonate_uid: str = ""
    certificate_authority: str = ""
    client_certificate: str = ""
    client_key: str = ""
    insecure_skip_tls_verify: bool = False
    tls_server_name: str = ""
    request_timeout: str = "0"
    namespace: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    proxy_url: str = field(default="", repr=False)
    disable_compression: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What the process finds around itself; `app` alone gathers it.

    `environ` holds the variables, `home` is the user's folder, `service_account` where a pod's credentials would be.
    """

    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    home: Path = Path()
    service_account: Path = SERVICE_ACCOUNT


@dataclass(frozen=True)
class Kubeconfig:
    """The one cluster, user and context that are meant, flags worked in.

    `missing` are problems that only who connects has to care about: a user that was asked for and is not there.
    `pod_namespace` is the namespace of the pod that this runs in, None outside a cluster; `in_cluster` tells that the
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
        """The namespace for what names none: the flag's, the context's, the pod's, else `default`.

        Raises KubeconfigError, NoClusterError when there is no configuration to take it from.
        """
        if self.flags.namespace:
            return self.flags.namespace
        if not self.in_cluster:
            self._check(self.problems)
        return self.context.namespace or self.pod_namespace or "default"

    def check_usable(self) -> None:
        """Raise KubeconfigError when the API server cannot be asked with this: contradictions, missing files."""
        if not self.in_cluster:
            self._check(self.missing + self.problems)

    @property
    def timeout_seconds(self) -> float | None:
        """How long a request may take; None when the user sets no limit. Raises UsageError for --request-timeout."""
        return _timeout_seconds(self.flags.request_timeout)

    def _check(self, problems: tuple[str, ...]) -> None:
        if self.is_empty and not self.missing:
            _fail_empty(self.files)
        if problems:
            origin = f"{', '.join(self.files)}: " if self.files else "flags: "
            raise KubeconfigError(origin + "; ".join(problems), hint=_HOW_TO_NAME_ONE)


def namespace_of(flags: ClusterFlags, surroundings: Surroundings) -> str:
    """Return the namespace for what names none. Raises InputError that says so when there is none to be had."""
    try:
        return load_kubeconfig(flags, surroundings).namespace
    except KubeconfigError as error:
        raise InputError(
            f"no namespace is given, and none can be inferred: {error.message}", hint="give --namespace"
        ) from None


def load_kubeconfig(flags: ClusterFlags, surroundings: Surroundings) -> Kubeconfig:
    """Read what kubectl would read: the file of --kubeconfig, else those of KUBECONFIG, else ~/.kube/config.

    Of several files, the first to set a value wins, entry by entry; missing ones are passed over, but not the one of
    --kubeconfig. Raises KubeconfigError for a file that cannot be read and for a --context that does not exist; other
    problems show when the result is used.
    """
    merged, files = _merged(flags, surroundings)
    return _Chosen(flags, surroundings, merged, files).kubeconfig()


def _merged(flags: ClusterFlags, surroundings: Surroundings) -> tuple[KubeconfigFile, tuple[str, ...]]:
    found: list[KubeconfigFile] = []
    names = []
    for path in _paths(flags, surroundings):
        try:
            found.append(read_kubeconfig_file(path))
            names.append(str(path))
        except FileNotFoundError:
            if flags.kubeconfig:
                raise KubeconfigError(
                    f"{shown_path(path, 'a file that --kubeconfig names')}: no such file",
                    hint="correct --kubeconfig, or leave it out to use the default one",
                ) from None
    merged = KubeconfigFile()
    for one in reversed(found):
        merged = KubeconfigFile(
            current_context=one.current_context or merged.current_context,
            clusters={**merged.clusters, **one.clusters},
            users={**merged.users, **one.users},
            contexts={**merged.contexts, **one.contexts},
        )
    return merged, tuple(names)


def _paths(flags: ClusterFlags, surroundings: Surroundings) -> list[Path]:
    if flags.kubeconfig:
        return [Path(flags.kubeconfig)]
    listed = surroundings.environ.get("KUBECONFIG", "")
    if listed:
        return [Path(name) for name in dict.fromkeys(listed.split(os.pathsep)) if name]
    return [surroundings.home / ".kube" / "config"]


class _Chosen:
    """Picks the context with its cluster and user, and lets the flags override them, by clientcmd's rules."""

    def __init__(
        self, flags: ClusterFlags, surroundings: Surroundings, merged: KubeconfigFile, files: tuple[str, ...]
    ) -> None:
        self._flags = flags
        self._surroundings = surroundings
        self._merged = merged
        self._files = files
        self._problems: list[str] = []
        self._missing: list[str] = []

    def kubeconfig(self) -> Kubeconfig:
        """Return the result. Raises KubeconfigError for a --context that does not exist."""
        context = self._context()
        cluster = self._cluster(context)
        user = self._user(context)
        is_empty = cluster == Cluster() and not self._problems
        if not is_empty:
            self._problems += cluster.problems("that --cluster names" if self._flags.cluster else context.cluster)
        self._problems += user.problems("that --user names" if self._flags.user else context.user)
        is_empty = is_empty and not self._problems
        pod = self._surroundings.service_account if self._is_in_pod() else None
        if is_empty and pod is not None and not self._missing:
            cluster, user = self._pod_cluster(pod), self._pod_user(pod)
        return Kubeconfig(
            cluster=cluster,
            user=user,
            context=context,
            flags=self._flags,
            environ=self._surroundings.environ,
            problems=tuple(self._problems),
            missing=tuple(self._missing),
            files=self._files,
            pod_namespace=None if pod is None else self._pod_namespace(pod),
            in_cluster=is_empty and pod is not None and not self._missing,
            is_empty=is_empty,
        )

    def _context(self) -> Context:
        name = self._flags.context or self._merged.current_context
        context = self._merged.contexts.get(name, Context())
        if name and name not in self._merged.contexts:
            known = f"; there are: {', '.join(sorted(self._merged.contexts))}" if self._merged.contexts else ""
            written = "that --context names" if self._flags.context else name
            self._problems.append(f"the context {written} does not exist{known}")
        given = {"cluster": self._flags.cluster, "user": self._flags.user, "namespace": self._flags.namespace}
        return replace(context, **{key: value for key, value in given.items() if value})

    def _cluster(self, context: Context) -> Cluster:
        cluster = self._merged.clusters.get(context.cluster, Cluster())
        if self._flags.cluster and self._flags.cluster not in self._merged.clusters:
            self._problems.append("the cluster that --cluster names does not exist")
        return self._cluster_with_flags(cluster)

    def _cluster_with_flags(self, cluster: Cluster) -> Cluster:
        flags = self._flags
        cluster = _overridden(cluster, flags)
        if flags.insecure_skip_tls_verify or flags.certificate_authority:
            # Either flag replaces all that the file says of whom to trust.
            cluster = replace(
                cluster,
                insecure_skip_tls_verify=flags.insecure_skip_tls_verify,
                certificate_authority=flags.certificate_authority,
                certificate_authority_data=b"",
            )
        if flags.server:
            # The name belongs to the server that the file names, not to the one of the flag.
            cluster = replace(cluster, tls_server_name=flags.tls_server_name)
        return cluster

    def _user(self, context: Context) -> User:
        if self._flags.user and self._flags.user not in self._merged.users:
            self._missing.append("the user that --user names does not exist")
        return self._user_with_flags(self._merged.users.get(context.user, User()))

    def _user_with_flags(self, user: User) -> User:
        user = _overridden(user, self._flags)
        if self._flags.token:
            user = replace(user, token_file="")
        if self._flags.client_key:
            user = replace(user, client_key_data=b"")
        if self._flags.client_certificate:
            user = replace(user, client_certificate_data=b"")
        return user

    def _is_in_pod(self) -> bool:
        environ = self._surroundings.environ
        address = environ.get("KUBERNETES_SERVICE_HOST") and environ.get("KUBERNETES_SERVICE_PORT")
        return bool(address) and (self._surroundings.service_account / "token").is_file()

    def _pod_cluster(self, pod: Path) -> Cluster:
        environ = self._surroundings.environ
        host, port = environ["KUBERNETES_SERVICE_HOST"], environ["KUBERNETES_SERVICE_PORT"]
        server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
        authority = pod / "ca.crt"
        return self._cluster_with_flags(Cluster(server, certificate_authority=str(authority) * authority.exists()))

    def _pod_user(self, pod: Path) -> User:
        return self._user_with_flags(User(token_file=str(pod / "token")))

    def _pod_namespace(self, pod: Path) -> str:
        named = self._surroundings.environ.get("POD_NAMESPACE")
        try:
            return named or (pod / "namespace").read_text(encoding="utf-8").strip() or "default"
        except (OSError, ValueError):
            return "default"


Stanza = TypeVar("Stanza", Cluster, User)


def _overridden(stanza: Stanza, flags: ClusterFlags) -> Stanza:
    """Return a stanza with every field that a flag of the same name sets."""
    names = {one.name for one in fields(stanza)}
    given = {one.name: getattr(flags, one.name) for one in fields(flags) if one.name in names}
    return replace(stanza, **{name: value for name, value in given.items() if value})


def _fail_empty(files: tuple[str, ...]) -> NoReturn:
    """Raise NoClusterError, told apart by whether there was a file at all."""
    if files:
        raise NoClusterError(f"{', '.join(files)}: no context is chosen that names a cluster", hint=_HOW_TO_NAME_ONE)
    raise NoClusterError("there is no kubeconfig, and no other configuration of a cluster", hint=_HOW_TO_NAME_ONE)


def _timeout_seconds(written: str) -> float | None:
    """Read whole seconds (`30`) or a duration in Go's notation (`1m30s`). Raises UsageError."""
    if not written or written == "0":
        return None
    if written.isascii() and written.isdecimal():
        return float(written) or None
    parts = _DURATION_PART.findall(written)
    if not parts or "".join(number + unit for number, unit in parts) != written:
        raise UsageError("what --request-timeout gives is no duration", hint="write 30, 30s or 1m30s; 0 is no limit")
    return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts) or None
