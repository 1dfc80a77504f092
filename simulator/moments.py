"""Points in time as milliseconds since 1970 in UTC, and the local days and weeks that they fall into."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

# Lists of midnights reach this far before and after the term, for what came long before and is due long after.
DAYS_BEFORE = 400
DAYS_AFTER = 400


def moment(at: datetime) -> int:
    return round(at.timestamp() * SECOND)


def iso(at: int) -> str:
    """As truth and LMS write it: UTC, with milliseconds."""
    days, rest = divmod(at, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    return f"{_date_text(days)}T{hours:02}:{minutes:02}:{rest // SECOND:02}.{rest % SECOND:03}Z"


def optional_iso(at: int | None) -> str | None:
    return None if at is None else iso(at)


@lru_cache(8192)
def _date_text(days: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


class Days:
    """A tenant's local days, numbered from the one on which the term begins."""

    def __init__(self, start: date, weeks: int, zone: str) -> None:
        self.start = start
        self.zone = ZoneInfo(zone)
        span = range(-DAYS_BEFORE, weeks * 7 + DAYS_AFTER)
        self._midnights = [self._midnight(day) for day in span]
        self.dates = {day: (start + timedelta(days=day)).isoformat() for day in span}

    def _midnight(self, day: int) -> int:
        return moment(datetime.combine(self.start + timedelta(days=day), time(), self.zone))

    def begin(self, day: int) -> int:
        return self._midnights[day + DAYS_BEFORE]

    def of(self, at: int) -> int:
        return bisect_right(self._midnights, at) - 1 - DAYS_BEFORE

    def at(self, day: int, hour: int, minute: int = 0, second: int = 0) -> int:
        """A local time of day, whatever the clocks were changed to on that day."""
        wall = time(hour, minute, second)
        return moment(datetime.combine(self.start + timedelta(days=day), wall, self.zone))

    def iso_week(self, at: int) -> str:
        return _week_text(self.start + timedelta(days=self.of(at)))


@lru_cache(4096)
def _week_text(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def utc_midnight(day: date) -> int:
    return moment(datetime.combine(day, time(), UTC))
