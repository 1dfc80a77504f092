from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.reference.story import AS_OF, Story, days, hours, mail

SECOND = timedelta(seconds=1)


def school(**enrolment: Any) -> Story:
    story = Story()
    story.user("ada")
    for number in range(1, 6):
        story.lesson(f"l{number}")
    story.enrol("ada", **enrolment)
    return story


def reasons(story: Story, as_of: datetime) -> list[str]:
    return list(story.row("mart_learners_at_risk", as_of)["reasons"])


def done(story: Story, count: int, at: datetime) -> None:
    for number in range(1, count + 1):
        story.say(mail("ada"), "completed", f"l{number}", at)


@pytest.mark.parametrize(("after", "is_inactive"), [(timedelta(0), True), (-SECOND, False)])
def test_inactive__168_hours(after: timedelta, *, is_inactive: bool) -> None:
    never_started, once = school(), school()
    once.say(mail("ada"), "experienced", "l1", days(3))
    assert ("inactive" in reasons(never_started, days(7) + after)) == is_inactive
    assert ("inactive" in reasons(once, days(10) + after)) == is_inactive


def test_inactive__what_others_graded_is_no_activity() -> None:
    story = school()
    story.assessment("a1")
    story.say(mail("ada"), "passed", "a1", days(6), context={"instructor": mail("eve")})
    assert "inactive" in reasons(story, days(7))


@pytest.mark.parametrize(("after", "is_behind"), [(timedelta(0), False), (SECOND, True)])
def test_behind__more_than_twenty_points(after: timedelta, *, is_behind: bool) -> None:
    story = school(due_at=days(100))
    done(story, 1, days(1))
    assert ("behind" in reasons(story, days(40) + after)) == is_behind


def test_behind__without_an_end() -> None:
    assert "behind" not in reasons(school(), AS_OF)
    story = school()
    story.tables["courses"][0]["length_days"] = 80
    assert "behind" in reasons(story, AS_OF)
    assert "behind" not in reasons(story, days(16))


def test_low_grades__means_of_the_same_assessments() -> None:
    story = school()
    story.assessment("a1", passing_score=6.0, required=False)
    story.assessment("a2", passing_score=2.0, required=False)
    story.assessment("a3", passing_score=None, required=False)
    story.submit("ada", "a1", 1, hours(1), 5.0)
    assert "low_grades" in reasons(story, days(1))
    story.submit("ada", "a2", 1, hours(2), 3.0)
    story.submit("ada", "a3", 1, hours(3), 0.0)
    assert "low_grades" not in reasons(story, days(1))


def test_failed__the_last_attempt() -> None:
    story = school()
    story.assessment("a1")
    story.assessment("a2", required=False)
    story.submit("ada", "a2", 1, hours(1), 1.0)
    story.submit("ada", "a1", 1, hours(1), 9.0)
    assert "failed" not in reasons(story, days(1))
    story.submit("ada", "a1", 2, hours(2), 1.0)
    assert "failed" in reasons(story, days(1))
    story.submit("ada", "a1", 3, hours(3))
    assert "failed" not in reasons(story, days(1))


@pytest.mark.parametrize(
    ("due_at", "lessons", "is_due"),
    [(days(17), 3, True), (days(17) + SECOND, 3, False), (days(9), 3, True), (days(9), 4, False)],
)
def test_due__soon_or_over(due_at: datetime, lessons: int, *, is_due: bool) -> None:
    story = school(due_at=due_at)
    done(story, lessons, days(9))
    assert ("due" in reasons(story, days(10))) == is_due


def test_score__weights_of_the_reasons() -> None:
    story = school(due_at=days(20))
    row = story.row("mart_learners_at_risk")
    assert (row["reasons"], row["score"], row["at_risk"]) == (["inactive", "behind", "due"], 0.7, True)


def test_candidate__not_the_withdrawn_completed_waived_or_of_courses_that_are_over() -> None:
    assert school(status="withdrawn").rows("mart_learners_at_risk") == []
    assert school(completed_at=days(1)).rows("mart_learners_at_risk") == []
    waived, over, draft = school(), school(), school()
    waived.say(mail("ada"), "waived", "math", hours(1))
    over.tables["courses"][0]["ends_at"] = AS_OF
    draft.tables["course_history"][0]["status"] = "draft"
    for story in (waived, over, draft):
        assert story.rows("mart_learners_at_risk") == []
        row = story.row("mart_learner_summary")
        assert (row["at_risk"], row["score"], row["reasons"]) == (False, None, [])
    assert len(over.rows("mart_learners_at_risk", AS_OF - SECOND)) == 1


