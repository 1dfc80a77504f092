"""A selection in SQL.

One branch for each way in which a statement can match, each ending early at its own index; their union is cut again.
Statements that refer to a matching one match as well, through any number of steps. What is voided is left out,
whenever the voiding statement came. All parameters are named, so that the few shapes of the query are prepared once.
"""

from datetime import datetime
from typing import Any

from lrs.selection import Selection

BY_ID = """
select statements.statement, statements.stored, statements.statement_id
from xapi.statement_ids as ids
cross join lateral (
    select * from request.statements as known
    where known.stored = ids.stored and known.statement_id = ids.statement_id
) as statements
where ids.statement_id = %(statement_id)s and {is_voided} and {visible}
"""

# Voided by a statement that refers to it; a voiding statement itself cannot be voided.
IS_VOIDED = """(
    exists (
        select from xapi.statement_references as voiding
        where voiding.target_id = {id} and voiding.is_voiding
    ) and not exists (
        select from xapi.statement_references as itself
        where itself.stored = {stored} and itself.statement_id = {id} and itself.is_voiding
    )
)"""

# From what a statement refers to, on to what that refers to.
TARGET_MATCHES = """exists (
    with recursive chain (statement_id, stored) as (
        select ids.statement_id, ids.stored from xapi.statement_ids as ids
        where ids.statement_id = referring.target_id
        union
        select ids.statement_id, ids.stored from chain
        inner join xapi.statement_references as next
            on chain.stored = next.stored and chain.statement_id = next.statement_id
        inner join xapi.statement_ids as ids on next.target_id = ids.statement_id
    )
    select from chain
    cross join lateral (
        select * from request.statements as known
        where known.stored = chain.stored and known.statement_id = chain.statement_id
        offset 0
    ) as statements
    where {matches}
)"""

RELATED = """exists (
    select from request.statement_relations as relation
    where relation.related_key = %({parameter})s and relation.is_direct = any({direct})
        and relation.stored = statements.stored and relation.statement_id = statements.statement_id
)"""

# Who vouches is the credential's affair, not repeated at each statement.
VOUCHED = "statements.credential_id = any(%(vouched_by)s)"

DIRECT = {"direct": "array[true]", "related": "array[true, false]", "not direct": "array[false]"}


def by_id(selection: Selection, *, voided: bool) -> str:
    is_voided = IS_VOIDED.format(id="ids.statement_id", stored="ids.stored")
    return BY_ID.format(
        is_voided=is_voided if voided else f"not {is_voided}", visible=" and ".join(_visible(selection)) or "true"
    )


def many(selection: Selection) -> str:
    order = "asc" if selection.ascending else "desc"
    branches = [_statements(selection, order, way) for way in _ways(selection)]
    if selection.has_filter:
        branches.append(_referring(selection, order))
    found = "\nunion\n".join(f"({branch})" for branch in branches)
    return f"""
with found as materialized (
    select stored, statement_id from (
        {found}
    ) as ways
    order by stored {order}, statement_id {order}
    limit %(limit)s
)
select statements.statement, found.stored, found.statement_id
from found
cross join lateral (
    select known.statement from request.statements as known
    where known.stored = found.stored and known.statement_id = found.statement_id
    offset 0
) as statements
order by found.stored {order}, found.statement_id {order}
"""


def parameters(selection: Selection, consistent_through: datetime, vouched_by: list[str]) -> dict[str, Any]:
    until = selection.until
    if selection.ascending:
        until = min(until or consistent_through, consistent_through)
    return {
        "limit": selection.limit + 1,
        "agent": selection.agent,
        "verb": selection.verb,
        "activity": selection.activity,
        "registration": selection.registration,
        "since": selection.since,
        "until": until,
        "written_by": selection.sight.written_by,
        "own_actor": selection.sight.actor,
        "own_registration": selection.sight.registration,
        "after_stored": selection.after_stored,
        "after_id": selection.after_id,
        "vouched_by": vouched_by,
    }


