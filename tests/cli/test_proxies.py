"""Which proxy the variables of the environment ask for."""

import pytest

from sealwright_cli.cluster.proxies import proxy_for

BOTH = {"HTTPS_PROXY": "http://s", "HTTP_PROXY": "http://p"}


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        ("https://kube.test", BOTH, "http://s"),
        ("http://kube.test", BOTH, "http://p"),
        ("https://kube.test", {"https_proxy": "s:3128"}, "http://s:3128"),
        ("https://kube.test", {"HTTPS_PROXY": "", "https_proxy": "socks5://s"}, "socks5://s"),
        ("https://kube.test", {"HTTP_PROXY": "http://p"}, ""),
        ("https://kube.test", {}, ""),
        ("https://localhost:6443", BOTH, ""),
        ("https://127.0.0.1", BOTH, ""),
        ("https://[::1]:6443", BOTH, ""),
    ],
)
def test_the_variable_of_the_scheme_counts(url: str, environ: dict[str, str], proxy: str) -> None:
    assert proxy_for(url, environ) == proxy


@pytest.mark.parametrize(
    ("url", "listed", "direct"),
    [
        ("https://kube.test", "*", True),
        ("https://kube.test", "kube.test", True),
        ("https://a.kube.test", "kube.test", True),
        ("https://a.kube.test", ".kube.test", True),
        ("https://a.kube.test", "*.kube.test", True),
        ("https://kube.test", ".kube.test", False),
        ("https://mykube.test", "kube.test", False),
        ("https://KUBE.test", "x, Kube.Test", True),
        ("https://kube.test:6443", "kube.test:6443", True),
        ("https://kube.test:6443", "kube.test:443", False),
        ("https://10.1.2.3", "10.0.0.0/8", True),
        ("https://10.1.2.3", "10.1.2.3", True),
        ("https://11.1.2.3", "10.0.0.0/8", False),
        ("https://kube.test", "10.0.0.0/8, ,", False),
        ("https://[fd00::1]", "fd00::/8", True),
    ],
)
def test_no_proxy_lists_what_is_reached_directly(url: str, listed: str, direct: bool) -> None:
    assert (proxy_for(url, {**BOTH, "NO_PROXY": listed}) == "") is direct
