from typing import Any

from tests.reference.read import Row
from tests.unit.reference.story import LMS, Story, days, group, hours, mail


def school() -> Story:
    story = Story()
    story.user("ada")
    story.lesson("l1")
    story.assessment("a1")
    story.enrol("ada")
    return story


def around(**levels: str) -> dict[str, Any]:
    return {"context": {"contextActivities": {name: [{"id": f"{LMS}/{about}"}] for name, about in levels.items()}}}


def place(story: Story, about: str | dict[str, Any], actor: str = "ada", **more: Any) -> Row:
    statement = story.say(mail(actor), "experienced", about, hours(1), **more)
    return story.row("fct_statements", statement=statement)


def test_place__the_nearest_level() -> None:
    story = school()
    assert place(story, "l1", **around(parent="a1"))["lesson"] == "l1"
    assert place(story, "x", **around(parent="a1", grouping="l1"))["assessment"] == "a1"
    assert place(story, "x", **around(grouping="l1", other="a1"))["lesson"] == "l1"
    assert place(story, "x", **around(other="math"))["course"] == "math"
    assert place(story, "x", **around(category="math"))["level"] == "none"


def test_place__a_context_activity_without_a_list() -> None:
    story = school()
    found = place(story, "x", context={"contextActivities": {"parent": {"id": f"{LMS}/l1"}}})
    assert found["lesson"] == "l1"


def test_place__a_lesson_before_an_assessment_before_a_course() -> None:
    story = school()
    parents = [{"id": f"{LMS}/{name}"} for name in ("math", "a1", "l1")]
    assert place(story, "x", context={"contextActivities": {"parent": parents}})["lesson"] == "l1"
    assert place(story, "x", context={"contextActivities": {"parent": parents[:2]}})["assessment"] == "a1"


def test_place__by_pattern() -> None:
    story = school()
    story.add("patterns", pattern="/unit/(?<key>[0-9]+)$", names="lesson", key_is="external_id")
    story.tables["lessons"][0]["external_id"] = "77"
    assert place(story, "unit/77")["lesson"] == "l1"
    assert place(story, "unit/78")["level"] == "none"


def test_place__an_alias_goes_before_what_is_recognised() -> None:
    story = school()
    story.add("activity_aliases", iri=f"{LMS}/l1", course_id=None, lesson_id=None, assessment_id="a1")
    assert place(story, "l1")["assessment"] == "a1"


def shared() -> Story:
    """One activity that two courses use."""
    story = school()
    story.course("art")
    story.lesson("here", iri=f"{LMS}/both")
    story.lesson("there", course="art", iri=f"{LMS}/both")
    return story


def test_place__ambiguous_tries_no_further_level() -> None:
    story = shared()
    story.enrol("ada", "art")
    found = place(story, "both", **around(parent="l1"))
    assert (found["level"], found["course"], found["lesson"]) == ("ambiguous", None, None)
    assert story.row("unmapped") == {"tenant_id": 1, "activity": f"{LMS}/both", "statements": 1}


def test_place__equal_ones_decided_by_the_enrolment() -> None:
    story = shared()
    assert place(story, "both")["lesson"] == "here"
    story.user("bob")
    assert place(story, "both", actor="bob")["level"] == "ambiguous"


def test_place__only_the_enrolments_by_then() -> None:
    story = shared()
    story.enrol("ada", "art", at=days(1))
    assert place(story, "both")["lesson"] == "here"
    late = story.say(mail("ada"), "experienced", "both", days(2))
    assert story.row("fct_statements", statement=late)["level"] == "ambiguous"


def test_place__who_enrolled_again_had_been_enrolled() -> None:
    story = shared()
    story.tables["enrollments"][0]["enrolled_at"] = days(20)
    assert place(story, "both")["lesson"] == "here"


def test_place__of_each_member_of_a_group() -> None:
    story = shared()
    story.user("bob")
    story.enrol("bob", "art")
    story.say(group(mail("ada"), mail("bob")), "experienced", "both", hours(1))
    found = {row["learner"]: row["course"] for row in story.rows("fct_daily_engagement")}
    assert found == {"ada": "math", "bob": "art"}


def test_place__two_lessons_of_one_course_stay_ambiguous() -> None:
    story = school()
    story.lesson("copy", iri=f"{LMS}/l1")
    assert place(story, "l1")["level"] == "ambiguous"


def test_substatement__what_is_planned_has_not_happened() -> None:
    story = school()
    planned = {
        "objectType": "SubStatement", "actor": mail("ada"), "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": f"{LMS}/l1"},
    }  # fmt: skip
    statement = story.say(mail("ada"), "completed", planned, hours(1), **around(parent="l1"))
    assert story.row("fct_statements", statement=statement)["lesson"] == "l1"
    assert story.rows("fct_lesson_completion") == []
    assert story.row("mart_course_funnel")["started"] == 1


def test_substatement__its_own_object_is_no_place() -> None:
    story = school()
    planned = {
        "objectType": "SubStatement", "actor": mail("ada"), "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": f"{LMS}/l1"},
    }  # fmt: skip
    assert place(story, planned)["level"] == "none"
