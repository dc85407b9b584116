import dataclasses
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sealwright_controller.options.addresses import ListenAddress
from sealwright_controller.options.selectors import parse_label_selector
from sealwright_controller.options.table import FLAGS
from sealwright_controller.settings import (
    ClusterSettings,
    HttpSettings,
    KeySettings,
    ObjectSettings,
    Settings,
    effective,
    parse_settings,
)
from sealwright_conventions.flagkinds import Kind
from sealwright_crypto import KeyMaterialError, __version__, generate_sealing_key

DEFAULTS = Settings(
    directory=None,
    directory_layout="manifests",
    default_namespace="default",
    poll_interval_seconds=1.0,
    workers=4,
    cluster=ClusterSettings(),
    objects=ObjectSettings(),
    keys=KeySettings(),
    http=HttpSettings(),
    metrics_omit_names=False,
    log_format="text",
    log_level="info",
    log_info_stdout=False,
)


def key_settings(**changes):
    return dataclasses.replace(DEFAULTS, keys=KeySettings(**changes))


def cluster_settings(**changes):
    return dataclasses.replace(DEFAULTS, cluster=ClusterSettings(**changes))


def object_settings(**changes):
    return dataclasses.replace(DEFAULTS, objects=ObjectSettings(**changes))


def http_settings(**changes):
    return dataclasses.replace(DEFAULTS, http=HttpSettings(**changes))


def settings(**changes):
    return dataclasses.replace(DEFAULTS, **changes)


def refusal(capsys, argv=(), environ=None):
    """Parse what has to be refused. Returns what is said about it on standard error."""
    with pytest.raises(SystemExit) as end:
        parse_settings(list(argv), environ or {})
    out, err = capsys.readouterr()
    assert end.value.code == 2
    assert out == ""
    return err


VALUES = [
    ("directory", "/srv/demo", settings(directory=Path("/srv/demo"))),
    ("directory-layout", "files", settings(directory_layout="files")),
    ("default-namespace", "shop", settings(default_namespace="shop")),
    ("poll-interval", "250ms", settings(poll_interval_seconds=0.25)),
    ("kubeconfig", "/root/config", cluster_settings(kubeconfigs=(Path("/root/config"),))),
    ("controller-namespace", "kube-system", cluster_settings(controller_namespace="kube-system")),
    ("all-namespaces", "false", cluster_settings(all_namespaces=False)),
    ("all-namespaces", "T", cluster_settings(all_namespaces=True)),
    ("additional-namespaces", "shop", cluster_settings(additional_namespaces=("shop",))),
    ("additional-namespaces", "b, a,b,", cluster_settings(additional_namespaces=("b", "a"))),
    ("kubeclient-qps", "20", cluster_settings(requests_per_second=20.0)),
    ("kubeclient-qps", "0.5", cluster_settings(requests_per_second=0.5)),
    ("kubeclient-burst", "30", cluster_settings(requests_burst=30)),
    ("label-selector", "app=shop", object_settings(selector=parse_label_selector("app=shop"))),
    ("accept-deprecated-v1-data", "false", object_settings(accept_legacy_data=False)),
    ("update-status", "0", object_settings(update_status=False)),
    ("skip-recreate", "true", object_settings(follow_secrets=False)),
    ("old-gc-behavior", "true", object_settings(delete_secrets=True)),
    ("pace-edits", "false", object_settings(pace_edits=False)),
    ("allow-secret-types", "a.org/b, c ,a.org/b,", object_settings(allowed_secret_types=("a.org/b", "c"))),
    ("allow-key-secrets-in", "shop,other", object_settings(key_secrets_in=("shop", "other"))),
    ("allow-finalizers", "true", object_settings(allow_finalizers=True)),
    ("watch-for-secrets", "true", DEFAULTS),
    ("max-unseal-retries", "7", DEFAULTS),
    ("workers", "64", settings(workers=64)),
    ("key-order-priority", "SecretCreationTimestamp", key_settings(order="SecretCreationTimestamp")),
    ("key-order-priority", "certnotbefore", DEFAULTS),
    ("privatekey-labels", "team=a,x.org/tier=b", key_settings(labels={"team": "a", "x.org/tier": "b"})),
    ("privatekey-annotations", "note=hi there, b=", key_settings(annotations={"note": "hi there", "b": ""})),
    ("key-endpoints", "false", http_settings(key_endpoints=False)),
    ("read-timeout", "5s", http_settings(read_timeout_seconds=5.0)),
    ("write-timeout", "1m30s", http_settings(write_timeout_seconds=90.0)),
    ("metrics-omit-secret-labels", "true", settings(metrics_omit_names=True)),
    ("log-info-stdout", "true", settings(log_info_stdout=True)),
    ("key-renew-period", "3s", key_settings(renew_period=timedelta(seconds=3))),
    ("key-renew-period", "90d", key_settings(renew_period=timedelta(days=90))),
    ("key-renew-period", "0", key_settings(renew_period=timedelta(0))),
    ("key-cutoff-time", "Mon, 02 Jan 2006 15:04:05 -0700", key_settings(cutoff=datetime(2006, 1, 2, 22, 4, 5, 0, UTC))),
    ("key-size", "2048", key_settings(bits=2048)),
    ("key-ttl", "1h", key_settings(lifetime=timedelta(hours=1))),
    ("my-cn", "sealed here", key_settings(common_name="sealed here")),
    ("key-prefix", "our-key-", key_settings(name_prefix="our-key-")),
    ("key-prefix", "our.key", key_settings(name_prefix="our.key")),
    ("listen-addr", "[::1]:80", http_settings(address=ListenAddress("::1", 80))),
    ("listen-probe-addr", "127.0.0.1:0", http_settings(probe_address=ListenAddress("127.0.0.1", 0))),
    ("listen-metrics-addr", "127.0.0.1:0", http_settings(metrics_address=ListenAddress("127.0.0.1", 0))),
    ("rate-limit", "100000", http_settings(rate_limit_per_second=100_000)),
    ("rate-limit-burst", "0", http_settings(rate_limit_burst=0)),
    ("log-format", "json", settings(log_format="json")),
    ("log-level", "WARN", settings(log_level="warning")),
    ("log-level", "debug", settings(log_level="debug")),
]


