"""Which cluster, user and namespace are meant: kubectl's rules, in tables, over files of every kind."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_cli.cluster.kubeconfig import Kubeconfig, load_kubeconfig, namespace_of
from sealwright_cli.messages.errors import InputError, KubeconfigError, NoClusterError, UsageError
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.kubeconfig.credentials import Credentials, identity_of, impersonation_of
from sealwright_conventions.kubeconfig.flags import ClusterFlags
from sealwright_conventions.kubeconfig.reading import read_kubeconfig

USUAL: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "north",
    "clusters": [
        {"name": "far", "cluster": {"server": "https://far.test", "tls-server-name": "far.inside"}},
        {"name": "near", "cluster": {"server": "https://near.test", "certificate-authority-data": "Q0E="}},
    ],
    "users": [
        {"name": "ann", "user": {"token": "of-ann"}},
        {"name": "bob", "user": {"username": "bob", "password": "hunter2"}},
    ],
    "contexts": [
        {"name": "north", "context": {"cluster": "far", "user": "ann", "namespace": "arctic"}},
        {"name": "south", "context": {"cluster": "near", "user": "bob", "namespace": "antarctic"}},
        {"name": "bare", "context": {"cluster": "far", "user": "ann"}},
        {"name": "lost", "context": {"cluster": "gone", "user": "ann"}},
        {"name": "nobody", "context": {"cluster": "far", "user": "gone"}},
    ],
}
IN_A_POD = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}


class World:
    """A home, a folder with kubeconfigs, and perhaps a pod's credentials."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.pod = folder / "pod"
        self.environ: dict[str, str] = {}

    def write(self, name: str, content: Mapping[str, Any] | str) -> Path:
        """Write a kubeconfig, a dict as JSON."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def enter_pod(self, *, namespace: str = "around") -> None:
        """Put a ServiceAccount's files and variables in place, as in a pod."""
        self.pod.mkdir()
        (self.pod / "token").write_text("of-pod\n")
        (self.pod / "ca.crt").write_text("CA")
        (self.pod / "namespace").write_text(namespace)
        self.environ |= IN_A_POD

    def surroundings(self) -> Surroundings:
        return Surroundings(self.environ, self.home, self.pod)

    def load(self, **flags: Any) -> Kubeconfig:
        """Load with flags; without `kubeconfig`, what the environment names."""
        return load_kubeconfig(ClusterFlags(**flags), self.surroundings())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def usual(world: World) -> World:
    """The usual kubeconfig, in the home directory."""
    world.write("home/.kube/config", USUAL)
    return world


# --- which file -----------------------------------------------------------------------------------------------------


def test_the_flag_beats_the_variable_and_that_beats_the_home_directory(usual: World) -> None:
    assert usual.load().namespace == "arctic"
    listed = usual.write("listed", {**USUAL, "current-context": "south"})
    usual.environ["KUBECONFIG"] = str(listed)
    assert usual.load().namespace == "antarctic"
    named = usual.write("named", {**USUAL, "current-context": "bare"})
    assert usual.load(kubeconfig=str(named)).namespace == "default"


def test_missing_files_of_the_variable_are_passed_over(usual: World) -> None:
    listed = usual.write("listed", {**USUAL, "current-context": "south"})
    usual.environ["KUBECONFIG"] = os.pathsep.join([str(usual.folder / "gone"), "", str(listed), str(listed)])
    assert usual.load().namespace == "antarctic"
    assert usual.load().files == (str(listed),)


def test_a_variable_that_names_no_file_at_all_is_no_configuration(usual: World) -> None:
    usual.environ["KUBECONFIG"] = str(usual.folder / "gone")
    with pytest.raises(NoClusterError, match="there is no kubeconfig"):
        _ = usual.load().namespace


def test_a_missing_file_of_the_flag_is_an_error(usual: World) -> None:
    with pytest.raises(KubeconfigError, match=r"gone: no such file"):
        usual.load(kubeconfig=str(usual.folder / "gone"))


