"""What statements name again and again: verbs, activities, their definitions, forms of agents."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from psycopg import Connection

from core.envelope import Envelope
from core.xapi.records import StatementRecord

REMEMBERED = 50_000

INSERT_VERBS = """
insert into xapi.verbs (tenant_id, verb_key, iri)
select * from unnest(%s::int[], %s::uuid[], %s::text[]) order by 1, 2 on conflict do nothing
"""
INSERT_ACTIVITIES = """
insert into xapi.activities (tenant_id, activity_key, iri)
select * from unnest(%s::int[], %s::uuid[], %s::text[]) order by 1, 2 on conflict do nothing
"""
INSERT_AGENTS = """
insert into xapi.agents (tenant_id, agent_key, form_key, agent)
select * from unnest(%s::int[], %s::uuid[], %s::uuid[], %s::json[]) order by 1, 2, 3 on conflict do nothing
"""
UPSERT_DEFINITIONS = """
insert into xapi.activity_definitions as known (
    tenant_id, activity_key, definition_key, definition, stored, statement_id
)
select * from unnest(%s::int[], %s::uuid[], %s::uuid[], %s::json[], %s::timestamptz[], %s::uuid[]) order by 1, 2, 3
on conflict (tenant_id, activity_key, definition_key) do update
set stored = excluded.stored, statement_id = excluded.statement_id
where (excluded.stored, excluded.statement_id) > (known.stored, known.statement_id)
"""

Rows = dict[tuple[object, ...], tuple[object, ...]]


class Vocabulary:
    """Remembers what is surely stored, so that the usual statement brings nothing new to write.

    Only definitions are written each time, for the time of their last use. They come last in the transaction, since
    other writers that use the same activities wait for them.
    """

    def __init__(self) -> None:
        self._stored: set[tuple[object, ...]] = set()
        self._pending: list[tuple[object, ...]] = []

    def write(
        self,
        connection: Connection,
        envelopes: Sequence[tuple[Envelope, datetime]],
        left_out: frozenset[tuple[int, str]],
    ) -> None:
        verbs: Rows = {}
        activities: Rows = {}
        agents: Rows = {}
        definitions: Rows = {}
        for envelope, stored in envelopes:
            tenant_id = envelope.tenant_id
            for statement in envelope.statements:
                if left_out and (tenant_id, statement.id) in left_out:
                    continue
                self._collect(tenant_id, statement.record, verbs, activities, agents)
                _collect_definitions(tenant_id, statement.id, statement.stored or stored, statement.record, definitions)
        for sql, rows in (
            (INSERT_VERBS, verbs),
            (INSERT_ACTIVITIES, activities),
            (INSERT_AGENTS, agents),
            (UPSERT_DEFINITIONS, definitions),
        ):
            if rows:
                connection.execute(sql, _columns(rows.values()))
        self._pending = [*verbs, *activities, *agents]

    def committed(self) -> None:
        """Only now is it sure that others see them."""
        if len(self._stored) + len(self._pending) > REMEMBERED:
            self._stored.clear()
        self._stored.update(self._pending)
        self._pending = []

    def forget(self) -> None:
        """After a failure nothing is sure: not what was written, nor that it is still the same database."""
        self._stored.clear()
        self._pending = []

    def _collect(self, tenant_id: int, record: StatementRecord, verbs: Rows, activities: Rows, agents: Rows) -> None:
        stored = self._stored
        for key, verb in record.verbs.items():
            if (mark := (tenant_id, key)) not in stored:
                verbs[mark] = (tenant_id, key.hex(), verb.id)
        for use in record.activities:
            if (mark := (tenant_id, use.key)) not in stored:
                activities[mark] = (tenant_id, use.key.hex(), use.activity.id)
        for named in record.agents:
            agent = named.agent
            form_mark = (tenant_id, named.key, agent.kind, agent.name)
            if not agent.is_anonymous and form_mark not in stored:
                form = agent.canonical_text
                agents[form_mark] = (tenant_id, named.key.hex(), _form_key(form), form.decode())


def _collect_definitions(
    tenant_id: int, statement_id: str, stored: datetime, record: StatementRecord, definitions: Rows
) -> None:
    for use, definition in record.definitions:
        mark = (tenant_id, use.key, definition)
        known = definitions.get(mark)
        if known is None or (stored, statement_id) > (known[4], known[5]):
            definitions[mark] = (
                tenant_id, use.key.hex(), _form_key(definition), definition.decode(), stored, statement_id,
            )  # fmt: skip


def _form_key(form: bytes) -> str:
    return sha256(form).hexdigest()[:32]


def _columns(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