SWITCHES = {flag.name for flag in FLAGS.flags if flag.kind is Kind.BOOL}


def variable(flag):
    return "SEALED_SECRETS_" + flag.upper().replace("-", "_")


class TestValues:
    def test_without_flags_everything_has_upstream_s_default(self):
        assert parse_settings([], {}) == DEFAULTS

    @pytest.mark.parametrize(("flag", "text", "expected"), VALUES)
    def test_a_flag_sets_one_thing_however_it_is_written(self, flag, text, expected):
        apart = [] if flag in SWITCHES else [[f"--{flag}", text], [f"-{flag}", text]]
        for argv in ([f"--{flag}={text}"], [f"-{flag}={text}"], *apart):
            assert parse_settings(argv, {}) == expected

    @pytest.mark.parametrize("argv", [["--update-status", "false"], ["-update-status", "false"]])
    def test_the_word_behind_a_switch_is_not_its_value_as_in_go(self, capsys, argv):
        said = refusal(capsys, argv)
        assert said.startswith("error: unexpected argument: ")
        assert "a switch takes its value behind = (--update-status=false)" in said

    @pytest.mark.parametrize(("flag", "text", "expected"), VALUES)
    def test_the_environment_sets_the_same(self, flag, text, expected):
        assert parse_settings([], {variable(flag): text}) == expected

    def test_the_command_line_wins_over_the_environment(self):
        assert parse_settings(["--key-size=2048"], {"SEALED_SECRETS_KEY_SIZE": "3072"}) == key_settings(bits=2048)

    def test_of_a_flag_given_twice_the_last_counts(self):
        assert parse_settings(["--workers=2", "--workers=3"], {}) == settings(workers=3)

    def test_an_empty_variable_counts_as_not_set(self):
        assert parse_settings([], {variable(flag): "" for flag, *_ in VALUES}) == DEFAULTS

    @pytest.mark.parametrize("argv", [["--all-namespaces"], ["-all-namespaces"], ["--all-namespaces", "--workers=4"]])
    def test_a_switch_without_a_value_is_on(self, argv):
        assert parse_settings(argv, {"SEALED_SECRETS_ALL_NAMESPACES": "false"}) == DEFAULTS

    def test_an_empty_flag_switches_off_what_the_environment_says(self):
        assert parse_settings(["--directory="], {"SEALED_SECRETS_DIRECTORY": "/srv"}) == DEFAULTS

    def test_other_programs_variables_are_left_alone(self):
        environ = {
            "SEALED_SECRETS_PORT": "tcp://10.0.0.1:80",
            "SEALED_SECRETS_SERVICE_HOST": "10.0.0.1",
            "WORKERS": "x",
        }
        assert parse_settings([], environ) == DEFAULTS