@pytest.mark.parametrize("content", ["", "\n# nothing here\n", "apiVersion: v1\nkind: Config\n", "{}", "null"])
def test_a_file_without_anything_in_it_is_no_configuration(world: World, content: str) -> None:
    path = world.write("empty", content)
    with pytest.raises(NoClusterError, match=r"empty: the chosen context names no cluster"):
        _ = world.load(kubeconfig=str(path)).namespace


# --- several files --------------------------------------------------------------------------------------------------


def test_of_several_files_the_first_to_set_a_value_wins_entry_by_entry(world: World) -> None:
    first = {
        "users": [{"name": "ann", "user": {"token": "first"}}],
        "contexts": [{"name": "bare", "context": {"cluster": "far", "user": "ann", "namespace": "first"}}],
    }
    second = {**USUAL, "users": [{"name": "ann", "user": {"token": "second", "as": "somebody"}}]}
    paths = [world.write("first", first), world.write("second", second)]
    world.environ["KUBECONFIG"] = os.pathsep.join(map(str, paths))
    loaded = world.load()
    assert (loaded.user.token, loaded.user.impersonate_user) == ("first", "")
    assert (loaded.cluster.server, loaded.namespace) == ("https://far.test", "arctic")
    assert world.load(context="bare").namespace == "first"


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "current-context": st.sampled_from(["", "a", "b"]),
                "contexts": st.dictionaries(st.sampled_from("ab"), st.sampled_from("xyz")),
                "clusters": st.dictionaries(st.sampled_from("c"), st.sampled_from(["https://1", "https://2"])),
            }
        ),
        min_size=1,
        max_size=4,
    )
)
def test_merging_looks_each_value_up_in_the_files_in_turn(files: list[dict[str, Any]]) -> None:
    import tempfile  # noqa: PLC0415 - a fixture would be one folder for all examples

    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        paths = [
            world.write(
                str(number),
                {
                    "current-context": one["current-context"],
                    "contexts": [
                        {"name": name, "context": {"cluster": "c", "user": "", "namespace": namespace}}
                        for name, namespace in one["contexts"].items()
                    ],
                    "clusters": [{"name": name, "cluster": {"server": url}} for name, url in one["clusters"].items()],
                },
            )
            for number, one in enumerate(files)
        ]
        world.environ["KUBECONFIG"] = os.pathsep.join(map(str, paths))
        context = next((one["current-context"] for one in files if one["current-context"]), "")
        namespace = next((one["contexts"][context] for one in files if context in one["contexts"]), None)
        server = next((one["clusters"]["c"] for one in files if "c" in one["clusters"]), None)
        if namespace is None or server is None:
            with pytest.raises(KubeconfigError):
                _ = world.load().namespace
        else:
            assert (world.load().namespace, world.load().cluster.server) == (namespace, server)


def test_relative_paths_are_relative_to_the_file_that_holds_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    content = {
        **USUAL,
        "clusters": [{"name": "far", "cluster": {"server": "https://x", "certificate-authority": "ca.crt"}}],
        "users": [
            {"name": "ann", "user": {"client-certificate": "../c.crt", "client-key": "/abs/c.key", "tokenFile": "t"}},
            {"name": "bob", "user": {"exec": {"command": "./plug-in", "apiVersion": "v"}}},
            {"name": "cis", "user": {"exec": {"command": "plug-in", "apiVersion": "v"}}},
        ],
    }
    world.write("deep/down/config", content)
    monkeypatch.chdir(world.folder)
    loaded = world.load(kubeconfig="deep/down/config")
    folder = world.folder / "deep" / "down"
    assert Path(loaded.cluster.certificate_authority) == folder / "ca.crt"
    assert Path(loaded.user.client_certificate) == folder / "../c.crt"
    assert (loaded.user.client_key, loaded.user.token_file) == ("/abs/c.key", str(folder / "t"))
    commands = [world.load(kubeconfig="deep/down/config", user=user).user.exec["command"] for user in ("bob", "cis")]
    assert commands == [str(folder / "plug-in"), "plug-in"]


