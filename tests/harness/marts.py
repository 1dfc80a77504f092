"""The marts of a test's database: refreshed as the command does it, and read cell by cell."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

from core.database.address import admin_conninfo
from core.settings import Settings
from orchestration.dbt import Dbt
from orchestration.refresh import RefreshResult, refresh
from tests.harness.database import TEMPLATE, Database, copied, ensure_template, once, sealed
from tests.harness.servers import clean_environment
from tests.harness.waiting import wait_until

TEMPLATE_WITH_MARTS = f"{TEMPLATE}_marts"

# No test looks from an earlier time.
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)

# By the database's address: it is in what dbt has read.
_kept: dict[str, Dbt] = {}

# Of each table made by dbt: its rows as text, and how many columns they have.
Contents = Mapping[str, tuple[frozenset[str], int]]

# But what each run writes of itself.
TABLES = """
select class.oid::regclass::text, class.relnatts
from pg_class as class
where class.relkind = 'r' and class.relnamespace in ('marts'::regnamespace, 'intermediate'::regnamespace)
    and class.relowner = 'lyceum_transform'::regrole and not class.relname ^@ 'touched_'
    and class.relname <> 'model_runs'
order by 1
"""

UNDER_WAY = "select count(*) > 0 as holds from intermediate.touched_learners"
AT_REST = """
select count(*) = 0 as holds from pg_stat_activity
where usename = 'lyceum_transform' and pid <> pg_backend_pid() and datname = current_database()
"""


@dataclass(frozen=True)
class Marts:
    database: Database
    settings: Settings
    dbt: Dbt

    def refresh(self, *, full: bool = False, tenant: str | None = None, as_of: datetime | None = None) -> RefreshResult:
        return refresh(self.settings, full=full, tenant=tenant, as_of=as_of, dbt=self.dbt)

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        with self.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()

    def connection(self) -> Connection:
        return self.database.service("transform")

    def contents(self) -> Contents:
        with self.connection() as connection:
            connection.execute("set time zone 'UTC'")
            return {name: (_rows(connection, name), columns) for name, columns in connection.execute(TABLES).fetchall()}


@contextmanager
def with_marts(server: Settings, edition: str, folder: Path, worker: str) -> Iterator[Database]:
    """A database that has the marts of nobody, always of the same name: dbt need not read its project again."""

    ensure_template(server, edition, folder)
    with once(folder / f"{edition}.marts") as is_first:
        if is_first:
            with sealed(server, edition, TEMPLATE_WITH_MARTS) as database:
                make_marts(server, database, folder / f"{edition}-template").refresh(as_of=BEFORE_ALL)
    with copied(server, edition, TEMPLATE_WITH_MARTS, f"marts_{worker}") as database:
        yield database


def make_marts(server: Settings, database: Database, home: Path) -> Marts:
    settings = server.model_copy(update={"home": home, "database": database.settings})
    return Marts(database, settings, _kept.setdefault(database.url, Dbt(settings)))


def kill_refresh(server: Settings, marts: Marts) -> None:
    """In the midst of it."""
    environment = {
        **clean_environment(), "LYCEUM_HOME": str(server.home),
        "LYCEUM_DATABASE_URL": admin_conninfo(marts.database.settings),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "marts", "refresh"], env=environment, stdout=subprocess.DEVNULL
    )
    wait_until(lambda: bool(marts.rows(UNDER_WAY)[0]["holds"]), 120)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    wait_until(lambda: bool(marts.rows(AT_REST)[0]["holds"]), 60)


def differences(ours: Contents, theirs: Contents) -> dict[str, list[str]]:
    """By table, what only one of them has, marked - and +."""
    assert ours.keys() == theirs.keys()
    return {
        name: [f"- {row}" for row in sorted(ours[name][0] - theirs[name][0])[:5]]
        + [f"+ {row}" for row in sorted(theirs[name][0] - ours[name][0])[:5]]
        for name in ours
        if ours[name] != theirs[name]
    }


def cells(contents: Contents) -> int:
    return sum(len(rows) * columns for rows, columns in contents.values())


def _rows(connection: Connection, name: str) -> frozenset[str]:
    table = sql.Identifier(*name.split("."))
    rows = connection.execute(sql.SQL("select kept::text from {} as kept").format(table)).fetchall()
    assert len({row[0] for row in rows}) == len(rows), f"{name} has a row twice"
    return frozenset(row[0] for row in rows)
