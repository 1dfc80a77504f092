from datetime import datetime
from typing import Any

import pytest

from tests.reference.read import Row
from tests.unit.reference.story import AS_OF, START, Story, days, hours, mail


def school() -> Story:
    story = Story()
    story.user("ada")
    story.lesson("l1")
    story.enrol("ada", due_at=days(30))
    return story


def lesson(story: Story) -> tuple[datetime, str] | None:
    found = story.rows("fct_lesson_completion")
    return (found[0]["completed_at"], found[0]["evidence"]) if found else None


def course(story: Story) -> tuple[datetime, str] | None:
    found = story.rows("fct_course_completion")
    return (found[0]["completed_at"], found[0]["evidence"]) if found else None


@pytest.mark.parametrize(
    ("verb", "result", "is_completed"),
    [
        ("completed", {}, True),
        ("passed", {}, True),
        ("completed", {"success": True}, True),
        ("completed", {"success": False}, False),
        ("progressed", {"completion": True}, True),
        ("progressed", {"completion": True, "success": False}, False),
        ("progressed", {"completion": False}, False),
        ("failed", {}, False),
        ("waived", {"success": False}, True),
    ],
)
def test_lesson__by_statement(verb: str, result: dict[str, Any], *, is_completed: bool) -> None:
    story = school()
    story.say(mail("ada"), verb, "l1", hours(1), result=result)
    evidence = "waived" if verb == "waived" else "statement"
    assert lesson(story) == ((hours(1), evidence) if is_completed else None)


def test_lesson__only_by_what_is_about_itself() -> None:
    story = school()
    parent = {"contextActivities": {"parent": [{"id": "https://lms.example/l1"}]}}
    story.say(mail("ada"), "completed", "page", hours(1), context=parent)
    assert lesson(story) is None


def test_lesson__the_earliest() -> None:
    story = school()
    story.progress("ada", "l1", "completed", completed_at=hours(3))
    story.say(mail("ada"), "completed", "l1", hours(5))
    assert lesson(story) == (hours(3), "row")
    story.say(mail("ada"), "completed", "l1", hours(2))
    assert lesson(story) == (hours(2), "statement")
    story.say(mail("ada"), "waived", "l1", hours(1))
    assert lesson(story) == (hours(1), "waived")


def test_lesson__a_row_that_is_under_way_has_started_only() -> None:
    story = school()
    story.progress("ada", "l1", "in_progress")
    assert lesson(story) is None
    funnel = story.row("mart_course_funnel")
    assert (funnel["started"], funnel["completed"], funnel["drop_off"]) == (1, 0, 1.0)


def test_lesson__completed_without_a_time() -> None:
    """From when the row first said so, unless that was taken back."""
    story = school()
    story.progress("ada", "l1", "completed")
    for at, status, is_whole in ((1, "completed", False), (2, "not_started", True), (3, "completed", False)):
        story.add(
            "lesson_progress_history", lesson_id="l1", user_id="ada", happened_at=days(at), event_key=b"",
            status=status, completed_at=None, is_whole=is_whole,
        )  # fmt: skip
    assert lesson(story) == (days(3), "row")


def test_course__completed_without_a_time() -> None:
    story = school()
    story.tables["enrollments"][0]["status"] = "completed"
    story.tell("ada", "math", days(4), status="completed")
    story.tell("ada", "math", days(6), status="completed")
    assert course(story) == (days(4), "row")
    assert story.row("mart_compliance")["state"] == "on_time"


def test_course__taken_back_and_said_again() -> None:
    story = school()
    story.tables["enrollments"][0]["status"] = "completed"
    story.tell("ada", "math", days(4), status="completed")
    story.tell("ada", "math", days(5), status="active", takes_back=True)
    story.tell("ada", "math", days(40), status="completed")
    assert course(story) == (days(40), "row")
    assert story.row("mart_compliance")["state"] == "late"


def test_course__only_by_what_is_about_itself() -> None:
    """A finished video whose parent is the course finishes no course."""
    story = school()
    parent = {"contextActivities": {"parent": [{"id": "https://lms.example/math"}]}}
    story.say(mail("ada"), "completed", "film.mp4", hours(1), context=parent)
    assert course(story) is None
    story.say(mail("ada"), "completed", "math", hours(2))
    assert course(story) == (hours(2), "statement")


def test_course__all_that_was_required_at_a_moment() -> None:
    story = school()
    story.lesson("l2")
    story.assessment("a1")
    story.say(mail("ada"), "completed", "l1", hours(1))
    story.submit("ada", "a1", 1, hours(2), 6.0, graded_at=days(2))
    assert course(story) is None
    story.require("l2", "math", days(9), required=False)
    assert course(story) == (days(9), "requirements")


