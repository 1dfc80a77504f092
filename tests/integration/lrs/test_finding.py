"""Pages are what a plain reading of the specification finds, however they were found."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from core.envelope import AcceptedStatement, Envelope
from core.settings import LrsSettings
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import write
from lrs.database import Database as LrsDatabase
from lrs.finding import FEW_REFERENCES, find
from lrs.queries import parameters
from lrs.selection import Selection, Sight
from tests.harness.database import Database
from tests.harness.rows_read import OF_OTHERS, rows_read
from tests.harness.statements import NOW, accept, make_statement, make_void

pytestmark = pytest.mark.both_databases

STATEMENTS = 700
SELECTIONS = 150
SPAN = timedelta(days=200)
CREDENTIALS = [str(UUID(int=number)) for number in (1, 2)]
VERBS = [f"https://v.example/{number}" for number in range(3)]


@dataclass(frozen=True)
class Stored:
    stored: datetime
    credential_id: str
    accepted: AcceptedStatement

    @property
    def key(self) -> tuple[datetime, str]:
        return self.stored, self.accepted.id


class Shelf:
    """What was stored, and the slow way to find something."""

    def __init__(self, kept: list[Stored], vouched_by: list[str]) -> None:
        self.kept = kept
        self._by_id = {one.accepted.id: one for one in kept}
        self._vouched_by = vouched_by
        self._voided = {one.accepted.record.voids for one in kept}

    def find(self, selection: Selection) -> list[tuple[datetime, str]]:
        found = [one.key for one in self.kept if self._is_wanted(one, selection)]
        return sorted(found, reverse=not selection.ascending)[: selection.limit + 1]

    def _is_wanted(self, one: Stored, selection: Selection) -> bool:
        record, sight = one.accepted.record, selection.sight
        if one.accepted.id in self._voided and not record.voids:
            return False
        if sight.written_by not in (None, one.credential_id) or sight.actor not in (None, record.actor_key.hex()):
            return False
        return self._is_in_span(one, selection) and any(self._matches(each, selection) for each in self._chain(one))

    def _is_in_span(self, one: Stored, selection: Selection) -> bool:
        if selection.after_stored and selection.after_id:
            after = selection.after_stored, selection.after_id
            if one.key <= after if selection.ascending else one.key >= after:
                return False
        after_since = selection.since is None or one.stored > selection.since
        return after_since and (selection.until is None or one.stored <= selection.until)

    def _chain(self, one: Stored) -> Iterator[Stored]:
        seen = set[str]()
        following: Stored | None = one
        while following and following.accepted.id not in seen:
            yield following
            seen.add(following.accepted.id)
            following = self._by_id.get(following.accepted.record.refers_to or "")

    def _matches(self, one: Stored, selection: Selection) -> bool:
        record = one.accepted.record
        agents = record.related_agent_keys if selection.related_agents else record.direct_agent_keys
        activities = record.related_activity_keys if selection.related_activities else {record.object_key or b""}
        is_agent = selection.agent in (None, *(key.hex() for key in agents)) or (
            selection.related_agents and one.credential_id in self._vouched_by
        )
        is_activity = selection.activity in (None, *(key.hex() for key in activities if key))
        is_verb = selection.verb in (None, record.verb_key.hex())
        return is_agent and is_activity and is_verb and selection.registration in (None, record.registration)


def agent(rng: random.Random) -> dict[str, Any]:
    return {"mbox": f"mailto:{rng.randrange(5)}@school.example"}


def activity(rng: random.Random) -> dict[str, Any]:
    return {"id": f"https://lms.example/{rng.randrange(5)}"}


def make_any(rng: random.Random, ids: list[str]) -> dict[str, Any]:
    """A third are about another statement: an earlier one, a later one, none that ever comes, or each other."""
    registration = str(UUID(int=rng.randrange(3), version=4))
    context: dict[str, Any] = {"registration": registration} if rng.random() < 0.5 else {}
    if rng.random() < 0.5:
        context["contextActivities"] = {"parent": [activity(rng)]}
    if rng.random() < 0.3:
        context["instructor"] = agent(rng)
    kind, target = rng.random(), rng.choice(ids)
    if kind < 0.1:
        return make_void(target, actor=agent(rng))
    changes: dict[str, Any] = {"verb": {"id": rng.choice(VERBS)}, "actor": agent(rng), "context": context or None}
    if kind < 0.3:
        return make_statement(**changes, object={"objectType": "StatementRef", "id": target})
    if kind < 0.4:
        changes["actor"] = {"objectType": "Group", "member": [agent(rng)]}
    if kind < 0.5:
        return make_statement(**changes, object={"objectType": "Agent", **agent(rng)})
    return make_statement(**changes, object=activity(rng))


def make_shelf(rng: random.Random, tenant_id: int, vouched_by: list[str]) -> Shelf:
    ids = [str(UUID(int=rng.getrandbits(128), version=4)) for _ in range(STATEMENTS + 20)]
    kept = []
    for number in range(STATEMENTS):
        accepted = accept(tenant_id, {**make_any(rng, ids), "id": ids[number]})
        # Several at the same time, as those of one request are.
        stored = NOW - SPAN * (rng.randrange(STATEMENTS // 3) / (STATEMENTS // 3))
        stored = stored.replace(microsecond=0)
        kept.append(Stored(stored, rng.choice(CREDENTIALS), accepted))
    return Shelf(kept, vouched_by)


def put(database: Database, tenant_id: int, shelf: Shelf) -> None:
    pairs = [(Envelope(tenant_id, one.credential_id, one.stored, [one.accepted]), one.stored) for one in shelf.kept]
    with database.service("ingest") as connection:
        prepare_staging(connection)
        row = connection.execute("select ingest.open_batch('statements', %s)", [[tenant_id]]).fetchone()
        assert row is not None
        write(connection, "xapi", row[0], pairs, Vocabulary())


def any_selection(rng: random.Random, shelf: Shelf) -> Selection:
    def sometimes(value: Any, share: float = 0.3) -> Any:
        return value if rng.random() < share else None

    one = rng.choice(shelf.kept)
    record = one.accepted.record
    selection = Selection(
        limit=rng.choice((1, 5, 50, 500)),
        sight=Sight(written_by=sometimes(CREDENTIALS[0], 0.1), actor=sometimes(record.actor_key.hex(), 0.1)),
        ascending=rng.random() < 0.3,
        agent=sometimes(rng.choice(sorted(record.related_agent_keys)).hex()),
        related_agents=rng.random() < 0.5,
        verb=sometimes(record.verb_key.hex()),
        activity=sometimes(next((key.hex() for key in sorted(record.related_activity_keys)), None), 0.4),
        related_activities=rng.random() < 0.5,
        registration=sometimes(record.registration),
        since=sometimes(rng.choice(shelf.kept).stored),
        until=sometimes(rng.choice(shelf.kept).stored),
    )
    return selection.after(*one.key) if rng.random() < 0.3 else selection


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[LrsDatabase]:
    lrs = LrsDatabase(database.settings, LrsSettings())
    await lrs.open()
    yield lrs
    await lrs.close()


async def find_page(lrs: LrsDatabase, tenant_id: int, selection: Selection) -> list[tuple[datetime, str]]:
    """With the one beyond its end, if there is one."""
    rows = await find(lrs, tenant_id, selection, parameters(selection, NOW, [CREDENTIALS[1]]))
    for row in rows[: selection.limit]:
        assert msgspec.json.decode(row.body)["id"] == row.statement_id
    return [(row.stored, row.statement_id) for row in rows]


def test_find__as_the_specification_reads(database: Database) -> None:
    rng = random.Random(11)
    tenant_id = database.tenant("school").tenant_id
    shelf = make_shelf(rng, tenant_id, [CREDENTIALS[1]])
    assert sum(one.accepted.record.refers_to is not None for one in shelf.kept) > FEW_REFERENCES
    put(database, tenant_id, shelf)

    async def find_all(selections: list[Selection]) -> list[list[tuple[datetime, str]]]:
        async with opened(database) as lrs:
            return [await find_page(lrs, tenant_id, selection) for selection in selections]

    selections = [any_selection(rng, shelf) for _ in range(SELECTIONS)]
    expected = [shelf.find(selection) for selection in selections]
    for selection, page, wanted in zip(selections, asyncio.run(find_all(selections)), expected, strict=True):
        assert page == wanted, selection
    assert sum(len(page) > 1 for page in expected) > SELECTIONS / 2


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_find__page_after_page_whatever_stands_at_its_end(database: Database, limit: int) -> None:
    """References, their targets, voided ones, several of the same time: each ends or begins some page."""
    rng = random.Random(limit)
    tenant_id = database.tenant("school").tenant_id
    shelf = make_shelf(rng, tenant_id, [])
    put(database, tenant_id, shelf)

    async def read_all(selection: Selection) -> list[tuple[datetime, str]]:
        found: list[tuple[datetime, str]] = []
        async with opened(database) as lrs:
            while page := await find_page(lrs, tenant_id, selection):
                found += page[:limit]
                if len(page) <= limit:
                    break
                selection = selection.after(*found[-1])
        return found

    for ascending in (False, True):
        selection = Selection(limit=limit, sight=Sight(), ascending=ascending, verb=verb_key(shelf))
        everything = shelf.find(msgspec.structs.replace(selection, limit=STATEMENTS))
        referring = {one.key for one in shelf.kept if one.accepted.record.refers_to}
        assert any(key in referring for key in everything[limit - 1 :: limit])
        assert asyncio.run(read_all(selection)) == everything


def verb_key(shelf: Shelf) -> str:
    """Of a verb that is matched by statements, and so by those that refer to them."""
    return next(one.accepted.record.verb_key.hex() for one in shelf.kept if not one.accepted.record.refers_to)


OTHERS, MOST_READ = 20_000, 6_000


def test_find__own_statements_among_many_of_others(database: Database) -> None:
    """Without looking at all of these: a page that others fill is not searched to its end."""
    tenant_id = database.tenant("school").tenant_id
    shelf = Shelf([Stored(NOW, CREDENTIALS[0], accept(tenant_id, make_statement(id=str(UUID(int=5)))))], [])
    with database.admin(autocommit=True) as connection:
        span = timedelta(minutes=OTHERS)
        connection.execute("select xapi.ensure_partitions((now() - %s)::date, now()::date)", [span])
        connection.execute(OF_OTHERS, [tenant_id, OTHERS])
        put(database, tenant_id, shelf)
        connection.execute("vacuum analyze xapi.statements")
        before = rows_read(connection)

        async def find_own() -> list[tuple[datetime, str]]:
            async with opened(database) as lrs:
                return await find_page(lrs, tenant_id, Selection(limit=50, sight=Sight(written_by=CREDENTIALS[0])))

        assert asyncio.run(find_own()) == [one.key for one in shelf.kept]
        after = rows_read(connection)
        assert sum(after.values()) - sum(before.values()) < MOST_READ, (before, after)
