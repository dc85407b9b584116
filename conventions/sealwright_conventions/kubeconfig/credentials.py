"""How the user authenticates to an API server, and whom they impersonate: tokens, header fields. Reads no file itself.

Secrets never get into a message.
"""

import binascii
import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sealwright_conventions.kubeconfig.stanzas import CredentialFiles, KubeconfigError, User
from sealwright_conventions.records import field, record


class CredentialsError(Exception):
    """A third party did not give the credentials; `may_pass` is True if a later attempt may succeed."""

    def __init__(self, message: str, *, hint: str = "", may_pass: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.may_pass = may_pass


@record
class Credentials:
    """What identifies the user: a bearer token, a client certificate with its private key (PEM), or both.

    `expires` is when they expire, as RFC 3339 writes it, if known.
    """

    token: str = field(default="", repr=False)
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)
    expires: str = ""


def own_credentials(user: User, files: CredentialFiles) -> Credentials:
    """Return the user's credentials from the kubeconfig and the files that it names. Raises KubeconfigError."""
    certificate = user.client_certificate_data or files.read(user.client_certificate, "client-certificate")
    key = user.client_key_data or files.read(user.client_key, "client-key")
    return Credentials(token_of(user, files), certificate, key if certificate else b"")


def token_of(user: User, files: CredentialFiles) -> str:
    """Return the bearer token; a token file, which is kept fresh, wins over a token."""
    if user.token_file:
        try:
            return files.read(user.token_file, "tokenFile").decode("utf-8").strip() or user.token
        except KubeconfigError:
            if not user.token:
                raise
        except ValueError:
            if not user.token:
                raise KubeconfigError("the tokenFile is not UTF-8 text") from None
    return user.token


def identity_of(user: User, credentials: Credentials) -> list[tuple[str, str]]:
    """Return the header field that authenticates the user, if any. Raises KubeconfigError."""
    if user.username or user.password:
        basic = b64encode(f"{user.username}:{user.password}".encode()).decode("ascii")
        return [_header("Authorization", f"Basic {basic}")]
    return [_header("Authorization", f"Bearer {credentials.token}")] if credentials.token else []


def impersonation_of(user: User) -> list[tuple[str, str]]:
    """Return the header fields for impersonation; a name may occur several times.

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


def provider_token(provider: Mapping[str, Any], now_seconds: float) -> str:
    """Return the token of an `auth-provider`. Raises CredentialsError for any but OIDC, and for an expired token.

    The token is not refreshed here: that uses up the refresh token, and unless the new one is written back, the user is
    logged out of kubectl.
    """
    name, settings = provider.get("name"), provider.get("config")
    token = settings.get("id-token") if isinstance(settings, dict) else None
    if not isinstance(name, str):  # it may hold anything, a token too, so it is not shown
        raise CredentialsError("the auth-provider has no name, or one that is not text", hint="correct the kubeconfig")
    if name != "oidc":
        raise CredentialsError(
            f"the auth-provider {name} is not known",
            hint="an exec plug-in has taken its place; create the kubeconfig again",
        )
    try:
        payload = json.loads(urlsafe_b64decode(str(token).split(".")[1] + "=="))
        is_good = float(payload["exp"]) > now_seconds
    except (LookupError, ValueError, TypeError, binascii.Error):
        is_good = False
    if not is_good:
        raise CredentialsError(
            "the token of the auth-provider oidc has expired", hint="kubectl get --raw /version renews it"
        )
    return str(token)


def _header(name: str, value: str) -> tuple[str, str]:
    """Return a field as http.client takes it: UTF-8, byte by byte. Raises KubeconfigError for control characters."""
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise KubeconfigError(f"what is to be sent as {name} holds a line break or another control character")
    return name, value.encode("utf-8").decode("latin-1")