def _ways(selection: Selection) -> list[str]:
    """Each a condition with an index of its own, or `relation …`; together they are all that match."""
    if selection.agent:
        ways = ["statements.actor_key = %(agent)s", "relation agent direct"]
        return [*ways, "relation agent not direct", VOUCHED] if selection.related_agents else ways
    if selection.activity:
        ways = ["statements.object_key = %(activity)s"]
        return [*ways, "relation activity not direct"] if selection.related_activities else ways
    return ["true"]


def _statements(selection: Selection, order: str, way: str) -> str:
    conditions = [*_plain(selection), *_visible(selection)]
    if selection.agent and selection.activity:
        conditions.append(_matches_activity(selection))
    voided = IS_VOIDED.format(id="source.statement_id", stored="source.stored")
    source, condition = "request.statements as source", way.replace("statements.", "source.")
    if way.startswith("relation"):
        _, parameter, direct = way.split(maxsplit=2)
        source = "request.statement_relations as source"
        condition = f"source.related_key = %({parameter})s and source.is_direct = any({DIRECT[direct]})"
        if conditions:
            source += """ cross join lateral (
                select * from request.statements as known
                where known.stored = source.stored and known.statement_id = source.statement_id
                offset 0
            ) as statements"""
    else:
        conditions = [text.replace("statements.", "source.") for text in conditions]
    where = " and ".join([condition, *_span(selection, order), *conditions, f"not {voided}"])
    return _cut(f"select source.stored, source.statement_id from {source} where {where}", order)


def _referring(selection: Selection, order: str) -> str:
    matches = [*_plain(selection)]
    if selection.agent:
        matches.append(_matches_agent(selection))
    if selection.activity:
        matches.append(_matches_activity(selection))
    voided = IS_VOIDED.format(id="source.statement_id", stored="source.stored")
    target = TARGET_MATCHES.format(matches=" and ".join(matches)).replace("referring.", "source.")
    source = "xapi.statement_references as source"
    conditions = [*_span(selection, order), target, f"not {voided}"]
    if own := _visible(selection):
        source += """ cross join lateral (
            select * from request.statements as known
            where known.stored = source.stored and known.statement_id = source.statement_id
            offset 0
        ) as statements"""
        conditions += own
    return _cut(f"select source.stored, source.statement_id from {source} where {' and '.join(conditions)}", order)


def _plain(selection: Selection) -> list[str]:
    conditions = []
    if selection.verb:
        conditions.append("statements.verb_key = %(verb)s")
    if selection.registration:
        conditions.append("statements.registration = %(registration)s")
    return conditions


def _visible(selection: Selection) -> list[str]:
    conditions = []
    if selection.sight.written_by:
        conditions.append("statements.credential_id = %(written_by)s")
    if selection.sight.actor:
        conditions.append("statements.actor_key = %(own_actor)s")
    if selection.sight.registration:
        conditions.append("statements.registration = %(own_registration)s")
    return conditions


def _matches_agent(selection: Selection) -> str:
    direct = DIRECT["related" if selection.related_agents else "direct"]
    ways = ["statements.actor_key = %(agent)s", RELATED.format(parameter="agent", direct=direct)]
    if selection.related_agents:
        ways.append(VOUCHED)
    return f"({' or '.join(ways)})"


def _matches_activity(selection: Selection) -> str:
    plain = "statements.object_key = %(activity)s"
    if not selection.related_activities:
        return plain
    return f"({plain} or {RELATED.format(parameter='activity', direct=DIRECT['not direct'])})"


def _span(selection: Selection, order: str) -> list[str]:
    conditions = []
    if selection.since:
        conditions.append("source.stored > %(since)s")
    if selection.until or selection.ascending:
        conditions.append("source.stored <= %(until)s")
    if selection.after_stored:
        sign = ">" if order == "asc" else "<"
        conditions.append(f"(source.stored, source.statement_id) {sign} (%(after_stored)s, %(after_id)s)")
    return conditions


def _cut(query: str, order: str) -> str:
    return f"{query} order by stored {order}, statement_id {order} limit %(limit)s"
