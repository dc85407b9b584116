"""Authenticates the API server and the user: TLS, client certificates, tokens.

Over plain HTTP credentials are not sent: others on the network path could read them. Secrets never get into a message.
"""

import os
import ssl
import tempfile
from pathlib import Path

from sealwright_cli.cluster.execplugin import not_given, run_plugin
from sealwright_cli.cluster.kubeconfig import Kubeconfig
from sealwright_cli.cluster.kubeconfigfile import credential_file, credential_files, told
from sealwright_cli.messages.errors import KubeconfigError
from sealwright_conventions.kubeconfig.credentials import Credentials, own_credentials, provider_token
from sealwright_conventions.kubeconfig.stanzas import Cluster


def credentials_of(kubeconfig: Kubeconfig, now_seconds: float) -> Credentials:
    """Return the user's credentials, from files or from an exec plug-in, which runs only if nothing else is given.

    `now_seconds` (since 1970) decides whether the token of an OIDC provider is still valid. Raises KubeconfigError, and
    ClusterError when a third party does not give the credentials.
    """
    user = kubeconfig.user
    with told():
        own = own_credentials(user, credential_files)
    if own.token or own.certificate or user.username or user.password:
        return own
    if user.exec:
        return run_plugin(user.exec, kubeconfig.cluster, kubeconfig.environ)
    if user.auth_provider:
        with not_given():
            return Credentials(provider_token(user.auth_provider, now_seconds))
    return own


def tls_context(cluster: Cluster, credentials: Credentials) -> ssl.SSLContext:
    """Return the TLS settings for the server, with the client certificate. Raises KubeconfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    # Verified as Go does it: authorities of clusters lack extensions that RFC 5280 requires, and may be the server's
    # own certificate.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    authority = cluster.certificate_authority_data or credential_file(
        cluster.certificate_authority, "certificate-authority"
    )
    if cluster.insecure_skip_tls_verify:
        if authority:
            raise KubeconfigError(
                "certificate-authority and insecure-skip-tls-verify exclude each other",
                hint="remove one of them",
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
    """Load the client certificate; the ssl module reads files only, so the key is briefly in a private one."""
    with tempfile.TemporaryDirectory(prefix="sealwright-") as folder:
        path = Path(folder, "client.pem")
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(credentials.certificate + b"\n" + credentials.key)
        try:
            context.load_cert_chain(path, password=lambda: b"")
        except (ssl.SSLError, OSError, ValueError):
            raise KubeconfigError(
                "the client certificate and its key do not match, are not PEM, or the key has a passphrase",
                hint="look at client-certificate and client-key",
            ) from None