def test_course__what_was_known_first_was_always_so() -> None:
    story = school()
    story.tables["lesson_history"][0]["happened_at"] = days(5)
    story.say(mail("ada"), "completed", "l1", hours(1))
    assert course(story) == (hours(1), "requirements")


def test_course__an_absence_that_was_known_first_was_always_so() -> None:
    story = school()
    story.tables["lesson_history"][0]["happened_at"] = days(5)
    story.list_lessons("math", days(4))
    story.say(mail("ada"), "completed", "l1", hours(1))
    assert course(story) == (days(5), "requirements")


def test_course__never_undone_by_a_new_lesson() -> None:
    story = school()
    story.say(mail("ada"), "completed", "l1", hours(1))
    story.lesson("l2", required=False)
    story.require("l2", "math", days(9), required=True)
    assert course(story) == (hours(1), "requirements")
    assert story.row("mart_learner_summary")["progress"] == 0.5


def test_course__a_lesson_that_is_listed_no_more() -> None:
    story = school()
    story.lesson("l2")
    story.say(mail("ada"), "completed", "l1", hours(1))
    story.list_lessons("math", days(9))
    story.require("l1", "math", days(9), required=True)
    assert course(story) == (days(9), "requirements")
    assert story.row("mart_course_funnel")["lesson"] == "l1"


def test_course__the_listing_of_another_course_says_nothing() -> None:
    story = school()
    story.course("art")
    story.lesson("l2", course="art")
    story.require("l2", "math", days(1), required=True)
    story.list_lessons("art", days(9))
    story.say(mail("ada"), "completed", "l1", days(10))
    assert course(story) is None


def test_course__nothing_required_is_not_completed_by_that() -> None:
    story = Story()
    story.user("ada")
    story.enrol("ada")
    story.lesson("l1", required=False)
    story.say(mail("ada"), "completed", "l1", hours(1))
    assert course(story) is None
    assert story.row("mart_learner_summary")["progress"] is None


def test_course__an_assessment_waived() -> None:
    story = school()
    story.assessment("a1")
    story.say(mail("ada"), "completed", "l1", hours(1))
    story.say(mail("ada"), "waived", "a1", hours(2))
    assert course(story) == (hours(2), "requirements")


def compliance(story: Story, as_of: datetime = AS_OF, **enrolment: Any) -> Row:
    story.tables["enrollments"][0] |= enrolment
    return story.row("mart_compliance", as_of)


@pytest.mark.parametrize(
    ("enrolment", "as_of", "state"),
    [
        ({"status": "withdrawn", "completed_at": days(1)}, AS_OF, "withdrawn"),
        ({"completed_at": days(30)}, AS_OF, "on_time"),
        ({"completed_at": days(31)}, AS_OF, "late"),
        ({}, days(30), "open"),
        ({}, days(31), "overdue"),
    ],
)
def test_compliance__exactly_one(enrolment: dict[str, Any], as_of: datetime, state: str) -> None:
    assert compliance(school(), as_of, **enrolment)["state"] == state


def test_compliance__waived_counts_in_no_rate() -> None:
    story = school()
    story.user("bob")
    story.enrol("bob", completed_at=days(2))
    story.say(mail("ada"), "waived", "math", hours(1))
    assert compliance(story)["state"] == "waived"
    found = story.row("mart_course_completion")
    assert (found["enrolled"], found["completed"], found["completion_rate"], found["waived"]) == (1, 1, 1.0, 1)


def test_completion__withdrawn_in_neither() -> None:
    story = school()
    story.user("bob")
    story.enrol("bob", status="withdrawn", completed_at=days(2))
    found = story.row("mart_course_completion")
    assert (found["enrolled"], found["completed"], found["withdrawn"]) == (1, 0, 1)
    assert found["median_days_to_complete"] is None


def test_funnel__whatever_the_others() -> None:
    story = school()
    for name in ("l2", "l3"):
        story.lesson(name)
    story.user("bob")
    story.enrol("bob", at=START)
    story.say(mail("ada"), "completed", "l2", hours(1))
    story.say(mail("bob"), "completed", "l2", hours(1))
    story.say(mail("bob"), "experienced", "l1", hours(2))
    story.progress("bob", "l1", "completed", completed_at=hours(3))
    found = story.rows("mart_course_funnel")
    assert [(row["started"], row["completed"], row["drop_off"]) for row in found] == [
        (1, 1, 0.5), (2, 2, -1.0), (0, 0, 1.0),
    ]  # fmt: skip


def test_funnel__nobody_before_is_no_drop() -> None:
    story = school()
    story.lesson("l2")
    assert [row["drop_off"] for row in story.rows("mart_course_funnel")] == [1.0, None]
