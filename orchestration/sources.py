"""What the marts are made from and others keep: shown in the lineage, materialised by nobody here."""

from dagster import AssetSpec

TOPICS = {
    "statements.v1": "Accepted statements, a record for each request.",
    "statements-bulk.v1": "Statements of imports, read with less urgency.",
    "lms-events.v1": "What an LMS tells, event by event.",
    "dead-letters.v1": "What could not be read or stored, with its reason.",
}
LMS_TABLES = (
    "users", "courses", "course_instructors", "modules", "lessons", "enrollments", "lesson_progress", "assessments",
    "submissions",
)  # fmt: skip
XAPI_TABLES = ("statements", "statement_references", "agents", "activities", "activity_definitions", "verbs")


def topics() -> list[AssetSpec]:
    return [
        AssetSpec(["kafka", name.replace(".", "_").replace("-", "_")], description=said, group_name="kafka")
        for name, said in TOPICS.items()
    ]


def tables() -> list[AssetSpec]:
    """Keys as dbt's sources have them, so that the lineage joins."""
    statements, bulk, events, _ = (spec.key for spec in topics())
    xapi = [AssetSpec(["xapi", name], deps=[statements, bulk], group_name="xapi") for name in XAPI_TABLES]
    lms = [AssetSpec(["lms", name], deps=[events], group_name="lms") for name in LMS_TABLES]
    return [*xapi, *lms]
