"""The flags of `sealwright-kubeseal`: kubeseal's own, name by name, and the help that lists them."""

from sealwright_conventions.flaghelp import described
from sealwright_conventions.flagkinds import Kind
from sealwright_conventions.flags import Flag

PREFIX = "SEALED_SECRETS"
"""What the environment variables that stand for flags begin with."""


def _scope(text: str) -> str:
    if text not in ("", "strict", "namespace-wide", "cluster-wide"):
        raise ValueError("must be one of: strict, namespace-wide, cluster-wide")
    return text


def _log(name: str, kind: Kind, default: str = "", short: str = "") -> Flag:
    """Return one of the flags of kubeseal's logging library."""
    return Flag(name, kind, "no effect", short, default, has_variable=False)


ACTIONS = (
    Flag("cert", help="the certificate to seal to: a file or a URL; without, the controller is asked"),
    Flag("fetch-cert", Kind.BOOL, "write the certificate, for --cert, and do nothing else"),
    Flag("format", help="how the result is written: json or yaml", short="o", default="json"),
    Flag("secret-file", help="the file to read; without, standard input", short="f"),
    Flag("sealed-secret-file", help="the file to write; .yaml and .yml make it YAML", short="w"),
    Flag("name", help="the name to seal for, in place of the Secret's own; --raw needs one in strict scope"),
    Flag("namespace", help="the namespace to seal for, where the Secret names none", short="n"),
    Flag(
        "scope", help="where it can be unsealed: strict, namespace-wide or cluster-wide", default="strict", parse=_scope
    ),
    Flag("allow-empty-data", Kind.BOOL, "seal Secrets without data too"),
    Flag("merge-into", help="add the items of the Secret to the SealedSecret in this file, or replace them there"),
    Flag("raw", Kind.BOOL, "seal one value, and print the ciphertext alone"),
    Flag("from-file", Kind.STRINGS, "with --raw: the file that holds the value, as FILE or NAME=FILE"),
    Flag("validate", Kind.BOOL, "ask the controller whether it can unseal the SealedSecret"),
    Flag("re-encrypt", Kind.BOOL, "have the controller seal the SealedSecret again, to its newest key"),
    Flag("rotate", Kind.BOOL, "the old name of --re-encrypt", hidden=True),
    Flag("recovery-unseal", Kind.BOOL, "turn SealedSecrets into Secrets with private keys that were backed up"),
    Flag(
        "recovery-private-key",
        Kind.STRINGS,
        "a file with private keys for --recovery-unseal: PEM, a key Secret, or a List of them; more after commas",
    ),
    Flag("help", Kind.BOOL, "show this help", short="h"),
    Flag("version", Kind.BOOL, "show the version"),
)
"""What kubeseal does, and with what."""

CONTROLLER = (
    Flag("controller-name", help="the name of the controller's Service", default="sealed-secrets-controller"),
    Flag("controller-namespace", help="the namespace of the controller", default="kube-system"),
)
"""Where the controller is."""

CLUSTER = (
    Flag("as", help="the user to act as"),
    Flag("as-group", Kind.STRING_ARRAY, "a group to act as; may be repeated"),
    Flag("as-uid", help="the uid to act as"),
    Flag("certificate-authority", help="a file with the authority that the API server's certificate comes from"),
    Flag("client-certificate", help="a file with the certificate to show to the API server"),
    Flag("client-key", help="a file with the key of --client-certificate"),
    Flag("cluster", help="the cluster of the kubeconfig"),
    Flag("context", help="the context of the kubeconfig"),
    Flag("disable-compression", Kind.BOOL, "ask the API server not to compress its answers"),
    Flag("insecure-skip-tls-verify", Kind.BOOL, "do not check the API server's certificate: anybody may listen"),
    Flag("kubeconfig", help="the kubeconfig file; without, KUBECONFIG and ~/.kube/config"),
    Flag("password", help="the password for the API server"),
    Flag("proxy-url", help="the proxy through which the API server is reached"),
    Flag("request-timeout", help="how long to wait for the API server, such as 30s; 0 is for ever", default="0"),
    Flag("server", help="the address of the API server"),
    Flag("tls-server-name", help="the name that the API server's certificate has to carry"),
    Flag("token", help="the token for the API server"),
    Flag("user", help="the user of the kubeconfig"),
    Flag("username", help="the user name for the API server"),
)
"""Which cluster, and as whom: kubectl's flags."""

LOGGING = (
    _log("add_dir_header", Kind.BOOL),
    _log("alsologtostderr", Kind.BOOL),
    _log("alsologtostderrthreshold", Kind.SEVERITY),
    _log("legacy_stderr_threshold_behavior", Kind.BOOL, default="true"),
    _log("log_backtrace_at", Kind.TRACE_LOCATION, ":0"),
    _log("log_dir", Kind.STRING),
    _log("log_file", Kind.STRING),
    _log("log_file_max_size", Kind.UINT, "1800"),
    _log("logtostderr", Kind.BOOL, default="true"),
    _log("one_output", Kind.BOOL),
    _log("skip_headers", Kind.BOOL),
    _log("skip_log_headers", Kind.BOOL),
    _log("stderrthreshold", Kind.SEVERITY, "2"),
    _log("v", Kind.LEVEL, short="v"),
    _log("vmodule", Kind.MODULE_SPEC),
)
"""kubeseal's logging flags: taken, since scripts pass them, and without effect, since there is no log."""

FLAGS = (*ACTIONS, *CONTROLLER, *CLUSTER, *LOGGING)

_GROUPS = (
    ("What to do", ACTIONS),
    ("Where the controller is", CONTROLLER),
    ("Which cluster, and as whom", CLUSTER),
    ("Taken for scripts that pass them", LOGGING),
)


def usage() -> str:
    """Return the help: every flag, grouped, with its default."""
    parts = [
        "Usage: kubeseal [flags] < SECRET > SEALEDSECRET\n",
        "Seals Secrets so that only the controller in the cluster can open them. Takes the flags of kubeseal;",
        f"each flag can also be set by a variable, --from-file for example by {_from_file().variable(PREFIX)}.",
    ]
    for title, flags in _GROUPS:
        parts.append(f"\n{title}:")
        parts += [described(flag) for flag in flags if not flag.hidden]
    return "\n".join(parts) + "\n"


def _from_file() -> Flag:
    return next(flag for flag in ACTIONS if flag.name == "from-file")
