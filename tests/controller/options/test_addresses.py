import pytest

from sealwright_controller.options.addresses import ListenAddress, parse_listen_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (":8080", ("", 8080)),
        (":0", ("", 0)),
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("0.0.0.0:65535", ("0.0.0.0", 65535)),
        ("localhost:8080", ("localhost", 8080)),
        ("pod-1.svc.example.org:8080", ("pod-1.svc.example.org", 8080)),
        ("[::1]:8080", ("::1", 8080)),
        ("[::]:8080", ("::", 8080)),
        ("[fe80::1%eth0]:8080", ("fe80::1%eth0", 8080)),
    ],
)
def test_go_s_listen_addresses_are_read_and_written_alike(text, address):
    assert parse_listen_address(text) == ListenAddress(*address)
    assert str(parse_listen_address(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8080",
        "localhost",
        "localhost:",
        ":http",
        ":65536",
        ":-1",
        ":080808",
        "::1:8080",
        "[::1]",
        "[]:8080",
        "[127.0.0.1]:8080",
        "[localhost]:8080",
        "http://localhost:8080",
        "local host:8080",
        "-:8080",
        ":8080\n",
        ":\u0668\u0660",
    ],
)
def test_what_is_no_listen_address_is_refused_with_examples(text):
    with pytest.raises(ValueError, match=r"is not an address such as :8080, 127\.0\.0\.1:8080 or \[::1\]:8080"):
        parse_listen_address(text)
