"""A course while it is put together."""

from collections.abc import Sequence
from typing import Any

from simulator.moments import DAY
from simulator.world.things import Assessment, Course, Lesson, Module, Page, Place, Question, Video

LETTERS = "abcdefgh"


class Draft:
    def __init__(self, course_id: str, emitter: str, iri: str, start: int) -> None:
        self.course_id = course_id
        self.emitter = emitter
        self.iri = iri
        self.start = start
        self._modules: list[Module] = []
        self._lessons: list[Lesson] = []
        self._assessments: list[Assessment] = []

    def module(self, title: str) -> None:
        position = len(self._modules) + 1
        self._modules.append(Module(f"{self.course_id}-m{position}", title, position))

    def next_lesson(self) -> str:
        return f"{self.course_id}-l{len(self._lessons) + 1}"

    def lesson(self, title: str, iri: str, *, required: bool = True, **given: Any) -> Lesson:
        module = self._modules[-1]
        lesson_id = self.next_lesson()
        count = given.pop("pages", 0)
        pages = tuple(Page(f"{iri}/{number}", f"{title} {number}") for number in range(1, count + 1))
        defaults = {"content_type": "text", "minutes": 20, "activity_iri": iri, "external_id": None}
        lesson = Lesson(**{
            **defaults, "lesson_id": lesson_id, "course_id": self.course_id, "module_id": module.module_id,
            "title": title, "iri": iri, "emitter": self.emitter, "pages": pages,
            "required": given.pop("changes", ((0, required),)),
            "position": sum(lesson.module_id == module.module_id for lesson in self._lessons) + 1,
            "place": Place("lesson", self.course_id, lesson_id), **given,
        })  # fmt: skip
        self._lessons.append(lesson)
        return lesson

    def assessment(self, title: str, iri: str, **given: Any) -> Assessment:
        assessment_id = f"{self.course_id}-a{len(self._assessments) + 1}"
        defaults = {
            "type": "quiz", "max_score": 100, "passing_score": 60, "max_attempts": 3, "required": True,
            "activity_iri": iri, "external_id": None, "recorded": "statement",
        }  # fmt: skip
        assessment = Assessment(**{
            **defaults, "assessment_id": assessment_id, "course_id": self.course_id, "title": title, "iri": iri,
            "emitter": self.emitter, "place": Place("assessment", self.course_id, None, assessment_id), **given,
        })  # fmt: skip
        self._assessments.append(assessment)
        return assessment

    def done(self, shape: str, title: str, instructors: Sequence[str], **given: Any) -> Course:
        defaults = {
            "status": "published", "created_at": self.start - 40 * DAY, "published_at": self.start - 14 * DAY,
            "starts_at": self.start, "ends_at": self.start + 140 * DAY, "length_days": 120,
            "activity_iri": self.iri, "external_id": None,
        }  # fmt: skip
        return Course(**{
            **defaults, "course_id": self.course_id, "shape": shape, "slug": f"{shape}-course", "title": title,
            "iri": self.iri, "emitter": self.emitter, "instructors": tuple(instructors),
            "modules": tuple(self._modules), "lessons": tuple(self._lessons),
            "assessments": tuple(self._assessments), "place": Place("course", self.course_id), **given,
        })  # fmt: skip


def questions(base: str, topic: str, count: int, joint: str = "/q") -> tuple[Question, ...]:
    """The first has two right answers, the last one is filled in, and each is harder than the one before."""
    return tuple(_question(f"{base}{joint}{number}", topic, number, count) for number in range(1, count + 1))


def _question(iri: str, topic: str, number: int, count: int) -> Question:
    title, difficulty = f"{topic}, question {number}", (number - 1) / count - 0.3
    if number == count:
        return Question(iri, title, f"{topic}: what is it called?", "fill-in", (), (topic.lower(),), difficulty)
    choices = tuple((letter, f"{topic}, answer {letter.upper()}") for letter in LETTERS[:4])
    correct = ("a", "c") if number == 1 else (LETTERS[number % 4],)
    return Question(iri, title, f"{topic}: which are true?", "choice", choices, correct, difficulty)


def video(iri: str, title: str, seconds: int, threshold: float | None = None) -> Video:
    return Video(iri, title, seconds * 1000, threshold)
