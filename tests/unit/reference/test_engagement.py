from datetime import date, timedelta

import pytest

from tests.unit.reference.story import Story, days, hours, mail

MINUTE = 1 / 60
SECOND = MINUTE / 60
VIDEO = "https://w3id.org/xapi/video/extensions"


def school(zone: str = "UTC") -> Story:
    story = Story(zone)
    story.user("ada")
    story.lesson("l1")
    story.course("art")
    story.enrol("ada")
    story.enrol("ada", "art")
    return story


@pytest.mark.parametrize(("minutes", "seconds"), [([0, 30], [360]), ([0, 30 + 1 / 60], [60, 60]), ([0, 2, 4], [300])])
def test_session__a_break_of_more_than_thirty_minutes(minutes: list[float], seconds: list[float]) -> None:
    story = school()
    for minute in minutes:
        story.say(mail("ada"), "experienced", "l1", hours(minute * MINUTE))
    assert [row["active_seconds"] for row in story.rows("fct_sessions")] == seconds


def play(verb: str, at: float, position: float, length: float = 3000.0) -> Story:
    told = school()
    extensions = {"context": {"extensions": {f"{VIDEO}/length": length}}}
    result = {"result": {"extensions": {f"{VIDEO}/time": position}}}
    told.say(mail("ada"), verb, "l1", hours(0), **extensions, **result)
    told.say(mail("ada"), "paused", "l1", hours(at), **extensions, **result)
    return told


def test_session__a_film_that_plays_is_no_break() -> None:
    (row,) = play("played", 50 * MINUTE, 0).rows("fct_sessions")
    assert (row["statements"], row["active_seconds"]) == (2, 3060.0)
    assert len(play("played", 50 * MINUTE + SECOND, 0).rows("fct_sessions")) == 2


def test_session__what_remains_may_be_less_than_five_minutes() -> None:
    (row,) = play("played", 10 * MINUTE, 2900).rows("fct_sessions")
    assert row["active_seconds"] == 160.0


def test_session__of_two_at_once_the_id_decides() -> None:
    story = school()
    first = story.say(mail("ada"), "experienced", "l1", hours(1))
    second = story.say(mail("ada"), "experienced", "art", hours(1))
    story.say(mail("ada"), "experienced", "art", hours(1 + MINUTE))
    assert first < second
    found = {row["course"]: row["active_seconds"] for row in story.rows("fct_daily_engagement")}
    assert found == {"math": 0.0, "art": 120.0}


def test_daily__split_at_local_midnight() -> None:
    story = school("Europe/Berlin")
    # Two minutes before midnight there.
    story.say(mail("ada"), "experienced", "l1", hours(14 + 58 * MINUTE))
    story.say(mail("ada"), "experienced", "art", hours(15 + 3 * MINUTE))
    found = {
        (row["day"], row["course"]): (row["active_seconds"], row["statements"])
        for row in story.rows("fct_daily_engagement")
    }
    assert found == {
        (date(2026, 3, 2), "math"): (120.0, 1), (date(2026, 3, 3), "math"): (180.0, 0),
        (date(2026, 3, 3), "art"): (60.0, 1),
    }  # fmt: skip
    (row,) = story.rows("mart_course_engagement", course="math", day=date(2026, 3, 3))
    assert (row["active_learners"], row["active_seconds"]) == (0, 180.0)


def test_daily__sums_are_those_of_the_sessions() -> None:
    story = school("Asia/Kolkata")
    for minute in (0, 3, 7, 50, 51, 640, 1000):
        story.say(mail("ada"), "experienced", "l1", hours(minute * MINUTE))
    marts = story.marts()
    total = marts["fct_sessions"]["active_seconds"].sum()
    assert marts["fct_daily_engagement"]["active_seconds"].sum() == total > 0


def test_tenant__trailing_days() -> None:
    story = school()
    for day in (0, 6, 29):
        story.say(mail("ada"), "experienced", "l1", days(day))
    found = {row["day"]: row for row in story.rows("mart_tenant_activity", days(40))}
    first = date(2026, 3, 2)
    assert len(found) == 41
    assert [found[first + timedelta(days=day)]["wau"] for day in (5, 6, 12, 13)] == [1, 1, 1, 0]
    assert [found[first + timedelta(days=day)]["dau"] for day in (0, 1, 6)] == [1, 0, 1]
    assert found[first + timedelta(days=1)]["stickiness"] == 0.0


@pytest.mark.parametrize(("day", "mau"), [(29, 1), (30, 0)])
def test_tenant__a_month_is_thirty_days(day: int, mau: int) -> None:
    story = school()
    story.say(mail("ada"), "experienced", "l1", days(0))
    assert story.rows("mart_tenant_activity", days(40))[day]["mau"] == mau


@pytest.mark.parametrize(("day", "week"), [(0, 0), (6, 0), (7, 1), (13, 1), (14, None)])
def test_retention__local_days_after_the_enrolment(day: int, week: int | None) -> None:
    story = school("Europe/Berlin")
    # An hour before midnight there, so that the next UTC day is already a day after.
    story.say(mail("ada"), "experienced", "l1", days(day) + timedelta(hours=14))
    found = story.rows("mart_cohort_retention", days(15), course="math")
    assert {row["week"]: row["retention"] for row in found} == {
        0: float(week == 0), 1: float(week == 1), 2: None,
    }  # fmt: skip


def test_retention__the_withdrawn_stay_in_the_denominator() -> None:
    story = school()
    for name in ("bob", "eve"):
        story.user(name)
        story.enrol(name, status="withdrawn" if name == "bob" else "active")
    story.say(mail("ada"), "experienced", "l1", days(1))
    story.say(mail("bob"), "experienced", "l1", days(1))
    row = story.row("mart_cohort_retention", course="math", week=0)
    assert (row["cohort"], row["members"], row["active"], row["retention"]) == ("2026-W10", 3, 2, 2 / 3)


def test_retention__null_until_it_is_over_for_all() -> None:
    story = school()
    story.user("bob")
    story.enrol("bob", at=days(3))
    midnight = timedelta(hours=8)
    for as_of, is_over in ((days(10) - midnight, True), (days(10) - midnight - timedelta(seconds=1), False)):
        row = story.row("mart_cohort_retention", as_of, course="math", week=0)
        assert (row["retention"] is not None) == is_over


def test_retention__another_course_does_not_count() -> None:
    story = school()
    story.say(mail("ada"), "experienced", "art", days(1))
    assert story.row("mart_cohort_retention", course="math", week=0)["active"] == 0
