"""Paths, URLs and proxies of command line, environment and kubeconfig that libraries refuse: a message, and no value in it."""

import json
import os
from pathlib import Path

import pytest
from tests.cli.test_bad_input import check_failed
from tests.support.cli import CERTIFICATE, SECRET, Run, environment, kubeseal, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.naming import shown_url

VALUE = "hunter2Q"
CONTENT = f"apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user: {{token: {VALUE}}}\n" + "# x\n" * 100
SERVER = ["--server", "https://kube.invalid"]
FETCH = ["cert", "fetch"]
PROXIES = [
    f"u:{VALUE}",
    f"http://u:{VALUE}",
    "http://h:99999",
    f"h%zz{VALUE}",
    f"{VALUE}://x",
    "://x",
    f"http://[{VALUE}",
    f"http://{VALUE} x",
    f"socks5://u:{VALUE}",
    f"http://{'x' * 70}{VALUE}",
]


def check(run: Run, status: ExitStatus = ExitStatus.INPUT, words: str = "") -> None:
    check_failed(run, status, words)
    assert VALUE.lower() not in run.stderr.lower()
    assert "defect" not in run.stderr


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_of_a_variable(proxy: str) -> None:
    check(sealwright(*FETCH, *SERVER, env=environment(HTTPS_PROXY=proxy)), words="HTTPS_PROXY")
    run = sealwright("seal", "--cert", "https://kube.invalid/c.pem", env=environment(HTTPS_PROXY=proxy), stdin=SECRET)
    check(run, ExitStatus.CERTIFICATE)


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_of_a_flag_or_a_kubeconfig(tmp_path: Path, proxy: str) -> None:
    check(kubeseal("--fetch-cert", *SERVER, "--proxy-url", proxy), words="proxy-url")
    cluster = {"name": "a", "cluster": {"server": "https://kube.invalid", "proxy-url": proxy}}
    context = {"name": "a", "context": {"cluster": "a", "user": ""}}
    path = tmp_path / "config.yaml"
    path.write_text(json.dumps({"clusters": [cluster], "contexts": [context], "current-context": "a"}))
    check(sealwright(*FETCH, "--kubeconfig", path), words="proxy-url")


@pytest.mark.parametrize(
    "server", ["https://[", f"https://{VALUE}:x", f"https://[{VALUE}", "https://h:99999", f"{VALUE} x"]
)
def test_a_server(server: str) -> None:
    check(sealwright(*FETCH, "--server", server))


@pytest.mark.parametrize("flag", ["--client-key", "--client-certificate", "--certificate-authority"])
@pytest.mark.parametrize("path", [VALUE, VALUE * 40, "."])
def test_a_file_that_a_flag_names(flag: str, path: str) -> None:
    given = [flag, path, *(["--client-key", "."] if flag == "--client-certificate" else [])]
    check(kubeseal("--fetch-cert", *SERVER, *given), words=flag[2:])


@pytest.mark.parametrize("field", ["client-key", "client-certificate", "tokenFile"])
@pytest.mark.parametrize("path", [VALUE, f"{VALUE}\0", VALUE * 40])
def test_a_file_that_a_kubeconfig_names(tmp_path: Path, field: str, path: str) -> None:
    users = [{"name": "a", "user": {field: path} | ({"client-key": "."} if field == "client-certificate" else {})}]
    clusters = [{"name": "a", "cluster": {"server": "https://kube.invalid"}}]
    contexts = [{"name": "a", "context": {"cluster": "a", "user": "a"}}]
    config = {"users": users, "clusters": clusters, "contexts": contexts, "current-context": "a"}
    (tmp_path / "config.yaml").write_text(json.dumps(config))
    run = sealwright(*FETCH, "--kubeconfig", tmp_path / "config.yaml")
    check_failed(run, ExitStatus.INPUT, field)
    assert "defect" not in run.stderr


def test_the_content_of_a_kubeconfig_in_the_place_of_its_name() -> None:
    for run in (
        sealwright(*FETCH, env=environment(KUBECONFIG=CONTENT)),
        sealwright(*FETCH, "--kubeconfig", CONTENT),
        sealwright(*FETCH, env=environment(KUBECONFIG=VALUE * 40)),
        kubeseal(
            "--cert", str(CERTIFICATE), "--kubeconfig", CONTENT, stdin=SECRET.replace("  namespace: team-a\n", "")
        ),
    ):
        assert VALUE not in run.stderr
        assert "apiVersion" not in run.stderr
        assert (run.status in (ExitStatus.INPUT, ExitStatus.CERTIFICATE), "error: " in run.stderr) == (True, True), run


@pytest.mark.parametrize(
    "source", ["file:///%00", f"file:///{VALUE}%00", f"https://[{VALUE}", f"https://{VALUE} x/c.pem"]
)
def test_a_certificate(source: str) -> None:
    check(sealwright("seal", "--cert", source, stdin=SECRET), ExitStatus.CERTIFICATE)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root is stopped by no mode")
def test_a_kubeconfig_in_a_folder_that_is_closed_to_us(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0)
    check(sealwright(*FETCH, "--kubeconfig", tmp_path / "locked" / "config.yaml"), words="permission denied")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h", "https://h"),
        ("https://h:1/", "https://h:1/"),
        ("https://h/v1/cert.pem", "https://h/v1/cert.pem"),
        (f"https://h/v1/cert.pem?t={VALUE}", "https://h/v1/cert.pem"),
        (f"https://h/v1/cert.pem#{VALUE}", "https://h/v1/cert.pem"),
        (f"https://h/{VALUE}", "https://h/…"),
        (f"https://h?{VALUE}", "https://h"),
        (f"https://u:{VALUE}@h/x.crt", "https://h/x.crt"),
        (f"https://h/{VALUE}\n.pem", "https://h/…"),
    ],
)
def test_of_a_url_only_what_is_no_value_is_shown(url: str, shown: str) -> None:
    assert shown_url(url) == shown
