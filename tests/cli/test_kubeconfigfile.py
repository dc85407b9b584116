"""Single kubeconfig files: what is read of them, in which forms, and what is wrong with those that are refused."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sealwright_cli.cluster.kubeconfigfile import read_kubeconfig_file
from sealwright_cli.messages.errors import CliError, KubeconfigError
from sealwright_conventions.kubeconfig.stanzas import Cluster

EVERYTHING = """\
apiVersion: v1
kind: Config
preferences: {colors: true}
current-context: &name here
clusters:
- name: c
  cluster:
    server: https://c.test
    tls-server-name: inside
    insecure-skip-tls-verify: true
    certificate-authority-data: Q0E=
    proxy-url: socks5://localhost:1080
    disable-compression: true
    extensions:
    - {name: client.authentication.k8s.io/exec, extension: {audience: us}}
users:
- name: u
  user:
    client-certificate-data: Q0VSVA==
    client-key-data: S0VZ
    token: t
    as: eve
    as-uid: "7"
    as-groups: [a, b]
    as-user-extra: {reason: [x]}
contexts:
- context: {cluster: c, user: u, namespace: ns, extensions: []}
  name: *name
"""


def test_everything_that_a_kubeconfig_says_is_read(tmp_path: Path) -> None:
    (tmp_path / "kc").write_text(EVERYTHING)
    read = read_kubeconfig_file(tmp_path / "kc")
    cluster, user, context = read.clusters["c"], read.users["u"], read.contexts[read.current_context]
    assert cluster == Cluster(
        "https://c.test",
        tls_server_name="inside",
        insecure_skip_tls_verify=True,
        certificate_authority_data=b"CA",
        proxy_url="socks5://localhost:1080",
        disable_compression=True,
        extensions=({"name": "client.authentication.k8s.io/exec", "extension": {"audience": "us"}},),
    )
    assert (user.client_certificate_data, user.client_key_data, user.token) == (b"CERT", b"KEY", "t")
    assert (user.impersonate_user, user.impersonate_uid, user.impersonate_groups) == ("eve", "7", ("a", "b"))
    assert user.impersonate_extra == {"reason": ["x"]}
    assert (context.cluster, context.user, context.namespace) == ("c", "u", "ns")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_encoding_that_editors_write_is_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "kc").write_text(EVERYTHING.replace("\n", "\r\n"), encoding=encoding, newline="")
    assert read_kubeconfig_file(tmp_path / "kc").current_context == "here"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("contexts: {{{\n", r"kc: line 2: "),
        ("[]", "is not a map of clusters"),
        ("kind: Pod\napiVersion: v1", "is not a kubeconfig"),
        ("apiVersion: v2", "is not a kubeconfig"),
        ("clusters: {}", "clusters is not a list"),
        ("clusters: [1]", "clusters, entry 1 is not a map"),
        ("users: [{name: 7}]", "users, entry 1: name is not text; put it in quotes"),
        ("users: [{name: u, user: {token: 12345}}]", "user u: token is not text"),
        ("users: [{name: u}, {name: u}]", "users: the name u is there twice"),
        ("clusters: [{name: c, cluster: {insecure-skip-tls-verify: 'yes'}}]", "is neither true nor false"),
        ("clusters: [{name: c, cluster: {certificate-authority-data: '?'}}]", "is not base64"),
        ("users: [{name: u, user: {exec: x}}]", "user u: exec is not a map"),
        ("a: 1\na: 2", "the key a is there twice"),
        ("\0", "kc"),
        (b"\xff\xfe\xff", "not UTF-16 text"),
    ],
)
def test_a_file_that_is_none_is_told_with_the_place(tmp_path: Path, content: str | bytes, words: str) -> None:
    (tmp_path / "kc").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(KubeconfigError, match=words) as caught:
        read_kubeconfig_file(tmp_path / "kc")
    assert str(tmp_path / "kc") in caught.value.message


def test_a_folder_is_no_kubeconfig(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="is a folder"):
        read_kubeconfig_file(tmp_path)


def test_a_missing_file_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_kubeconfig_file(tmp_path / "gone")


_MANGLE = st.text(alphabet=list("{}[]:,&*!|>%@\n\t \"'0ax-"), max_size=12)


@given(st.integers(0, len(EVERYTHING)), _MANGLE)
@example(EVERYTHING.index("token: t"), "token: ")
def test_whatever_a_file_holds_the_error_is_one_of_ours_and_shows_no_secret(at: int, text: str) -> None:
    import tempfile  # noqa: PLC0415 - a fixture would be one folder for all examples

    mangled = EVERYTHING.replace("token: t\n", "token: hunter2-hunter2\n")
    mangled = mangled[:at] + text + mangled[at:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kc")
        path.write_text(mangled)
        said = ""
        try:
            read_kubeconfig_file(path)
        except CliError as error:
            said = error.message + error.hint
        assert "hunter2-hunter2" not in said
