"""kubectl's flags about the cluster, as data. What they choose is in `choosing`, which takes longer to import."""

from collections.abc import Sequence

from sealwright_conventions.records import field, record


@record
class ClusterFlags:
    """What the command line says about the cluster, in kubectl's flags; an empty value means that a flag is absent.

    `kubeconfig` is a path. `impersonate_*` are --as, --as-group and --as-uid. The three certificate fields are paths,
    relative to the working directory. `request_timeout` is in kubectl's notation; "0" or empty sets no limit.
    `context_from` is what messages call the place that names the context, if that is not the command line.
    """

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    user: str = ""
    server: str = ""
    token: str = field(default="", repr=False)
    impersonate_user: str = ""
    impersonate_groups: Sequence[str] = ()
    impersonate_uid: str = ""
    certificate_authority: str = ""
    client_certificate: str = ""
    client_key: str = ""
    insecure_skip_tls_verify: bool = False
    tls_server_name: str = ""
    request_timeout: str = "0"
    namespace: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    proxy_url: str = field(default="", repr=False)
    disable_compression: bool = False
    context_from: str = field(default="", compare=False)
