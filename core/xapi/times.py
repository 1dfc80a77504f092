"""Points in time and durations (ISO 8601)."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from core.xapi.errors import StatementError, quoted
from core.xapi.values import Reader, string
from core.xapi.versions import Version

# No week or ordinal dates, no 24:00, no year 0000, no comma and no offset that PostgreSQL would refuse, and no -00:00,
# which means "offset unknown". Second 60 is taken: it is the first of the next minute, as PostgreSQL has it.
_YEAR = r"(?!0000)\d{4}"
_EXTENDED_DATE = rf"{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_BASIC_DATE = rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_HOUR = r"(?:[01]\d|2[0-3])"
_SECOND = r"(?P<second>[0-5]\d|60)"
_RFC3339 = re.compile(
    rf"{_EXTENDED_DATE}T{_HOUR}:[0-5]\d:{_SECOND}(?:\.\d+)?(?:Z|(?!-00:00)[+-](?:0\d|1[0-5]):[0-5]\d)", re.ASCII
)
_ISO8601 = re.compile(
    rf"(?:{_EXTENDED_DATE}T{_HOUR}:[0-5]\d|{_BASIC_DATE}T{_HOUR}[0-5]\d)(?::?{_SECOND}(?:\.\d+)?)?"
    r"(?:Z|(?!-00(?::?00)?$)[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?",
    re.ASCII,
)
_FORMS = {
    Version.V1: (_ISO8601, "a timestamp of ISO 8601 such as 2026-03-01T09:30:00.000Z"),
    Version.V2: (_RFC3339, "a timestamp of RFC 3339, with its offset, such as 2026-03-01T09:30:00.000Z"),
}

# The usual notation, known by its shape, needs no regular expression.
_TO_SHAPE = bytes(ord("0") if chr(code) in "123456789" else code for code in range(256))
_PLAIN_SHAPES = {
    b'"0000-00-00T00:00:00Z"',
    *(b'"0000-00-00T00:00:00.%sZ"' % (b"0" * digits) for digits in range(1, 10)),
}

# A fraction belongs to the last part only.
_PART = r"\d+(?:[.,]\d+(?=[A-Z]$))?"
_DURATION = re.compile(
    rf"P(?=.)(?:{_PART}W|(?:{_PART}Y)?(?:{_PART}M)?(?:{_PART}D)?(?:T(?=.)(?:{_PART}H)?(?:{_PART}M)?(?:{_PART}S)?)?)",
    re.ASCII,
)
_BEYOND_HUNDREDTHS = re.compile(r"(?<=[.,]\d\d)\d+(?=S)")


def parse_timestamp(text: str, version: Version) -> datetime:
    """In UTC. Digits beyond microseconds are cut off here; the statement keeps them."""
    form, allowed = _FORMS[version]
    try:
        if match := form.fullmatch(text):
            return _instant(text, match)
    except (ValueError, OverflowError):
        pass  # a day that the month does not have, or a time that is beyond year 1 or 9999 in UTC
    raise StatementError("", quoted(text), allowed)


def _instant(text: str, match: re.Match[str]) -> datetime:
    if match["second"] == "60":
        start, end = match.span("second")
        return _utc(datetime.fromisoformat(f"{text[:start]}59{text[end:]}")) + timedelta(seconds=1)
    return _utc(datetime.fromisoformat(text))


def _utc(moment: datetime) -> datetime:
    """A time without an offset is taken as UTC."""
    if moment.tzinfo is UTC:
        return moment
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def timestamp_reader(version: Version) -> Reader[datetime]:
    def timestamp(value: bytes) -> datetime:
        text = bytes(value)
        if text.translate(_TO_SHAPE) in _PLAIN_SHAPES:
            try:
                return datetime.fromisoformat(text[1:-1].decode())
            except ValueError:
                pass  # a leap second, or a day that does not exist
        return parse_timestamp(string(value), version)

    return timestamp


@lru_cache(64)
def format_timestamp(moment: datetime) -> str:
    """As the LRS writes its own timestamps: UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def check_duration(text: str) -> str:
    """The duration as it counts in comparisons: a string, but nothing beyond hundredths of a second."""
    if not _DURATION.fullmatch(text):
        raise StatementError("", quoted(text), "a duration of ISO 8601, such as PT1H30M or PT12.5S")
    return _BEYOND_HUNDREDTHS.sub("", text) if "." in text or "," in text else text


def duration(value: bytes) -> str:
    return check_duration(string(value))
