from typing import Any

import pytest

from tests.reference.read import Row
from tests.unit.reference.story import START, Story, days, hours, mail

SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
SECOND = 1 / 3600
MINUTE = 60 * SECOND


def school(**assessment: Any) -> Story:
    story = Story()
    story.user("ada")
    story.assessment("a1", **assessment)
    story.enrol("ada")
    return story


def score(**values: float) -> dict[str, Any]:
    return {"result": {"score": values}}


def attempts(story: Story) -> list[Row]:
    return sorted(story.rows("fct_assessment_attempts"), key=lambda row: row["ordinal"])


@pytest.mark.parametrize(
    ("values", "share"),
    [
        ({"scaled": 0.4, "raw": 9}, 0.4),
        ({"scaled": -0.5, "raw": 9}, 0.9),
        ({"raw": 30, "min": 20, "max": 40}, 0.5),
        ({"raw": 4, "min": 5, "max": 5}, 0.4),
        ({"raw": 4, "max": 5}, 0.4),
        ({"scaled": -0.5}, None),
    ],
)
def test_share(values: dict[str, float], share: float | None) -> None:
    story = school()
    story.say(mail("ada"), "scored", "a1", hours(1), **score(**values))
    assert attempts(story)[0]["share"] == share


@pytest.mark.parametrize(
    ("verb", "result", "passed"),
    [
        ("passed", {"score": {"scaled": 0.1}}, True),
        ("passed", {"success": False}, False),
        ("failed", {}, False),
        ("scored", {"score": {"scaled": 0.6}}, True),
        ("scored", {"score": {"scaled": 0.59}}, False),
        ("completed", {"score": {"raw": 7}, "success": False}, False),
    ],
)
def test_passed(verb: str, result: dict[str, Any], *, passed: bool) -> None:
    story = school()
    story.say(mail("ada"), verb, "a1", hours(1), result=result)
    assert attempts(story)[0]["passed"] is passed


def test_passed__nothing_says_what_passes() -> None:
    story = school(passing_score=None)
    story.say(mail("ada"), "scored", "a1", hours(1), **score(scaled=0.9))
    story.submit("ada", "a1", 1, hours(9), 9.0)
    assert [row["passed"] for row in attempts(story)] == [None, None]
    found = story.row("assessment_pass_rates")
    assert (found["attempted"], found["graded"], found["pass_rate"]) == (1, 0, None)


def test_attempt__completed_without_a_score_is_none() -> None:
    story = school()
    story.say(mail("ada"), "completed", "a1", hours(1))
    assert attempts(story) == []


def test_attempt__a_question_inside_is_none() -> None:
    story = school()
    parent = {"contextActivities": {"parent": [{"id": "https://lms.example/a1"}]}}
    story.say(mail("ada"), "passed", "q1", hours(1), context=parent)
    assert attempts(story) == []


def test_attempt__the_same_said_again_within_a_minute() -> None:
    story = school()
    for at in (0, 60 * SECOND, 61 * SECOND):
        story.say(mail("ada"), "passed", "a1", hours(at), **score(scaled=0.8))
    assert [row["submitted_at"] for row in attempts(story)] == [START, hours(61 * SECOND)]


def test_attempt__another_score_is_another_attempt() -> None:
    story = school()
    for scaled in (0.8, 0.9):
        story.say(mail("ada"), "passed", "a1", hours(1), **score(scaled=scaled))
    assert len(attempts(story)) == 2


def test_attempt__of_one_session_the_first_of_each() -> None:
    story = school()
    session = {"context": {"extensions": {SESSION: "s"}}}
    story.say(mail("ada"), "completed", "a1", hours(1), **session, **score(scaled=0.3))
    story.say(mail("ada"), "failed", "a1", hours(2), **session)
    story.say(mail("ada"), "passed", "a1", hours(3), **session, **score(scaled=0.9))
    (found,) = attempts(story)
    assert (found["submitted_at"], found["share"], found["passed"]) == (hours(1), 0.3, False)


