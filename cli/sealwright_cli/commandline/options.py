"""The options that several verbs share; the verbs decide what they mean.

Many options choose a certificate: `CERTIFICATE_OPTIONS` has them all. kubectl's rarer options are hidden from the help
to keep it short, and listed in docs/reference/sealwright.md.
"""

from collections.abc import Sequence
from pathlib import Path

from sealwright_cli.certificates.request import CertificateRequest, check_kubeconfig
from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.commandline.spec import CERTIFICATE, CLUSTER, WHAT, WHERE, Argument, Call, Option
from sealwright_cli.messages.naming import check_name, check_namespace
from sealwright_cli.sealed.values import ALPHABETS
from sealwright_cli.surroundings import cache_folder
from sealwright_conventions.kubeconfig.flags import ClusterFlags
from sealwright_conventions.records import replace
from sealwright_crypto import Scope
from sealwright_manifests.text.documents import Form, form_of

SCOPES = "strict|namespace-wide|cluster-wide"

INPUTS = Argument("inputs", "[FILE|FOLDER]...", many=True)
ONE_INPUT = Argument("file", "[FILE]", default="-")
ONE_TREE = Argument("file", "[FILE|FOLDER]", default="-")
CERTIFICATE_ARGUMENT = Argument("cert", "[FILE|URL]", variable="SEALWRIGHT_CERT")

CERT = Option(
    ("--cert",),
    "Certificate to seal with (file or URL). Default: fetched from the controller.",
    "FILE|URL",
    CERTIFICATE,
    variable="SEALWRIGHT_CERT",
)
SCOPE = Option(
    ("--scope",),
    "Where the ciphertexts can be decrypted. Default: as the Secret's annotations say, else strict.",
    SCOPES,
    WHAT,
    Scope,
)
FORM = Option(("--format", "-o"), "Output format. Default: as the input.", "yaml|json", WHERE, Form)
REPORT_FORM = Option(("--format", "-o"), "Machine-readable output.", "yaml|json", WHERE, Form)
"""For verbs that report."""
OUTPUT = Option(("--output", "-w"), "Write the result to this file. Default: standard output.", "FILE", WHERE, Path)
OUTPUT_ELSEWHERE = Option(
    ("--output", "-w"), "Write the result to this file and leave the old one as it is.", "FILE", WHERE, Path
)
FROM_FILE = Option(("--from-file",), "Read the value from this file, byte for byte.", "FILE", WHAT, Path)
PRIVATE_KEYS = Option(
    ("--key",),
    "Private keys to decrypt with: PEM, DER, a key Secret or a list of them. May be repeated.",
    "FILE",
    WHAT,
    many=True,
)
ALLOW_EMPTY = Option(("--allow-empty",), "Accept Secrets without data.", group=WHAT)
HINTS = (
    Option(("--no-key-annotation",), "Do not write the annotation sealwright.dev/key-fingerprints.", group=WHAT),
    Option(("--no-hints",), "The old name of --no-key-annotation.", is_hidden=True),
)
OUTER = (
    Option(
        ("--outer-label",),
        "Label of the SealedSecret itself, not of the Secret. May be repeated.",
        "NAME=VALUE",
        WHAT,
        many=True,
    ),
    Option(
        ("--outer-annotation",),
        "Annotation of the SealedSecret itself, not of the Secret. May be repeated.",
        "NAME=VALUE",
        WHAT,
        many=True,
    ),
)
ALPHABET = Option(
    ("--alphabet",),
    f"Characters for --generate, or one of {', '.join(ALPHABETS)}. Default: letters-digits.",
    "CHARACTERS",
    WHAT,
    default="",
)
PRINT = Option(("--print",), "Print what --generate made, once.", group=WHAT)
STRICT = Option(("--strict",), "Refuse values that look like a mistake, instead of warning.", group=WHAT)
TO_TERMINAL = Option(("--to-terminal",), "Allow secrets to be printed to a terminal.", group=WHERE)
QUIET = Option(("--quiet", "-q"), "Show no messages but errors; what goes to standard output stays.")


def namespace(help_text: str) -> Option:
    """Return the option --namespace."""
    return Option(("--namespace", "-n"), help_text, "NAME", WHAT, check_namespace, "")


def name(help_text: str) -> Option:
    """Return the option --name."""
    return Option(("--name",), help_text, "NAME", WHAT, check_name, "")


NAMESPACE = namespace("Namespace for Secrets without metadata.namespace; another one in the file is an error.")
SEALED_NAMESPACE = namespace(
    "Namespace for SealedSecrets without metadata.namespace; another one in the file is an error."
)


def _of_cluster(flag: str, metavar: str, help_text: str, default: str = "", key: str = "") -> Option:
    return Option((flag,), help_text, metavar, CLUSTER, default=default, key=key)


def _of_kubectl(flag: str, metavar: str, help_text: str, key: str = "") -> Option:
    return Option((flag,), help_text, metavar, default="", key=key, is_hidden=True)