def test_candidate__from_the_moment_of_publishing() -> None:
    story = school()
    story.tables["course_history"][0]["status"] = "draft"
    story.add("course_history", course_id="math", happened_at=days(5), event_key=b"", status="published")
    assert story.rows("mart_learners_at_risk", days(5) - SECOND) == []
    assert len(story.rows("mart_learners_at_risk", days(5))) == 1


def fair(people: int = 10, courses: int = 1, **attributes: str) -> Story:
    """Everybody is idle until the midpoint on the twentieth day, and then half of them complete."""
    story = Story()
    names = ["math", *(f"c{number}" for number in range(1, courses))]
    for name in names[1:]:
        story.course(name)
    for number in range(people):
        story.user(f"u{number}", **attributes)
        for name in names:
            story.enrol(f"u{number}", name, due_at=days(40), cohort="spring")
        if number % 2:
            story.say(mail(f"u{number}"), "completed", "math", days(21))
    return story


def test_fairness__the_flag_at_the_midpoint_and_the_outcome_at_the_end() -> None:
    story = fair()
    story.say(mail("u0"), "experienced", "math", days(20) - SECOND)
    story.say(mail("u1"), "experienced", "math", days(20))
    (row,) = story.rows("mart_risk_fairness", dimension="all")
    assert (row["flagged_completed"], row["passed_over_completed"]) == (5, 0)
    assert (row["flagged_not"], row["passed_over_not"]) == (4, 1)
    assert (row["false_positive_rate"], row["false_negative_rate"]) == (1.0, 0.2)


def test_fairness__completed_after_the_end_is_not_completed() -> None:
    story = fair()
    story.say(mail("u0"), "completed", "math", days(40) + SECOND)
    assert story.row("mart_risk_fairness", dimension="all")["flagged_completed"] == 5


def test_fairness__completed_at_the_end_is_completed() -> None:
    story = fair()
    story.say(mail("u0"), "completed", "math", days(40))
    assert story.row("mart_risk_fairness", dimension="all")["flagged_completed"] == 6


def test_fairness__only_what_has_ended() -> None:
    assert fair().rows("mart_risk_fairness", days(40)) == []
    assert len(fair().rows("mart_risk_fairness", days(40) + SECOND)) == 2


def test_fairness__groups_of_nine_are_hidden() -> None:
    story = fair(people=11, region="north")
    for number in (0, 1):
        story.tables["users"][number]["attributes"] = '{"region": "south", "class": null}'
    found = story.rows("mart_risk_fairness")
    assert {(row["dimension"], row["value"]) for row in found} == {("all", "all"), ("cohort", "spring")}
    story.user("u11", region="north")
    story.enrol("u11", due_at=days(40))
    assert story.row("mart_risk_fairness", dimension="region")["learners"] == 10


def test_fairness__one_learner_in_many_courses_is_one() -> None:
    assert fair(people=9, courses=3).rows("mart_risk_fairness") == []
    row = fair(people=10, courses=3).row("mart_risk_fairness", dimension="all")
    assert (row["learners"], row["flagged_not"] + row["flagged_completed"]) == (10, 30)


def test_fairness__who_is_not_asked() -> None:
    story = fair(people=14)
    story.tables["enrollments"][0]["status"] = "withdrawn"
    story.say(mail("u2"), "completed", "math", days(19))
    story.say(mail("u4"), "waived", "math", days(19))
    assert story.row("mart_risk_fairness", dimension="all")["learners"] == 11
    story.tables["course_history"][0]["status"] = "draft"
    assert story.rows("mart_risk_fairness") == []


def test_fairness__a_course_archived_since_was_published_then() -> None:
    story = fair()
    story.add("course_history", course_id="math", happened_at=days(60), event_key=b"", status="archived")
    story.tables["courses"][0]["status"] = "archived"
    assert story.row("mart_risk_fairness", dimension="all")["learners"] == 10
    assert story.rows("mart_learners_at_risk") == []
