"""A selection in SQL, in small questions instead of one large one.

Each way in which a statement can match is a question of its own, which ends early at its own index: together in one
statement they cost more to set up, chunk by chunk, than to answer. Statements that refer to a matching one match as
well, through any number of steps. What is voided is left out, whenever the voiding statement came. All parameters are
named, so that the few shapes of each question are prepared once.
"""

from collections.abc import Sequence
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

# Of those found by what they refer to, or by a relation.
BODIES = """
select stored, statement_id::text, statement
from request.statements
where stored = any(%(times)s) and statement_id = any(%(ids)s::uuid[])
"""

# Voided by a statement that refers to it; a voiding statement itself cannot be voided. Asked of each row on its own:
# an `exists` would be answered from a hash of all references, made anew for each page.
IS_VOIDED = """(
    (
        select true from xapi.statement_references as voiding
        where voiding.target_id = {id} and voiding.is_voiding limit 1
    ) is true and (
        select true from xapi.statement_references as itself
        where itself.stored = {stored} and itself.statement_id = {id} and itself.is_voiding limit 1
    ) is not true
)"""

RELATED_ACTIVITY = """(
    select true from request.statement_relations as relation
    where relation.related_key = %(activity)s and not relation.is_direct
        and relation.stored = statements.stored and relation.statement_id = statements.statement_id
    limit 1
) is true"""

# From a few references on to what they refer to, and what that refers to; then which of all that matches.
REFERRING_DOWN = """
with recursive chain (stored, statement_id, target_stored, target_id) as (
    (
        select source.stored, source.statement_id, ids.stored, source.target_id
        from xapi.statement_references as source
        inner join xapi.statement_ids as ids on source.target_id = ids.statement_id
        where {span}
    )
    union
    select chain.stored, chain.statement_id, ids.stored, next.target_id
    from chain
    cross join lateral (
        select * from xapi.statement_references as known
        where known.stored = chain.target_stored and known.statement_id = chain.target_id
        offset 0
    ) as next
    inner join xapi.statement_ids as ids on next.target_id = ids.statement_id
),
targets as materialized (
    select array_agg(target_stored) as times, array_agg(target_id) as ids from chain
),
matching as materialized ({matching})
select distinct source.stored, source.statement_id::text
from chain as source
inner join matching on source.target_id = matching.statement_id
{seen}
where {conditions}
"""
AMONG_TARGETS = (
    "source.stored = any((select times from targets)::timestamptz[])",
    "source.statement_id = any((select ids from targets)::uuid[])",
)

# From all that match on to what refers to them, and what refers to that.
REFERRING_UP = """
with recursive reached (stored, statement_id) as (
    select referring.stored, referring.statement_id
    from ({matching}) as matching
    cross join lateral (
        select * from xapi.statement_references as known
        where known.target_id = matching.statement_id
        offset 0
    ) as referring
    union
    select referring.stored, referring.statement_id
    from reached
    cross join lateral (
        select * from xapi.statement_references as known
        where known.target_id = reached.statement_id
        offset 0
    ) as referring
)
select source.stored, source.statement_id::text
from reached as source
{seen}
where {conditions}
order by source.stored {order}, source.statement_id {order}
limit %(limit)s
"""

KNOWN = """cross join lateral (
    select * from request.statements as known
    where known.stored = source.stored and known.statement_id = source.statement_id
    offset 0
) as statements"""

# Who vouches is the credential's affair, not repeated at each statement.
VOUCHED = "statements.credential_id = any(%(vouched_by)s)"

VOIDED_SOURCE = IS_VOIDED.format(id="source.statement_id", stored="source.stored")


def by_id(selection: Selection, *, voided: bool) -> str:
    is_voided = IS_VOIDED.format(id="ids.statement_id", stored="ids.stored")
    return BY_ID.format(
        is_voided=is_voided if voided else f"not {is_voided}", visible=" and ".join(_visible(selection)) or "true"
    )


def matching(selection: Selection) -> list[str]:
    """A question for each way to match: when, which, and, where it is at hand, the body."""
    return [_cut(_way(way, _reach(selection)), selection) for way in _ways(selection)]


def nearest_references(selection: Selection, count: int) -> str:
    where = " and ".join(_span(selection)) or "true"
    order = _order(selection)
    return (
        f"select source.stored from xapi.statement_references as source where {where} "
        f"order by source.stored {order} limit {count}"
    )


