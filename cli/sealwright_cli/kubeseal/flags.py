"""The flags of `sealwright-kubeseal`, the same as kubeseal's, and the help that lists them."""

import textwrap

from sealwright_conventions.flaghelp import described
from sealwright_conventions.flagkinds import Kind
from sealwright_conventions.flags import Flag

PREFIX = "SEALED_SECRETS"
"""The prefix of environment variables that stand for flags."""

_NARROWEST, _WIDEST = 60, 160  # width of the help in columns
_EXAMPLE = """
Example:
  kubectl create secret generic db --from-file=password --dry-run=client -o yaml | kubeseal -o yaml > sealed.yaml
"""


def _scope(text: str) -> str:
    if text not in ("", "strict", "namespace-wide", "cluster-wide"):
        raise ValueError("must be one of: strict, namespace-wide, cluster-wide")
    return text


def _log(name: str, kind: Kind, default: str = "", short: str = "") -> Flag:
    """Return one of the flags of kubeseal's logging library."""
    return Flag(name, kind, "no effect", short, default, has_variable=False)


ACTIONS = (
    Flag("cert", help="certificate to seal with, a file or a URL; default: fetched from the controller"),
    Flag("fetch-cert", Kind.BOOL, "write the controller's certificate, for later use with --cert"),
    Flag("format", help="output format: json or yaml", short="o", default="json"),
    Flag("secret-file", help="file to read; default: standard input", short="f"),
    Flag("sealed-secret-file", help="file to write; its name decides on YAML (.yaml, .yml)", short="w"),
    Flag("name", help="name to seal for, instead of the Secret's; --raw needs one in strict scope"),
    Flag("namespace", help="namespace for Secrets without metadata.namespace", short="n"),
    Flag(
        "scope",
        help="where the ciphertexts can be decrypted: strict, namespace-wide or cluster-wide",
        default="strict",
        parse=_scope,
    ),
    Flag("allow-empty-data", Kind.BOOL, "accept Secrets without data"),
    Flag("merge-into", help="add or replace items of the SealedSecret in this file with those of the Secret"),
    Flag("raw", Kind.BOOL, "seal one value and print its ciphertext"),
    Flag("from-file", Kind.STRINGS, "with --raw: file with the value, as FILE or NAME=FILE"),
    Flag("validate", Kind.BOOL, "ask the controller whether it can decrypt the SealedSecret"),
    Flag("re-encrypt", Kind.BOOL, "have the controller encrypt the SealedSecret to its newest key"),
    Flag("rotate", Kind.BOOL, "old name of --re-encrypt", hidden=True),
    Flag("recovery-unseal", Kind.BOOL, "for disaster recovery: decrypt SealedSecrets with private keys from a backup"),
    Flag(
        "recovery-private-key",
        Kind.STRINGS,
        "private keys for --recovery-unseal: PEM, DER, a key Secret or a list of them; several files after commas",
    ),
    Flag("help", Kind.BOOL, "show this help", short="h"),
    Flag("version", Kind.BOOL, "show the version"),
)
"""Flags for the action and its inputs."""

CONTROLLER = (
    Flag("controller-name", help="name of the controller's Service", default="sealed-secrets-controller"),
    Flag("controller-namespace", help="namespace of the controller", default="kube-system"),
)
"""Flags for the controller's address."""

CLUSTER = (
    Flag("as", help="user to act as"),
    Flag("as-group", Kind.STRING_ARRAY, "group to act as; may be repeated"),
    Flag("as-uid", help="UID to act as"),
    Flag("certificate-authority", help="file with the certificate authority of the API server"),
    Flag("client-certificate", help="file with the client certificate"),
    Flag("client-key", help="file with the private key of --client-certificate"),
    Flag("cluster", help="cluster of the kubeconfig"),
    Flag("context", help="context of the kubeconfig"),
    Flag("disable-compression", Kind.BOOL, "ask the API server not to compress its answers"),
    Flag("insecure-skip-tls-verify", Kind.BOOL, "do not check the API server's certificate: unsafe"),
    Flag("kubeconfig", help="kubeconfig file; default: KUBECONFIG, else ~/.kube/config"),
    Flag("password", help="password for the API server"),
    Flag("proxy-url", help="proxy in front of the API server"),
    Flag("request-timeout", help="how long to wait for the API server, such as 30s; 0 means no limit", default="0"),
    Flag("server", help="URL of the API server"),
    Flag("tls-server-name", help="name in the API server's certificate"),
    Flag("token", help="token for the API server"),
    Flag("user", help="user of the kubeconfig"),
    Flag("username", help="user name for the API server"),
)
"""Flags for the cluster and the user: kubectl's flags."""

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
"""kubeseal's logging flags: accepted, since scripts pass them, and without effect, since there is no log."""

FLAGS = (*ACTIONS, *CONTROLLER, *CLUSTER, *LOGGING)

_GROUPS = (
    ("What to do", ACTIONS),
    ("Where the controller is", CONTROLLER),
    ("Which cluster, and as whom", CLUSTER),
    ("Accepted for compatibility, no effect", LOGGING),
)


def usage(columns: int) -> str:
    """Return the help for a terminal of this width: every flag, grouped, with its default."""
    width = max(_NARROWEST, min(columns, _WIDEST))
    parts = [
        "Usage: kubeseal [flags] < SECRET > SEALEDSECRET\n",
        textwrap.fill(
            "Encrypts Secrets so that only the controller in a cluster can decrypt them. Takes the flags of kubeseal. "
            f"Each flag can also be set by a variable, --from-file for example by {_from_file().variable(PREFIX)}.",
            width,
        ),
    ]
    for title, flags in _GROUPS:
        parts.append(f"\n{title}:")
        parts += [described(flag, width) for flag in flags if not flag.hidden]
    return "\n".join(parts) + "\n" + _EXAMPLE


def _from_file() -> Flag:
    return next(flag for flag in ACTIONS if flag.name == "from-file")
