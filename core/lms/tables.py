"""Which columns of the lms tables are told about together, and the SQL that follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Table:
    """Rows by key. Of a group of columns the last telling stands, by (event time, event key)."""

    name: str
    key: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    # The greatest value that another column ever had.
    greatest: Mapping[str, str] = field(default_factory=dict)
    # What a column holds of which nothing was told.
    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        told = [name for group, columns in self.groups.items() for name in (*columns, *said(group))]
        return ["tenant_id", *self.key, *told, *self.greatest]


@dataclass(frozen=True, eq=False)
class History:
    """What was told, and when: rows are added, never changed."""

    name: str
    columns: tuple[str, ...]


USERS = Table(
    "users",
    ("user_id",),
    {"profile": ("email", "full_name", "role", "external_id", "attributes", "is_active", "mbox_sha1sums")},
)
COURSES = Table(
    "courses",
    ("course_id",),
    {
        "details": (
            "title", "slug", "starts_at", "ends_at", "length_days", "settings", "activity_iri", "external_id",
        ),
        "status": ("status",),
        "published": ("published_at",),
    },
)  # fmt: skip
MODULES = Table("modules", ("course_id", "module_id"), {"details": ("title", "position", "is_listed")})
LESSONS = Table(
    "lessons",
    ("lesson_id",),
    {
        "details": (
            "course_id", "module_id", "title", "position", "content_type", "duration_min", "required", "activity_iri",
            "external_id", "is_listed",
        ),
    },
)  # fmt: skip
ASSESSMENTS = Table(
    "assessments",
    ("assessment_id",),
    {
        "details": (
            "course_id", "lesson_id", "title", "type", "max_score", "passing_score", "max_attempts", "required",
            "activity_iri", "external_id", "is_listed",
        ),
    },
    greatest={"highest_max_score": "max_score"},
)  # fmt: skip
INSTRUCTORS = Table("course_instructors", ("course_id", "user_id"), {"presence": ("is_listed",)})
ENROLLMENTS = Table(
    "enrollments",
    ("course_id", "user_id"),
    {
        "enrolled": ("enrolled_at",),
        "status": ("status",),
        "completion": ("completed_at",),
        "due": ("due_at",),
        "cohort": ("cohort",),
    },
)
SUBMISSIONS = Table(
    "submissions",
    ("assessment_id", "user_id", "attempt_number"),
    {"submission": ("submitted_at", "external_id"), "grade": ("status", "score", "graded_at")},
    defaults={"status": "'submitted'"},
)
# In the order in which one refers to another.
TABLES = (USERS, COURSES, MODULES, LESSONS, ASSESSMENTS, INSTRUCTORS, ENROLLMENTS, SUBMISSIONS)

LISTINGS = History("listings", ("course_id", "kind"))
COURSE_HISTORY = History("course_history", ("course_id", "status"))
LESSON_HISTORY = History("lesson_history", ("lesson_id", "course_id", "required", "is_listed"))
ASSESSMENT_HISTORY = History(
    "assessment_history", ("assessment_id", "course_id", "required", "max_score", "passing_score", "is_listed")
)
ENROLLMENT_HISTORY = History(
    "enrollment_history",
    ("course_id", "user_id", "status", "enrolled_at", "completed_at", "says_completion", "due_at", "says_due"),
)
PROGRESS_HISTORY = History(
    "lesson_progress_history",
    ("lesson_id", "user_id", "status", "progress_pct", "started_at", "completed_at", "is_whole"),
)
SUBMISSION_HISTORY = History(
    "submission_history",
    ("assessment_id", "user_id", "attempt_number", "submitted_at", "status", "score", "graded_at"),
)
HISTORIES = (
    LISTINGS,
    COURSE_HISTORY,
    LESSON_HISTORY,
    ASSESSMENT_HISTORY,
    ENROLLMENT_HISTORY,
    PROGRESS_HISTORY,
    SUBMISSION_HISTORY,
)


def said(group: str) -> tuple[str, str]:
    return f"{group}_said_at", f"{group}_said_by"


def merge_sql(table: Table) -> str:
    """From staged_… into lms.…: one row a key is staged, and a group that nothing was told about is null."""
    keys = ("tenant_id", *table.key)
    same = " and ".join(f"known.{name} = told.{name}" for name in keys)
    is_newer = " or ".join([*map(_newer, table.groups), *(f"told.{name} > known.{name}" for name in table.greatest)])
    assignments = [
        f"{name} = case when {_newer(group)} then told.{name} else known.{name} end"
        for group, columns in table.groups.items()
        for name in (*columns, *said(group))
    ]
    assignments += [f"{name} = greatest(known.{name}, told.{name})" for name in table.greatest]
    # A telling that changes no value is no change: nobody need look at the row again.
    differs = " or ".join(_differs(group, columns) for group, columns in table.groups.items())
    assignments.append(f"batch_id = case when {differs} then %(batch_id)s else known.batch_id end")
    values = ", ".join(_or_default(table, name) for name in table.columns)
    return (
        f"merge into lms.{table.name} as known using staged_{table.name} as told on {same} "
        f"when matched and ({is_newer}) then update set {', '.join(assignments)} "
        f"when not matched then insert ({', '.join(table.columns)}, batch_id) values ({values}, %(batch_id)s)"
    )


def append_sql(history: History) -> str:
    columns = ", ".join(history_columns(history))
    return (
        f"insert into lms.{history.name} ({columns}, batch_id) select {columns}, %(batch_id)s "
        f"from staged_{history.name} on conflict do nothing"
    )


def history_columns(history: History) -> Sequence[str]:
    return ("tenant_id", "happened_at", "event_key", *history.columns)


def _newer(group: str) -> str:
    at, by = said(group)
    return f"(told.{at}, told.{by}) > (known.{at}, known.{by})"


def _differs(group: str, columns: Sequence[str]) -> str:
    theirs, ours = (", ".join(f"{side}.{name}" for name in columns) for side in ("told", "known"))
    return f"({_newer(group)} and row({theirs}) is distinct from row({ours}))"


def _or_default(table: Table, name: str) -> str:
    if name in table.defaults:
        return f"coalesce(told.{name}, {table.defaults[name]})"
    if name.endswith("_said_at"):
        return f"coalesce(told.{name}, '1900-01-01 00:00:00+00')"
    if name.endswith("_said_by"):
        return f"coalesce(told.{name}, decode(repeat('00', 32), 'hex'))"
    return f"told.{name}"
