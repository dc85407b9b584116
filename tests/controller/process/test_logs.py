"""What log lines look like, where they go, and what never gets into them."""

import base64
import io
import json
import logging
import sys
import threading
import warnings
from datetime import timedelta

import pytest
import structlog
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from tests.support.builders import NOW
from tests.support.wait import eventually

from sealwright_controller.options.addresses import parse_listen_address
from sealwright_controller.process import logs
from sealwright_controller.web.server import Server
from sealwright_crypto import load_certificate


@pytest.fixture(autouse=True)
def restore(monkeypatch):
    """Logging is set up for the whole process; after each test it is as it was before."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    for owner, name in (
        (warnings, "showwarning"),
        (sys, "excepthook"),
        (sys, "unraisablehook"),
        (threading, "excepthook"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def log_line(capsys, log_format, level="info"):
    logs.configure(log_format, level)
    structlog.get_logger().info("unsealed", object="team-a/db")
    return capsys.readouterr().err


def test_a_json_line_is_an_object_with_time_and_level(capsys):
    line = json.loads(log_line(capsys, "json"))
    assert line.pop("timestamp").endswith("Z")
    assert line == {"level": "info", "event": "unsealed", "object": "team-a/db"}


def test_a_text_line_is_logfmt(capsys):
    assert log_line(capsys, "text").endswith("Z level=info event=unsealed object=team-a/db\n")


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_what_lies_below_the_level_is_not_said(capsys, level, said):
    logs.configure("json", level)
    for name in ("debug", "info", "warning", "error"):
        getattr(structlog.get_logger(), name)("something")
    assert [json.loads(line)["level"] for line in capsys.readouterr().err.splitlines()] == said


def test_all_goes_to_standard_error_unless_information_is_to_go_to_standard_output(capsys):
    for info_stdout in (False, True):
        logs.configure("json", "debug", info_stdout=info_stdout)
        for name in ("debug", "info", "warning", "error", "critical"):
            getattr(structlog.get_logger(), name)("something")
        said = {
            stream: [json.loads(line)["level"] for line in text.splitlines()]
            for stream, text in capsys.readouterr()._asdict().items()
        }
        low, high = ["debug", "info"], ["warning", "error", "critical"]
        assert said == ({"out": low, "err": high} if info_stdout else {"out": [], "err": low + high})


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize(
    "name", ["a\nlevel=error event=forged", "a\r\x1b[2J", "a\u2028b", "a\x85b", 'a" level=error "']
)
def test_a_name_begins_no_line_of_its_own_and_moves_no_cursor(capsys, log_format, name):
    logs.configure(log_format, "info")
    structlog.get_logger().info("unsealed", object=name)
    said = capsys.readouterr().err
    assert said.endswith("\n")
    assert len(said.splitlines()) == 1
    assert said[:-1].isprintable()
    assert " level=error" not in said.replace('\\" level=error \\"', "").replace("\\nlevel=error", "")


class Stream:
    """A stream that is not what one would wish."""

    def __init__(self, error=None, encoding="utf-8"):
        self.error, self.encoding, self.written = error, encoding, ""

    def write(self, text):
        if self.error is not None:
            raise self.error
        text.encode(self.encoding)
        self.written += text

    def flush(self):
        if self.error is not None:
            raise self.error


def test_a_log_that_cannot_be_written_stops_nobody(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Stream(OSError(28, "no space left on device")))
    logs.configure("json", "info")
    structlog.get_logger().info("unsealed")


def test_a_line_that_the_stream_cannot_encode_is_spelt_out(monkeypatch):
    stream = Stream(encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    logs.configure("text", "info", info_stdout=True)
    structlog.get_logger().info("unsealed", object="blå")
    assert "object=bl\\xe5\n" in stream.written


def test_of_an_unforeseen_exception_only_kind_and_place_are_told():
    try:
        int("a secret")
    except ValueError as error:
        said = logs.defect(error)
    assert said["error"] == "ValueError"
    assert said["at"].startswith("test_logs.py:")
    assert "secret" not in str(said)


def test_an_exception_that_was_never_raised_has_no_place():
    assert logs.defect(ValueError()) == {"error": "ValueError", "at": "unknown"}


def raised(text):
    try:
        int(text)
    except ValueError as error:
        return error


class TestOthers:
    """What the standard library's loggers are told goes through the same format, without what they were given."""

    @pytest.fixture
    def said(self, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", io.StringIO())  # pytest's own is another one in the test than here
            stream = sys.stderr
            logs.configure("json", "debug")

        def read():
            text = stream.getvalue()
            assert "hunter2" not in text
            assert "Traceback" not in text
            lines = [json.loads(line) for line in text.splitlines()]
            for line in lines:
                assert line.pop("timestamp").endswith("Z")
            return [line | {"at": line["at"].split(":")[0]} for line in lines if "at" in line]

        return read

    @pytest.mark.parametrize("name", ["urllib3.connectionpool", "waitress.queue", "kubernetes.client.rest", "any"])
    def test_a_message_loses_the_values_that_it_was_given(self, said, name):
        logging.getLogger(name).setLevel(logging.NOTSET)
        logging.getLogger(name).error("broken by %r: %s", "hunter2", {"password": "hunter2"})
        assert said() == [
            {
                "level": "error",
                "event": "a library says",
                "logger": name,
                "at": "test_logs.py",
                "message": "broken by %r: %s",
            }
        ]

    def test_a_message_that_may_hold_values_already_is_left_out(self, said):
        logging.getLogger("any").warning(f"the body was {'hunter2'}")  # noqa: G004 - as some library may do
        assert said() == [{"level": "warning", "event": "a library says", "logger": "any", "at": "test_logs.py"}]

    def test_a_traceback_is_left_out_and_the_exception_s_kind_told(self, said):
        logging.getLogger("any").error("no %s", "hunter2", exc_info=raised("hunter2"))
        (line,) = said()
        assert line["error"] == "ValueError"

    def test_below_warnings_nothing_is_taken_whatever_the_level(self, said):
        logging.getLogger("kubernetes.client.rest").debug("response body: %s", "hunter2")
        logging.getLogger("kubernetes.client.rest").info("response body: %s", "hunter2")
        assert said() == []

    def test_the_level_counts_for_them_too(self, capsys):
        logs.configure("json", "error")
        logging.getLogger("any").warning("well, %s", "x")
        assert capsys.readouterr().err == ""

    def test_setting_up_twice_says_nothing_twice(self, capsys):
        for _ in range(2):
            logs.configure("json", "debug")
        logging.getLogger("any").error("once")
        assert len(capsys.readouterr().err.splitlines()) == 1

    def test_urllib3_s_own_warnings_hold_no_address(self, said):
        pool = urllib3.PoolManager(retries=urllib3.Retry(1, backoff_factor=0))
        with pytest.raises(urllib3.exceptions.MaxRetryError):
            pool.request("GET", "http://127.0.0.1:1/hunter2")
        pool.clear()
        (line,) = said()
        assert (line["level"], line["logger"], line["at"]) == ("warning", "urllib3.connectionpool", "connectionpool.py")

    def test_waitress_own_errors_hold_no_path_and_no_traceback(self, said):
        def broken(environ, start_response):
            raise ValueError("hunter2")

        server = Server(parse_listen_address("127.0.0.1:0"), broken)
        server.start()
        try:
            answer = urllib3.request("GET", f"http://127.0.0.1:{server.port}/hunter2")
            assert (answer.status, answer.data) == (500, b"internal error\n")
        finally:
            server.stop()
        (line,) = said()
        assert (line["logger"], line["level"], line["error"]) == ("waitress", "error", "ValueError")

    def test_a_warning_of_python_s_is_told_by_kind_and_place(self, capsys):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logs.configure("json", "debug")  # here, because pytest has its own way with warnings
            warnings.warn("hunter2", UserWarning, stacklevel=1)
        line = json.loads(capsys.readouterr().err)
        assert (line["level"], line["event"], line["kind"]) == ("warning", "a library warns", "UserWarning")
        assert line["at"].startswith("test_logs.py:")
        assert "hunter2" not in str(line)

    def test_of_an_odd_certificate_the_library_says_nothing(self, capsys):
        builder = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(x509.Name([])).serial_number(5)
        builder = builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
        key = rsa.generate_private_key(65537, 2048)
        der = builder.public_key(key.public_key()).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
        odd = der.replace(b"\x02\x01\x05", b"\x02\x01\x00", 1)
        pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(odd) + b"-----END CERTIFICATE-----\n"
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logs.configure("json", "debug")
            load_certificate(pem)
        assert capsys.readouterr() == ("", "")

    def test_an_exception_that_ends_a_thread_is_told_without_its_text(self, said):
        def broken():
            raise ValueError("hunter2")

        thread = threading.Thread(target=broken)
        thread.start()
        thread.join()
        assert said() == [
            {"level": "error", "event": "defect in the controller", "error": "ValueError", "at": "test_logs.py"}
        ]

    def test_one_that_ends_the_process_is_told_likewise(self, said):
        error = raised("hunter2")
        sys.excepthook(ValueError, error, error.__traceback__)
        assert said() == [
            {"level": "error", "event": "defect in the controller", "error": "ValueError", "at": "test_logs.py"}
        ]

    def test_somebody_s_wish_to_end_is_no_defect(self, said):
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
        assert said() == []

    def test_one_that_python_can_raise_nowhere_is_told_likewise(self, said):
        class Broken:
            def __del__(self):
                raise ValueError("hunter2")

        Broken()
        lines = eventually(said, what="the line")
        assert [(line["event"], line["error"]) for line in lines] == [("defect in the controller", "ValueError")]
