"""Looks at what the marts depend on: asset checks in SQL, each with the figure that it saw and what to do."""

from collections.abc import Sequence
from typing import NamedTuple

from dagster import AssetCheckExecutionContext, AssetCheckResult, AssetChecksDefinition, AssetCheckSeverity, asset_check

from orchestration.surroundings import connected

LAG = """
select coalesce(extract(epoch from now() - min(through)), 0)::float
from ingest.ledger where lane = 'statements' and retired_at is null
"""
OUTBOX = "select count(*) from ingest.outbox"
# Of the last full day, so that both counts have come to rest. The ids are kept in a table of their own.
COUNTS = """
select
    (select count(*) from xapi.statements
     where stored >= now() - interval '25 hours' and stored < now() - interval '1 hour')
    - (select count(*) from xapi.statement_ids
       where stored >= now() - interval '25 hours' and stored < now() - interval '1 hour')
"""
LETTERS = """
select count(*) from ingest.dead_letters
where settled_at is null and reason <> 'conflict' and created_at > now() - interval '1 hour'
"""
WAITING = """
select count(distinct (tenant_id, event_key)) from lms.waiting_events where waiting_since < now() - interval '1 day'
"""
UNMAPPED = """
select coalesce(avg((place = 'none')::int), 0)::float from (
    select place from marts.fct_statements where stored > now() - interval '1 day' limit 100000
) as recent
"""
BEHIND = """
select count(*) from ingest.batches
where created_at < now() - interval '5 minutes'
    and (number is null or number > (select through_number from intermediate.position))
"""


class Look(NamedTuple):
    """`most` is the largest figure that is well."""

    name: str
    asset: Sequence[str]
    role: str
    query: str
    most: float
    says: str
    remedy: str


LOOKS = (
    Look("ingest_lag", ("xapi", "statements"), "ingest", LAG, 120, "Seconds that the tables are behind the topic.",
         "`lyceum ingest status`; is ingest running, and the database well?"),
    Look("ids_equal_statements", ("xapi", "statements"), "transform", COUNTS, 0,
         "Statements of the last day without an id in the table of ids, or the other way round.",
         "Somebody changed rows by hand, or a restore was partial: `lyceum ingest replay` adds what is missing."),
    Look("outbox", ("kafka", "statements_v1"), "ingest", OUTBOX, 10_000,
         "Envelopes that were written through and wait for the broker.", "Is the broker there? `lyceum doctor`"),
    Look("dead_letters", ("kafka", "dead_letters_v1"), "ingest", LETTERS, 100,
         "Dead letters of the last hour, conflicts left out.", "`lyceum dead-letters list`"),
    Look("waiting_events", ("lms", "enrollments"), "ingest", WAITING, 100,
         "Events that have waited for more than a day for something that nobody told of.",
         "`select * from lms.waiting_events`: what they await should be told or imported."),
    Look("unmapped_share", ("marts", "core", "fct_statements"), "transform", UNMAPPED, 0.5,
         "Share of a day's statements that are nowhere in the LMS.", "`lyceum unmapped list`, `lyceum map`"),
    Look("refresh_behind", ("marts", "core", "fct_statements"), "transform", BEHIND, 0,
         "Batches older than five minutes that the marts have not taken in.",
         "Is the job keep_marts running? `lyceum marts status`"),
)  # fmt: skip


def watching() -> list[AssetChecksDefinition]:
    return [_check(look) for look in LOOKS]


def _check(look: Look) -> AssetChecksDefinition:
    @asset_check(asset=list(look.asset), name=look.name, description=f"{look.says} Well up to {look.most:g}.")
    def check(_: AssetCheckExecutionContext) -> AssetCheckResult:
        with connected(look.role) as connection:
            row = connection.execute(look.query).fetchone()
        found = float(row[0]) if row else 0.0
        return AssetCheckResult(
            passed=found <= look.most,
            severity=AssetCheckSeverity.WARN,
            metadata={"found": found, "most": look.most, **({} if found <= look.most else {"what to do": look.remedy})},
        )

    return check
