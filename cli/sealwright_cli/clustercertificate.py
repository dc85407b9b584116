"""The controller's certificate from the cluster, one way after the other; imported when the cluster is to be asked."""

from datetime import datetime

from sealwright_cli.certificates import CertificateRequest, ObtainedCertificate, accept
from sealwright_cli.cluster import ControllerClient
from sealwright_cli.errors import CertificateError, NoClusterError
from sealwright_cli.kubeconfig import load_kubeconfig
from sealwright_cli.ui import Console


def from_cluster(request: CertificateRequest, console: Console, now: datetime) -> ObtainedCertificate:
    """Return the certificate that the controller serves.

    Raises CertificateError when there is no cluster to ask or the answer is no certificate, KubeconfigError, and
    ClusterError when the cluster does not give one.
    """
    try:
        kubeconfig = load_kubeconfig(request.cluster, request.surroundings)
        with ControllerClient(kubeconfig, request.controller) as controller:
            return accept(controller.fetch_certificate(), f"the controller {request.controller}")
    except NoClusterError as error:
        raise CertificateError(
            f"no certificate is given, and no cluster to ask for one: {error.message}",
            hint="name a certificate by file or URL (--cert), or a cluster (--kubeconfig)",
        ) from None