# --- flags ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, {"cluster.server": "https://far.test", "user.token": "of-ann"}),
        ({"context": "south"}, {"cluster.server": "https://near.test", "user.username": "bob"}),
        ({"cluster": "near"}, {"cluster.server": "https://near.test", "user.token": "of-ann"}),
        ({"user": "bob"}, {"cluster.server": "https://far.test", "user.username": "bob"}),
        ({"namespace": "x", "context": "south"}, {"namespace": "x", "cluster.server": "https://near.test"}),
        ({"server": "https://other"}, {"cluster.server": "https://other", "cluster.tls_server_name": ""}),
        ({"server": "https://other", "tls_server_name": "n"}, {"cluster.tls_server_name": "n"}),
        ({"tls_server_name": "n"}, {"cluster.server": "https://far.test", "cluster.tls_server_name": "n"}),
        ({"token": "mine"}, {"user.token": "mine"}),
        ({"impersonate_user": "eve", "impersonate_groups": ("g",)}, {"user.impersonate_groups": ("g",)}),
        (
            {"context": "south", "insecure_skip_tls_verify": True},
            {"cluster.insecure_skip_tls_verify": True, "cluster.certificate_authority_data": b""},
        ),
        ({"proxy_url": "http://p"}, {"cluster.proxy_url": "http://p"}),
    ],
)
def test_flags_override_what_the_file_says(usual: World, flags: dict[str, Any], expected: dict[str, Any]) -> None:
    loaded = usual.load(**flags)
    assert {name: looked_up(loaded, name) for name in expected} == expected


def test_an_authority_by_flag_replaces_all_that_the_file_says_of_whom_to_trust(usual: World) -> None:
    authority = usual.write("mine.crt", "CA")
    loaded = usual.load(context="south", certificate_authority=str(authority))
    assert (loaded.cluster.certificate_authority, loaded.cluster.certificate_authority_data) == (str(authority), b"")
    loaded.check_usable()


def test_a_token_by_flag_goes_before_a_file_of_tokens(world: World) -> None:
    path = world.write("kc", {**USUAL, "users": [{"name": "ann", "user": {"tokenFile": "t"}}]})
    assert world.load(kubeconfig=str(path), token="mine").user.token_file == ""


def test_a_server_by_flag_is_configuration_enough(world: World) -> None:
    loaded = world.load(server="https://127.0.0.1:1")
    loaded.check_usable()
    assert loaded.namespace == "default"


# --- the namespace --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("context", "namespace"), [("north", "arctic"), ("south", "antarctic"), ("bare", "default"), ("nobody", "default")]
)
def test_the_namespace_is_the_contexts_or_the_default_one(usual: World, context: str, namespace: str) -> None:
    assert usual.load(context=context).namespace == namespace


def test_a_namespace_by_flag_needs_no_configuration(world: World) -> None:
    assert world.load(namespace="mine").namespace == "mine"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (
            {"context": "nowhere"},
            "the context that --context names does not exist; there are: bare, lost, nobody, north, south",
        ),
        ({"cluster": "nowhere"}, "the cluster that --cluster names does not exist"),
        ({"context": "lost"}, "the chosen context names no cluster"),
        ({"token": "t", "user": "bob"}, "both a token and a user name"),
        ({"certificate_authority": "/gone"}, "certificate-authority: no such file"),
        ({"client_certificate": "/gone"}, "has a client certificate and no client-key"),
        ({"impersonate_groups": ("g",)}, "but not as a user"),
        ({"proxy_url": "ftp://p"}, "does not begin with http://, https://, socks5://"),
    ],
)
def test_a_configuration_that_cannot_be_used_gives_no_namespace(
    usual: World, flags: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=f"^no namespace is given, and none is known: .*{words}"):
        namespace_of(ClusterFlags(**flags), usual.surroundings())


def test_a_user_that_does_not_exist_matters_only_to_who_connects(usual: World) -> None:
    loaded = usual.load(user="nowhere")
    assert loaded.namespace == "arctic"
    with pytest.raises(KubeconfigError, match="the user that --user names does not exist"):
        loaded.check_usable()


# --- in a pod -------------------------------------------------------------------------------------------------------


