"""Where the API server may go through the tests' egress proxy."""

import pytest
from tests.support.egress import local_port


@pytest.mark.parametrize(
    ("line", "port"),
    [
        pytest.param("CONNECT 198.51.100.10:8080 HTTP/1.1\r\n", 8080, id="an exposed pod is on this machine"),
        pytest.param("CONNECT 192.0.2.1:8080 HTTP/1.1\r\n", None, id="no other address is"),
        pytest.param("CONNECT 127.0.0.1:22 HTTP/1.1\r\n", None, id="nor this machine itself"),
        pytest.param("GET http://198.51.100.10:8080/ HTTP/1.1\r\n", None, id="only CONNECT is understood"),
        pytest.param("CONNECT 198.51.100.10:http HTTP/1.1\r\n", None, id="a port is a number"),
        pytest.param("\r\n", None, id="an empty line means nothing"),
    ],
)
def test_a_request_line_means_a_port_of_this_machine(line: str, port: int | None) -> None:
    assert local_port(line) == port