_DEFAULT = ControllerAddress()
_PINS = Option(
    ("--cert-fingerprint",),
    "Accept only a certificate with this fingerprint (32 to 64 digits of it). May be repeated.",
    "HEX",
    CERTIFICATE,
    variable="SEALWRIGHT_CERT_FINGERPRINT",
    many=True,
)
_REMEMBERED = (
    Option(("--offline",), "Use the cached certificate; do not contact the cluster.", group=CERTIFICATE),
    Option(
        ("--offline-ok",), "Fall back to the cached certificate if the cluster cannot be reached.", group=CERTIFICATE
    ),
)
_DOUBTFUL = (
    Option(("--insecure-http",), "Accept a certificate over http:// without --cert-fingerprint.", group=CERTIFICATE),
    Option(("--allow-weak-certificate",), "Accept a certificate that is weak or not valid yet.", group=CERTIFICATE),
)
CONTROLLER_OPTIONS = (
    _of_cluster("--kubeconfig", "FILE", "Kubeconfig file. Default: the same as kubectl."),
    _of_cluster("--context", "NAME", "Context of the kubeconfig. Default: its current context."),
    Option(
        ("--controller-name",),
        "Name of the controller's Service.",
        "NAME",
        CLUSTER,
        default=_DEFAULT.name,
        shows_default=True,
    ),
    Option(
        ("--controller-namespace",),
        "Namespace of the controller.",
        "NAME",
        CLUSTER,
        default=_DEFAULT.namespace,
        shows_default=True,
    ),
    _of_cluster("--request-timeout", "DURATION", "How long to wait for the cluster's answer: 30, 30s, 1m.", "0"),
    _of_kubectl("--cluster", "NAME", "Cluster of the kubeconfig."),
    _of_kubectl("--user", "NAME", "User of the kubeconfig."),
    _of_kubectl("--server", "URL", "URL of the API server."),
    _of_kubectl("--token", "TOKEN", "Bearer token."),
    _of_kubectl("--username", "NAME", "User name for basic authentication."),
    _of_kubectl("--password", "PASSWORD", "Password for basic authentication."),
    _of_kubectl("--as", "NAME", "User to act as.", "impersonate_user"),
    replace(
        _of_kubectl("--as-group", "NAME", "Group to act as. May be repeated.", "impersonate_groups"),
        many=True,
        default=None,
    ),
    _of_kubectl("--as-uid", "UID", "UID to act as.", "impersonate_uid"),
    _of_kubectl("--certificate-authority", "FILE", "Certificate authority of the API server."),
    _of_kubectl("--client-certificate", "FILE", "Client certificate."),
    _of_kubectl("--client-key", "FILE", "Private key of --client-certificate."),
    Option(("--insecure-skip-tls-verify",), "Do not check the API server's certificate: unsafe.", is_hidden=True),
    _of_kubectl("--tls-server-name", "NAME", "Name in the API server's certificate."),
    _of_kubectl("--proxy-url", "URL", "Proxy in front of the API server."),
    Option(("--disable-compression",), "Accepted for compatibility with kubectl, no effect.", is_hidden=True),
)
"""The options that choose the controller, for a verb that seals to no certificate."""

CLUSTER_CERTIFICATE_OPTIONS = (_PINS, *_REMEMBERED, *CONTROLLER_OPTIONS)
"""Those that choose a certificate, without what is useless where the cluster's certificate is taken as it is."""

CERTIFICATE_OPTIONS = (_PINS, *_REMEMBERED, *_DOUBTFUL, *CONTROLLER_OPTIONS)
"""All options that choose a certificate, but `CERT`."""

_OF_CLUSTERS = (
    *("kubeconfig", "context", "cluster", "user", "server", "token", "impersonate_user", "impersonate_groups"),
    *("impersonate_uid", "certificate_authority", "client_certificate", "client_key", "insecure_skip_tls_verify"),
    *("tls_server_name", "request_timeout", "username", "password", "proxy_url", "disable_compression"),
)


def without_cluster_name(options: Sequence[Option]) -> tuple[Option, ...]:
    """Return options without kubectl's --cluster, for a verb whose own flag has that name."""
    return tuple(one for one in options if one.names != ("--cluster",))


def manifest_form(call: Call) -> Form | None:
    """Return what `FORM` says, with a warning if the name of the output says another form."""
    form: Form | None = call["format"]
    named = form_of(call["output"])
    if form is not None and named not in (None, form):
        call.console.warn(f"{call['output']} gets {form.value.upper()}, as --format says")
    return form


def wants_hints(call: Call) -> bool:
    """Return whether the annotation about keys is to be written, by `HINTS`."""
    return not (call["no_key_annotation"] or call["no_hints"])


def certificate_request(
    call: Call, source: str | None = None, called: str = "the file that --cert names"
) -> CertificateRequest:
    """Return the certificate that a call wants; `source` is the file or URL, `called` what messages call it.

    Raises CliError if --kubeconfig names a missing file.
    """
    environ = call.surroundings.environ
    is_default = source == environ.get("SEALWRIGHT_CERT")
    if is_default:
        called = "the file that SEALWRIGHT_CERT names"
    request = CertificateRequest(
        source=source,
        pins=call.given.get("cert_fingerprint", ()),
        offline=call.given.get("offline", False),
        offline_ok=call.given.get("offline_ok", False),
        cluster=ClusterFlags(**{flag: call[flag] for flag in _OF_CLUSTERS if flag in call.given}),
        controller=ControllerAddress(call["controller_namespace"], call["controller_name"]),
        surroundings=call.surroundings,
        cache=cache_folder(environ, call.surroundings.home),
        allow_weak=call.given.get("allow_weak_certificate", False),
        insecure_http=call.given.get("insecure_http", False),
        is_default=is_default,
        called=called,
    )
    check_kubeconfig(request.cluster)
    return request
