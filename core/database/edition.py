"""Which of the three databases this is (D6), and what follows from it."""

from dataclasses import dataclass

from psycopg import Connection

MINIMUM_VERSION = 160000


@dataclass(frozen=True)
class Edition:
    server_version: int
    timescaledb: str | None
    license: str | None

    @property
    def name(self) -> str:
        if self.timescaledb is None:
            return "PostgreSQL"
        return "TimescaleDB community" if self.compresses else "TimescaleDB Apache edition"

    @property
    def compresses(self) -> bool:
        return self.license == "timescale"

    @property
    def consequence(self) -> str:
        if self.timescaledb is None:
            return "statements in monthly partitions, no compression"
        return "statements in 30-day chunks, " + (
            "compressed after 90 days" if self.compresses else "no compression in this edition"
        )


def detect_edition(connection: Connection) -> Edition:
    row = connection.execute(
        "select current_setting('server_version_num')::int, "
        "(select extversion from pg_extension where extname = 'timescaledb'), "
        "current_setting('timescaledb.license', true)"
    ).fetchone()
    assert row is not None  # noqa: S101 - a select without from has one row
    return Edition(server_version=row[0], timescaledb=row[1], license=row[2])


def can_have_timescaledb(connection: Connection) -> bool:
    """Installed on the server, and loaded at its start: without the second, creating the extension fails."""
    row = connection.execute(
        "select exists (select from pg_available_extensions where name = 'timescaledb') "
        "and current_setting('shared_preload_libraries', true) ~ 'timescaledb'"
    ).fetchone()
    return bool(row and row[0])
