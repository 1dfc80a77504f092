"""The CSV's columns: each named as in its table, with what is allowed there, as DuckDB checks it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.lms.kinds import MOST_DAYS, MOST_INTEGER, MOST_MINUTES, MOST_POINTS


@dataclass(frozen=True)
class Kind:
    """`check` is true of a good text {v}."""

    check: str
    allowed: str
    is_object: bool = False


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    required: bool = False


@dataclass(frozen=True)
class Rule:
    """Of a whole row; `column` is where the report points."""

    column: str
    check: str
    allowed: str


@dataclass(frozen=True)
class SheetType:
    """One file a table. `listing`: of the courses that it names it has all of this kind."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    references: dict[tuple[str, ...], str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    listing: str | None = None

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


def text(most: int) -> Kind:
    return Kind(f"length({{v}}) <= {most}", f"1 to {most} characters")


def choice(*choices: str) -> Kind:
    quoted = ", ".join(f"'{one}'" for one in choices)
    return Kind(f"{{v}} in ({quoted})", " or ".join(choices))


def whole(least: int, most: int) -> Kind:
    check = f"regexp_full_match({{v}}, '[0-9]{{{{1,10}}}}') and {{v}}::bigint between {least} and {most}"
    return Kind(check, f"a whole number from {least} to {most}")


def amount(most: int, above: str = ">= 0") -> Kind:
    check = f"regexp_full_match({{v}}, '[0-9]{{{{1,12}}}}(\\.[0-9]{{{{1,30}}}})?') and {{v}}::double {above} "
    return Kind(f"{check} and {{v}}::double <= {most}", f"a number {above}, up to {most}")


ID = text(255)
TEXT = text(1000)
EMAIL = Kind(
    "length({v}) between 3 and 320 and regexp_full_match({v}, '[^@\\s]+@[^@\\s]+')", "an address such as a@b.example"
)
IRI = Kind(
    "length({v}) <= 2048 and regexp_full_match({v}, '[A-Za-z][A-Za-z0-9+.\\-]*:[^\\s<>\"{{}}|\\\\^`]+')",
    "an IRI with a scheme, of at most 2048 characters",
)
TRUTH = Kind("lower({v}) in ('true', 'false', '1', '0', 'yes', 'no')", "true or false")
_TIME = "([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{{1,9}})?)?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?)?"
MOMENT = Kind(
    "regexp_full_match({v}, '(19|20|21|22)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}" + _TIME + "') "
    "and try_cast({v}[:10] as date) is not null",
    "a date or time such as 2026-03-01 or 2026-03-01T09:30:00Z, from 1900 to 2299",
)
PAST = Kind(f"({MOMENT.check}) and try_cast({{v}} as timestamptz) <= now() + interval 5 minute",
            f"{MOMENT.allowed}, not ahead of now")  # fmt: skip
OBJECT = Kind("json_valid({v})", "a JSON object", is_object=True)
POSITION = whole(0, MOST_INTEGER)
ORDINAL = whole(1, MOST_INTEGER)

