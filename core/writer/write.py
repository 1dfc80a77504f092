"""Staged statements into their tables. Everything here is sorted, so that two writers never wait for one another."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from psycopg import Connection

from core.envelope import Envelope
from core.writer.attachments import list_attachments
from core.writer.staging import stage
from core.writer.vocabulary import Vocabulary
from core.xapi.sameness import same_digest

# The LRS reaches the hypertables by views that hold it to its request's tenant.
Through = Literal["xapi", "request"]

INSERT = """
with fresh as (
    insert into xapi.statement_ids (tenant_id, statement_id, stored, digest)
    select tenant_id, statement_id, stored, digest
    from staged_statements
    order by tenant_id, statement_id
    on conflict do nothing
    returning tenant_id, statement_id
), written as (
    insert into {through}.statements (
        tenant_id, stored, statement_id, timestamp, verb_key, actor_key, object_key, registration, credential_id,
        batch_id, statement
    )
    select
        staged.tenant_id, staged.stored, staged.statement_id, staged.timestamp, staged.verb_key, staged.actor_key,
        staged.object_key, staged.registration, staged.credential_id, %(batch_id)s, staged.statement::json
    from staged_statements as staged inner join fresh using (tenant_id, statement_id)
), related as (
    insert into {through}.statement_relations (tenant_id, related_key, is_direct, stored, statement_id)
    select staged.tenant_id, relation.related_key, relation.is_direct, staged.stored, staged.statement_id
    from staged_statements as staged
    inner join fresh using (tenant_id, statement_id)
    cross join lateral (
        select related_key, true as is_direct from unnest(staged.direct_keys) as related_key
        union all
        select related_key, false as is_direct from unnest(staged.related_keys) as related_key
    ) as relation
    where staged.direct_keys is not null or staged.related_keys is not null
), referring as (
    insert into xapi.statement_references (tenant_id, target_id, statement_id, stored, is_voiding, batch_id)
    select staged.tenant_id, staged.target_id, staged.statement_id, staged.stored, staged.is_voiding, %(batch_id)s
    from staged_statements as staged
    inner join fresh using (tenant_id, statement_id)
    where staged.target_id is not null
)
select count(*) from fresh
"""

# Those among the staged that had been written before. A fresh one is there with the very time it was staged with.
KNOWN = """
select staged.tenant_id, staged.statement_id::text, staged.digest, ids.digest
from staged_statements as staged
inner join xapi.statement_ids as ids using (tenant_id, statement_id)
where ids.stored <> staged.stored or ids.digest <> staged.digest
"""

StatementKey = tuple[int, str]


class Written(msgspec.Struct, frozen=True):
    """`repeated` were stored before; `conflicts` are ids under which another statement is stored."""

    fresh: int
    repeated: frozenset[StatementKey] = frozenset()
    conflicts: frozenset[StatementKey] = frozenset()


def write(
    connection: Connection,
    through: Through,
    batch_id: int,
    envelopes: Sequence[tuple[Envelope, datetime]],
    vocabulary: Vocabulary,
) -> Written:
    """Within the caller's transaction. No id may stand twice among the envelopes."""
    stage(connection, envelopes)
    count = sum(len(envelope.statements) for envelope, _ in envelopes)
    row = connection.execute(INSERT.format(through=through), {"batch_id": batch_id}).fetchone()
    written = Written(row[0] if row else 0)
    if written.fresh < count:
        written = _sort_out_known(connection, written.fresh)
    list_attachments(connection, envelopes)
    vocabulary.write(connection, envelopes, written.repeated | written.conflicts)
    return written


def _sort_out_known(connection: Connection, fresh: int) -> Written:
    repeated: set[StatementKey] = set()
    conflicts: set[StatementKey] = set()
    for tenant_id, statement_id, ours, theirs in connection.execute(KNOWN):
        (repeated if same_digest(ours, theirs) else conflicts).add((tenant_id, statement_id))
    return Written(fresh, frozenset(repeated), frozenset(conflicts))
