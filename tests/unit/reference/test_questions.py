from typing import Any

import pytest

from tests.reference.questions import pearson
from tests.reference.read import Row
from tests.unit.reference.story import LMS, START, Story, hours, mail


def school(people: int = 10) -> Story:
    story = Story()
    story.assessment("a1")
    story.lesson("l1")
    for number in range(people):
        story.user(f"u{number}")
        story.enrol(f"u{number}")
    return story


def answer(story: Story, user: int, item: str, at: float = 1, parent: str = "a1", **result: Any) -> None:
    context = {"contextActivities": {"parent": [{"id": f"{LMS}/{parent}"}]}}
    story.say(mail(f"u{user}"), "answered", item, hours(at), context=context, result=result)


def question(story: Story, item: str) -> Row:
    return story.row("mart_question_analysis", item=f"{LMS}/{item}")


def test_first__the_earliest_counts() -> None:
    story = school()
    answer(story, 0, "q1", at=2, success=True)
    answer(story, 0, "q1", at=1, success=False)
    found = question(story, "q1")
    assert (found["learners"], found["judged"], found["difficulty"]) == (1, 1, 0.0)


def test_first__without_a_verdict_is_left_out_of_the_difficulty() -> None:
    story = school()
    answer(story, 0, "q1", response="x")
    answer(story, 0, "q1", at=2, response="y", success=True)
    found = question(story, "q1")
    assert (found["judged"], found["difficulty"]) == (0, None)
    assert found["answers"] == [{"answer": "x", "text": None, "learners": 1}]


def test_answers__several_choices_with_their_texts() -> None:
    story = school()
    choices = [{"id": letter, "description": {"en": letter.upper()}} for letter in "ab"]
    story.add(
        "definitions", iri=f"{LMS}/q1", stored=START, statement="1",
        definition=f'{{"interactionType": "choice", "choices": {str(choices).replace(chr(39), chr(34))}}}',
    )  # fmt: skip
    story.add("definitions", iri=f"{LMS}/q1", stored=hours(1), statement="2", definition='{"type": "t"}')
    answer(story, 0, "q1", response="a[,]b")
    answer(story, 1, "q1", response="b[,]c")
    assert question(story, "q1")["answers"] == [
        {"answer": "a", "text": "A", "learners": 1}, {"answer": "b", "text": "B", "learners": 2},
        {"answer": "c", "text": None, "learners": 1},
    ]  # fmt: skip


def test_answers__a_fill_in_is_not_split() -> None:
    story = school()
    story.add("definitions", iri=f"{LMS}/q1", stored=START, statement="1", definition='{"interactionType": "fill-in"}')
    answer(story, 0, "q1", response="a[,]b")
    assert [one["answer"] for one in question(story, "q1")["answers"]] == ["a[,]b"]


def paper(people: int) -> Story:
    """Learner n knows the first n of three questions, more or less."""
    story = school(people)
    for user in range(people):
        for number in range(3):
            answer(story, user, f"q{number}", success=user % 4 > number)
    return story


def test_discrimination__ten_learners_and_nine() -> None:
    marks = [[user % 4 > number for user in range(10)] for number in range(3)]
    rest = [marks[1][user] + marks[2][user] for user in range(10)]
    assert question(paper(10), "q0")["discrimination"] == pearson([int(mark) for mark in marks[0]], rest)
    assert question(paper(9), "q0")["discrimination"] is None


@pytest.mark.parametrize(("answered", "is_kept"), [(12, True), (11, False)])
def test_discrimination__answered_by_fewer_than_four_in_five(answered: int, *, is_kept: bool) -> None:
    """An item that few answered leaves the set; it takes no learner with it."""
    story = school(15)
    for user in range(15):
        answer(story, user, "q0", success=user % 2 == 0)
        answer(story, user, "q1", success=user % 3 == 0)
        if user < answered:
            answer(story, user, "q2", success=user % 5 == 0)
    assert (question(story, "q2")["discrimination"] is not None) == is_kept
    assert question(story, "q0")["discrimination"] is not None


def test_discrimination__constant_or_alone() -> None:
    story = paper(10)
    for user in range(10):
        answer(story, user, "q9", success=True)
    assert question(story, "q9")["discrimination"] is None
    alone = school()
    for user in range(10):
        answer(alone, user, "q1", success=user % 2 == 0)
    assert question(alone, "q1")["discrimination"] is None


def test_question__in_a_lesson_has_difficulty_only() -> None:
    story = school()
    for user in range(10):
        for item in ("q1", "q2"):
            answer(story, user, item, parent="l1", success=user % 2 == 0)
    found = question(story, "q1")
    assert (found["lesson"], found["assessment"], found["difficulty"], found["discrimination"]) == (
        "l1",
        None,
        0.5,
        None,
    )


def test_pearson__by_hand() -> None:
    assert pearson([0, 0, 1, 1], [0, 1, 1, 2]) == pytest.approx(0.5**0.5)
    assert pearson([1, 1], [0, 1]) is None
