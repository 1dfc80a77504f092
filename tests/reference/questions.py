"""Questions: what was answered first, how hard they are, and how well they tell learners apart."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from tests.reference.deeds import History
from tests.reference.engagement import Rows
from tests.reference.school import School

FEWEST = 10
# Of the learners with any counted answer, those who answered an item of the set.
SHARE = 0.8
SPLIT = frozenset(("choice", "sequencing", "matching"))
COMPONENTS = ("choices", "scale", "source", "target", "steps")


@dataclass(frozen=True)
class Question:
    item: str
    course: str | None
    lesson: str | None
    assessment: str | None


@dataclass(frozen=True)
class Answer:
    question: Question
    user: str
    first_at: datetime
    correct: bool | None
    response: str | None


def first_answers(history: History) -> list[Answer]:
    """In the order of time, the first of each learner stays."""
    found: dict[tuple[Question, str], Answer] = {}
    for deed in history.deeds:
        said, place, user = deed.statement, deed.place, deed.learner.user
        if not (deed.counts and deed.standing == "learner" and said.kind == "answered"):
            continue
        if said.object is None or user is None or place.course is None:
            continue
        question = Question(said.object, place.course, place.lesson, place.assessment)
        answer = Answer(question, user, said.at, said.result.get("success"), said.result.get("response"))
        found.setdefault((question, user), answer)
    return list(found.values())


def response_rows(answers: Iterable[Answer]) -> Rows:
    return [
        {
            **_keys(one.question), "learner": one.user, "first_at": one.first_at, "correct": one.correct,
            "response": one.response,
        }
        for one in answers
    ]  # fmt: skip


def _keys(question: Question) -> dict[str, Any]:
    return {
        "item": question.item, "course": question.course, "lesson": question.lesson,
        "assessment": question.assessment,
    }  # fmt: skip


def analysis_rows(school: School, answers: list[Answer]) -> Rows:
    by_question: dict[Question, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_question[answer.question].append(answer)
    told = discriminations(answers)
    defined = definitions(school)
    rows = []
    for question, given in by_question.items():
        correct = [one.correct for one in given if one.correct is not None]
        rows.append({
            **_keys(question), "learners": len(given), "judged": len(correct), "correct": sum(correct),
            "difficulty": sum(correct) / len(correct) if correct else None, "discrimination": told.get(question),
            "answers": answer_rows(given, defined.get(question.item, {})),
        })  # fmt: skip
    return rows


def definitions(school: School) -> dict[str, dict[str, Any]]:
    """Of two that say different things of the same property the one used last holds."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in sorted(school.rows("definitions"), key=lambda row: (row["stored"], row["statement"])):
        found[row["iri"]] |= msgspec.json.decode(row["definition"])
    return found


def discriminations(answers: list[Answer]) -> dict[Question, float | None]:
    by_assessment: dict[str, dict[Question, dict[str, bool]]] = defaultdict(lambda: defaultdict(dict))
    for one in answers:
        if one.question.assessment is not None and one.correct is not None:
            by_assessment[one.question.assessment][one.question][one.user] = one.correct
    return {question: value for items in by_assessment.values() for question, value in _of_set(items)}


def _of_set(items: dict[Question, dict[str, bool]]) -> Iterator[tuple[Question, float | None]]:
    everybody = set[str]().union(*items.values())
    kept = {question: marks for question, marks in items.items() if len(marks) >= SHARE * len(everybody)}
    learners = sorted(everybody.intersection(*kept.values())) if kept else []
    if len(learners) < FEWEST or len(kept) < 2:
        return
    for question, marks in kept.items():
        others = [other for other in kept if other != question]
        rest = [sum(kept[other][user] for other in others) for user in learners]
        yield question, pearson([int(marks[user]) for user in learners], rest)


def pearson(left: list[int], right: list[int]) -> float | None:
    """On whole numbers until the last step; None where either side is constant."""
    count = len(left)
    covariance = count * sum(a * b for a, b in zip(left, right, strict=True)) - sum(left) * sum(right)
    spreads = [count * sum(one * one for one in side) - sum(side) ** 2 for side in (left, right)]
    return covariance / math.sqrt(spreads[0] * spreads[1]) if all(spreads) else None


def answer_rows(given: list[Answer], definition: dict[str, Any]) -> Rows:
    texts = _texts(definition)
    counts: Counter[str] = Counter()
    for one in given:
        if one.response is not None:
            counts.update(set(_parts(one.response, definition.get("interactionType"))))
    return [
        {"answer": answer, "text": texts.get(answer), "learners": learners}
        for answer, learners in sorted(counts.items())
    ]


def _parts(response: str, interaction: str | None) -> list[str]:
    return response.split("[,]") if interaction in SPLIT else [response]


def _texts(definition: dict[str, Any]) -> dict[str, str]:
    components = [one for name in COMPONENTS for one in definition.get(name) or []]
    described = ((one["id"], one.get("description") or {}) for one in components)
    return {name: next(iter(words.values())) for name, words in described if words}
