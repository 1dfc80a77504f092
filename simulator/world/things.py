"""What there is to learn at a tenant. Times are milliseconds since 1970; `eq=False` lets things be keys by identity."""

from typing import Literal

import msgspec

ContentType = Literal["video", "text", "quiz", "assignment", "interactive"]
AssessmentType = Literal["quiz", "exam", "assignment", "peer_review"]
Status = Literal["draft", "published", "archived"]
Level = Literal["lesson", "assessment", "course", "none", "ambiguous"]
# Who says that something was done: the content, the LMS by a row of its own, or both.
Recorded = Literal["statement", "row", "both"]


class Place(msgspec.Struct, eq=False, frozen=True):
    """Where a statement belongs, as its plan knows."""

    level: Level
    course: str | None = None
    lesson: str | None = None
    assessment: str | None = None


NOWHERE = Place("none")
AMBIGUOUS = Place("ambiguous")


class Video(msgspec.Struct, eq=False, frozen=True):
    iri: str
    title: str
    length: int
    threshold: float | None = None
    # A player that never says how long its media are.
    says_length: bool = True


class Question(msgspec.Struct, eq=False, frozen=True):
    iri: str
    title: str
    text: str
    interaction: Literal["choice", "fill-in"]
    choices: tuple[tuple[str, str], ...]
    correct: tuple[str, ...]
    difficulty: float
    # A survey question: nothing in it is right or wrong.
    is_judged: bool = True
    # Open edX names what was chosen, and never says the text of a choice.
    tells_choices: bool = True


class Page(msgspec.Struct, eq=False, frozen=True):
    """A slide, a page, an attempt: something inside a lesson or assessment, with an IRI that the LMS does not know."""

    iri: str
    title: str


class Lesson(msgspec.Struct, eq=False, frozen=True, kw_only=True):
    lesson_id: str
    course_id: str
    module_id: str
    title: str
    position: int
    content_type: ContentType
    minutes: int
    iri: str
    activity_iri: str | None
    external_id: str | None
    emitter: str
    # (since, required), in order; the first holds from ever.
    required: tuple[tuple[int, bool], ...]
    recorded: Recorded = "statement"
    pages: tuple[Page, ...] = ()
    questions: tuple[Question, ...] = ()
    video: Video | None = None
    # The content knows a registration that spans its launches.
    is_registered: bool = False
    place: Place

    def is_required(self, at: int) -> bool:
        held = self.required[0][1]
        for since, required in self.required[1:]:
            if since <= at:
                held = required
        return held


class Assessment(msgspec.Struct, eq=False, frozen=True, kw_only=True):
    assessment_id: str
    course_id: str
    title: str
    type: AssessmentType
    max_score: int
    passing_score: int | None
    max_attempts: int | None
    required: bool
    iri: str
    activity_iri: str | None
    external_id: str | None
    emitter: str
    recorded: Recorded = "statement"
    questions: tuple[Question, ...] = ()
    place: Place

    @property
    def passing_share(self) -> float | None:
        return None if self.passing_score is None else self.passing_score / self.max_score


class Module(msgspec.Struct, eq=False, frozen=True):
    module_id: str
    title: str
    position: int


class Course(msgspec.Struct, eq=False, frozen=True, kw_only=True):
    course_id: str
    shape: str
    slug: str
    title: str
    status: Status
    created_at: int
    published_at: int | None
    starts_at: int
    ends_at: int | None
    length_days: int | None
    iri: str
    activity_iri: str | None
    external_id: str | None
    emitter: str
    instructors: tuple[str, ...]
    modules: tuple[Module, ...]
    lessons: tuple[Lesson, ...]
    assessments: tuple[Assessment, ...]
    # Media that are nobody's lesson.
    extras: tuple[Video, ...] = ()
    # Of how many learners this is one of the courses.
    share: float = 0.0
    # Enrolments are due so many days after they begin.
    due_days: int | None = None
    # Who says that the course was completed, beside what can be concluded.
    completed_by: Literal["nobody", "statement", "row"] = "nobody"
    place: Place

    def required_lessons(self, at: int) -> list[Lesson]:
        return [lesson for lesson in self.lessons if lesson.is_required(at)]

    @property
    def required_assessments(self) -> list[Assessment]:
        return [assessment for assessment in self.assessments if assessment.required]

    @property
    def changes(self) -> list[int]:
        return sorted({since for lesson in self.lessons for since, _ in lesson.required[1:]})


class Pattern(msgspec.Struct, frozen=True):
    names: str
    key_is: str
    pattern: str


class User(msgspec.Struct, frozen=True, kw_only=True):
    user_id: str
    email: str
    full_name: str
    role: Literal["student", "instructor", "admin"]
    external_id: str
    attributes: dict[str, str]
