"""What somebody may see, by SQL, and whether an answer shows more."""

from dataclasses import dataclass

import httpx

from tests.harness.database import Database
from tests.harness.superset import MARK
from tests.security.superset.knocking import Dataset, values_of

TAUGHT = """
select array_agg(course_id::text) from lms.course_instructors
where tenant_id = %s and user_id = %s and is_listed and removed_at is null
"""
# What names a course, or somebody who is in no course that is taught, and was never seen in one.
FOREIGN_WORDS = """
select title from lms.courses where tenant_id = %(tenant)s and course_id <> all(%(taught)s)
union
select email from lms.users
where tenant_id = %(tenant)s and role = 'student' and email is not null and not exists (
    select from lms.enrollments
    where enrollments.tenant_id = users.tenant_id and enrollments.user_id = users.user_id
        and enrollments.course_id = any(%(taught)s)
) and not exists (
    select from marts.fct_daily_engagement as active
    inner join marts.dim_learner as learner
        on active.tenant_id = learner.tenant_id and active.learner_key = learner.learner_key
    where active.tenant_id = users.tenant_id and active.course_id = any(%(taught)s)
        -- By the mail, since a stranger may have the same: then nobody knows who it was.
        and lower(learner.email) = lower(users.email)
)
"""


@dataclass(frozen=True)
class Sight:
    tenant_id: int
    # None: all of the tenant's.
    courses: frozenset[str] | None
    words: tuple[str, ...]

    def leaks(self, answer: httpx.Response) -> list[str]:
        found = [word for word in self.words if word in answer.text]
        found += [f"tenant {value}" for value in values_of(answer, "tenant_id") if value not in (self.tenant_id, None)]
        if self.courses is not None:
            seen = {value for value in values_of(answer, "course_id") if value is not None}
            found += [f"course {value}" for value in sorted(seen - self.courses)]
        return found


def sight_of_instructor(database: Database, slug: str, user_id: str) -> Sight:
    tenant_id = _tenant_id(database, slug)
    with database.admin() as connection:
        (taught,) = connection.execute(TAUGHT, [tenant_id, user_id]).fetchall()[0]
        taught = taught or []
        words = connection.execute(FOREIGN_WORDS, {"tenant": tenant_id, "taught": taught}).fetchall()
    return Sight(tenant_id, frozenset(taught), (MARK, "hillside.example", *(word for (word,) in words)))


def sight_of_admin(database: Database, slug: str) -> Sight:
    return Sight(_tenant_id(database, slug), None, (MARK, "hillside.example"))


def rows_to_see(database: Database, dataset: Dataset, sight: Sight) -> int:
    """Of a dataset, counted without Superset."""
    with database.admin() as connection:
        (source,) = connection.execute("select sql from superset.tables where id = %s", [dataset.number]).fetchall()[0]
        count = f"select count(*) from ({source or f'select * from marts.{dataset.name}'}) as rows"
        if sight.courses is None:
            row = connection.execute(f"{count} where tenant_id = %s", [sight.tenant_id]).fetchone()
        elif "course_id" not in dataset.columns:
            return 0
        else:
            mine = [sight.tenant_id, list(sight.courses)]
            row = connection.execute(f"{count} where tenant_id = %s and course_id = any(%s)", mine).fetchone()
    assert row is not None
    return int(row[0])


def _tenant_id(database: Database, slug: str) -> int:
    with database.admin() as connection:
        row = connection.execute("select tenant_id from control.tenants where slug = %s", [slug]).fetchone()
    assert row is not None
    return int(row[0])
