"""Names for what a mart knows by its id only: how a dimension is joined, and what of it is shown."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec


class Join(msgspec.Struct, frozen=True):
    dimension: str
    # Beside the tenant.
    key: str
    # What is shown: its name in the dataset, and where that is from.
    columns: Mapping[str, str]
    # Whether a part of the key may be null on both sides.
    is_loose: bool = False
    # None: the marts'.
    schema: str | None = None


class Shown(msgspec.Struct, frozen=True):
    name: str
    type: str
    about: str


JOINS = {
    "course": Join("dim_course", "course_id", {"course": "course.title"}),
    "learner": Join(
        "dim_learner",
        "learner_key",
        {"learner": "coalesce(learner.name, learner.email, learner.learner_key)", "email": "learner.email"},
    ),
    "lesson": Join("dim_lesson", "lesson_id", {"lesson": "lesson.title", "module": "lesson.module_title"}),
    "assessment": Join("dim_assessment", "assessment_id", {"assessment": "assessment.title"}),
    "video": Join("mart_video_summary", "video_key, course_id", {"video": "video.title"}),
    "question": Join(
        "mart_question_analysis", "item_key, course_id, assessment_id", {"question": "question.question"}, True
    ),
    "enrollment": Join("mart_learner_summary", "course_id, learner_key", {"cohort": "enrollment.cohort"}),
    "tenant": Join("tenants", "", {"time_zone": "tenant.time_zone"}, schema="control"),
}
ABOUT = {
    "course": "The course's title.",
    "learner": "The learner's full name.",
    "email": "The learner's mail address.",
    "lesson": "The lesson's title.",
    "module": "The title of the lesson's module.",
    "assessment": "The assessment's title.",
    "video": "The video's title.",
    "question": "What is asked.",
    "cohort": "The learner's cohort.",
    "time_zone": "The tenant's time zone.",
}


def keys_of(name: str) -> list[str]:
    """Beside the tenant."""
    return [key.strip() for key in JOINS[name].key.split(",") if key]


def shown_by(names: Sequence[str]) -> Iterator[Shown]:
    for name in names:
        for column in JOINS[name].columns:
            yield Shown(column, "text", ABOUT[column])


def select(schema: str, mart: str, columns: Sequence[str], names: Sequence[str]) -> str:
    shown = [f"{source} as {column}" for name in names for column, source in JOINS[name].columns.items()]
    listed = ",\n    ".join([*(f"mart.{column}" for column in columns), *shown])
    joined = "".join(f"\nleft join {_join(schema, name)}" for name in names)
    return f"select\n    {listed}\nfrom {schema}.{mart} as mart{joined}"


def _join(schema: str, name: str) -> str:
    join = JOINS[name]
    equals = "is not distinct from" if join.is_loose else "="
    matched = " and ".join(f"mart.{key} {equals} {name}.{key}" for key in ("tenant_id", *keys_of(name)))
    return f"{join.schema or schema}.{join.dimension} as {name} on {matched}"