USERS = SheetType(
    "users",
    ("user_id",),
    (
        Column("user_id", ID, required=True),
        Column("role", choice("student", "instructor", "admin"), required=True),
        Column("email", EMAIL),
        Column("full_name", TEXT),
        Column("external_id", ID),
        Column("attributes", OBJECT),
        Column("is_active", TRUTH),
    ),
)
COURSES = SheetType(
    "courses",
    ("course_id",),
    (
        Column("course_id", ID, required=True),
        Column("title", TEXT, required=True),
        Column("status", choice("draft", "published", "archived"), required=True),
        Column("slug", ID),
        Column("starts_at", MOMENT),
        Column("ends_at", MOMENT),
        Column("length_days", whole(1, MOST_DAYS)),
        Column("settings", OBJECT),
        Column("published_at", MOMENT),
        Column("activity_iri", IRI),
        Column("external_id", ID),
    ),
    rules=(Rule("ends_at", "ends_at::timestamptz >= starts_at::timestamptz", "a time not before starts_at"),),
)
MODULES = SheetType(
    "modules",
    ("course_id", "module_id"),
    (
        Column("course_id", ID, required=True),
        Column("module_id", ID, required=True),
        Column("title", TEXT, required=True),
        Column("position", POSITION, required=True),
    ),
    references={("course_id",): "courses"},
    listing="module",
)
LESSONS = SheetType(
    "lessons",
    ("lesson_id",),
    (
        Column("lesson_id", ID, required=True),
        Column("course_id", ID, required=True),
        Column("module_id", ID, required=True),
        Column("title", TEXT, required=True),
        Column("position", POSITION, required=True),
        Column("content_type", choice("video", "text", "quiz", "assignment", "interactive"), required=True),
        Column("required", TRUTH, required=True),
        Column("duration_min", amount(MOST_MINUTES)),
        Column("activity_iri", IRI),
        Column("external_id", ID),
    ),
    references={("course_id",): "courses", ("course_id", "module_id"): "modules"},
    listing="lesson",
)
ASSESSMENTS = SheetType(
    "assessments",
    ("assessment_id",),
    (
        Column("assessment_id", ID, required=True),
        Column("course_id", ID, required=True),
        Column("title", TEXT, required=True),
        Column("type", choice("quiz", "exam", "assignment", "peer_review"), required=True),
        Column("max_score", amount(MOST_POINTS, "> 0"), required=True),
        Column("required", TRUTH, required=True),
        Column("lesson_id", ID),
        Column("passing_score", amount(MOST_POINTS)),
        Column("max_attempts", ORDINAL),
        Column("activity_iri", IRI),
        Column("external_id", ID),
    ),
    references={("course_id",): "courses", ("lesson_id",): "lessons"},
    rules=(Rule("passing_score", "passing_score::double <= max_score::double", "a number up to max_score"),),
    listing="assessment",
)
INSTRUCTORS = SheetType(
    "course_instructors",
    ("course_id", "user_id"),
    (Column("course_id", ID, required=True), Column("user_id", ID, required=True)),
    references={("course_id",): "courses", ("user_id",): "users"},
    listing="instructor",
)
ENROLLMENTS = SheetType(
    "enrollments",
    ("course_id", "user_id"),
    (
        Column("course_id", ID, required=True),
        Column("user_id", ID, required=True),
        Column("status", choice("active", "completed", "withdrawn"), required=True),
        Column("enrolled_at", MOMENT, required=True),
        Column("completed_at", PAST),
        Column("due_at", MOMENT),
        Column("cohort", ID),
    ),
    references={("course_id",): "courses", ("user_id",): "users"},
)
PROGRESS = SheetType(
    "lesson_progress",
    ("lesson_id", "user_id"),
    (
        Column("lesson_id", ID, required=True),
        Column("user_id", ID, required=True),
        Column("status", choice("not_started", "in_progress", "completed"), required=True),
        Column("progress_pct", amount(100)),
        Column("started_at", PAST),
        Column("completed_at", PAST),
    ),
    references={("lesson_id",): "lessons", ("user_id",): "users"},
)
SUBMISSIONS = SheetType(
    "submissions",
    ("assessment_id", "user_id", "attempt_number"),
    (
        Column("assessment_id", ID, required=True),
        Column("user_id", ID, required=True),
        Column("attempt_number", ORDINAL, required=True),
        Column("status", choice("submitted", "graded", "returned"), required=True),
        Column("submitted_at", PAST, required=True),
        Column("score", amount(MOST_POINTS)),
        Column("graded_at", PAST),
        Column("external_id", ID),
    ),
    references={("assessment_id",): "assessments", ("user_id",): "users"},
)
# In the order in which one refers to another.
SHEET_TYPES: Sequence[SheetType] = (
    USERS,
    COURSES,
    MODULES,
    LESSONS,
    ASSESSMENTS,
    INSTRUCTORS,
    ENROLLMENTS,
    PROGRESS,
    SUBMISSIONS,
)
