"""Brings the marts up to the last batch that is committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import msgspec
from psycopg import Connection, sql

from core.database.turn import take_turn
from core.errors import UserError
from core.settings import Settings
from orchestration.checksums import changed_nodes
from orchestration.dbt import Dbt
from orchestration.login import transform_connection

Mode = Literal["incremental", "tenant", "full"]


class Window(msgspec.Struct, frozen=True):
    """One refresh: the batches after `from_number` up to `through_number`, everything seen as of one moment."""

    run_id: UUID
    mode: Mode
    tenant_id: int | None
    from_number: int
    through_number: int
    as_of: datetime
    started_at: datetime


class RefreshResult(msgspec.Struct, frozen=True):
    window: Window
    # Tables that were made anew, since they are defined otherwise than before.
    rebuilt: tuple[str, ...]
    seconds: float


class MartsBusyError(UserError):
    exit_code = 3


def refresh(
    settings: Settings,
    *,
    full: bool = False,
    tenant: str | None = None,
    as_of: datetime | None = None,
    dbt: Dbt | None = None,
) -> RefreshResult:
    """`dbt` keeps its manifest: whoever refreshes often has one."""
    dbt = dbt or Dbt(settings)
    with transform_connection(settings) as connection, turn(settings):
        tenant_id = None if tenant is None else _tenant_id(connection, tenant)
        result = _refresh(connection, dbt, full=full, as_of=as_of)
        if tenant_id is not None:
            result = _rebuild(connection, dbt, tenant_id, result)
    return result


def _refresh(connection: Connection, dbt: Dbt, *, full: bool, as_of: datetime | None) -> RefreshResult:
    changed = set(dbt.checksums) if full else changed_nodes(dbt.manifest, dbt.checksums, _built(connection))
    window = begin_refresh(connection, "full" if _is_all(dbt, changed) else "incremental", as_of=as_of)
    for command, names, options in _steps(dbt, changed):
        dbt.run(command, names, *options)
    return finish_refresh(connection, window, dbt.checksums, tuple(_names(dbt, changed)))


def _rebuild(connection: Connection, dbt: Dbt, tenant_id: int, before: RefreshResult) -> RefreshResult:
    """After a refresh for all, so that it begins and ends where that one ended."""
    window = begin_refresh(connection, "tenant", tenant_id=tenant_id, as_of=before.window.as_of)
    dbt.run("run", _names(dbt, set(dbt.checksums), kept=True), tenant_id=tenant_id)
    return finish_refresh(connection, window, dbt.checksums, before.rebuilt)


def _steps(dbt: Dbt, changed: set[str]) -> list[tuple[str, list[str], tuple[str, ...]]]:
    """What is defined as before is kept up first; nothing of it is made from what is not."""
    same = set(dbt.checksums) - changed
    seeds = {node_id for node_id in changed if node_id.startswith("seed.")}
    return [
        ("seed", _names(dbt, seeds), ("--full-refresh",)),
        ("run", _names(dbt, same, kept=True), ()),
        ("run", _names(dbt, changed - seeds), ("--full-refresh",)),
    ]


def _names(dbt: Dbt, node_ids: set[str], *, kept: bool = False) -> list[str]:
    """`kept`: without views, which need no refreshing."""
    nodes = [dbt.manifest.nodes[node_id] for node_id in sorted(node_ids)]
    return [node.name for node in nodes if not kept or node.config.materialized in {"kept", "log"}]


def _is_all(dbt: Dbt, changed: set[str]) -> bool:
    return changed == set(dbt.checksums)


def begin_refresh(
    connection: Connection, mode: Mode, *, tenant_id: int | None = None, as_of: datetime | None = None
) -> Window:
    """Fixes what this refresh takes, for all models alike."""
    with connection.transaction():
        connection.execute("select xapi.summarize_batches(), xapi.analyze_what_has_grown()")
        through = _one(connection, "select ingest.number_batches()")
        position = _one(connection, "select through_number from intermediate.position")
        now = _one(connection, "select clock_timestamp()")
        window = Window(
            run_id=uuid4(), mode=mode, tenant_id=tenant_id,
            from_number=position if mode == "incremental" else 0,
            through_number=position if mode == "tenant" else through,
            as_of=as_of or now, started_at=now,
        )  # fmt: skip
        connection.execute("delete from intermediate.refresh")
        connection.execute(
            "insert into intermediate.refresh (run_id, mode, tenant_id, from_number, through_number, as_of) "
            "values (%s, %s, %s, %s, %s, %s)",
            [window.run_id, mode, tenant_id, window.from_number, window.through_number, window.as_of],
        )
    return window


def finish_refresh(
    connection: Connection, window: Window, present: dict[str, str], rebuilt: tuple[str, ...]
) -> RefreshResult:
    """Moves the position and empties the logs at once: until then the next refresh does it all again."""
    with connection.transaction():
        for (log,) in connection.execute(LOGS).fetchall():
            _empty(connection, log, window.tenant_id)
        connection.execute("update intermediate.position set through_number = %s", [window.through_number])
        connection.execute("delete from intermediate.built")
        with connection.cursor() as cursor:
            cursor.executemany("insert into intermediate.built (node_id, checksum) values (%s, %s)", present.items())
        row = connection.execute(
            "insert into marts.refreshes (run_id, mode, tenant_id, from_number, through_number, as_of, started_at, "
            "finished_at) values (%s, %s, %s, %s, %s, %s, %s, clock_timestamp()) returning finished_at",
            [
                window.run_id, window.mode, window.tenant_id, window.from_number, window.through_number, window.as_of,
                window.started_at,
            ],
        ).fetchone()  # fmt: skip
    finished_at = row[0] if row else window.started_at
    return RefreshResult(window, rebuilt, (finished_at - window.started_at).total_seconds())


LOGS = """
select class.relname::text from pg_class as class
where class.relnamespace = 'intermediate'::regnamespace and class.relkind = 'r' and class.relname ^@ 'touched_'
"""


def _empty(connection: Connection, log: str, tenant_id: int | None) -> None:
    table = sql.Identifier("intermediate", log)
    if tenant_id is None:
        connection.execute(sql.SQL("truncate {}").format(table))
    else:
        connection.execute(sql.SQL("delete from {} where tenant_id = %s").format(table), [tenant_id])


@contextmanager
def turn(settings: Settings) -> Iterator[None]:
    """Never two at once. It ends with the connection, whatever becomes of this process."""
    with transform_connection(settings) as connection, connection.transaction():
        if not take_turn(connection):
            raise MartsBusyError(
                "The marts are being refreshed already.", "Wait for that; `lyceum marts status` says more."
            )
        yield


def _built(connection: Connection) -> dict[str, str]:
    return dict(connection.execute("select node_id, checksum from intermediate.built").fetchall())


def _tenant_id(connection: Connection, slug: str) -> int:
    row = connection.execute("select tenant_id from control.tenants where slug = %s", [slug]).fetchone()
    if row is None:
        raise UserError(f"There is no tenant {slug!r}.", "`lyceum tenants list` names them.")
    return int(row[0])


def _one(connection: Connection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]
