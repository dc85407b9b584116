"""The controller's settings: which flags there are, what they take, and the frozen values that they become.

Names and defaults are upstream's where it has the flag. What a flag means is the business of those who are given it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Literal, TypeVar

from sealwright_controller.addresses import ListenAddress, parse_listen_address
from sealwright_controller.durations import format_duration, parse_duration, parse_rfc1123
from sealwright_controller.flags import Flag, FlagSet
from sealwright_crypto import __version__

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
DirectoryLayout = Literal["manifests", "files"]


@dataclass(frozen=True)
class KeySettings:
    """How sealing keys are made, and when: `bits` of the modulus; a `renew_period` of zero is never."""

    bits: int = 4096
    lifetime: timedelta = timedelta(days=3650)
    common_name: str = ""
    name_prefix: str = "sealed-secrets-key"
    renew_period: timedelta = timedelta(days=30)
    cutoff: datetime | None = None


@dataclass(frozen=True)
class Settings:
    """All settings of a controller. With a `directory` it works there, without one in a cluster.

    `kubeconfig` None means the cluster that it runs in; `controller_namespace` None: the ServiceAccount's.
    """

    directory: Path | None
    directory_layout: DirectoryLayout
    default_namespace: str
    poll_interval_seconds: float
    kubeconfig: Path | None
    controller_namespace: str | None
    all_namespaces: bool
    workers: int
    keys: KeySettings
    listen_address: ListenAddress
    listen_metrics_address: ListenAddress
    rate_limit_per_second: int
    rate_limit_burst: int
    log_format: LogFormat
    log_level: LogLevel


def parse_settings(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """Read the settings from the command line (without the program's name) and the environment.

    Besides SEALED_SECRETS_<FLAG>, KUBECONFIG and POD_NAMESPACE are looked at, where their flags are not given.
    `--help` and `--version` print and end the program with status 0, mistakes with status 2 (SystemExit).
    """
    values = _FLAGS.parse(argv, environ)
    directory, kubeconfig = values["directory"], values["kubeconfig"]
    if directory is not None and kubeconfig is not None:
        _FLAGS.refuse("--directory and --kubeconfig exclude each other: work in a directory or in a cluster")
    if directory is None and kubeconfig is None and environ.get("KUBECONFIG"):
        kubeconfig = Path(environ["KUBECONFIG"])
    return Settings(
        directory=directory,
        directory_layout=values["directory-layout"],
        default_namespace=values["default-namespace"],
        poll_interval_seconds=values["poll-interval"].total_seconds(),
        kubeconfig=kubeconfig,
        controller_namespace=values["controller-namespace"] or environ.get("POD_NAMESPACE") or None,
        all_namespaces=values["all-namespaces"],
        workers=values["workers"],
        keys=KeySettings(
            bits=values["key-size"],
            lifetime=values["key-ttl"],
            common_name=values["my-cn"],
            name_prefix=values["key-prefix"],
            renew_period=values["key-renew-period"],
            cutoff=values["key-cutoff-time"],
        ),
        listen_address=values["listen-addr"],
        listen_metrics_address=values["listen-metrics-addr"],
        rate_limit_per_second=values["rate-limit"],
        rate_limit_burst=values["rate-limit-burst"],
        log_format=values["log-format"],
        log_level=values["log-level"],
    )


def effective(settings: Settings) -> dict[str, str]:
    """Return the flags that would mean these settings, and their values, for people; nothing in them is secret.

    Those that are not set are left out.
    """
    keys = settings.keys
    values = {
        "directory": settings.directory,
        "directory-layout": settings.directory_layout,
        "default-namespace": settings.default_namespace,
        "poll-interval": format_duration(timedelta(seconds=settings.poll_interval_seconds)),
        "kubeconfig": settings.kubeconfig,
        "controller-namespace": settings.controller_namespace,
        "all-namespaces": str(settings.all_namespaces).lower(),
        "workers": settings.workers,
        "key-renew-period": format_duration(keys.renew_period),
        "key-cutoff-time": None if keys.cutoff is None else format_datetime(keys.cutoff),
        "key-size": keys.bits,
        "key-ttl": format_duration(keys.lifetime),
        "my-cn": keys.common_name or None,
        "key-prefix": keys.name_prefix,
        "listen-addr": settings.listen_address,
        "listen-metrics-addr": settings.listen_metrics_address,
        "rate-limit": settings.rate_limit_per_second,
        "rate-limit-burst": settings.rate_limit_burst,
        "log-format": settings.log_format,
        "log-level": settings.log_level,
    }
    return {flag: str(value) for flag, value in values.items() if value is not None}


# What flags take.

T = TypeVar("T")

_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_MAX_NAMESPACE_LENGTH = 63
_MAX_KEY_PREFIX_LENGTH = 248  # of 253, as the API server adds five
_MAX_COMMON_NAME_BYTES = 64  # RFC 5280, ub-common-name
_MAX_RATE = 999_999_999
_TRUE, _FALSE = ("1", "t", "T", "true", "TRUE", "True"), ("0", "f", "F", "false", "FALSE", "False")


def _optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    return lambda text: parse(text) if text else None


def _switch(text: str) -> bool:
    if text not in _TRUE + _FALSE:
        raise ValueError(f'"{text}" is neither true nor false')
    return text in _TRUE


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f'"{text}" is not a whole number from {least} to {most}')
        return int(text)

    return parse


def _duration(least: timedelta, *, or_off: bool = False) -> Callable[[str], timedelta]:
    def parse(text: str) -> timedelta:
        duration = parse_duration(text)
        if duration < least and not (or_off and not duration):
            off = ", or 0 for never" if or_off else ""
            raise ValueError(f'"{text}" is too short: at least {format_duration(least)}{off}')
        return duration

    return parse


def _one_of(**values: str) -> Callable[[str], str]:
    """Take the keys, in any case, for their values."""

    def parse(text: str) -> str:
        if text.lower() not in values:
            raise ValueError(f'"{text}" is none of {", ".join(dict.fromkeys(values.values()))}')
        return values[text.lower()]

    return parse


def _namespace(text: str) -> str:
    if len(text) > _MAX_NAMESPACE_LENGTH or not re.fullmatch(_LABEL, text):
        raise ValueError(f'"{text}" is not the name of a namespace: lower-case letters, digits and - (RFC 1123)')
    return text


def _key_prefix(text: str) -> str:
    # The API server appends letters and digits; the whole has to be the name of a Secret.
    fits = 0 < len(text) <= _MAX_KEY_PREFIX_LENGTH
    if not fits or not re.fullmatch(rf"{_LABEL}(\.{_LABEL})*", f"{text}0"):
        raise ValueError(f'"{text}" cannot begin the name of a Secret: lower-case letters, digits, - and . (RFC 1123)')
    return text


def _common_name(text: str) -> str:
    if not text.isprintable() or len(text.encode()) > _MAX_COMMON_NAME_BYTES:
        raise ValueError(f"a common name has up to {_MAX_COMMON_NAME_BYTES} bytes, all printable (RFC 5280)")
    return text


_LOG_LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "warn": "warning", "error": "error"}
_AN_INSTANT = timedelta(milliseconds=100)
_A_SECOND = timedelta(seconds=1)  # the resolution of certificates

_FLAGS = FlagSet(
    "sealwright-controller",
    "Turns SealedSecrets into Secrets, in a cluster or in a directory.",
    f"controller version: v{__version__}",
    {
        "In a cluster": [
            Flag("kubeconfig", "FILE", "way to the API server; else the cluster it runs in", _optional(Path)),
            Flag("controller-namespace", "NAME", "where the sealing keys are; else its own", _optional(_namespace)),
            Flag("all-namespaces", "BOOL", "serve all namespaces, not only its own", _switch, "true", is_switch=True),
        ],
        "In a directory": [
            Flag("directory", "DIR", "work on DIR/sealed, DIR/keys and DIR/secrets instead", _optional(Path)),
            Flag(
                "directory-layout",
                "LAYOUT",
                "write Secrets as manifests, or as files: a folder for each, a file for each key",
                _one_of(manifests="manifests", files="files"),
                "manifests",
            ),
            Flag("default-namespace", "NAME", "for manifests that name no namespace", _namespace, "default"),
            Flag("poll-interval", "DURATION", "pause between looks at the files", _duration(_AN_INSTANT), "1s"),
        ],
        "Sealing keys": [
            Flag(
                "key-renew-period",
                "DURATION",
                "make a key this often; 0: never",
                _duration(_A_SECOND, or_off=True),
                "720h",
            ),
            Flag(
                "key-cutoff-time",
                "TIME",
                'make a key if the newest is older, like "Mon, 02 Jan 2006 15:04:05 -0700"',
                _optional(parse_rfc1123),
            ),
            Flag("key-size", "BITS", "length of new keys", _number(1024, 16384), "4096"),
            Flag("key-ttl", "DURATION", "validity of new certificates", _duration(_A_SECOND), "87600h"),
            Flag("my-cn", "NAME", "common name in new certificates", _common_name),
            Flag("key-prefix", "PREFIX", "beginning of the names of key Secrets", _key_prefix, "sealed-secrets-key"),
        ],
        "Serving": [
            Flag(
                "listen-addr",
                "ADDRESS",
                "for health, the certificate, verify and rotate",
                parse_listen_address,
                ":8080",
            ),
            Flag("listen-metrics-addr", "ADDRESS", "for metrics", parse_listen_address, ":8081"),
            Flag(
                "rate-limit",
                "COUNT",
                "requests to verify and rotate a second; one that takes much work counts as several",
                _number(1, _MAX_RATE),
                "2",
            ),
            Flag("rate-limit-burst", "COUNT", "how many more at once after a pause", _number(0, _MAX_RATE), "2"),
            Flag("workers", "COUNT", "SealedSecrets worked on at the same time", _number(1, 64), "4"),
        ],
        "Logging": [
            Flag("log-format", "FORMAT", "text or json", _one_of(text="text", json="json"), "text"),
            Flag("log-level", "LEVEL", "debug, info, warning or error", _one_of(**_LOG_LEVELS), "info"),
        ],
    },
)
