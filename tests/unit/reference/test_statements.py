from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.reference.story import Story, account, hours, mail

FIVE = timedelta(minutes=5)


def school() -> Story:
    story = Story()
    story.user("ada")
    story.user("eve", role="instructor")
    story.assessment("a1")
    story.enrol("ada")
    return story


def test_occurred_at__five_minutes_ahead_are_believed() -> None:
    story = school()
    story.say(mail("ada"), "experienced", "a1", hours(1), stored=hours(1) - FIVE)
    second = timedelta(seconds=1)
    story.say(mail("ada"), "experienced", "a1", hours(2) + second, stored=hours(2) - FIVE)
    assert [row["occurred_at"] for row in story.rows("fct_statements")] == [hours(1), hours(2) - FIVE]


def test_occurred_at__before_2000_counts_but_not_in_time() -> None:
    story = school()
    story.lesson("l1")
    story.say(mail("ada"), "completed", "l1", datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert story.rows("fct_sessions") == story.rows("fct_daily_engagement") == []
    assert story.row("mart_learner_summary")["last_active_at"] is None
    assert story.row("fct_lesson_completion")["learner"] == "ada"


@pytest.mark.parametrize(
    ("verb", "instructor", "kind"),
    [
        ("passed", mail("eve"), "graded"),
        ("scored", mail("unknown"), "graded"),
        ("failed", account("x-ada"), "failed"),
        ("passed", None, "passed"),
        ("completed", mail("eve"), "completed"),
    ],
)
def test_kind__graded_by_another(verb: str, instructor: dict[str, str] | None, kind: str) -> None:
    story = school()
    story.say(mail("ada"), verb, "a1", hours(1), context={"instructor": instructor} if instructor else {})
    assert story.row("fct_statements")["kind"] == kind


def test_kind__graded_is_nobodys_activity() -> None:
    story = school()
    graded = {"context": {"instructor": mail("eve")}, "result": {"score": {"scaled": 0.9}}}
    story.say(mail("ada"), "passed", "a1", hours(1), **graded)
    assert story.rows("fct_sessions") == []
    assert story.row("fct_assessment_attempts")["passed"] is True


def test_kind__said_by_hand() -> None:
    story = school()
    story.add("verb_kinds", iri="http://adlnet.gov/expapi/verbs/mastered", kind="passed")
    story.add("verb_kinds", iri="http://adlnet.gov/expapi/verbs/answered", kind=None)
    for verb in ("mastered", "answered", "doodled"):
        story.say(mail("ada"), verb, "a1", hours(1))
    assert [row["kind"] for row in story.rows("fct_statements")] == ["passed", "answered", "other"]


def test_void__counts_nowhere() -> None:
    story = school()
    story.void(story.say(mail("ada"), "passed", "a1", hours(1)), hours(2))
    assert all(story.rows(mart) == [] for mart in ("fct_statements", "fct_sessions", "fct_assessment_attempts"))
