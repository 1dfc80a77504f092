from datetime import UTC, datetime

import pytest

from core.xapi.errors import StatementError
from core.xapi.times import check_duration, format_timestamp, parse_timestamp
from core.xapi.versions import Version
from tests.unit.core.xapi.examples import read, refused_path, small

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

# Text, instant, whether RFC 3339 (and with it version 2.0.0) has it.
TIMESTAMPS = [
    ("2026-03-01T12:00:00Z", NOON, True),
    ("2026-03-01T12:00:00.0Z", NOON, True),
    ("2026-03-01T12:00:00.000000000000Z", NOON, True),
    ("2026-03-01T12:00:00+00:00", NOON, True),
    ("2026-03-01T13:30:00+01:30", NOON, True),
    ("2026-02-28T20:01:00-15:59", NOON, True),
    ("2026-03-01T12:00:00.1234567Z", NOON.replace(microsecond=123456), True),
    ("2026-03-01T12:00:00.123456789012Z", NOON.replace(microsecond=123456), True),
    ("2026-03-01T11:59:60Z", NOON, True),
    ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC), True),
    ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), True),
    ("2024-02-29T12:00:00Z", datetime(2024, 2, 29, 12, tzinfo=UTC), True),
    ("2026-03-01T12:00:00", NOON, False),
    ("2026-03-01T12:00", NOON, False),
    ("2026-03-01T12:00Z", NOON, False),
    ("2026-03-01T13:00:00+01", NOON, False),
    ("2026-03-01T13:00:00+0100", NOON, False),
    ("20260301T120000Z", NOON, False),
    ("20260301T1200", NOON, False),
    ("20260301T120000.5+0000", NOON.replace(microsecond=500000), False),
]
NO_TIMESTAMPS = [
    "",
    "2026-03-01",
    "2026-03-01 12:00:00Z",
    "2026-03-01T12Z",
    "2026-03-01T12:00:00-00:00",
    "2026-03-01T12:00:00-0000",
    "2026-03-01T12:00:00-00",
    "2026-03-01T12:00:00.Z",
    "2026-03-01T12:00:00,5Z",
    "2026-03-01T12:00.5Z",
    "2026-03-01T24:00:00Z",
    "2026-03-01T12:60:00Z",
    "2026-03-01T12:00:61Z",
    "2026-02-29T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "2026-00-01T12:00:00Z",
    "2026-03-32T12:00:00Z",
    "0000-03-01T12:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "9999-12-31T23:59:60Z",
    "12026-03-01T12:00:00Z",
    "-2026-03-01T12:00:00Z",
    "2026-W09-7T12:00:00Z",
    "2026-060T12:00:00Z",
    "2026-03-01T12:00:00+16:00",
    "2026-03-01T12:00:00+18:00",
    "2026-03-01T12:00:00+01:60",
    "2026-03-01T12:00:00 +01:00",
    "2026-03-01T12:00:00Z ",
    "\N{FULLWIDTH DIGIT TWO}026-03-01T12:00:00Z",
    "Sun, 01 Mar 2026 12:00:00 GMT",
    "1772366400",
]


@pytest.mark.parametrize(("text", "instant", "is_rfc3339"), TIMESTAMPS)
def test_parse_timestamp(text: str, instant: datetime, is_rfc3339: bool) -> None:
    assert parse_timestamp(text, Version.V1) == instant
    assert parse_timestamp(text, Version.V1).tzinfo is UTC
    if is_rfc3339:
        assert parse_timestamp(text, Version.V2) == instant


@pytest.mark.parametrize("text", [text for text, _, is_rfc3339 in TIMESTAMPS if not is_rfc3339])
def test_parse_timestamp__v2_is_stricter(text: str) -> None:
    with pytest.raises(StatementError, match="RFC 3339"):
        parse_timestamp(text, Version.V2)


@pytest.mark.parametrize("version", list(Version))
@pytest.mark.parametrize("text", NO_TIMESTAMPS)
def test_parse_timestamp__refused(text: str, version: Version) -> None:
    with pytest.raises(StatementError):
        parse_timestamp(text, version)
    assert refused_path(small(timestamp=text), version) == "timestamp"


@pytest.mark.parametrize(("text", "instant", "_"), TIMESTAMPS)
def test_read_statement__timestamp(text: str, instant: datetime, _: bool) -> None:
    assert read(small(timestamp=text)).timestamp == instant


def test_format_timestamp() -> None:
    assert format_timestamp(NOON.replace(microsecond=7999)) == "2026-03-01T12:00:00.007Z"


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("PT4H35M59.14S", "PT4H35M59.14S"),
        ("PT16559.149S", "PT16559.14S"),
        ("PT0.1S", "PT0.1S"),
        ("PT0,129S", "PT0,12S"),
        ("PT1.555H", "PT1.555H"),
        ("P3Y1M29DT4H35M59.14S", "P3Y1M29DT4H35M59.14S"),
        ("P1M", "P1M"),
        ("PT1M", "PT1M"),
        ("P4W", "P4W"),
        ("P0.5Y", "P0.5Y"),
    ],
)
def test_check_duration(text: str, compared: str) -> None:
    assert check_duration(text) == compared


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1",
        "1S",
        "P1S",
        "PT1D",
        "P4W1D",
        "P1DT",
        "PT1.5H3M",
        "PA1H0M0S",
        "-PT1S",
        "pt1s",
        "PT1S ",
        "PT.5S",
    ],
)
def test_check_duration__refused(text: str) -> None:
    with pytest.raises(StatementError):
        check_duration(text)
