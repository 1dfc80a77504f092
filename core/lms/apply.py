"""Events into the lms tables. What the tables hold then follows from the events alone, not from their order."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from psycopg import Connection

from core.lms.facts import Fact, facts_of
from core.lms.known import Known, Named, names_of
from core.lms.merging import merge_staged
from core.lms.staging import Told, stage
from core.lms.waiting import Mark, TenantEvent, release_waiting, settle_waiting


@dataclass(frozen=True)
class Applied:
    """`waiting` name something unknown, or have a score above what is allowed; `released` had waited from before."""

    applied: int
    waiting: int
    released: int


def apply_events(connection: Connection, batch_id: int, events: Sequence[TenantEvent]) -> Applied:
    """Within the caller's transaction, read committed, on a connection with `prepare_staging`."""
    take_turns(connection, {one.tenant_id for one in events})
    given = {one.mark: one for one in events}
    application = Application(connection)
    fresh = list(given.values())
    while fresh:
        arrived = application.take(fresh)
        fresh = [one for one in release_waiting(connection, arrived) if not application.has(one)]
    application.write(batch_id)
    missing = application.missing()
    released = settle_waiting(connection, application.events, missing)
    waiting = len(given.keys() & missing.keys())
    return Applied(len(given) - waiting, waiting, released)


def take_turns(connection: Connection, tenant_ids: Iterable[int]) -> None:
    """Until the transaction ends, nobody else changes these tenants' rows."""
    tenants = sorted(set(tenant_ids))
    connection.execute("insert into lms.turns select unnest(%s::int[]) order by 1 on conflict do nothing", [tenants])
    connection.execute(
        "select from lms.turns where tenant_id = any(%s) order by tenant_id for update", [tenants]
    ).fetchall()


class Application:
    """Events with their facts, of which ever more can be applied as ever more is known."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known = Known(connection)
        self._told: list[Told] = []
        self._open: list[tuple[TenantEvent, Fact]] = []
        self._taken: dict[Mark, TenantEvent] = {}

    @property
    def events(self) -> Collection[TenantEvent]:
        return self._taken.values()

    def has(self, one: TenantEvent) -> bool:
        return one.mark in self._taken

    def take(self, events: Sequence[TenantEvent]) -> list[Named]:
        """Returns what arrived with them, for those that wait for it."""
        self._taken.update((one.mark, one) for one in events)
        facts = [(one, fact) for one in events for fact in facts_of(one.event)]
        self._known.look_up(name for one, fact in facts for name in names_of(one.tenant_id, fact))
        self._open += facts
        arrived: list[Named] = []
        while made := self._pass():
            arrived += made
        return arrived

    def missing(self) -> dict[Mark, list[Named]]:
        """Of the events that are not applied, or not wholly: what they wait for."""
        missing: dict[Mark, list[Named]] = defaultdict(list)
        for one, fact in self._open:
            missing[one.mark] += self._known.missing(one.tenant_id, fact)
        return {mark: list(dict.fromkeys(named)) for mark, named in missing.items()}

    def write(self, batch_id: int) -> None:
        if self._told:
            merge_staged(self._connection, batch_id, stage(self._connection, self._told))

    def _pass(self) -> list[Named]:
        arrived: list[Named] = []
        still_open = []
        for one, fact in self._open:
            if self._known.missing(one.tenant_id, fact):
                still_open.append((one, fact))
                continue
            event = one.event
            self._told.append(Told(one.tenant_id, event.timestamp, event.key, fact))
            arrived += self._known.add(one.tenant_id, fact)
        self._open = still_open
        return arrived
