"""Active time and active learners: by day, by course, by tenant."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tests.reference.deeds import History
from tests.reference.learners import Learner
from tests.reference.school import School
from tests.reference.sessions import Session, Span

Rows = list[dict[str, Any]]
DayKey = tuple[date, str | None, Learner, str]


def session_rows(sessions: list[Session]) -> Rows:
    return [
        {
            "learner": one.learner.user, "actor": one.learner.actor, "started_at": one.started_at,
            "last_at": one.last_at, "statements": len(one.spans), "active_seconds": one.active.total_seconds(),
        }
        for one in sessions
    ]  # fmt: skip


def daily_rows(school: School, sessions: list[Session]) -> Rows:
    seconds: dict[DayKey, float] = defaultdict(float)
    counts: dict[DayKey, int] = defaultdict(int)
    for session in sessions:
        for span in session.spans:
            deed = span.deed
            what = deed.place.course, deed.learner, deed.standing
            counts[school.day(span.begins), *what] += 1
            for day, lasts in _by_day(school, span):
                seconds[day, *what] += lasts
    return [
        {
            "day": key[0], "course": key[1], "learner": key[2].user, "actor": key[2].actor, "standing": key[3],
            "active_seconds": seconds[key], "statements": counts.get(key, 0),
        }
        for key in seconds.keys() | counts.keys()
    ]  # fmt: skip


def _by_day(school: School, span: Span) -> Iterator[tuple[date, float]]:
    begins, ends = span.begins, span.begins + span.lasts
    while (midnight := school.next_midnight(begins)) < ends:
        yield school.day(begins), (midnight - begins).total_seconds()
        begins = midnight
    yield school.day(begins), (ends - begins).total_seconds()


def active_days(school: School, history: History) -> dict[date, set[str]]:
    """Who counts in the tenant's numbers: students, and whoever was ever enrolled in the course."""
    found: dict[date, set[str]] = defaultdict(set)
    for deed in history.deeds:
        user = deed.learner.user
        if user is None or not deed.statement.is_timed:
            continue
        is_student = school.users[user]["role"] == "student"
        if deed.standing != "staff" and (is_student or (deed.place.course, user) in school.enrollments):
            found[school.day(deed.statement.at)].add(user)
    return found


def activity(active: dict[date, set[str]], day: date) -> dict[str, Any]:
    daily, weekly, monthly = (
        len(set[str]().union(*(active.get(day - timedelta(days=back), set()) for back in range(days))))
        for days in (1, 7, 30)
    )
    return {
        "day": day, "dau": daily, "wau": weekly, "mau": monthly, "stickiness": daily / monthly if monthly else None,
    }  # fmt: skip


def tenant_rows(school: School, active: dict[date, set[str]], as_of: datetime) -> Rows:
    """From the first day on which anybody was active to the present one."""
    if not active:
        return []
    first, last = min(active), school.day(as_of)
    return [activity(active, first + timedelta(days=number)) for number in range((last - first).days + 1)]