def test_attempt__a_registration_spans_several() -> None:
    story = school()
    registration = {"context": {"registration": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}}
    for at in (1, 2):
        story.say(mail("ada"), "failed", "a1", hours(at), **registration)
    assert len(attempts(story)) == 2


def test_joined__one_to_one_and_the_nearest_first() -> None:
    """Two said within ten minutes of one row: the nearer is it, the other stays by itself."""
    story = school()
    story.submit("ada", "a1", 1, hours(1), 5.0)
    story.say(mail("ada"), "scored", "a1", hours(1 + 4 * MINUTE), **score(scaled=0.5))
    story.say(mail("ada"), "scored", "a1", hours(1 + 2 * MINUTE), **score(scaled=0.7))
    assert [(row["source"], row["share"], row["submitted_at"]) for row in attempts(story)] == [
        ("both", 0.5, hours(1)), ("statement", 0.5, hours(1 + 4 * MINUTE)),
    ]  # fmt: skip


def test_joined__two_rows_and_one_statement() -> None:
    story = school()
    story.submit("ada", "a1", 1, hours(1))
    story.submit("ada", "a1", 2, hours(1 + 8 * MINUTE))
    story.say(mail("ada"), "passed", "a1", hours(1 + 5 * MINUTE))
    assert [(row["attempt_number"], row["source"], row["passed"]) for row in attempts(story)] == [
        (1, "row", None), (2, "both", True),
    ]  # fmt: skip


@pytest.mark.parametrize(("seconds", "joins"), [(600, True), (601, False)])
def test_joined__within_ten_minutes(seconds: int, *, joins: bool) -> None:
    story = school()
    story.submit("ada", "a1", 1, hours(1))
    story.say(mail("ada"), "scored", "a1", hours(1 + seconds * SECOND), **score(scaled=0.5))
    assert [row["source"] for row in attempts(story)] == (["both"] if joins else ["row", "statement"])


def test_joined__near_the_grading() -> None:
    story = school()
    story.submit("ada", "a1", 1, hours(1), 5.0, graded_at=days(3))
    story.say(mail("ada"), "passed", "a1", days(3), context={"instructor": mail("eve")})
    (found,) = attempts(story)
    assert (found["source"], found["passed"], found["graded_at"]) == ("both", False, days(3))


def test_joined__the_statement_fills_what_the_row_lacks() -> None:
    story = school()
    story.submit("ada", "a1", 1, hours(1))
    story.say(mail("ada"), "passed", "a1", hours(1 + MINUTE), **score(raw=7, max=10))
    (found,) = attempts(story)
    assert (found["score"], found["share"], found["passed"]) == (7.0, 0.7, True)
    assert found["graded_at"] == hours(1 + MINUTE)


def test_order__by_submission_not_by_arrival() -> None:
    story = school()
    story.submit("ada", "a1", 2, hours(2), 9.0)
    story.submit("ada", "a1", 1, hours(1), 3.0)
    assert [(row["attempt_number"], row["is_last"], row["is_best"]) for row in attempts(story)] == [
        (1, False, False), (2, True, True),
    ]  # fmt: skip


def test_pass_rate__not_attempted_is_not_failed() -> None:
    story = school()
    for number, marks in enumerate((9.0, 3.0, None)):
        story.user(f"u{number}")
        story.enrol(f"u{number}")
        story.submit(f"u{number}", "a1", 1, hours(1), marks)
    found = story.row("assessment_pass_rates")
    assert (found["attempted"], found["graded"], found["passed"], found["pass_rate"]) == (3, 2, 1, 0.5)


@pytest.mark.parametrize(
    ("marks", "number"), [(0.0, 1), (0.99, 1), (1.0, 2), (7.0, 8), (9.99, 10), (10.0, 10), (11.0, 10)]
)
def test_histogram__bins(marks: float, number: int) -> None:
    story = school()
    story.submit("ada", "a1", 1, hours(1), marks)
    assert [row["bin"] for row in story.rows("mart_grade_distribution", learners=1)] == [number]