class TestEffective:
    @pytest.mark.parametrize("expected", [row[2] for row in VALUES], ids=[f"{row[0]}={row[1]}" for row in VALUES])
    def test_flags_written_as_they_are_told_mean_the_same(self, expected):
        if expected.cluster == ClusterSettings():
            expected = dataclasses.replace(expected, directory=Path("/srv"))
        told = effective(expected)
        assert parse_settings([f"--{flag}={text}" for flag, text in told.items()], {}) == expected

    def test_what_is_not_set_is_not_told(self):
        told = effective(DEFAULTS)
        assert told["key-renew-period"] == "30d"
        assert told["all-namespaces"] == "true"
        assert not {"directory", "kubeconfig", "key-cutoff-time", "my-cn"} & told.keys()


class TestSurroundings:
    def test_a_kubeconfig_may_come_from_where_kubectl_takes_it(self):
        assert parse_settings([], {"KUBECONFIG": "/k"}) == cluster_settings(kubeconfigs=(Path("/k"),))
        several = {"KUBECONFIG": os.pathsep.join(["/k", "", "/l"])}
        assert parse_settings([], several) == cluster_settings(kubeconfigs=(Path("/k"), Path("/l")))
        assert parse_settings(["--kubeconfig=/f"], {"KUBECONFIG": "/k"}) == cluster_settings(kubeconfigs=(Path("/f"),))

    def test_in_a_directory_kubectl_s_is_of_no_concern(self):
        assert parse_settings(["--directory=/srv"], {"KUBECONFIG": "/k"}) == settings(directory=Path("/srv"))

    def test_the_controller_s_namespace_may_come_from_the_pod(self):
        assert parse_settings([], {"POD_NAMESPACE": "pods"}) == cluster_settings(controller_namespace="pods")
        argv = ["--controller-namespace=flags"]
        assert parse_settings(argv, {"POD_NAMESPACE": "pods"}) == cluster_settings(controller_namespace="flags")

    def test_a_directory_and_a_cluster_exclude_each_other(self, capsys):
        text = refusal(capsys, ["--directory=/srv", "--kubeconfig=/k"])
        assert text.startswith("error: --directory and --kubeconfig exclude each other")
        text = refusal(capsys, ["--directory=/srv"], {"SEALED_SECRETS_ALL_NAMESPACES": "false"})
        assert text.startswith("error: --directory and SEALED_SECRETS_ALL_NAMESPACES exclude each other")


