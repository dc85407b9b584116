"""How the API server's certificate is verified: as Go programs do, with every Python version.

From Python 3.13 on, TLS is strict by default (ssl.VERIFY_X509_STRICT): it requires extensions of RFC 5280 that the CA
certificates of many clusters lack, such as those of EKS and of older GKE clusters. kubectl and the kubelets accept
them.
"""

import ssl


def verifying_as_go(*, verify: bool, has_authority: bool) -> ssl.SSLContext:
    """Return the context for connections; the caller loads the CA certificate into it.

    Without `verify` nothing is checked, which a kubeconfig may ask for. Without an authority, the system's CA
    certificates count.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif not has_authority:
        context.load_default_certs()
    return context
