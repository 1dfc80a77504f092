"""The tables of the LMS take the simulated rows, with all of their constraints."""

import csv
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from core.tenants import NewTenant, Pattern, create_tenant
from simulator.parameters import Parameters
from simulator.run import build_tenants
from simulator.simulate import simulate
from simulator.sinks.files import FileSink
from tests.harness.database import Database

ORDER = (
    "users", "courses", "course_instructors", "modules", "lessons", "assessments", "enrollments", "lesson_progress",
    "submissions",
)  # fmt: skip
TERM = Parameters(statements=10_000)


def test_rows__all_of_them_are_taken(database: Database, tmp_path: Path) -> None:
    simulate(TERM, tmp_path, FileSink(tmp_path))
    folders = sorted((tmp_path / "rows" / "riverside").iterdir())
    simulated = build_tenants(TERM)[0]
    new = NewTenant(
        simulated.slug, simulated.name, time_zone=simulated.zone, home_pages=simulated.sites.home_pages,
        patterns=[Pattern.parse(f"{one.names}:{one.key_is}:{one.pattern}") for one in simulated.patterns],
    )  # fmt: skip
    with database.admin() as connection:
        tenant = create_tenant(connection, new, database.key)
        counts = {
            table: sum(_insert(connection, tenant.tenant_id, folder / f"{table}.csv") for folder in folders)
            for table in ORDER
        }
    assert all(counts.values()), counts


def _insert(connection: Connection, tenant_id: int, path: Path) -> int:
    """Rows that come again in a later folder change nothing here."""
    if not path.exists():
        return 0
    with path.open(encoding="utf-8", newline="") as file:
        found: list[dict[str, Any]] = [
            {name: value or None for name, value in row.items()} for row in csv.DictReader(file)
        ]
    columns = ["tenant_id", "batch_id", *found[0]]
    command = sql.SQL("insert into {} ({}) values ({}) on conflict do nothing").format(
        sql.Identifier("lms", path.stem),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
    )
    with connection.cursor() as cursor:
        cursor.executemany(command, [[tenant_id, 1, *row.values()] for row in found])
    return len(found)