BAD_VALUES = [
    ("allow-secret-types", "a,b c", "is not a type of Secrets"),
    ("allow-key-secrets-in", "shop,Not_One", "is not the name of a namespace"),
    ("allow-finalizers", "yes", "write true or false"),
    ("additional-namespaces", "shop,Not_One", "is not the name of a namespace"),
    ("kubeclient-qps", "many", "is not a number such as 20 or 0.5"),
    ("label-selector", "app in shop", "is not a label selector such as app=shop"),
    ("label-selector", "app=a=b", "is not a label selector such as app=shop"),
    ("key-order-priority", "Age", "is not one of CertNotBefore, SecretCreationTimestamp"),
    ("privatekey-labels", "team", "is not a label such as team=shop"),
    ("privatekey-labels", "team=a b", "is not a value of a label (entry 1)"),
    ("privatekey-annotations", "=x", "is not an annotation such as team=shop"),
    ("read-timeout", "0", "is too short: at least 1s"),
    ("all-namespaces", "maybe", "write true or false"),
    ("workers", "0", "is not a whole number from 1 to 64"),
    ("workers", "1.5", "is not a whole number from 1 to 64"),
    ("workers", "\u0663", "is not a whole number"),
    ("key-size", "abc", "is not a whole number from 1024 to 16384"),
    ("key-size", "512", "is not a whole number from 1024 to 16384"),
    ("key-size", "9" * 5000, "is not a whole number from 1024 to 16384"),
    ("key-renew-period", "banana", "is not a duration such as 720h, 30d"),
    ("key-renew-period", "500ms", "is too short: at least 1s, or 0 for never"),
    ("key-renew-period", "-720h", "is too short: at least 1s, or 0 for never"),
    ("key-ttl", "forever", "is not a duration such as"),
    ("key-ttl", "0", "is too short: at least 1s"),
    ("key-ttl", "300000d", "is longer than 292 years"),
    ("key-cutoff-time", "garbage", 'is not a time such as "Mon, 02 Jan 2006 15:04:05 -0700"'),
    ("key-prefix", "Bad_Upper", "cannot begin the name of a Secret"),
    ("key-prefix", "-key", "cannot begin the name of a Secret"),
    ("key-prefix", "a..b", "cannot begin the name of a Secret"),
    ("key-prefix", "k" * 249, "cannot begin the name of a Secret"),
    ("my-cn", "x" * 65, "a common name has up to 64 bytes"),
    ("my-cn", "ü" * 33, "a common name has up to 64 bytes"),
    ("my-cn", "bell\a", "a common name has up to 64 bytes, all printable"),
    ("my-cn", "\udcff", "a common name has up to 64 bytes, all printable"),
    ("listen-addr", "8080", "is not an address such as :8080"),
    ("listen-metrics-addr", ":99999", "is not an address such as :8080"),
    ("rate-limit", "0", "is not a whole number from 1 to 999999999"),
    ("rate-limit", "2/s", "is not a whole number from 1 to 999999999"),
    ("rate-limit-burst", "-1", "is not a whole number from 0 to 999999999"),
    ("log-format", "xml", "is not one of text, json"),
    ("log-level", "loud", "is not one of debug, info, warning, error"),
    ("directory-layout", "tar", "is not one of manifests, files"),
    ("default-namespace", "No_Such", "is not the name of a namespace"),
    ("default-namespace", "n" * 64, "is not the name of a namespace"),
    ("controller-namespace", "a.b", "is not the name of a namespace"),
    ("poll-interval", "1ms", "is too short: at least 0.1s"),
]


