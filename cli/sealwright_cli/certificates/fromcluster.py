"""Gets the controller's certificate from the cluster, in one way after another, else from memory; imported on demand.

The order is: the API server's service proxy; a port-forward to a pod of the controller; the Secrets of the sealing
keys. A user who lacks the right for one way may have it for the next.
"""

from datetime import datetime

from sealwright_cli.certificates.cache import CertificateCache
from sealwright_cli.certificates.request import CertificateRequest, ObtainedCertificate, accept, check_pins
from sealwright_cli.certificates.trust import Trust, trust_of
from sealwright_cli.cluster.controller import ControllerClient
from sealwright_cli.cluster.kubeconfig import Kubeconfig, load_kubeconfig
from sealwright_cli.messages.errors import CertificateError, CliError, ClusterError, NoClusterError
from sealwright_cli.messages.naming import shown_server
from sealwright_cli.messages.ui import Console, counted
from sealwright_crypto import KeyMaterialError


def from_cluster(request: CertificateRequest, console: Console, now: datetime) -> ObtainedCertificate:
    """Return the certificate that the controller serves, or a remembered one if the request allows that.

    Raises CertificateError if there is no cluster to ask and nothing usable is remembered, KubeconfigError, and
    ClusterError naming every way that was tried.
    """
    kubeconfig = _kubeconfig(request)
    trust = trust_of(kubeconfig)
    if request.offline:
        return _remembered(request, trust, console, now, "--offline")
    try:
        obtained = _ask(request, kubeconfig, now)
    except ClusterError as error:
        if not (request.offline_ok and error.unreachable):
            raise
        return _remembered(request, trust, console, now, error.message)
    check_pins(request, obtained)  # a refused certificate is not remembered
    CertificateCache(request.cache).keep(trust, request.controller, obtained.content, now)
    return obtained


def remembered(request: CertificateRequest) -> ObtainedCertificate | None:
    """Return the certificate that the cluster served last, without asking it; None if none is remembered."""
    try:
        trust = trust_of(_kubeconfig(request))
        found = CertificateCache(request.cache).find(trust, request.controller, lambda _: None)
        if found is None:
            return None
        obtained = accept(
            found.content, f"the certificate that {request.controller} served on {found.fetched:%Y-%m-%d}"
        )
        check_pins(request, obtained)
    except CliError:
        return None
    return obtained


def _kubeconfig(request: CertificateRequest) -> Kubeconfig:
    try:
        kubeconfig = load_kubeconfig(request.cluster, request.surroundings)
        kubeconfig.check_usable()
    except NoClusterError as error:
        if not request.missing:
            raise
        raise CertificateError(
            request.missing,
            hint=f"{error.message}; --kubeconfig and --context name a cluster",
        ) from None
    return kubeconfig


def _ask(request: CertificateRequest, kubeconfig: Kubeconfig, now: datetime) -> ObtainedCertificate:
    failed: list[tuple[str, CliError]] = []
    with ControllerClient(kubeconfig, request.controller) as controller:
        for name, way in _WAYS:
            try:
                return way(controller, now)
            except (ClusterError, CertificateError) as error:
                failed.append((name, error))
                if isinstance(error, ClusterError) and error.final:
                    break
    raise _failure(failed)


def _proxied(controller: ControllerClient, _: datetime) -> ObtainedCertificate:
    return accept(controller.fetch_certificate(), f"the controller {controller.address}")


def _forwarded(controller: ControllerClient, _: datetime) -> ObtainedCertificate:
    from sealwright_cli.cluster.podaccess import forwarded_certificate  # noqa: PLC0415 - the second way is rarely needed

    return accept(forwarded_certificate(controller), f"the controller {controller.address}, by port-forward")


def _from_secret(controller: ControllerClient, now: datetime) -> ObtainedCertificate:
    from sealwright_cli.cluster.keysecrets import newest_certificate  # noqa: PLC0415 - the third way is rarely needed

    namespace = controller.address.namespace
    content, name, count = newest_certificate(controller.connection, namespace, now)
    among = f", the newest of {count} sealing keys" if count > 1 else ""
    return accept(content, f"Secret {namespace}/{name}{among}")


_WAYS = (("service proxy", _proxied), ("port-forward", _forwarded), ("key Secret", _from_secret))


def _failure(failed: list[tuple[str, CliError]]) -> CliError:
    """Return one error for all ways that failed; the first way is the usual one, so its hint is used."""
    first = failed[0][1]
    if len(failed) == 1:
        return first
    return ClusterError(
        "the cluster gave no certificate; " + "; ".join(f"{name}: {error.message}" for name, error in failed),
        hint=first.hint,
        unreachable=isinstance(first, ClusterError) and first.unreachable,
    )


def _remembered(
    request: CertificateRequest, trust: Trust, console: Console, now: datetime, why: str
) -> ObtainedCertificate:
    """Return the remembered certificate with a warning. Raises CertificateError if it is missing or expired."""
    where = f"the controller {request.controller} at {shown_server(trust.server)}"
    found = CertificateCache(request.cache).find(trust, request.controller, console.warn)
    if found is None:
        raise _nothing_remembered(where, trust, why)
    obtained = accept(found.content, f"{where}, remembered")
    try:
        obtained.certificate.check_not_expired(now)
    except KeyMaterialError as error:
        raise CertificateError(f"{obtained.origin}: {error}", hint="ask the cluster for the current one") from None
    age = counted(max(0, (now - found.fetched).days), "day")
    fingerprint = obtained.certificate.fingerprint
    console.warn(f"using the certificate that {where} served {age} ago, with key {fingerprint} ({why})")
    return obtained


def _nothing_remembered(where: str, trust: Trust, why: str) -> CertificateError:
    if trust.is_secure:
        return CertificateError(
            f"no certificate of {where} is cached ({why})",
            hint="fetch it once while the cluster can be reached: sealwright cert fetch",
        )
    return CertificateError(
        f"no certificate of {where} is cached ({why}): its answers cannot be trusted",
        hint="use https with a checked certificate to reach the cluster, or seal with a certificate from a file",
    )
