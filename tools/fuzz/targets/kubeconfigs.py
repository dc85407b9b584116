"""Kubeconfigs: chosen, validated and turned into credentials, by the command's and by the controller's rules.

No file that one names is read, and no plug-in is run: what it would be is tried.
"""

import itertools
import json
from collections.abc import Callable
from random import Random
from typing import Any

from tests.support.spoiling import spoiled as drawn_spoiled

from sealwright_cli.cluster.proxies import proxy_of
from sealwright_cli.cluster.urls import server_url
from sealwright_cli.messages.errors import CliError
from sealwright_controller.kube import kubeconfig as controllers
from sealwright_conventions.kubeconfig.choosing import Choice, choose, merged
from sealwright_conventions.kubeconfig.credentials import (
    CredentialsError,
    identity_of,
    impersonation_of,
    own_credentials,
    provider_token,
)
from sealwright_conventions.kubeconfig.execplugin import plugin_of, read_answer
from sealwright_conventions.kubeconfig.flags import ClusterFlags
from sealwright_conventions.kubeconfig.reading import read_kubeconfig
from sealwright_conventions.kubeconfig.stanzas import Cluster, KubeconfigError
from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.text.plaindata import read_plain
from tools.fuzz.mutating import spoiled
from tools.fuzz.targets.target import Target

_TOKEN = "t0k3n-of-nobody-at-all"
_CONFIG: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "here",
    "clusters": [
        {"name": "c", "cluster": {"server": "https://x.example:6443/a", "certificate-authority-data": "YQ==",
                                  "proxy-url": "http://u:p@proxy:3128", "tls-server-name": "n",
                                  "extensions": [{"name": "client.authentication.k8s.io/exec", "extension": {"a": 1}}]}},
    ],
    "users": [
        {"name": "u", "user": {"token": _TOKEN, "as": "me", "as-groups": ["g"], "as-uid": "1", "as-user-extra": {"k": ["v"]}}},
        {"name": "v", "user": {"client-certificate-data": "YQ==", "client-key-data": "YQ=="}},
        {"name": "w", "user": {"username": "a", "password": _TOKEN}},
        {"name": "x", "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "get-token", "args": ["a"],
                                        "env": [{"name": "A", "value": "b"}], "interactiveMode": "Never", "provideClusterInfo": True}}},
        {"name": "y", "user": {"auth-provider": {"name": "oidc", "config": {"id-token": "e30.eyJleHAiOiA5OTk5OTk5OTk5fQ.x"}}}},
        {"name": "z", "user": {"tokenFile": "token", "client-certificate": "c.pem", "client-key": "k.pem"}},
    ],
    "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "n"}}],
}  # fmt: skip
_CREDENTIAL = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": _TOKEN}}
_NAMES = [
    "clusters", "users", "contexts", "name", "cluster", "user", "context", "server", "token", "exec", "command", "args", "env",
    "auth-provider", "config", "as", "as-user-extra", "proxy-url", "extensions", "status", "certificate-authority-data",
]  # fmt: skip
_WORDS = [
    word.encode()
    for word in ("https://", "http://[::1", "socks5://", "@", ":99999", ":-1", "%00", "//", "\\n", "e30.e30.e30", "...", "YQ==", "- ", ": ", '"', "{", "}", "[", "&a ", "*a ", "\x00", "é", "xn--a", "\u2028")
]  # fmt: skip


class _NoFiles:
    """Fulfils `stanzas.CredentialFiles` without files."""

    def read(self, path: str, what: str) -> bytes:
        """See CredentialFiles."""
        if len(path) % 2:
            raise KubeconfigError(f"{what}: no such file")
        return path.encode("utf-8", "replace")

    def objection(self, path: str, what: str) -> str:
        """See CredentialFiles."""
        return f"{what}: no such file" if len(path) % 2 else ""


class _NoBearer:
    """Stands where the controller would get a token, which may mean running a plug-in."""

    def __init__(self, _: Choice) -> None:
        self.authorization: Callable[[], str] = str


def kubeconfig() -> Target:
    """Return the target."""
    files = _NoFiles()

    def check(data: bytes) -> None:
        try:
            documents = read_plain(data, "x")
            configured = read_kubeconfig(documents[0] if documents else None, "x", lambda path: f"/nowhere/{path}")
        except (BadManifestError, KubeconfigError) as error:
            assert _TOKEN not in str(error)
            return
        for context in list(itertools.islice(configured.contexts, 3)):
            choice = choose(merged([configured, configured]), ClusterFlags(context=context), files)
            _use(choice, files)
        for user in itertools.islice(configured.users, 8):
            _use(choose(configured, ClusterFlags(user=user), files), files)

    def make(random: Random) -> bytes:
        return json.dumps(spoiled(random, _CONFIG, _NAMES)).encode()

    example = json.dumps(_CONFIG, indent=1).encode()
    block = b"".join(f"{name}: {json.dumps(value)}\n".encode() for name, value in _CONFIG.items())
    drawn = drawn_spoiled(_CONFIG).map(lambda made: json.dumps(made).encode())
    return Target("kubeconfig", check, [example, block], _WORDS, make, drawn)


def _use(choice: Choice, files: _NoFiles) -> None:
    """Do all that a program does before it connects."""
    user, cluster = choice.user, choice.cluster
    steps: list[Callable[[], object]] = [
        lambda: impersonation_of(user),
        lambda: identity_of(user, own_credentials(user, files)),
        lambda: server_url(cluster.server),
        lambda: proxy_of(cluster, {"HTTPS_PROXY": cluster.proxy_url, "no_proxy": "a,.b,10.0.0.0/8"}),
        lambda: controllers._api_server(choice, _NoBearer),  # type: ignore[arg-type] # noqa: SLF001 - what is behind the files
    ]
    # Both programs refuse a choice with problems before they ask for credentials.
    if not choice.problems and user.exec:
        steps.append(lambda: plugin_of(user.exec, cluster, files, is_terminal=False))
    if user.auth_provider:
        steps.append(lambda: provider_token(user.auth_provider, 1.7e9))
    for step in steps:
        try:
            step()
        except (KubeconfigError, CredentialsError, CliError) as error:
            assert _TOKEN not in f"{error} {error.hint}"


def plugin_answer() -> Target:
    """Return the target of what an exec plug-in prints."""
    settings = {"apiVersion": _CREDENTIAL["apiVersion"], "command": "get-token", "interactiveMode": "Never"}
    plugin = plugin_of(settings, Cluster(), _NoFiles(), is_terminal=False)

    def check(data: bytes) -> None:
        try:
            read = read_answer(data, plugin)
        except CredentialsError as error:
            assert _TOKEN not in str(error)
            return
        assert read.token or read.certificate
        controllers._seconds_until(read.expires, 1.7e9)  # noqa: SLF001 - a part of getting a token

    def make(random: Random) -> bytes:
        return json.dumps(spoiled(random, _CREDENTIAL, [*_NAMES, "expirationTimestamp", "clientKeyData"])).encode()

    example = json.dumps({**_CREDENTIAL, "status": {"token": _TOKEN, "expirationTimestamp": "2026-03-01T12:00:00Z"}})
    return Target("plugin-answer", check, [example.encode()], [b'"', b"{", b"[", b"\\ud800", b"9999"], make)
