"""Chooses one cluster, user and context from kubeconfig files and flags, by clientcmd's rules. Reads no file itself."""

from collections.abc import Iterable
from typing import TypeVar

from sealwright_conventions.kubeconfig.flags import ClusterFlags
from sealwright_conventions.kubeconfig.stanzas import Cluster, Context, CredentialFiles, KubeconfigFile, User
from sealwright_conventions.records import fields, record, replace


@record
class Choice:
    """The chosen cluster, user and context, with the flags applied.

    `problems` make them unusable. `missing` matters only for a connection: a user that was asked for and does not
    exist. `is_empty` is True if nothing was chosen.
    """

    cluster: Cluster
    user: User
    context: Context
    problems: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    is_empty: bool = False


def merged(files: Iterable[KubeconfigFile]) -> KubeconfigFile:
    """Merge several files: for each entry, the first file that sets a value wins."""
    result = KubeconfigFile()
    for one in reversed(tuple(files)):
        result = KubeconfigFile(
            current_context=one.current_context or result.current_context,
            clusters={**result.clusters, **one.clusters},
            users={**result.users, **one.users},
            contexts={**result.contexts, **one.contexts},
        )
    return result


def choose(configured: KubeconfigFile, flags: ClusterFlags, files: CredentialFiles) -> Choice:
    """Choose the context with its cluster and user, and let flags override them."""
    return _Chooser(configured, flags, files).choice()


def cluster_with_flags(cluster: Cluster, flags: ClusterFlags) -> Cluster:
    """Return a cluster with the flags applied."""
    cluster = _overridden(cluster, flags)
    if flags.insecure_skip_tls_verify or flags.certificate_authority:
        # Either flag replaces everything that the file says about trust.
        cluster = replace(
            cluster,
            insecure_skip_tls_verify=flags.insecure_skip_tls_verify,
            certificate_authority=flags.certificate_authority,
            certificate_authority_data=b"",
        )
    if flags.server:
        # The name belongs to the server in the file, not to the server of the flag.
        cluster = replace(cluster, tls_server_name=flags.tls_server_name)
    return cluster


def user_with_flags(user: User, flags: ClusterFlags) -> User:
    """Return a user with the flags applied."""
    user = _overridden(user, flags)
    if flags.token:
        user = replace(user, token_file="")
    if flags.client_key:
        user = replace(user, client_key_data=b"")
    if flags.client_certificate:
        user = replace(user, client_certificate_data=b"")
    return user


class _Chooser:
    """Collects the choices and the problems found on the way."""

    def __init__(self, configured: KubeconfigFile, flags: ClusterFlags, files: CredentialFiles) -> None:
        self._merged = configured
        self._flags = flags
        self._files = files
        self._problems: list[str] = []
        self._missing: list[str] = []

    def choice(self) -> Choice:
        """Return the result."""
        context = self._context()
        cluster = self._cluster(context)
        user = self._user(context)
        is_empty = cluster == Cluster() and not self._problems
        if not is_empty:
            name = "that --cluster names" if self._flags.cluster else context.cluster
            self._problems += cluster.problems(name, self._files)
        self._problems += user.problems("that --user names" if self._flags.user else context.user, self._files)
        is_empty = is_empty and not self._problems
        return Choice(cluster, user, context, tuple(self._problems), tuple(self._missing), is_empty)

    def _context(self) -> Context:
        name = self._flags.context or self._merged.current_context
        context = self._merged.contexts.get(name, Context())
        if name and name not in self._merged.contexts:
            known = f"; there are: {', '.join(sorted(self._merged.contexts))}" if self._merged.contexts else ""
            written = "that --context names" if self._flags.context else name
            if self._flags.context_from:
                written = f"{name} ({self._flags.context_from})"
            self._problems.append(f"the context {written} does not exist{known}")
        given = {"cluster": self._flags.cluster, "user": self._flags.user, "namespace": self._flags.namespace}
        return replace(context, **{key: value for key, value in given.items() if value})

    def _cluster(self, context: Context) -> Cluster:
        cluster = self._merged.clusters.get(context.cluster, Cluster())
        if self._flags.cluster and self._flags.cluster not in self._merged.clusters:
            self._problems.append("the cluster that --cluster names does not exist")
        return cluster_with_flags(cluster, self._flags)

    def _user(self, context: Context) -> User:
        if self._flags.user and self._flags.user not in self._merged.users:
            self._missing.append("the user that --user names does not exist")
        return user_with_flags(self._merged.users.get(context.user, User()), self._flags)


Stanza = TypeVar("Stanza", Cluster, User)


def _overridden(stanza: Stanza, flags: ClusterFlags) -> Stanza:
    """Return a stanza in which each flag has set the field of the same name."""
    names = {one.name for one in fields(stanza)}
    given = {one.name: getattr(flags, one.name) for one in fields(flags) if one.name in names}
    return replace(stanza, **{name: value for name, value in given.items() if value})