class TestRefusals:
    @pytest.mark.parametrize(("flag", "text", "message"), BAD_VALUES)
    def test_a_bad_value_is_refused_naming_the_flag_and_what_is_allowed(self, capsys, flag, text, message):
        said = refusal(capsys, [f"--{flag}={text}"])
        assert said.startswith(f"error: --{flag}: ")
        assert message in said
        assert said.endswith("hint: sealwright-controller --help lists the flags and what they take\n")

    @pytest.mark.parametrize(("flag", "text", "message"), BAD_VALUES)
    def test_a_bad_value_in_the_environment_is_refused_naming_the_variable(self, capsys, flag, text, message):
        said = refusal(capsys, environ={variable(flag): text})
        assert said.startswith(f"error: {variable(flag)}: ")
        assert message in said

    @pytest.mark.parametrize("argv", [["--default-namespace="], ["--key-prefix="], ["--key-size="], ["--key-ttl="]])
    def test_an_empty_value_is_no_way_to_the_default(self, capsys, argv):
        assert refusal(capsys, argv).startswith(f"error: {argv[0].rstrip('=')}: ")

    @pytest.mark.parametrize(
        ("argv", "message"),
        [
            (["--no-such-flag"], "unknown flag: --no-such-flag (word 1 of the command line)"),
            (["-no-such-flag=1"], "unknown flag: --no-such-flag (word 1 of the command line)"),
            (
                ["--workers=1", "--key-siz=2048"],
                "unknown flag: --key-siz (word 2 of the command line); did you mean --key-size, --key-trust, --accept-key-sizes",
            ),
            (["--version", "-x"], "unknown flag: --x (word 2 of the command line)"),
            (["--hunter2X"], "unknown flag (word 1 of the command line)"),
            (["--hunter2X=1"], "unknown flag (word 1 of the command line)"),
            (["-hunter2X"], "unknown flag (word 1 of the command line)"),
            (["--" + "x" * 25], "unknown flag (word 1 of the command line)"),
            (["--key-size"], "flag needs an argument: --key-size"),
            (["--key-ttl", "-1h"], "--key-ttl: is too short: at least 1s"),
        ],
    )
    def test_what_is_no_flag_is_refused_and_named(self, capsys, argv, message):
        assert refusal(capsys, argv).startswith(f"error: {message}\nhint: ")

    def test_an_argument_is_refused_and_not_repeated(self, capsys):
        said = refusal(capsys, ["hunter"])
        assert said.startswith("error: unexpected argument: there are flags alone")
        assert "hunter" not in said

    @pytest.mark.parametrize("flag", sorted({row[0] for row in BAD_VALUES}))
    @pytest.mark.parametrize(
        "text", ["hunter", "hunter2,X=", "=hunter2", "hunter2!", "hunter2=a b", "Hunter_2", "a=hunter2 "]
    )
    def test_nothing_of_a_value_is_repeated(self, capsys, flag, text):
        for argv, environ in (([f"--{flag}={text}"], {}), ([], {variable(flag): text})):
            try:
                parse_settings(argv, environ)
            except SystemExit:
                said = capsys.readouterr().err.lower()
                assert "hunter" not in said
                assert flag in said.replace("_", "-")


class TestWhatIsAllowedWorks:
    """A setting that is accepted must not fail weeks later, at the first renewal."""

    @pytest.mark.parametrize("argv", [["--key-ttl=1s"], ["--key-ttl=2562047h"], ["--my-cn=" + "x" * 64], ["--my-cn=ü"]])
    def test_a_key_can_be_made_with_the_outermost_values(self, argv):
        keys = parse_settings(["--key-size=1024", *argv], {}).keys
        made = generate_sealing_key(
            now=datetime.now(UTC), bits=keys.bits, lifetime=keys.lifetime, common_name=keys.common_name
        )
        assert made.certificate.not_after - made.certificate.not_before == keys.lifetime

    @pytest.mark.parametrize("bits", [1023, 16385])
    def test_sizes_beyond_the_allowed_cannot_be_made(self, capsys, bits):
        refusal(capsys, [f"--key-size={bits}"])
        with pytest.raises(KeyMaterialError):
            generate_sealing_key(now=datetime.now(UTC), bits=bits)


class TestHelp:
    @pytest.mark.parametrize("argv", [["--version"], ["-version"], ["--version", "--workers=1"]])
    def test_the_version_is_told(self, capsys, argv):
        with pytest.raises(SystemExit) as end:
            parse_settings(argv, {"SEALED_SECRETS_WORKERS": "many"})
        assert (end.value.code, capsys.readouterr().out) == (0, f"controller version: v{__version__}\n")

    @pytest.mark.parametrize("argv", [["--help"], ["-help"], ["-h"]])
    def test_help_names_every_flag_with_its_default_and_how_the_environment_is_used(self, capsys, argv):
        with pytest.raises(SystemExit) as end:
            parse_settings(argv, {})
        said = capsys.readouterr().out
        assert end.value.code == 0
        assert [flag for flag, *_ in VALUES if f"--{flag} " not in said] == []
        assert "(default 720h)" in said
        assert "--kubeconfig for example by SEALED_SECRETS_KUBECONFIG" in said
