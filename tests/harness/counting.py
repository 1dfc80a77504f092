"""Counts what is stored against what was acknowledged, and what follows from the statements against the bodies."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from core.tenants import Tenant
from tests.harness.database import Database
from tests.harness.load import VOIDED, Load

Body = dict[str, Any]


@dataclass
class Expected:
    """From the bodies alone, by other code than the writer's."""

    verbs: set[str] = field(default_factory=set)
    activities: set[str] = field(default_factory=set)
    agents: set[tuple[str, str | None]] = field(default_factory=set)
    references: set[tuple[str, str, bool]] = field(default_factory=set)
    # When a definition was used last, and by which statement.
    definitions: dict[tuple[str, str], tuple[Any, str]] = field(default_factory=dict)
    relations: int = 0

    def add(self, body: Body, stored: Any) -> None:
        self.verbs.add(body["verb"]["id"])
        for activity in _activities(body):
            self.activities.add(activity["id"])
            if name := activity.get("definition", {}).get("name", {}).get("en"):
                key, use = (activity["id"], name), (stored, body["id"])
                self.definitions[key] = max(self.definitions.get(key, use), use)
        for agent in _agents(body):
            self.agents.add((agent["mbox"], agent.get("name")))
        if body["object"].get("objectType") == "StatementRef":
            self.references.add((body["object"]["id"], body["id"], body["verb"]["id"] == VOIDED))
        self.relations += _relations(body)


@dataclass(frozen=True)
class Counted:
    acknowledged: int
    stored: int
    unknown: int
    refused: int


def count(database: Database, tenant: Tenant, *loads: Load, letters: int = 0) -> Counted:
    """Fails where one is missing, there twice, there though refused, or at odds with what follows from it."""
    acknowledged = {one for load in loads for one in load.acknowledged}
    refused = {one for load in loads for one in load.refused}
    unknown = {one for load in loads for one in load.unknown}
    stored = read_stored(database, tenant)
    ids = Counter(statement_id for statement_id, _, _ in stored)
    missing, extra = acknowledged - ids.keys(), ids.keys() - acknowledged
    assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged are missing: {sorted(missing)[:3]}"
    assert [one for one, times in ids.items() if times > 1] == []
    assert extra & refused == set()
    assert extra <= unknown, f"{len(extra - unknown)} are stored that nobody sent: {sorted(extra - unknown)[:3]}"
    assert sorted(ids) == read_ids(database, tenant)
    bodies = {one: body for load in loads for one, body in load.bodies.items()}
    _check_bodies(stored, bodies)
    check_derived(database, tenant, stored)
    assert count_letters(database) == letters
    return Counted(len(acknowledged), len(ids), len(unknown), len(refused))


def read_stored(database: Database, tenant: Tenant) -> list[tuple[str, Any, bytes]]:
    """Id, time and body."""
    query = "select statement_id::text, stored, statement::text from xapi.statements where tenant_id = %s"
    return _rows(database, query, [tenant.tenant_id])


def read_ids(database: Database, tenant: Tenant) -> list[str]:
    query = "select statement_id::text from xapi.statement_ids where tenant_id = %s order by statement_id"
    return [row[0] for row in _rows(database, query, [tenant.tenant_id])]


def count_letters(database: Database) -> int:
    return int(_rows(database, "select count(*) from ingest.dead_letters")[0][0])


def check_derived(database: Database, tenant: Tenant, stored: Iterable[tuple[str, Any, bytes]]) -> None:
    expected = Expected()
    for _, moment, text in stored:
        expected.add(msgspec.json.decode(text), moment)

    def rows(query: str) -> list[Any]:
        return _rows(database, query, [tenant.tenant_id])

    assert {row[0] for row in rows("select iri from xapi.verbs where tenant_id = %s")} == expected.verbs
    assert {row[0] for row in rows("select iri from xapi.activities where tenant_id = %s")} == expected.activities
    found = rows("select agent ->> 'mbox', agent ->> 'name' from xapi.agents where tenant_id = %s")
    assert sorted(found, key=repr) == sorted(expected.agents, key=repr)
    found = rows(
        "select target_id::text, statement_id::text, is_voiding from xapi.statement_references where tenant_id = %s"
    )
    assert sorted(found) == sorted(expected.references)
    found = rows(
        "select iri, definition -> 'name' ->> 'en', stored, statement_id::text from xapi.activity_definitions "
        "inner join xapi.activities using (tenant_id, activity_key) where tenant_id = %s"
    )
    assert {(iri, name): (moment, one) for iri, name, moment, one in found} == expected.definitions
    assert len(found) == len(expected.definitions)
    assert rows("select count(*) from xapi.statement_relations where tenant_id = %s") == [(expected.relations,)]
    assert rows(
        "select count(*) from xapi.statements as one inner join xapi.statement_ids as ids "
        "using (tenant_id, statement_id, stored) inner join ingest.batch_tenants using (tenant_id, batch_id) "
        "where tenant_id = %s"
    ) == rows("select count(*) from xapi.statement_ids where tenant_id = %s")


def _check_bodies(stored: Iterable[tuple[str, Any, bytes]], sent: dict[str, bytes]) -> None:
    for statement_id, _, text in stored:
        body, given = msgspec.json.decode(text), msgspec.json.decode(sent[statement_id])
        assert {name: body.get(name) for name in given} == given


def _activities(body: Body) -> Iterator[Body]:
    if "objectType" not in body["object"]:
        yield body["object"]
    yield from body.get("context", {}).get("contextActivities", {}).get("parent", [])


def _agents(body: Body) -> Iterator[Body]:
    actor = body["actor"]
    yield actor
    yield from actor.get("member", [])
    if instructor := body.get("context", {}).get("instructor"):
        yield instructor


def _relations(body: Body) -> int:
    """Beside the actor and the object's activity, which have columns: members, then instructor and parents."""
    direct = {member["mbox"] for member in body["actor"].get("member", [])} - {body["actor"]["mbox"]}
    own = {body["actor"]["mbox"], body["object"].get("id") if "objectType" not in body["object"] else None}
    related = {agent["mbox"] for agent in _agents(body)} | {activity["id"] for activity in _activities(body)}
    return len(direct) + len(related - direct - own)


def _rows(database: Database, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with database.admin() as connection:
        return connection.execute(query, parameters).fetchall()
