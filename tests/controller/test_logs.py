"""What log lines look like, and what never gets into them."""

import json
import sys

import pytest
import structlog

from sealwright_controller import logs


@pytest.fixture(autouse=True)
def restore_structlog():
    yield
    structlog.reset_defaults()


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


def test_what_lies_below_the_level_is_not_said(capsys):
    assert log_line(capsys, "text", level="warning") == ""


class FullDisk:
    """A stream on a disk without room."""

    def write(self, text):
        raise OSError(28, "no space left on device")

    def flush(self):
        raise OSError(28, "no space left on device")


def test_a_log_that_cannot_be_written_stops_nobody(monkeypatch):
    monkeypatch.setattr(sys, "stderr", FullDisk())
    logs.configure("json", "info")
    structlog.get_logger().info("unsealed")


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
