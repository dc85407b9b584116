"""The table of the controller's flags: names, what they take, defaults, and a line of help each.

Names and defaults are upstream's where it has the flag. What a flag does is up to the modules that use its value.
"""

from datetime import timedelta
from pathlib import Path

from sealwright_controller.options.addresses import parse_listen_address
from sealwright_controller.options.durations import parse_rfc1123
from sealwright_controller.options.flags import FlagSet, switch, valued
from sealwright_controller.options.selectors import parse_label_selector
from sealwright_controller.options.values import (
    annotations,
    common_name,
    duration,
    fingerprints,
    key_prefix,
    labels,
    namespace,
    namespaces,
    number,
    one_of,
    optional,
    rate,
    secret_types,
    span,
)
from sealwright_crypto import __version__

_MOST = 999_999_999
_LOG_LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "warn": "warning", "error": "error"}
_AN_INSTANT = timedelta(milliseconds=100)
_A_SECOND = timedelta(seconds=1)  # the resolution of certificates

MAX_SHARDS = 8
"""Each replica looks at the Lease of each shard every second, and the manifests' Role names them."""

CLUSTER = "In a cluster"
"""The group of the flags without effect in a directory."""

FLAGS = FlagSet(
    "sealwright-controller",
    "Turns SealedSecrets into Secrets, in a cluster or in a directory.",
    f"controller version: v{__version__}",
    {
        CLUSTER: [
            valued("kubeconfig", "FILE", "kubeconfig file; default: in-cluster ServiceAccount", optional(Path)),
            valued("controller-namespace", "NAME", "where the sealing keys are; else its own", optional(namespace)),
            switch("all-namespaces", "serve all namespaces, not only its own", "true"),
            valued(
                "additional-namespaces",
                "NAMES",
                "serve its own namespace and these (a,b), and no others, whatever --all-namespaces says",
                namespaces,
            ),
            valued("kubeclient-qps", "RATE", "requests to the API server a second; 0: no limit", rate, "0"),
            switch("leader-elect", "let one of several replicas write, by a Lease; without the right, all do", "true"),
            valued(
                "shards",
                "COUNT",
                "divide the namespaces among the replicas, for example --shards 2 with two; the Role has to allow it",
                number(1, MAX_SHARDS),
                "1",
            ),
            valued("kubeclient-burst", "COUNT", "how many of them at once after a pause", number(0, _MOST), "0"),
        ],
        "In a directory": [
            valued("directory", "DIR", "work on DIR/sealed, DIR/keys and DIR/secrets instead", optional(Path)),
            valued(
                "directory-layout",
                "LAYOUT",
                "write Secrets as manifests, or as files: a folder for each, a file for each key",
                one_of(manifests="manifests", files="files"),
                "manifests",
            ),
            valued("default-namespace", "NAME", "for manifests that name no namespace", namespace, "default"),
            valued("poll-interval", "DURATION", "pause between looks at the files", duration(_AN_INSTANT), "1s"),
        ],
        "SealedSecrets": [
            valued("label-selector", "SELECTOR", "serve only SealedSecrets with such labels", parse_label_selector),
            valued("workers", "COUNT", "SealedSecrets worked on at the same time", number(1, 64), "4"),
            switch("accept-deprecated-v1-data", "open spec.data, the form of sealed-secrets before 0.7", "true"),
            switch("update-status", "write what became of a SealedSecret into its status", "true"),
            switch("skip-recreate", "do not restore Secrets that were deleted or edited by hand", "false"),
            valued(
                "drift",
                "WHAT",
                "what becomes of Secrets that somebody else changed: revert, report (they stay), or off (not watched)",
                one_of(revert="revert", report="report", off="off"),
                "revert",
            ),
            switch(
                "old-gc-behavior", "delete the Secret of a deleted SealedSecret, not leaving it to Kubernetes", "false"
            ),
            switch(
                "pace-edits", "look at changes of a SealedSecret that come often, or fail, only now and then", "true"
            ),
            valued(
                "allow-secret-types",
                "TYPES",
                "make Secrets of these types too (a,b), though Kubernetes acts on them with its own rights",
                secret_types,
            ),
            valued(
                "allow-key-secrets-in",
                "NAMES",
                "make Secrets that are other controllers' sealing keys in these namespaces (a,b); never in its own",
                namespaces,
            ),
            switch("allow-finalizers", "let templates have finalizers, which keep Secrets from being deleted", "false"),
            switch(
                "watch-for-secrets", "accepted for compatibility, no effect: key changes are always picked up", "false"
            ),
            valued(
                "max-unseal-retries",
                "COUNT",
                "accepted for compatibility, no effect: failures are always tried again, later and later",
                number(0, _MOST),
                "5",
            ),
        ],
        "Sealing keys": [
            valued(
                "key-renew-period",
                "DURATION",
                "make a key this often; 0: never",
                duration(_A_SECOND, or_off=True),
                "720h",
            ),
            valued(
                "key-cutoff-time",
                "TIME",
                'make a key if the newest is older, like "Mon, 02 Jan 2006 15:04:05 -0700"',
                optional(parse_rfc1123),
            ),
            valued(
                "key-order-priority",
                "ORDER",
                "which key is the newest: by CertNotBefore or SecretCreationTimestamp",
                one_of(certnotbefore="CertNotBefore", secretcreationtimestamp="SecretCreationTimestamp"),
                "CertNotBefore",
            ),
            valued("key-size", "BITS", "length of new keys", number(1024, 16384), "4096"),
            valued(
                "accept-key-sizes",
                "BITS-BITS",
                "lengths of the keys that are used, besides those of --key-size",
                span(1024, 16384),
                "2048-8192",
            ),
            valued(
                "key-trust",
                "WHOSE",
                "whose keys are used: of all that are labelled, or only the controller's own and those acknowledged",
                one_of(labelled="labelled", controller="controller"),
                "labelled",
            ),
            valued(
                "acknowledged-keys",
                "FINGERPRINTS",
                "keys of others that --key-trust=controller takes, besides those acknowledged by annotation (a,b)",
                fingerprints,
            ),
            valued("key-ttl", "DURATION", "validity of new certificates", duration(_A_SECOND), "87600h"),
            valued("my-cn", "NAME", "common name in new certificates", common_name),
            valued("key-prefix", "PREFIX", "beginning of the names of key Secrets", key_prefix, "sealed-secrets-key"),
            valued("privatekey-labels", "LABELS", "further labels of new key Secrets: a=b,c=d", labels),
            valued("privatekey-annotations", "ANNOTATIONS", "annotations of new key Secrets: a=b,c=d", annotations),
        ],
        "Serving": [
            valued(
                "listen-addr",
                "ADDRESS",
                "for health, the certificate, verify and rotate",
                parse_listen_address,
                ":8080",
            ),
            valued("listen-metrics-addr", "ADDRESS", "for metrics", parse_listen_address, ":8081"),
            valued(
                "listen-probe-addr",
                "ADDRESS",
                "for health alone, so that probes are answered whatever clients of the other ports do",
                optional(parse_listen_address),
            ),
            switch("key-endpoints", "serve verify and rotate, which use the private keys; else 403", "true"),
            valued(
                "rate-limit",
                "COUNT",
                "requests to verify and rotate a second; one that takes much work counts as several",
                number(1, _MOST),
                "2",
            ),
            valued("rate-limit-burst", "COUNT", "how many more at once after a pause", number(0, _MOST), "2"),
            valued("read-timeout", "DURATION", "time for a whole request to arrive", duration(_A_SECOND), "2m"),
            valued("write-timeout", "DURATION", "time for a client to take an answer", duration(_A_SECOND), "2m"),
            switch(
                "metrics-omit-secret-labels",
                "name no SealedSecret and no namespace in the metrics: no condition_info, but sealwright_objects",
                "false",
            ),
        ],
        "Logging": [
            valued("log-format", "FORMAT", "text or json", one_of(text="text", json="json"), "text"),
            valued("log-level", "LEVEL", "debug, info, warning or error", one_of(**_LOG_LEVELS), "info"),
            switch("log-info-stdout", "write info and debug logs to stdout instead of stderr", "false"),
        ],
    },
)
"""All flags of the controller."""
