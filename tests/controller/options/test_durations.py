from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sealwright_controller.options.durations import MAX_DURATION, format_duration, parse_duration, parse_rfc1123


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("0", timedelta(0)),
        ("-0", timedelta(0)),
        ("720h", timedelta(days=30)),
        ("30d", timedelta(days=30)),
        ("87600h0m0s", timedelta(days=3650)),
        ("1h30m", timedelta(minutes=90)),
        ("1d12h", timedelta(hours=36)),
        ("1.5s", timedelta(seconds=1.5)),
        (".5s", timedelta(seconds=0.5)),
        ("5.s", timedelta(seconds=5)),
        ("+5s", timedelta(seconds=5)),
        ("-1.5h", timedelta(minutes=-90)),
        ("1m30ms", timedelta(minutes=1, milliseconds=30)),
        ("15us", timedelta(microseconds=15)),
        ("15µs", timedelta(microseconds=15)),
        ("15μs", timedelta(microseconds=15)),
        ("1999ns", timedelta(microseconds=1)),
        ("2562047h", timedelta(hours=2562047)),
    ],
)
def test_durations_are_read_as_go_reads_them_and_days_too(text, duration):
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    ["", "3", "-", "s", ".s", "1", "1 h", "1h ", "1H", "1w", "banana", "1h-1m", "--1h", "1e3s", "1_000s", "\u0661s"],
)
def test_what_is_no_duration_is_refused_with_examples(text):
    with pytest.raises(ValueError, match="is not a duration such as 720h, 30d"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["2562048h", "9" * 60 + "h", "-2562048h"])
def test_a_duration_that_go_could_not_hold_is_refused(text):
    with pytest.raises(ValueError, match="longer than 292 years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(days=30), "30d"),
        (timedelta(minutes=90), "1h30m"),
        (timedelta(seconds=100), "1m40s"),
        (timedelta(seconds=1.5), "1.5s"),
        (timedelta(hours=1, microseconds=1), "1h0.000001s"),
    ],
)
def test_durations_are_written_for_people(duration, text):
    assert format_duration(duration) == text


@given(st.timedeltas(timedelta(0), MAX_DURATION))
@example(MAX_DURATION)
def test_what_is_written_reads_back(duration):
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Mon, 02 Jan 2006 15:04:05 -0700", datetime(2006, 1, 2, 22, 4, 5, tzinfo=UTC)),
        ("Thu, 29 Feb 2024 00:00:00 +0530", datetime(2024, 2, 28, 18, 30, tzinfo=UTC)),
        ("Tue, 2 Jan 2006 15:04:05 +0000", datetime(2006, 1, 2, 15, 4, 5, tzinfo=UTC)),
        ("MON, 02 JAN 2006 15:04:05 +0000", datetime(2006, 1, 2, 15, 4, 5, tzinfo=UTC)),
    ],
)
def test_rfc_1123_times_are_read_whatever_zone_they_are_in(text, time):
    assert parse_rfc1123(text) == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "2006-01-02T15:04:05Z",
        "Mon, 02 Jan 2006 15:04:05 MST",
        "Mon, 02 Jan 2006 15:04:05",
        "02 Jan 2006 15:04:05 -0700",
        "Lun, 02 Jan 2006 15:04:05 -0700",
        "Mon, 02 Mai 2006 15:04:05 -0700",
    ],
)
def test_what_is_no_rfc_1123_time_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match='is not a time such as "Mon, 02 Jan 2006 15:04:05 -0700"'):
        parse_rfc1123(text)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 30 Feb 2006 15:04:05 +0000",
        "Mon, 02 Jan 2006 25:04:05 +0000",
        "Mon, 02 Jan 2006 15:04:05 +9900",
        "Sat, 01 Jan 0001 00:00:00 +0500",
        "Mon, 02 Jan 0000 15:04:05 +0000",
    ],
)
def test_times_that_do_not_exist_are_refused(text):
    with pytest.raises(ValueError, match="is not a time that exists"):
        parse_rfc1123(text)
