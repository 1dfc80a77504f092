"""What of that which events name is there, in the tables or by this very batch."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from psycopg import Connection

from core.lms.facts import Fact, Ref
from core.lms.tables import ASSESSMENTS

MAX_SCORE = "max_score"

FIND = {
    "user": """
select tenant_id, user_id from unnest(%s::int[], %s::text[]) as wanted (tenant_id, user_id)
inner join lms.users using (tenant_id, user_id)""",
    "course": """
select tenant_id, course_id from unnest(%s::int[], %s::text[]) as wanted (tenant_id, course_id)
inner join lms.courses using (tenant_id, course_id)""",
    "lesson": """
select tenant_id, lesson_id from unnest(%s::int[], %s::text[]) as wanted (tenant_id, lesson_id)
inner join lms.lessons using (tenant_id, lesson_id)""",
    "assessment": """
select tenant_id, assessment_id from unnest(%s::int[], %s::text[]) as wanted (tenant_id, assessment_id)
inner join lms.assessments using (tenant_id, assessment_id)""",
    "enrollment": """
select tenant_id, course_id, user_id
from unnest(%s::int[], %s::text[], %s::text[]) as wanted (tenant_id, course_id, user_id)
inner join lms.enrollments using (tenant_id, course_id, user_id)""",
    "submission": """
select tenant_id, assessment_id, user_id, attempt_number::text
from unnest(%s::int[], %s::text[], %s::text[], %s::text[]::int[])
    as wanted (tenant_id, assessment_id, user_id, attempt_number)
inner join lms.submissions using (tenant_id, assessment_id, user_id, attempt_number)""",
}
FIND_BOUNDS = """
select tenant_id, assessment_id, greatest(highest_max_score, max_score)::float
from unnest(%s::int[], %s::text[]) as wanted (tenant_id, assessment_id)
inner join lms.assessments using (tenant_id, assessment_id)
"""


class Named(NamedTuple):
    tenant_id: int
    ref: Ref


class Known:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._there: set[Named] = set()
        self._asked: set[Named] = set()
        self._bounds: dict[Named, float] = {}

    def look_up(self, named: Iterable[Named]) -> None:
        by_kind: dict[str, list[Named]] = defaultdict(list)
        for one in set(named) - self._asked:
            by_kind[one.ref.kind].append(one)
            self._asked.add(one)
        for kind, wanted in by_kind.items():
            tenants = [one.tenant_id for one in wanted]
            ids = [list(column) for column in zip(*(one.ref.ids for one in wanted), strict=True)]
            if kind == MAX_SCORE:
                for tenant_id, assessment_id, bound in self._connection.execute(FIND_BOUNDS, [tenants, *ids]):
                    self._raise_bound(bound_of(tenant_id, assessment_id), bound)
            else:
                rows = self._connection.execute(FIND[kind], [tenants, *ids])
                self._there |= {Named(tenant_id, Ref(kind, tuple(found))) for tenant_id, *found in rows}

    def missing(self, tenant_id: int, fact: Fact) -> list[Named]:
        missing = [one for one in (Named(tenant_id, ref) for ref in fact.needs) if one not in self._there]
        if fact.scores and not missing:
            assessment_id, score = fact.scores
            bound = bound_of(tenant_id, assessment_id)
            if score > self._bounds[bound]:
                missing.append(bound)
        return missing

    def add(self, tenant_id: int, fact: Fact) -> list[Named]:
        """What the fact brings that was not there before, so that somebody may be waiting for it."""
        fresh = [one for one in (Named(tenant_id, ref) for ref in fact.makes) if one not in self._there]
        self._there.update(fresh)
        for telling in fact.tells:
            if telling.table is ASSESSMENTS:
                bound = bound_of(tenant_id, telling.key[0])
                self._raise_bound(bound, telling.values[ASSESSMENTS.groups["details"].index("max_score")])
                fresh.append(bound)
        return fresh

    def _raise_bound(self, bound: Named, score: float) -> None:
        self._bounds[bound] = max(score, self._bounds.get(bound, 0))


def bound_of(tenant_id: int, assessment_id: str) -> Named:
    """An assessment's max_score, which scores wait for that are above it."""
    return Named(tenant_id, Ref(MAX_SCORE, (assessment_id,)))


def names_of(tenant_id: int, fact: Fact) -> list[Named]:
    named = [Named(tenant_id, ref) for ref in fact.needs]
    return [*named, bound_of(tenant_id, fact.scores[0])] if fact.scores else named
