"""What a plan brings about, written down as it is decided."""

from typing import Literal

import msgspec

from simulator.world.things import Assessment, Course, Lesson, Question, User, Video

Evidence = Literal["row", "statement", "requirements", "waived"]


class Enrolment(msgspec.Struct, eq=False):
    course: Course
    user_id: str
    enrolled_at: int
    cohort: str | None
    due_at: int | None = None
    # The first time, where there was a second one.
    first_enrolled_at: int | None = None
    withdrawn_at: int | None = None
    # As the LMS's own row says.
    completed_at: int | None = None

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def end(self) -> int | None:
        if self.due_at is not None:
            return self.due_at
        if self.course.length_days is not None:
            return self.enrolled_at + self.course.length_days * 86_400_000
        return self.course.ends_at


class Attempt(msgspec.Struct, eq=False, kw_only=True):
    assessment: Assessment
    submitted_at: int
    graded_at: int | None
    score: float | None
    share: float | None
    passed: bool | None
    source: Literal["row", "statement", "both"]
    # In the LMS's row, if there is one.
    number: int | None = None
    row_graded_at: int | None = None
    row_score: float | None = None
    id: str = ""


class Viewing(msgspec.Struct, eq=False):
    """Segments of a video in the order in which they were watched, in milliseconds."""

    video: Video
    key: str
    segments: list[tuple[int, int]]
    threshold: float | None
    is_completed: bool = False
    first_at: int = 0


class Answer(msgspec.Struct, eq=False, frozen=True):
    question: Question
    place_level: str
    course: str | None
    lesson: str | None
    assessment: str | None
    at: int
    correct: bool | None
    response: str


class CourseFacts:
    def __init__(self, course: Course) -> None:
        self.course = course
        self.enrolment: Enrolment | None = None
        self.lessons: dict[str, tuple[int, Evidence]] = {}
        self.passes: dict[str, tuple[int, Evidence]] = {}
        self.attempts: list[Attempt] = []
        self.said: list[tuple[int, Evidence]] = []
        self.waived_at: int | None = None
        self.progress_rows: dict[str, int] = {}
        # Filled from the steps: when something other than graded was placed here, and in which lessons.
        self.active: list[int] = []
        self.started: set[str] = set()

    def complete(self, lesson: Lesson, at: int, evidence: Evidence) -> None:
        known = self.lessons.get(lesson.lesson_id)
        if known is None or at < known[0]:
            self.lessons[lesson.lesson_id] = at, evidence

    def finish_row(self, lesson: Lesson, at: int) -> None:
        self.progress_rows[lesson.lesson_id] = at
        self.complete(lesson, at, "row")

    def pass_assessment(self, assessment: Assessment, at: int, evidence: Evidence) -> None:
        known = self.passes.get(assessment.assessment_id)
        if known is None or at < known[0]:
            self.passes[assessment.assessment_id] = at, evidence

    def attempt(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        if attempt.passed and attempt.graded_at is not None:
            self.pass_assessment(attempt.assessment, attempt.graded_at, "row" if attempt.number else "statement")


class Facts:
    def __init__(self, courses: dict[str, Course], users: list[User], actor: str) -> None:
        # Nobody where the actor is a stranger, two where nobody can tell which of them it is.
        self.users = users
        self.actor = actor
        self.courses: dict[str, CourseFacts] = {}
        self.viewings: dict[tuple[str, str], Viewing] = {}
        self.answers: dict[tuple[str, str | None], Answer] = {}
        self._known = courses

    @property
    def learner_id(self) -> str | None:
        return self.users[0].user_id if len(self.users) == 1 else None

    def of(self, course: Course) -> CourseFacts:
        if course.course_id not in self.courses:
            self.courses[course.course_id] = CourseFacts(course)
        return self.courses[course.course_id]

    def at(self, course_id: str) -> CourseFacts:
        return self.of(self._known[course_id])

    def answer(self, answer: Answer) -> None:
        """The first counts. Plans go forward in time, so it is the one that is written down first."""
        self.answers.setdefault((answer.question.iri, answer.assessment), answer)
