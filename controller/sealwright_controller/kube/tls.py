"""How the API server is recognised: as Go's programs do it, whatever Python runs this.

From Python 3.13 on, TLS is strict by default (ssl.VERIFY_X509_STRICT): it wants extensions of RFC 5280 that the
authorities of many clusters lack, such as those of EKS and of older GKE clusters. kubectl and the kubelets take them.
"""

import ssl


def verifying_as_go(*, verify: bool, has_authority: bool) -> ssl.SSLContext:
    """Return what to open connections with; the authority is loaded into it by whoever opens them.

    Without `verify` nothing is checked, as a kubeconfig may ask for. Where no authority is named, the system's count.
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
