import hashlib
import json
from typing import Any

import pytest

from tests.reference.agents import key_of
from tests.unit.reference.story import LMS, Story, account, days, group, hours, mail

OPENID = {"openid": "https://id.example/ada"}


def summed(text: str) -> dict[str, Any]:
    return {"mbox_sha1sum": hashlib.sha1(text.encode()).hexdigest()}  # noqa: S324


def school() -> Story:
    story = Story()
    story.user("ada", email="Ada@School.example")
    story.lesson("l1")
    story.enrol("ada")
    return story


def who(story: Story, actor: dict[str, Any]) -> list[str | None]:
    statement = story.say(actor, "experienced", "l1", hours(1))
    return [row["learner"] for row in story.rows("fct_statement_learners", statement=statement)]


@pytest.mark.parametrize(
    "actor",
    [
        account("x-ada"),
        account("ada"),
        mail("ada"),
        {"mbox": "mailto:ADA@school.example"},
        summed("mailto:Ada@School.example"),
        summed("mailto:ada@school.example"),
        {"mbox_sha1sum": summed("mailto:ada@school.example")["mbox_sha1sum"].upper()},
    ],
)
def test_learner__matched(actor: dict[str, Any]) -> None:
    assert who(school(), actor) == ["ada"]


@pytest.mark.parametrize(
    "actor",
    [account("x-ada", "https://elsewhere.example"), mail("eve"), summed("mailto:ADA@SCHOOL.EXAMPLE"), OPENID],
)
def test_learner__unmatched_and_kept(actor: dict[str, Any]) -> None:
    story = school()
    assert who(story, actor) == [None]
    (row,) = story.rows("fct_sessions")
    assert (row["learner"], len(row["actor"])) == (None, 36)
    assert story.rows("mart_tenant_activity") == []


def test_learner__external_id_before_id() -> None:
    story = school()
    story.user("x-ada")
    assert who(story, account("x-ada")) == ["ada"]


def test_learner__two_fit() -> None:
    story = school()
    story.user("twin", email="ada@school.example")
    assert who(story, mail("ada")) == [None]


@pytest.mark.parametrize("actor", [OPENID, mail("family"), account("7", "https://elsewhere.example")])
def test_learner__by_alias(actor: dict[str, Any]) -> None:
    story = school()
    story.add("learner_aliases", agent=_json(actor), user_id="ada")
    assert who(story, actor) == ["ada"]


def test_learner__an_alias_goes_before_all_else() -> None:
    story = school()
    story.user("bob")
    story.add("learner_aliases", agent=_json(mail("ada")), user_id="bob")
    assert who(story, mail("ada")) == ["bob"]


def test_learner__an_alias_that_was_taken_back() -> None:
    story = school()
    story.add("learner_aliases", agent=_json(mail("ada")), user_id=None)
    assert who(story, mail("ada")) == ["ada"]


def test_learner__the_mail_changed() -> None:
    """What was said under the old address is nobody's until somebody maps it; then history follows."""
    story = school()
    story.tables["users"][0]["email"] = "lovelace@school.example"
    assert who(story, mail("lovelace")) == ["ada"]
    assert who(story, mail("ada")) == [None]
    story.add("learner_aliases", agent=_json(mail("ada")), user_id="ada")
    assert {row["learner"] for row in story.rows("fct_statement_learners")} == {"ada"}


def test_learner__key_of_the_unmatched() -> None:
    story = school()
    story.say(OPENID, "experienced", "l1", hours(1))
    assert story.row("fct_statement_learners")["actor"] == key_of(1, ("openid", OPENID["openid"]))


def test_group__each_member_once() -> None:
    story = school()
    assert who(story, group(mail("ada"), account("x-ada"), mail("eve"))) == ["ada", None]


def test_group__active_and_started_and_no_more() -> None:
    story = school()
    story.assessment("a1")
    together = group(mail("ada"), mail("eve"))
    story.say(together, "completed", "l1", hours(1))
    story.say(together, "completed", "math", hours(2))
    story.say(together, "passed", "a1", hours(3), result={"score": {"scaled": 1}})
    story.say(together, "answered", "a1", hours(4), result={"success": True, "response": "a"})
    story.say(together, "played", "l1", hours(5), result={"extensions": {}})
    marts = story.marts()
    for name in (
        "fct_lesson_completion", "fct_course_completion", "fct_assessment_attempts", "fct_question_responses",
        "fct_video_segments",
    ):  # fmt: skip
        assert marts[name].is_empty(), name
    assert marts["mart_course_funnel"]["started"].to_list() == [1]
    assert story.row("mart_learner_summary")["last_active_at"] == hours(5)
    assert story.row("mart_course_engagement")["statements"] == 5
    assert story.row("mart_course_engagement")["unmatched_statements"] == 5


def test_group__an_identified_one_without_members_is_nobody() -> None:
    story = school()
    club = {"objectType": "Group", "account": {"homePage": LMS, "name": "x-ada"}}
    assert who(story, club) == []
    assert len(story.rows("fct_statements")) == 1


@pytest.mark.parametrize(
    ("role", "enrolled", "teaches", "standing"),
    [
        ("student", True, False, "learner"),
        ("student", False, False, "not_enrolled"),
        ("instructor", False, False, "staff"),
        ("instructor", True, True, "staff"),
        ("student", True, True, "staff"),
        ("instructor", True, False, "learner"),
    ],
)
def test_standing(role: str, *, enrolled: bool, teaches: bool, standing: str) -> None:
    story = Story()
    story.user("ada", role=role)
    if enrolled:
        story.enrol("ada")
    if teaches:
        story.add("course_instructors", course_id="math", user_id="ada", is_listed=True, removed_at=None)
    story.say(mail("ada"), "experienced", "math", hours(1))
    assert story.row("fct_statement_learners")["standing"] == standing
    assert bool(story.rows("mart_tenant_activity")) == (standing in {"learner", "not_enrolled"})


def test_standing__the_withdrawn_are_learners() -> None:
    story = school()
    story.tables["enrollments"][0]["status"] = "withdrawn"
    story.say(mail("ada"), "experienced", "l1", days(1))
    assert story.row("fct_statement_learners")["standing"] == "learner"
    assert story.row("mart_course_completion")["withdrawn"] == 1


def _json(agent: dict[str, Any]) -> str:
    return json.dumps(agent)
