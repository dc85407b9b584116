"""Dates, where no recorded vector goes: the corners of layouts, zones, durations and the clock. Go gave the results."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render

NOON = int(datetime(2024, 2, 29, 12, 0, 0, tzinfo=UTC).timestamp()) * 10**9 + 123_456_789
SECRET = "correct horse battery staple"


def at(*readings: int) -> "list[int]":
    """Return the readings of a clock, given as nanoseconds after NOON, for `render_at`; the last one stays."""
    return [NOON + reading for reading in readings]


def render_at(template: str, readings: "list[int]") -> str:
    remaining = list(readings)
    return render(template, {}, clock=lambda: remaining.pop(0) if len(remaining) > 1 else remaining[0]).decode()


FORMATS = [
    ("a year before Christ has its sign before its zeros", "2006 06", "-62198755200", "-0001 01"),
    ("a year of five digits is printed whole", "2006", "253402300800", "10000"),
    (
        "the seconds since 1970 wrap beyond 64 bits",
        "2006-01-02 15:04:05",
        "9223372036854775807",
        "292277026596-12-04 15:30:07",
    ),
    ("fractions are cut, not rounded", ".00|.99", "1", ".00|"),
    ("a fraction before a digit is text", ".001", "1", ".001"),
    ("midnight is 12 AM", "3PM 03pm", "0", "12AM 12am"),
    ("Month is no Mon, and Janet no Jan", "Month Janet", "0", "Month Janet"),
    ("_2006 is an underscore and a year", "_2006 _2 __2", "0", "_1970  1   1"),
    ("an unknown zone is UTC", "MST -07", "0", "UTC +00"),
]


@pytest.mark.parametrize(
    ("layout", "seconds", "expected"), [row[1:] for row in FORMATS], ids=[row[0] for row in FORMATS]
)
def test_layouts_print(layout: str, seconds: str, expected: str) -> None:
    rendered = render("{{ date .layout (int64 .seconds) }}", {"layout": layout, "seconds": seconds}).decode()
    assert rendered == expected


ZONES = [
    (
        "before the first transition it is local mean time",
        "Europe/Berlin",
        "-62135596800",
        "0001-01-01 00:53:28 +00:53:28 LMT",
    ),
    ("the rules of today hold for ever", "Europe/Berlin", "1000000000000", "33658-09-27 03:46:40 +02:00:00 CEST"),
    ("at the year 1 and before it", "America/New_York", "-99999999999", "-1199-02-15 09:17:19 -04:56:02 LMT"),
    ("the last second of Python's calendar", "Asia/Tokyo", "253402300799", "10000-01-01 08:59:59 +09:00:00 JST"),
    ("half an hour of summer time", "Australia/Lord_Howe", "1706745600", "2024-02-01 11:00:00 +11:00:00 +11"),
    ("no name at all is UTC", "", "0", "1970-01-01 00:00:00 +00:00:00 UTC"),
    ("a path is no zone", "/usr/share/zoneinfo/Asia/Tokyo", "0", "1970-01-01 00:00:00 +00:00:00 UTC"),
    ("a folder is no zone", "Europe", "0", "1970-01-01 00:00:00 +00:00:00 UTC"),
    ("a name with a zero byte is no zone", "Asia/Tokyo\0", "0", "1970-01-01 00:00:00 +00:00:00 UTC"),
    ("letters outside of ASCII are no zone", "Asia/Tökyo", "0", "1970-01-01 00:00:00 +00:00:00 UTC"),
]


@pytest.mark.parametrize(("zone", "seconds", "expected"), [row[1:] for row in ZONES], ids=[row[0] for row in ZONES])
def test_zones(zone: str, seconds: str, expected: str) -> None:
    template = '{{ dateInZone "2006-01-02 15:04:05 -07:00:00 MST" (int64 .seconds) .zone }}'
    assert render(template, {"zone": zone, "seconds": seconds}).decode() == expected


READABLE = [
    ("a fraction may follow the seconds unasked", "15:04:05", "01:02:03,5", "0000-01-01 01:02:03.5 +0000 UTC"),
    ("midnight with AM by the clock of 24 hours", "15PM", "12AM", "0000-01-01 00:00:00 +0000 UTC"),
    ("a fraction that may be left out", "05.999 2006", "05 2024", "2024-01-01 00:00:05 +0000 UTC"),
    ("but not if the layout has one elsewhere", "05 .0", "05 .5", "0000-01-01 00:00:05.5 +0000 UTC"),
    ("a fraction has a sign, of all things", "05 .000", "05 .+12", "0000-01-01 00:00:05.012 +0000 UTC"),
    ("a two-digit year from 69 is of the last century", "06", "69", "1969-01-01 00:00:00 +0000 UTC"),
    ("a two-digit year may have a sign", "06", "-5", "1995-01-01 00:00:00 +0000 UTC"),
    ("the day of a leap year", "2006-002", "2024-366", "2024-12-31 00:00:00 +0000 UTC"),
    ("the day of the year, padded", "2006 __2", "2023  60", "2023-03-01 00:00:00 +0000 UTC"),
    ("12 AM is midnight", "3PM", "12AM", "0000-01-01 00:00:00 +0000 UTC"),
    ("PM wins over AM", "PM pm 3", "PM am 11", "0000-01-01 23:00:00 +0000 UTC"),
    ("names in whatever case", "January Monday", "mAY sUNDAY", "0000-05-01 00:00:00 +0000 UTC"),
    ("any number of spaces", "2006  01", "2024 01", "2024-01-01 00:00:00 +0000 UTC"),
    ("no spaces at the end", "2006 ", "2024", "2024-01-01 00:00:00 +0000 UTC"),
    ("an offset", "2006 -0700", "2024 +0530", "2024-01-01 00:00:00 +0530 +0530"),
    ("an offset of nothing is the process's own zone", "2006 -07", "2024 -00", "2024-01-01 00:00:00 +0000 UTC"),
    ("an offset and a name", "2006 -07 MST", "2024 +02 CEST", "2024-01-01 00:00:00 +0200 CEST"),
    ("a name says nothing of the offset", "2006 MST", "2024 CEST", "2024-01-01 00:00:00 +0000 CEST"),
    ("but GMT with hours does, afterwards", "2006 MST", "2024 GMT-3", "2023-12-31 21:00:00 -0300 GMT-3"),
    ("a zone of figures", "2006 MST", "2024 +03", "2024-01-01 00:00:00 +0000 +03"),
    ("UTC is UTC whatever offset follows", "2006 MST -07", "2024 UTC +05", "2024-01-01 00:00:00 +0000 UTC"),
    ("a second west of UTC counts as no offset", "2006 -070000", "2024 -000001", "2024-01-01 00:00:00 +0000 UTC"),
    ("half a minute west of UTC", "2006 -070000", "2024 -000030", "2024-01-01 00:00:00 +0000 +0000"),
]


@pytest.mark.parametrize(
    ("layout", "text", "expected"), [row[1:] for row in READABLE], ids=[row[0] for row in READABLE]
)
def test_layouts_read(layout: str, text: str, expected: str) -> None:
    assert render("{{ toDate .layout .text }}", {"layout": layout, "text": text}).decode() == expected


UNREADABLE = [
    ("another text between the parts", "2006-01", "2024/01"),
    ("no space where one is wanted", "2006 01", "2024x01"),
    ("a month of 13", "01", "13"),
    ("a month of 0", "1", "0"),
    ("a month of 0 in two digits", "01", "00"),
    ("a month that is no number", "01", "xx"),
    ("a month without a name", "Jan", "Foo"),
    ("a day that the month has not", "2006-01-02", "2023-02-29"),
    ("a day of the year that it has not", "2006-002", "2023-366"),
    ("a day of the year that is another date", "2006-002 01", "2023-060 02"),
    ("an hour of 24", "15", "24"),
    ("an offset of 25 hours", "-07", "+25"),
    ("an offset that is none", "-0700", "0700"),
    ("a zone of two letters", "MST", "AB"),
    ("a zone of four letters that ends in none of T", "MST", "ABCD"),
    ("a sign and one figure, which is too short a zone", "MST", "+3"),
    ("neither AM nor PM", "PM", "XM"),
    ("half of AM", "pm", "a"),
    ("a fraction that begins with no point", ".00", "123"),
    ("a fraction that is negative", ".00", ".-1"),
    ("a fraction that is no number", ".00", ".xx"),
    ("a fraction that is too short", ".000", ".1"),
    ("a two-digit year that is no number", "06", "x1"),
    ("more text than the layout has", "2006", "20245"),
]


@pytest.mark.parametrize(("layout", "text"), [row[1:] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE])
def test_what_does_not_fit_a_layout_is_no_date(layout: str, text: str) -> None:
    data = {"layout": layout, "text": text}
    assert render("{{ (toDate .layout .text).IsZero }}", data) == b"true"
    with pytest.raises(
        TemplateExecutionError, match='function "mustToDate" failed: the text is not a date of this layout'
    ):
        render("{{ mustToDate .layout .text }}", data)


DURATIONS = [
    ("a fraction of a nanosecond is cut", "1.9ns", "1ns"),
    ("microseconds by either letter mu", "1µs1μs", "2µs"),
    ("milliseconds", "1.5ms", "1.5ms"),
    ("zeros in front do not count", "0" * 5000 + "1h", "1h0m0s"),
    ("the longest", "9223372036854775807ns", "2562047h47m16.854775807s"),
    ("the shortest", "-9223372036854775808ns", "-2562047h47m16.854775808s"),
    ("more digits of a fraction than 63 bits hold", "0.99999999999999999999999h", "1h0m0s"),
    ("two terms of 2^63 make none", "9223372036854775808ns9223372036854775808ns", "0s"),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in DURATIONS], ids=[row[0] for row in DURATIONS])
def test_durations(text: str, expected: str) -> None:
    template = '{{ $t := toDate "2006" "2024" }}{{ (mustDateModify .text $t).Sub $t }}'
    assert render(template, {"text": text}).decode() == expected


NO_DURATIONS = [
    "",
    "-",
    "h",
    ".h",
    "1",
    "1x",
    "1..5h",
    "9223372036854775808ns",
    "99999999999999999999s",
    "3000000h",
    "2562048h",
]


@pytest.mark.parametrize("text", NO_DURATIONS)
def test_what_is_no_duration_changes_no_date(text: str) -> None:
    assert (
        render(
            '{{ $t := toDate "2006" "2024" }}{{ eq $t (dateModify .text $t) }}{{ durationRound .text }}', {"text": text}
        )
        == b"true0s"
    )
    with pytest.raises(TemplateExecutionError, match='function "mustDateModify" failed: the text is not a duration'):
        render("{{ mustDateModify .text now }}", {"text": text})


SECONDS = [
    ("+7", "7s"),
    ("1_0", "0s"),
    (" 1", "0s"),
    ("-9223372036854775809", "0s"),
    ("9223372036854775807", "-1s"),
    ("99999999999999999999999", "-1s"),
    ("-99999999999999999999999", "0s"),
]


@pytest.mark.parametrize(("text", "expected"), SECONDS)
def test_seconds_as_text_are_cut_to_64_bits_and_then_wrap(text: str, expected: str) -> None:
    assert render("{{ duration .text }}", {"text": text}).decode() == expected


CLOCK = [
    ("the time now has a second reading", "{{ now }}", at(0, 1_500_000), "2024-02-29 12:00:00.124956789 +0000 UTC m=+0.001500000"),
    ("a clock that was set back", "{{ now }}", at(0, -2_000_000_000), "2024-02-29 11:59:58.123456789 +0000 UTC m=-2.000000000"),
    ("UTC drops the second reading", "{{ now.UTC }}", at(0), "2024-02-29 12:00:00.123456789 +0000 UTC"),
    ("so does rounding", "{{ now.Round 0 }}", at(0), "2024-02-29 12:00:00.123456789 +0000 UTC"),
    ("adding keeps it", '{{ now | dateModify "1s" }}', at(0), "2024-02-29 12:00:01.123456789 +0000 UTC m=+1.000000000"),
    ("but not beyond 2157", '{{ now | dateModify "1200000h" }}', at(0), "2161-01-21 12:00:00.123456789 +0000 UTC"),
    ("the time between two of them", "{{ $t := now }}{{ now.Sub $t }}", at(0, 5, 3_000_000_005), "3s"),
    ("their order", "{{ $t := now }}{{ now.Before $t }} {{ now.After $t }}", at(0, 0, 1, 2), "false true"),
    ("what nobody can take for a date is now", '{{ date "15:04" "x" }}', at(0), "12:00"),
    ("nor does a float", '{{ date "15:04" 0.0 }}', at(0), "12:00"),
    ("how long ago a number of seconds was", "{{ ago 0 }}", at(0), "474780h0m0s"),
    ("how long ago a date is rounded to seconds", "{{ $t := now }}{{ ago $t }}", at(0, 0, 2_600_000_000), "3s"),
    ("how long ago nothing was", "{{ ago nil }}", at(0), "0s"),
    ("the age of a date in its largest unit", '{{ toDate "2006" "2020" | durationRound }}', at(0), "4y"),
    ("each unit in turn", '{{ durationRound "9000h" }} {{ durationRound "800h" }} {{ durationRound "61s" }} {{ durationRound "2s" }}', at(0), "1y 1mo 1m 2s"),
    ("no duration for what is none", "{{ durationRound 5 }}", at(0), "0s"),
    ("the clock before Go's second readings", "{{ now }}", [-(3 * 10**18)], "1874-12-07 18:40:00 +0000 UTC"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "readings", "expected"), [row[1:] for row in CLOCK], ids=[row[0] for row in CLOCK]
)
def test_the_clock(template: str, readings: list[int], expected: str) -> None:
    assert render_at(template, readings) == expected


T = '(toDate "2006-01-02T15:04:05.999999999Z07:00" "2024-02-29T13:45:06.5+01:30")'
METHODS = [
    ("date and time", "{{ $t.Year }} {{ $t.Month }} {{ $t.Day }} {{ $t.Hour }} {{ $t.Minute }} {{ $t.Second }}", "2024 February 29 13 45 6"),
    ("the rest of the calendar", "{{ $t.YearDay }} {{ $t.Weekday }} {{ $t.Nanosecond }}", "60 Thursday 500000000"),
    ("since 1970", "{{ $t.Unix }} {{ $t.UnixMilli }} {{ $t.UnixMicro }} {{ $t.UnixNano }}", "1709208906 1709208906500 1709208906500000 1709208906500000000"),
    ("whether it is something", "{{ $t.IsZero }} {{ $t.IsDST }}", "false false"),
    ("places", "{{ $t.UTC }}|{{ $t.Local }}|{{ $t.In $t.UTC.Location }}", "|".join(["2024-02-29 12:15:06.5 +0000 UTC"] * 3)),
    ("the name of a place without one", "[{{ $t.Location }}] {{ $t.UTC.Location }} {{ $t.Local.Location }}", "[] UTC UTC"),
    ("as Go code", '{{ $t.GoString }} {{ $t.UTC.GoString }} {{ $t.Local.GoString }}', 'time.Date(2024, time.February, 29, 13, 45, 6, 500000000, time.Location("")) time.Date(2024, time.February, 29, 12, 15, 6, 500000000, time.UTC) time.Date(2024, time.February, 29, 12, 15, 6, 500000000, time.Local)'),
    ("compared with itself", "{{ $t.Equal $t.UTC }} {{ eq $t $t.UTC }} {{ $t.Compare $t.UTC }}", "true false 0"),
    ("a month later", "{{ ($t.AddDate 0 1 0).Format `2006-01-02` }} {{ ($t.AddDate 1 0 0).Format `2006-01-02` }}", "2024-03-29 2025-03-01"),
    ("rounded and cut", "{{ ($t.Round 60000000000).Second }} {{ ($t.Truncate 60000000000).Minute }} {{ $t.Truncate -1 | eq $t }}", "0 45 true"),
    ("a duration", "{{ with $t.Sub ($t.Add -5400000000001) }}{{ .Hours }} {{ .Minutes }} {{ .Seconds }} {{ .Nanoseconds }} {{ .Microseconds }} {{ .Milliseconds }}{{ end }}", "1.5000000000002778 90.00000000001667 5400.000000001 5400000000001 5400000000 5400000"),
    ("a duration rounded", "{{ with $t.Sub ($t.Add 1500000000) }}{{ .Abs }} {{ .Round 1000000000 }} {{ .Truncate 1000000000 }} {{ .Round 0 }} {{ .Truncate 0 }}{{ end }}", "1.5s -2s -1s -1.5s -1.5s"),
    ("appended", "{{ $t.AppendFormat nil `06` }}", "[50 52]"),
    ("marshalled", "{{ $t.MarshalJSON | toString }} {{ $t.MarshalText | toString }}", '"2024-02-29T13:45:06.5+01:30" 2024-02-29T13:45:06.5+01:30'),
]  # fmt: skip


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in METHODS], ids=[row[0] for row in METHODS])
def test_methods(template: str, expected: str) -> None:
    assert render(f"{{{{ $t := {T} }}}}{template}", {}).decode() == expected


REFUSED = [
    ("nowhere is no place", "{{ now.In nil }}"),
    ("a year that JSON cannot hold", '{{ (dateModify "1000000h" (toDate "2006" "9999")).MarshalJSON }}'),
    ("an offset that RFC 3339 cannot hold", '{{ (toDate "2006 -07" "2024 +24").MarshalText }}'),
    ("a method that was left out: bytes for Go programs", "{{ now.MarshalBinary }}"),
    ("a method with three results", "{{ now.Date }}"),
    ("a method whose second result is no error", "{{ now.Zone }}"),
]


@pytest.mark.parametrize("template", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_methods_that_fail(template: str) -> None:
    with pytest.raises(TemplateExecutionError):
        render(template, {})


def test_two_texts_with_the_same_offset_are_equal_only_for_whole_hours() -> None:
    template = '{{ eq (toDate "2006 -0700" .text) (toDate "2006 -0700" .text) }}'
    assert render(template, {"text": "2024 +0200"}) == b"true"
    assert render(template, {"text": "2024 +0530"}) == b"false"


def test_all_the_fields_of_a_date_print() -> None:
    template = '{{ $t := toDate "2006 MST" "2024 CET" }}{{ printf "%#v" $t.Location }}{{ printf "%d" $t.UTC }}'
    expected = (
        r'&time\.Location\{name:"CET", zone:\[\]time\.zone\{time\.zone\{name:"CET", offset:0, isDST:false\}\}, '
        r"tx:\[\]time\.zoneTrans\{time\.zoneTrans\{when:-9223372036854775808, index:0x0, isstd:false, isutc:false\}\}, "
        r'extend:"", cacheStart:-9223372036854775808, cacheEnd:9223372036854775807, cacheZone:\(\*time\.zone\)\(0x[0-9a-f]+\)\}'
        r"\{0 63839664000 0\}"
    )
    assert re.fullmatch(expected, render(template, {}).decode())


def test_the_second_reading_is_packed_into_the_fields_as_go_does() -> None:
    assert render_at('{{ printf "%d" now }}', at(0, 7)).startswith("{13938704962106936604 7 ")


@pytest.mark.parametrize(
    "template",
    [
        '{{ $l := repeat 1000000 "2006" }}{{ date $l 0 }}',
        '{{ $z := print "GMT+" (repeat 900000 "0") "3" }}{{ $t := toDate "MST" $z }}{{ $t.Format (repeat 100000 "MST") }}',
        '{{ $l := repeat 400000 "2" }}{{ range 100 }}{{ $_ := toDate $l "2" }}{{ end }}',
        '{{ $l := repeat 400000 "1" }}{{ range 100 }}{{ $_ := dateModify $l now }}{{ $_ := durationRound $l }}{{ end }}',
        '{{ $b := toDate "2006" "2024" }}{{ $b.AppendFormat nil (repeat 200000 "2006") }}',
    ],
    ids=["much to print", "a name of a megabyte, often", "a long layout to read", "long durations", "bytes in a list"],
)
def test_a_long_text_is_bounded(template: str) -> None:
    with pytest.raises(TemplateLimitError):
        render(template, {})


@pytest.mark.parametrize("template", ["{{ mustToDate `2006` .x }}", "{{ mustDateModify .x now }}"])
def test_no_error_shows_the_text(template: str) -> None:
    with pytest.raises(TemplateExecutionError) as caught:
        render(template, {"x": SECRET})
    assert SECRET not in str(caught.value) + repr(caught.value)


LAYOUT = "2006-01-02 15:04:05.000000"
SPAN = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31))  # noqa: DTZ001 - made UTC below


@given(SPAN)
def test_what_is_printed_reads_back_as_the_same_instant(when: datetime) -> None:
    data = {"layout": LAYOUT, "text": when.isoformat(sep=" ", timespec="microseconds")}
    assert render("{{ (toDate .layout .text).Format .layout }}", data).decode() == data["text"]


@given(SPAN)
def test_the_calendar_is_that_of_python(when: datetime) -> None:
    moment = when.replace(microsecond=0, tzinfo=UTC)
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    template = '{{ date "2006-01-02T15:04:05 002 Mon" (int64 .seconds) }}'
    expected = f"{moment.strftime('%Y').zfill(4)}{moment.strftime('-%m-%dT%H:%M:%S %j %a')}"
    assert render(template, {"seconds": str(seconds)}).decode() == expected


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_duration_reads_back_as_the_same_duration(nanoseconds: int) -> None:
    template = f'{{{{ $t := toDate "2006" "2024" }}}}{{{{ $u := $t.Add {nanoseconds} }}}}{{{{ eq $u (dateModify ($u.Sub $t).String $t) }}}}'
    assert render(template, {}) == b"true"
