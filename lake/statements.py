"""The statements as a table: what is asked most in columns, and the body as it was sent."""

from collections.abc import Callable

import duckdb
import pyarrow as pa
from psycopg import Connection

from lake.columns import Column
from lake.tables import Table

COLUMNS = (
    Column("statement_id", "uuid"),
    Column("stored", "timestamp with time zone"),
    Column("timestamp", "timestamp with time zone"),
    Column("actor_key", "uuid"),
    Column("object_key", "uuid"),
    Column("registration", "uuid"),
    Column("credential_id", "uuid"),
    Column("is_voided", "boolean"),
    Column("statement", "json"),
)
# Out of the body: name, path, type, and what it says.
PARTS = (
    ("verb_iri", "$.verb.id", "varchar", "What was done."),
    ("actor_name", "$.actor.name", "varchar", "The name that the statement gives its actor."),
    ("actor_mbox", "$.actor.mbox", "varchar", "The actor's address, with mailto:."),
    ("actor_home_page", "$.actor.account.homePage", "varchar", "Where the actor has its account."),
    ("actor_account", "$.actor.account.name", "varchar", "The actor's name there."),
    ("object_type", "$.object.objectType", "varchar", "What kind of thing the object is; empty: an activity."),
    ("object_iri", "$.object.id", "varchar", "To what it was done."),
    ("activity_type", "$.object.definition.type", "varchar", "What type of activity the object is."),
    ("success", "$.result.success", "boolean", "Whether the result says success."),
    ("completion", "$.result.completion", "boolean", "Whether the result says completion."),
    ("scaled", "$.result.score.scaled", "double", "The score between -1 and 1."),
    ("raw", "$.result.score.raw", "double", "The score in points."),
    ("min_score", "$.result.score.min", "double", "The least points there are."),
    ("max_score", "$.result.score.max", "double", "The most points there are."),
    ("response", "$.result.response", "varchar", "What was answered."),
    ("duration", "$.result.duration", "varchar", "How long it took, as the statement says it (ISO 8601)."),
    ("platform", "$.context.platform", "varchar", "Where it happened."),
)
DESCRIPTIONS = {
    "statement_id": "The statement's id.",
    "stored": "When it was stored. Files are divided by its month, in UTC.",
    "timestamp": "When it happened, as it says.",
    "actor_key": "The same for the same actor; as in the marts.",
    "object_key": "The same for the same activity; as in the marts. Empty: the object is none.",
    "registration": "The registration of its context.",
    "credential_id": "The credential it came with.",
    "is_voided": "Another statement voids it: it counts nowhere.",
    "statement": "The body, as JSON text.",
    **{name: said for name, _, _, said in PARTS},
}
RELATION = """(
    select
        statements.*, exists (
            select from xapi.statement_references as voiding
            where voiding.tenant_id = statements.tenant_id and voiding.target_id = statements.statement_id
                and voiding.is_voiding
        ) as is_voided
    from xapi.statements
)"""


def statements_table() -> Table:
    return Table(
        name="statements",
        relation=RELATION,
        columns=COLUMNS,
        description="One row for each statement, the voided included. Learners, places and kinds are in the marts.",
        months_by="stored",
        order_by="stored, statement_id",
        typed=_typing(),
        descriptions=DESCRIPTIONS,
    )


def _typing() -> Callable[[pa.Table], pa.Table]:
    """DuckDB parses each body once. What it cannot parse keeps its body and has no parts."""
    connection = duckdb.connect(config={"threads": 1, "memory_limit": "256MB"})
    # Not while it connects: the part that knows zones is loaded only then.
    connection.execute("set TimeZone = 'UTC'")
    paths = ", ".join(f"'{path}'" for _, path, _, _ in PARTS)
    parts = ", ".join(
        f"try_cast(parts[{number}] as {kind}) as {name}" for number, (name, _, kind, _) in enumerate(PARTS, start=1)
    )
    query = f"""
        select * exclude (parts, is_voided, statement), {parts}, is_voided, statement
        from (
            select
                *, case when json_valid(statement) then json_extract_string(statement, [{paths}]) end as parts
            from slice
        )
    """

    def typed(table: pa.Table) -> pa.Table:
        connection.register("slice", table)
        return connection.sql(query).to_arrow_table()

    return typed


# The months that new batches touch: by what they brought, and by what they void.
NEW_MONTHS = """
with new_batches as (
    select batches.batch_id
    from ingest.batch_tenants
    inner join ingest.batches on batch_tenants.batch_id = batches.batch_id
    where batch_tenants.tenant_id = %(tenant)s and batches.number > %(position)s
), bounds as (
    select min(batch_id) as least, max(batch_id) as greatest from new_batches
), touched as (
    select statements.stored
    from xapi.statements
    where statements.tenant_id = %(tenant)s and statements.batch_id between (select least from bounds)
        and (select greatest from bounds) and statements.batch_id in (select batch_id from new_batches)
    union all
    select statement_ids.stored
    from xapi.statement_references as voiding
    inner join xapi.statement_ids
        on voiding.tenant_id = statement_ids.tenant_id and voiding.target_id = statement_ids.statement_id
    where voiding.tenant_id = %(tenant)s and voiding.is_voiding
        and voiding.batch_id in (select batch_id from new_batches)
)
select distinct to_char(month, 'YYYY-MM')
from (select distinct date_trunc('month', stored at time zone 'UTC') as month from touched) as months
"""
COUNTS = """
select to_char(month, 'YYYY-MM'), rows
from (
    select date_trunc('month', stored at time zone 'UTC') as month, count(*) as rows
    from xapi.statements where tenant_id = %(tenant)s group by 1
) as months
"""


def statement_states(connection: Connection, tenant_id: int) -> dict[str, str]:
    """By month: how many there are, which tells what was forgotten."""
    return {month: str(rows) for month, rows in connection.execute(COUNTS, {"tenant": tenant_id}).fetchall()}


def new_months(connection: Connection, tenant_id: int, position: int) -> set[str]:
    rows = connection.execute(NEW_MONTHS, {"tenant": tenant_id, "position": position}).fetchall()
    return {month for (month,) in rows}
