"""Label selectors select what Kubernetes says that they do."""

import pytest

from sealwright_controller.options.selectors import parse_label_selector

SHOP = {"app": "shop", "tier": "web", "count": "5", "example.org/empty": ""}


@pytest.mark.parametrize(
    ("text", "selects"),
    [
        ("", True),
        ("app=shop", True),
        ("app==shop", True),
        (" app = shop , tier=web ", True),
        ("app=shop,tier=db", False),
        ("app!=shop", False),
        ("absent!=shop", True),
        ("app", True),
        ("absent", False),
        ("!absent", True),
        ("!app", False),
        ("app in (shop, market)", True),
        ("app in(market)", False),
        ("app notin (market)", True),
        ("app notin (shop)", False),
        ("absent notin (shop)", True),
        ("example.org/empty=", True),
        ("app=", False),
        ("count>4", True),
        ("count<5", False),
        ("app>4", False),
    ],
)
def test_it_selects(text: str, selects: bool) -> None:
    assert parse_label_selector(text).selects(SHOP) is selects


@pytest.mark.parametrize(
    "text", ["app in shop", "=", "a=b=c", "!a=b", "a b", "in (a)(b)", "a=*", "a>b", "x" * 5000, ",a", "a,,b"]
)
def test_it_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"label selector|whole number"):
        parse_label_selector(text)
