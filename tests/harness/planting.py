"""Rows that carry a mark of their tenant, so that a leak shows wherever it comes out."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from psycopg import Connection

from core.credentials import NewCredential, create_credential
from core.tenants import Pattern, Tenant, update_tenant
from tests.harness.database import Database

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Planted:
    ours: Tenant
    our_mark: str
    theirs: Tenant
    their_mark: str


def plant(database: Database, slug: str) -> tuple[Tenant, str]:
    """A tenant with a row in every kind of place; every text in it contains the mark."""
    mark = f"mark-of-{slug}"
    tenant = database.tenant(slug)
    with database.admin() as connection:
        tenant = update_tenant(
            connection,
            slug,
            {"name": mark, "settings": {"note": mark}},
            [f"https://{mark}.example"],
            [Pattern("course", "slug", f"^https://{mark}.example/(?<key>.+)$")],
        )
        create_credential(connection, slug, NewCredential(mark), database.key, f"https://{mark}.example")
    with database.service("ingest") as connection:
        row = connection.execute("select ingest.open_batch('statements', %s)", [[tenant.tenant_id]]).fetchone()
        assert row is not None
        batch_id = row[0]
        _plant_statements(connection, tenant, mark, batch_id)
        _plant_lms(connection, tenant, mark, batch_id)
    with database.admin() as connection:
        _insert(
            connection,
            "xapi.documents",
            [tenant.tenant_id, "state", uuid4(), uuid4(), None, mark, uuid4(), "text/plain", mark.encode(), mark, NOW],
        )
        connection.execute(
            "insert into ingest.outbox (tenant_id, topic, record_key, envelope) values (%s, 't', %s, %s)",
            [tenant.tenant_id, mark.encode(), mark.encode()],
        )
        connection.execute(
            "insert into ingest.dead_letters (tenant_id, reason, topic, topic_partition, record_offset, payload) "
            "values (%s, %s, %s, 0, 0, %s)",
            [tenant.tenant_id, mark, mark, mark.encode()],
        )
    return tenant, mark


def _plant_statements(connection: Connection, tenant: Tenant, mark: str, batch_id: int) -> None:
    for days in (0, 40, 400):
        statement_id, stored, key = uuid4(), NOW - timedelta(days=days), uuid4()
        body = json.dumps({"id": str(statement_id), "note": mark})
        rows: dict[str, list[Any]] = {
            "statement_ids": [statement_id, stored, b"0" * 24],
            "statements": [stored, statement_id, stored, key, key, key, None, None, batch_id, body],
            "statement_relations": [key, True, stored, statement_id],
            "statement_references": [uuid4(), statement_id, stored, False, batch_id],
            "verbs": [key, f"https://{mark}.example/verb"],
            "activities": [key, f"https://{mark}.example/activity"],
            "activity_definitions": [key, key, json.dumps({"note": mark}), stored, statement_id],
            "agents": [key, key, json.dumps({"mbox": f"mailto:{mark}@x.example"})],
            "attachments": [f"{statement_id.hex}{key.hex}", f"text/{mark}", 1, NOW],
        }
        for table, values in rows.items():
            _insert(connection, f"xapi.{table}", [tenant.tenant_id, *values])


def _insert(connection: Connection, target: str, values: list[Any]) -> None:
    connection.execute(f"insert into {target} values ({', '.join(['%s'] * len(values))})", values)


def _plant_lms(connection: Connection, tenant: Tenant, mark: str, batch_id: int) -> None:
    rows: dict[str, list[Any]] = {
        "users (tenant_id, user_id, email, full_name, role, batch_id)": [mark, f"{mark}@x.example", mark, "student"],
        "courses (tenant_id, course_id, title, status, batch_id)": [mark, mark, "published"],
        "course_instructors (tenant_id, course_id, user_id, batch_id)": [mark, mark],
        "modules (tenant_id, module_id, course_id, title, position, batch_id)": [mark, mark, mark, 1],
        "lessons (tenant_id, lesson_id, course_id, module_id, title, position, content_type, required, batch_id)": [
            *[mark] * 4, 1, "text", True,
        ],
        "enrollments (tenant_id, course_id, user_id, status, enrolled_at, batch_id)": [mark, mark, "active", NOW],
        "lesson_progress (tenant_id, lesson_id, user_id, status, batch_id)": [mark, mark, "in_progress"],
        "assessments (tenant_id, assessment_id, course_id, title, type, max_score, required, batch_id)": [
            *[mark] * 3, "quiz", 10, True,
        ],
        "submissions (tenant_id, assessment_id, user_id, attempt_number, status, submitted_at, batch_id)": [
            mark, mark, 1, "submitted", NOW,
        ],
    }  # fmt: skip
    for target, values in rows.items():
        _insert(connection, f"lms.{target}", [tenant.tenant_id, *values, batch_id])
    _plant_history(connection, tenant, mark, batch_id)


def _plant_history(connection: Connection, tenant: Tenant, mark: str, batch_id: int) -> None:
    key = bytes(32)
    rows: dict[str, list[Any]] = {
        "listings": [mark, "lesson", NOW, key],
        "course_history": [mark, NOW, key, "published"],
        "lesson_history": [mark, NOW, key, mark, True, True],
        "assessment_history": [mark, NOW, key, mark, True, 10, 5, True],
        "enrollment_history": [mark, mark, NOW, key, "active", NOW, None, False, None, False],
        "lesson_progress_history": [mark, mark, NOW, key, "in_progress", None, NOW, None, False],
        "submission_history": [mark, mark, 1, NOW, key, NOW, "submitted", None, None],
        "learner_aliases": [uuid4(), json.dumps({"name": mark}), mark],
        "activity_aliases": [uuid4(), f"https://{mark}.example", mark, None, None],
        "verb_kinds": [uuid4(), f"https://{mark}.example", "completed"],
    }
    for table, values in rows.items():
        _insert(connection, f"lms.{table}", [tenant.tenant_id, *values, batch_id])
    _insert(connection, "lms.imports", [tenant.tenant_id, key, mark, key, NOW, batch_id, NOW])
    _insert(
        connection,
        "lms.waiting_events",
        [tenant.tenant_id, key, "user", [mark], uuid4(), "user.upserted", json.dumps({"note": mark}), NOW],
    )
