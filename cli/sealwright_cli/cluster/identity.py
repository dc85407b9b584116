"""How to recognise an API server, and how to show it who speaks: TLS, tokens, client certificates, impersonation.

Over plain HTTP none of it counts but impersonation: anybody on the way could read along. Nothing that is secret gets
into a message.
"""

import binascii
import json
import os
import ssl
import tempfile
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sealwright_cli.cluster.execplugin import Credentials, run_plugin
from sealwright_cli.cluster.kubeconfig import Kubeconfig
from sealwright_cli.cluster.kubeconfigfile import Cluster, User, credential_file
from sealwright_cli.errors import ClusterError, KubeconfigError
from sealwright_cli.naming import named


def credentials_of(kubeconfig: Kubeconfig, now_seconds: float) -> Credentials:
    """Return what the user has, by files or an exec plug-in, which runs only when there is nothing else.

    `now_seconds` (since 1970) tells whether the token of an OIDC provider is still good. Raises KubeconfigError, and
    ClusterError when others do not give the credentials.
    """
    user = kubeconfig.user
    certificate = user.client_certificate_data or credential_file(user.client_certificate, "client-certificate")
    key = user.client_key_data or credential_file(user.client_key, "client-key")
    token = _token(user)
    if not (token or certificate or user.username or user.password):
        if user.exec:
            return run_plugin(user.exec, kubeconfig.cluster, kubeconfig.environ)
        if user.auth_provider:
            token = _provider_token(user.auth_provider, now_seconds)
    return Credentials(token, certificate, key if certificate else b"")


def identity_of(user: User, credentials: Credentials) -> list[tuple[str, str]]:
    """Return the header field that proves who speaks, if there is one. Raises KubeconfigError."""
    if user.username or user.password:
        basic = b64encode(f"{user.username}:{user.password}".encode()).decode("ascii")
        return [_header("Authorization", f"Basic {basic}")]
    return [_header("Authorization", f"Bearer {credentials.token}")] if credentials.token else []


def impersonation_of(user: User) -> list[tuple[str, str]]:
    """Return the header fields that say as whom the user wants to act; a name may be there several times.

    Raises KubeconfigError.
    """
    if not user.impersonate_user:
        return []
    headers = [_header("Impersonate-User", user.impersonate_user)]
    headers += [_header("Impersonate-Group", str(group)) for group in user.impersonate_groups]
    headers += [_header("Impersonate-Uid", user.impersonate_uid)] if user.impersonate_uid else []
    for key, values in user.impersonate_extra.items():
        listed = values if isinstance(values, list) else []
        headers += [_header(f"Impersonate-Extra-{quote(key, safe='')}", str(value)) for value in listed]
    return headers


def tls_context(cluster: Cluster, credentials: Credentials) -> ssl.SSLContext:
    """Return how to recognise the server and which client certificate to show. Raises KubeconfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    # As Go verifies: authorities of clusters lack extensions that RFC 5280 wants, and may be the server's own
    # certificate.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    authority = cluster.certificate_authority_data or credential_file(
        cluster.certificate_authority, "certificate-authority"
    )
    if cluster.insecure_skip_tls_verify:
        if authority:
            raise KubeconfigError(
                "a certificate-authority is named, and insecure-skip-tls-verify says not to look at it",
                hint="leave one of them out",
            )
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif authority:
        _trust(context, authority)
    else:
        context.load_default_certs()
    if credentials.certificate:
        _show(context, credentials)
    return context


def _trust(context: ssl.SSLContext, authority: bytes) -> None:
    try:
        context.load_verify_locations(cadata=authority.decode("ascii", errors="ignore"))
    except (ssl.SSLError, ValueError):
        raise KubeconfigError("the certificate-authority holds no PEM certificate") from None


def _show(context: ssl.SSLContext, credentials: Credentials) -> None:
    """Load the client certificate; the ssl module reads files only, so the key is in one, ours alone, for a moment."""
    with tempfile.TemporaryDirectory(prefix="sealwright-") as folder:
        path = Path(folder, "client.pem")
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(credentials.certificate + b"\n" + credentials.key)
        try:
            context.load_cert_chain(path, password=lambda: b"")
        except (ssl.SSLError, OSError, ValueError):
            raise KubeconfigError(
                "the client certificate and its key do not fit each other, are no PEM, or the key has a passphrase",
                hint="look at client-certificate and client-key",
            ) from None


def _token(user: User) -> str:
    """Return the bearer token; of a token and a file of tokens, the file, which somebody keeps fresh, goes first."""
    if user.token_file:
        try:
            return credential_file(user.token_file, "tokenFile").decode("utf-8").strip() or user.token
        except KubeconfigError:
            if not user.token:
                raise
        except ValueError:
            if not user.token:
                raise KubeconfigError(f"{named('tokenFile', user.token_file)}: is no text") from None
    return user.token


def _provider_token(provider: Mapping[str, Any], now_seconds: float) -> str:
    """Return the token of an `auth-provider`. Raises ClusterError for another one than OIDC, and for an expired token.

    It is not renewed here: a refresh token that is used up without the new one being written back would log the user
    out of kubectl.
    """
    name, settings = provider.get("name"), provider.get("config")
    token = settings.get("id-token") if isinstance(settings, dict) else None
    if name != "oidc":
        raise ClusterError(
            f"the auth-provider {name} is not known",
            hint="an exec plug-in has taken its place; make the kubeconfig anew",
            final=True,
        )
    try:
        payload = json.loads(urlsafe_b64decode(str(token).split(".")[1] + "=="))
        is_good = float(payload["exp"]) > now_seconds
    except (LookupError, ValueError, TypeError, binascii.Error):
        is_good = False
    if not is_good:
        raise ClusterError(
            "the token of the auth-provider oidc has expired", hint="kubectl get --raw /version renews it", final=True
        )
    return str(token)


def _header(name: str, value: str) -> tuple[str, str]:
    """Return a field as http.client takes it: UTF-8, byte by byte. Raises KubeconfigError for control characters."""
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise KubeconfigError(f"what is to be sent as {name} holds a line break or another control character")
    return name, value.encode("utf-8").decode("latin-1")
