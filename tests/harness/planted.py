"""What a test plants in its own database: values that are refused, transactions that are held, attempts counted."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Connection

from tests.harness.database import Database
from tests.harness.waiting import wait_until

# Any number that nobody else takes as an advisory lock.
LOCK = 7_460_001

REFUSE = """
create function public.refuse_poison() returns trigger language plpgsql as $$
begin
    if new.statement::text like '%%poison%%' then
        raise exception 'poison is refused';
    end if;
    return new;
end
$$;
create trigger refuse_poison before insert on xapi.statements for each row execute function public.refuse_poison();
alter table xapi.verbs add check (iri <> 'https://venom.example/verb');
"""

COUNT_ATTEMPTS = """
create sequence public.attempts;
create function public.count_attempt() returns trigger language plpgsql security definer as $$
begin
    perform nextval('public.attempts');
    return null;
end
$$;
create trigger count_attempt before insert on xapi.statement_ids for each statement
execute function public.count_attempt();
"""

HOLD = """
create function public.hold() returns trigger language plpgsql security definer as $$
begin
    perform pg_advisory_xact_lock_shared({lock});
    return null;
end
$$;
"""
# Where a transaction of ingest is held, by what it does next: each at its beginning, but for `commit`.
POINTS = {
    "before the ids": "create trigger hold before insert on xapi.statement_ids for each statement",
    "after the ids": "create trigger hold before insert on xapi.verbs for each statement",
    "before the ledger": "create trigger hold before update of next_offset on ingest.ledger for each statement",
    "before commit": "create constraint trigger hold after insert on ingest.batches deferrable initially deferred "
    "for each row",
    "before the dead letters": "create trigger hold before insert on ingest.dead_letters for each statement",
}
WAITING = "select pid from pg_locks where locktype = 'advisory' and objid = %s and not granted"


def plant_refusals(database: Database) -> None:
    _plant(database, REFUSE)


def plant_counter(database: Database) -> None:
    _plant(database, COUNT_ATTEMPTS)


def count_attempts(database: Database) -> int:
    """They count what was rolled back as well."""
    with database.admin() as connection:
        row = connection.execute(
            "select case when is_called then last_value else 0 end from public.attempts"
        ).fetchone()
    assert row is not None
    return int(row[0])


class Held:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def wait(self, within: float = 20) -> int:
        """Until a transaction is at the point: its backend."""
        wait_until(lambda: bool(self.backends()), within)
        return self.backends()[0]

    def backends(self) -> list[int]:
        return [row[0] for row in self._connection.execute(WAITING, [LOCK])]

    def release(self) -> None:
        self._connection.execute("select pg_advisory_unlock(%s)", [LOCK])

    def end_backends(self) -> None:
        for pid in self.backends():
            self._connection.execute("select pg_terminate_backend(%s, 10000)", [pid])


@contextmanager
def held(database: Database, point: str) -> Iterator[Held]:
    """Every transaction that comes to the point waits there until it is released."""
    _plant(database, HOLD.format(lock=LOCK) + f"{POINTS[point]} execute function public.hold();")
    table = POINTS[point].split(" on ")[1].split()[0]
    with database.admin(autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [LOCK])
        try:
            yield Held(connection)
        finally:
            connection.execute("select pg_advisory_unlock_all()")
            connection.execute(f"drop trigger hold on {table}")
            connection.execute("drop function public.hold()")


def _plant(database: Database, statements: str) -> None:
    with database.admin() as connection:
        connection.execute(statements.replace("%%", "%"))