def test_in_a_pod_the_cluster_around_it_is_meant_when_nothing_else_is(world: World) -> None:
    world.enter_pod()
    loaded = world.load()
    assert (loaded.in_cluster, loaded.namespace) == (True, "around")
    assert (loaded.cluster.server, loaded.cluster.certificate_authority) == (
        "https://10.96.0.1:443",
        str(world.pod / "ca.crt"),
    )
    assert loaded.user.token_file == str(world.pod / "token")
    loaded.check_usable()


def test_in_a_pod_flags_count_too(world: World) -> None:
    world.enter_pod()
    loaded = world.load(impersonate_user="eve", token="mine")
    assert (loaded.user.impersonate_user, loaded.user.token, loaded.user.token_file) == ("eve", "mine", "")


def test_an_ipv6_address_of_the_cluster_is_put_in_brackets(world: World) -> None:
    world.enter_pod()
    world.environ["KUBERNETES_SERVICE_HOST"] = "fd00::1"
    assert world.load().cluster.server == "https://[fd00::1]:443"


@pytest.mark.parametrize(
    ("change", "namespace"),
    [
        ({}, "around"),
        ({"POD_NAMESPACE": "told"}, "told"),
    ],
)
def test_the_pods_namespace_is_told_by_a_variable_or_a_file(
    world: World, change: dict[str, str], namespace: str
) -> None:
    world.enter_pod()
    world.environ |= change
    assert world.load().namespace == namespace


def test_a_kubeconfig_in_a_pod_goes_first_and_lends_the_pods_namespace(usual: World) -> None:
    usual.enter_pod()
    assert usual.load().cluster.server == "https://far.test"
    assert {name: usual.load(context=name).namespace for name in ("north", "bare")} == {
        "north": "arctic",
        "bare": "around",
    }


@pytest.mark.parametrize("missing", ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "the token"])
def test_without_all_of_it_this_is_no_pod(world: World, missing: str) -> None:
    world.enter_pod()
    world.environ.pop(missing, None)
    if missing == "the token":
        (world.pod / "token").unlink()
    with pytest.raises(NoClusterError):
        _ = world.load().namespace


# --- the timeout ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("", None),
        ("0", None),
        ("0s", None),
        ("3", 3.0),
        ("1.5s", 1.5),
        ("1m30s", 90.0),
        ("250ms", 0.25),
        ("2h", 7200.0),
    ],
)
def test_a_timeout_is_seconds_or_a_duration(usual: World, written: str, seconds: float | None) -> None:
    assert usual.load(request_timeout=written).timeout_seconds == seconds


@pytest.mark.parametrize("written", ["soon", "-1", "1 s", "5x", "1m30", "٣"])
def test_anything_else_is_no_timeout(usual: World, written: str) -> None:
    with pytest.raises(UsageError, match="--request-timeout"):
        _ = usual.load(request_timeout=written).timeout_seconds


# --- secrets --------------------------------------------------------------------------------------------------------


def test_half_a_character_is_read_as_by_go_programs() -> None:
    user = {"as": "a\ud800", "as-groups": ["\udfff"], "username": "\ud800", "exec": {"args": ["\ud83d"], "\ud800": 1}}
    read = read_kubeconfig({"users": [{"name": "u\ud800", "user": user}]}, "x", str).users["u\ufffd"]
    assert read.exec == {"args": ["\ufffd"], "\ufffd": 1}
    assert identity_of(read, Credentials()) == [("Authorization", "Basic 77+9Og==")]
    sent = [("Impersonate-User", "a\ufffd"), ("Impersonate-Group", "\ufffd")]
    assert impersonation_of(read) == [(name, value.encode().decode("latin-1")) for name, value in sent]


def test_no_representation_shows_a_credential(usual: World) -> None:
    flags = ClusterFlags(token="hunter2", password="hunter2", proxy_url="http://u:hunter2@p")
    loaded = replace(usual.load(context="south"), flags=flags)
    assert "hunter2" not in repr(loaded)


def looked_up(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = getattr(value, name)
    return value
