"""Kubeconfigs of the controller: files → the API server's address, how to verify it, and the credentials.

File, cluster and user are chosen by kubectl's rules (`sealwright_conventions.kubeconfig`). Settings that the client
does not support are refused, not ignored, because it would act as another user.
"""

import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sealwright_controller.gateway import RefusedError, UnavailableError
from sealwright_conventions.kubeconfig.choosing import Choice, choose, merged
from sealwright_conventions.kubeconfig.credentials import (
    Credentials,
    CredentialsError,
    identity_of,
    impersonation_of,
    own_credentials,
    provider_token,
    token_of,
)
from sealwright_conventions.kubeconfig.execplugin import CANNOT_BE_GIVEN, plugin_of, read_answer
from sealwright_conventions.kubeconfig.flags import ClusterFlags
from sealwright_conventions.kubeconfig.reading import read_kubeconfig
from sealwright_conventions.kubeconfig.stanzas import KubeconfigError, KubeconfigFile, User
from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.text.plaindata import read_plain

TOKEN_SECONDS = 60.0
"""After this time a token file is read again, because it may have been renewed."""
PLUGIN_TOKEN_SECONDS = 600.0
"""After this time an exec plug-in is run again if it did not say when its token expires."""
_MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class ApiServer:
    """How to reach an API server. `authority`, `certificate` and `key` are PEM, or empty.

    `headers` go with every request. `authorization` returns the current header field of that name, or an empty text; it
    raises UnavailableError. `proxy` is a URL without the password, which is in `proxy_headers`.
    """

    url: str
    tls_server_name: str
    is_checked: bool
    authority: str
    certificate: bytes = field(repr=False)
    key: bytes = field(repr=False)
    proxy: str
    headers: Mapping[str, str]
    authorization: Callable[[], str] = field(repr=False)
    proxy_headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_kubeconfigs(
    paths: Sequence[Path], context: str, environ: Mapping[str, str], clock: Callable[[], float] = time.time
) -> ApiServer:
    """Return what kubeconfigs say about the API server of a context, or of the current one if that is empty.

    If there are several files, missing ones are skipped, and the first to set a value wins. An exec plug-in runs in
    `environ`; `clock` gives seconds since 1970. Raises RefusedError.
    """
    shown = ", ".join(map(str, paths))
    try:
        found = [one for path in paths if (one := _file(path)) is not None]
        return _api_server(_choice(found, context), partial(_Bearer, environ=environ, shown=shown, clock=clock))
    except (KubeconfigError, CredentialsError) as error:
        text = f"{shown}: {error.message}"
        raise RefusedError(f"{text}; {error.hint}" if error.hint else text) from None


def _choice(found: Sequence[KubeconfigFile], context: str) -> Choice:
    if not found:
        raise KubeconfigError("no such file")
    choice = choose(merged(found), ClusterFlags(context=context), _FILES)
    if choice.is_empty:
        raise KubeconfigError("no context is chosen that names a cluster")
    if problems := choice.missing + choice.problems:
        raise KubeconfigError("; ".join(problems))
    return choice


def _file(path: Path) -> KubeconfigFile | None:
    try:
        content = _read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KubeconfigError(f"{path.name}: {error.strerror}") from None
    folder = Path.cwd() / path.parent
    return read_kubeconfig(_root(content, path.name), path.name, lambda written: str(folder / written))


def _root(content: bytes, name: str) -> Any:
    """Return the plain data of a file's first document, None for an empty file."""
    try:
        documents = read_plain(content, name)
    except BadManifestError as error:
        raise KubeconfigError(str(error)) from None
    return documents[0] if documents else None


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise KubeconfigError(f"{path.name}: is larger than {_MAX_BYTES:,} bytes")
    return content


class _Files:
    """Fulfils `stanzas.CredentialFiles`."""

    def read(self, path: str, what: str) -> bytes:
        """See CredentialFiles."""
        try:
            return _read(Path(path)) if path else b""
        except OSError as error:
            raise KubeconfigError(f"{what} {path}: {error.strerror}") from None
        except ValueError:  # a zero byte
            raise KubeconfigError(f"{what}: no file can have that name") from None

    def objection(self, path: str, what: str) -> str:
        """See CredentialFiles."""
        try:
            self.read(path, what)
        except KubeconfigError as error:
            return error.message
        return ""


_FILES = _Files()


