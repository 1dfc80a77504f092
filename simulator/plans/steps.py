"""What a learner does at one moment, before any emitter has put it into words."""

from typing import Literal

import msgspec

from simulator.world.things import Assessment, Course, Lesson, Page, Place, Question, Video

Kind = Literal[
    "started", "progressed", "completed", "passed", "failed", "scored", "answered", "viewed", "played", "paused",
    "seeked", "interacted", "graded", "ended", "waived", "other",
]  # fmt: skip
Thing = Lesson | Assessment | Course | Video | Question | Page


class Verb(msgspec.Struct, eq=False, frozen=True):
    iri: str
    name: str
    kind: Kind
    text: bytes


class Outcome(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    raw: float | None = None
    maximum: float | None = None
    # Only where the emitter says another share than raw and maximum make.
    scaled: float | None = None
    success: bool | None = None
    completion: bool | None = None
    response: str | None = None
    seconds: int | None = None
    progress: float | None = None


class Watching(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Positions in a video, in milliseconds of it."""

    time: int
    before: int | None = None
    segments: tuple[tuple[int, int], ...] | None = None
    share: float | None = None
    completion: bool = False


class Visit(msgspec.Struct, eq=False):
    """One launch of something: what all statements of it have in common."""

    dialect: str
    course: Course
    # The lesson or assessment that was opened; of neither, the course.
    opened: Lesson | Assessment | Course
    form: str
    session_id: str
    registration: str | None = None
    number: int = 1
    # By what the statement is about: parts of its text that come again.
    parts: dict[object, bytes] = msgspec.field(default_factory=dict)


class Step(msgspec.Struct, eq=False):
    id: str
    at: int
    verb: Verb
    thing: Thing
    place: Place
    visit: Visit
    outcome: Outcome | Watching | None = None
    # Whose judgement it is, if another's.
    judge: str | None = None
    # For how long it keeps the learner busy, as a session counts it.
    lasts: int = 0
    # What a broken clock says instead of `at`, and when the statement arrives, where that is part of the plan.
    clock: int | None = None
    arrives: int | None = None
    # False: another member of the group sends the statement.
    is_told: bool = True