def referring_down(selection: Selection, *, bounded: bool) -> str:
    """For few references: from each to what it refers to."""
    return REFERRING_DOWN.format(
        span=" and ".join(_referring_span(selection, bounded)) or "true",
        matching=_matching(selection, AMONG_TARGETS),
        seen=KNOWN if _visible(selection) else "",
        conditions=" and ".join([*_visible(selection), f"not {VOIDED_SOURCE}"]),
    )


def referring_up(selection: Selection, *, bounded: bool) -> str:
    """For many references: from all that match to what refers to them."""
    return REFERRING_UP.format(
        matching=_matching(selection),
        seen=KNOWN if _visible(selection) else "",
        conditions=" and ".join([
            *_referring_span(selection, bounded), *_visible(selection), f"not {VOIDED_SOURCE}",
        ]),
        order=_order(selection),
    )  # fmt: skip


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


def _order(selection: Selection) -> str:
    return "asc" if selection.ascending else "desc"


def _ways(selection: Selection) -> list[str]:
    """Each a condition with an index of its own, or `relation …`; together they are all that match."""
    if selection.agent:
        ways = ["statements.actor_key = %(agent)s", "relation agent direct"]
        return [*ways, "relation agent not direct", VOUCHED] if selection.related_agents else ways
    if selection.activity:
        ways = ["statements.object_key = %(activity)s"]
        return [*ways, "relation activity not direct"] if selection.related_activities else ways
    return ["true"]


def _way(way: str, conditions: list[str]) -> str:
    """`conditions` are about `statements` and `source`: the same, but where a relation leads to the statement."""
    if not way.startswith("relation"):
        where = " and ".join([way, *conditions]).replace("statements.", "source.")
        return (
            "select source.stored, source.statement_id, source.statement from request.statements as source "
            f"where {where}"
        )
    _, parameter, direct = way.split(maxsplit=2)
    # Said plainly, not as one of an array: only then does the index give the order.
    is_direct = "source.is_direct" if direct == "direct" else "not source.is_direct"
    is_about_statement = any("statements." in condition for condition in conditions)
    related = f"source.related_key = %({parameter})s and {is_direct}"
    return (
        f"select source.stored, source.statement_id, {'statements.statement' if is_about_statement else 'null::json'} "
        f"from request.statement_relations as source {KNOWN if is_about_statement else ''} "
        f"where {' and '.join([related, *conditions])}"
    )


def _matching(selection: Selection, among: Sequence[str] = ()) -> str:
    """All ways together, without bodies, whenever it was."""
    ways = [_way(way, [*_conditions(selection), *among]) for way in _ways(selection)]
    return " union all ".join(f"select statement_id from ({way}) as way" for way in ways)


def _reach(selection: Selection) -> list[str]:
    return [*_conditions(selection), *_span(selection), *_visible(selection), f"not {VOIDED_SOURCE}"]


def _conditions(selection: Selection) -> list[str]:
    """Beside the way."""
    conditions = _plain(selection)
    if selection.agent and selection.activity:
        conditions.append(_matches_activity(selection))
    return conditions


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


def _matches_activity(selection: Selection) -> str:
    plain = "statements.object_key = %(activity)s"
    return f"({plain} or {RELATED_ACTIVITY})" if selection.related_activities else plain


def _span(selection: Selection) -> list[str]:
    conditions = []
    if selection.since:
        conditions.append("source.stored > %(since)s")
    if selection.until or selection.ascending:
        conditions.append("source.stored <= %(until)s")
    if selection.after_stored:
        sign = ">" if selection.ascending else "<"
        conditions.append(f"(source.stored, source.statement_id) {sign} (%(after_stored)s, %(after_id)s)")
        # The same once more, by which whole chunks are left out.
        conditions.append(f"source.stored {sign}= %(after_stored)s")
    return conditions


def _referring_span(selection: Selection, bounded: bool) -> list[str]:
    sign = "<=" if selection.ascending else ">="
    return [*_span(selection), *([f"source.stored {sign} %(bound)s"] if bounded else [])]


def _cut(way: str, selection: Selection) -> str:
    order = _order(selection)
    as_text = way.replace("source.statement_id,", "source.statement_id::text,", 1)
    return f"{as_text} order by source.stored {order}, source.statement_id {order} limit %(limit)s"