def _api_server(choice: Choice, bearer_of: Callable[[Choice], "_Bearer"]) -> ApiServer:
    """Raises KubeconfigError and CredentialsError."""
    cluster, user = choice.cluster, choice.user
    url = _url(cluster.server)
    if cluster.insecure_skip_tls_verify and (cluster.certificate_authority_data or cluster.certificate_authority):
        raise KubeconfigError("a certificate-authority is named, and insecure-skip-tls-verify says not to look at it")
    authority = cluster.certificate_authority_data or _FILES.read(
        cluster.certificate_authority, "certificate-authority"
    )
    proxy, password = _proxy(cluster.proxy_url)
    # Plain HTTP can be read on the way: as with kubectl, credentials are not sent.
    is_private = url.startswith("https")
    own = own_credentials(user, _FILES) if is_private else Credentials()
    bearer = bearer_of(choice) if is_private else None
    return ApiServer(
        url=url,
        tls_server_name=cluster.tls_server_name,
        is_checked=not cluster.insecure_skip_tls_verify,
        authority=authority.decode("utf-8", errors="replace"),
        certificate=own.certificate,
        key=own.key,
        proxy=proxy,
        headers=_impersonation(user),
        authorization=bearer.authorization if bearer else str,
        proxy_headers=password,
    )


def _url(server: str) -> str:
    url = server if "://" in server else f"http://{server}"
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_one = False
    if not is_one:
        raise KubeconfigError("the server of the cluster is not an http or https URL")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


def _proxy(written: str) -> tuple[str, dict[str, str]]:
    """Return a proxy's URL without user and password, and the header with them."""
    if not written:
        return "", {}
    try:
        parts = urlsplit(written)
        host = parts.hostname
    except ValueError:
        host = None
    if not host:
        raise KubeconfigError("the proxy-url of the cluster is not the URL of a proxy")
    if parts.scheme == "socks5":
        # The proxy resolves names, as in Go programs; the client calls that socks5h.
        return written.replace("socks5", "socks5h", 1), {}
    user = User(username=parts.username or "", password=parts.password or "")
    headers = {f"Proxy-{name}": value for name, value in identity_of(user, Credentials())}
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), headers


def _impersonation(user: User) -> dict[str, str]:
    """Return the impersonation headers; the client sends only one field per name."""
    fields = impersonation_of(user)
    headers = dict(fields)
    if len(headers) < len(fields):
        raise KubeconfigError(
            "the controller cannot act as several groups (as-groups), or by several values of as-user-extra",
            hint="leave them out, or give the controller a ServiceAccount's token",
        )
    return headers


class _Bearer:
    """The user's current token or password; may be used from several threads."""

    def __init__(self, choice: Choice, environ: Mapping[str, str], shown: str, clock: Callable[[], float]) -> None:
        """Gets it for the first time. Raises KubeconfigError and CredentialsError."""
        self._choice = choice
        self._environ = environ
        self._shown = shown
        self._clock = clock
        self._lock = threading.Lock()
        self._value = ""
        self._good_until = 0.0
        self._renew()

    def authorization(self) -> str:
        """Return the header field. Raises UnavailableError."""
        with self._lock:
            if self._clock() >= self._good_until:
                try:
                    self._renew()
                except (KubeconfigError, CredentialsError) as error:
                    raise UnavailableError(f"{self._shown}: {error.message}") from None
            return self._value

    def _renew(self) -> None:
        user = self._choice.user
        token, seconds = token_of(user, _FILES), TOKEN_SECONDS
        has_own = token or user.client_certificate or user.client_certificate_data or user.username or user.password
        if not has_own and user.exec:
            token, seconds = self._ask_plugin(user.exec)
        elif not has_own and user.auth_provider:
            token = provider_token(user.auth_provider, self._clock())
        fields = identity_of(user, Credentials(token))
        self._value = fields[0][1] if fields else ""
        self._good_until = self._clock() + seconds

    def _ask_plugin(self, settings: Mapping[str, Any]) -> tuple[str, float]:
        """Return the token of an exec plug-in, and for how many seconds it is valid."""
        plugin = plugin_of(settings, self._choice.cluster, _FILES, is_terminal=False)
        try:
            done = subprocess.run(  # noqa: S603 - running the kubeconfig's command is the feature
                plugin.words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env={**self._environ, **plugin.variables},
                check=False,
            )
        except OSError as error:
            raise plugin.cannot_run(str(error.strerror).lower()) from None
        except ValueError:
            raise plugin.cannot_run(CANNOT_BE_GIVEN) from None
        if done.returncode:
            raise plugin.failed(done.returncode)
        answer = read_answer(done.stdout, plugin)
        if answer.certificate:
            raise CredentialsError(
                f"the exec plug-in {plugin.words[0]} answered with a client certificate,"
                " but the controller supports only tokens"
            )
        return answer.token, _seconds_until(answer.expires, self._clock())


def _seconds_until(expires: str, now: float) -> float:
    """Return for how many seconds a token is valid, less a margin so that it does not expire on the way."""
    try:
        return max(0.0, datetime.fromisoformat(expires).timestamp() - now - 10.0)
    except ValueError:
        return PLUGIN_TOKEN_SECONDS
