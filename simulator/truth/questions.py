"""How hard questions are, how well they tell learners apart, and what was answered."""

import math
from collections import Counter, defaultdict

import msgspec

from simulator.moments import iso
from simulator.plans.facts import Answer, Facts
from simulator.truth.standing import standing
from simulator.truth.tables import Row, Tables
from simulator.world.tenants import Tenant
from simulator.world.things import Question

FEWEST_LEARNERS = 10
ANSWERED_BY = 0.8
MISSING = 2


class Item(msgspec.Struct):
    question: Question
    course: str
    lesson: str | None
    assessment: str | None
    learners: int = 0
    judged: int = 0
    correct: int = 0
    answers: Counter[str] = msgspec.field(default_factory=Counter)


class Questions:
    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.items: dict[tuple[str, str | None], Item] = {}
        # By assessment: one byte a learner and question.
        self.verdicts: dict[str, bytearray] = defaultdict(bytearray)

    def add(self, facts: Facts, tables: Tables) -> None:
        counted: dict[str, dict[str, bool]] = defaultdict(dict)
        for answer in facts.answers.values():
            if answer.course is None or standing(facts, answer.course) != "learner":
                continue
            self._tally(answer)
            tables.write("fct_question_responses", self._row(answer, facts))
            if answer.assessment is not None and answer.correct is not None:
                counted[answer.assessment][answer.question.iri] = answer.correct
        for assessment, verdicts in counted.items():
            questions = self.tenant.assessments[assessment].questions
            self.verdicts[assessment] += bytes(verdicts.get(each.iri, MISSING) for each in questions)

    def _tally(self, answer: Answer) -> None:
        key = answer.question.iri, answer.assessment
        if key not in self.items:
            self.items[key] = Item(answer.question, answer.course or "", answer.lesson, answer.assessment)
        item = self.items[key]
        item.learners += 1
        item.judged += answer.correct is not None
        item.correct += answer.correct is True
        item.answers.update(parts(answer))

    def _row(self, answer: Answer, facts: Facts) -> Row:
        return {
            "item": answer.question.iri, "course": answer.course, "lesson": answer.lesson,
            "assessment": answer.assessment, "learner": facts.learner_id, "first_at": iso(answer.at),
            "correct": answer.correct, "response": answer.response,
        }  # fmt: skip

    def finish(self, tables: Tables) -> None:
        told_apart = {name: discriminations(self._table(name)) for name in self.verdicts}
        for (iri, assessment), item in sorted(self.items.items(), key=lambda one: (one[0][0], one[0][1] or "")):
            texts = dict(item.question.choices) if item.question.tells_choices else {}
            answers = [
                {"answer": answer, "text": texts.get(answer), "learners": count}
                for answer, count in sorted(item.answers.items())
            ]
            number = self._number(assessment, item.question)
            tables.write("mart_question_analysis", {
                "item": iri, "course": item.course, "lesson": item.lesson, "assessment": assessment,
                "learners": item.learners, "judged": item.judged, "correct": item.correct,
                "difficulty": item.correct / item.judged if item.judged else None,
                "discrimination": None if number is None else told_apart.get(assessment or "", {}).get(number),
                "answers": answers,
            })  # fmt: skip

    def _table(self, assessment: str) -> list[bytes]:
        width = len(self.tenant.assessments[assessment].questions)
        rows = self.verdicts[assessment]
        return [bytes(rows[start : start + width]) for start in range(0, len(rows), width)]

    def _number(self, assessment: str | None, question: Question) -> int | None:
        if assessment is None:
            return None
        return self.tenant.assessments[assessment].questions.index(question)


def parts(answer: Answer) -> list[str]:
    return answer.response.split("[,]") if answer.question.interaction == "choice" else [answer.response]


def discriminations(rows: list[bytes]) -> dict[int, float]:
    """By number of the question. Those that too few answered have none and take no part."""
    width = len(rows[0]) if rows else 0
    kept = [number for number in range(width) if sum(row[number] != MISSING for row in rows) >= ANSWERED_BY * len(rows)]
    whole = [row for row in rows if all(row[number] != MISSING for number in kept)]
    if len(kept) < 2 or len(whole) < FEWEST_LEARNERS:
        return {}
    found = {number: _discrimination(whole, kept, number) for number in kept}
    return {number: value for number, value in found.items() if value is not None}


def _discrimination(rows: list[bytes], kept: list[int], number: int) -> float | None:
    others = [sum(row[other] for other in kept if other != number) / (len(kept) - 1) for row in rows]
    return pearson([float(row[number]) for row in rows], others)


def pearson(one: list[float], other: list[float]) -> float | None:
    count = len(one)
    middle_one, middle_other = math.fsum(one) / count, math.fsum(other) / count
    if len(set(one)) == 1 or len(set(other)) == 1:
        return None
    together = math.fsum((a - middle_one) * (b - middle_other) for a, b in zip(one, other, strict=True))
    spread = math.fsum((a - middle_one) ** 2 for a in one) * math.fsum((b - middle_other) ** 2 for b in other)
    return together / math.sqrt(spread)
