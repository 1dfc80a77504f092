"""Which rows of a dataset whom: Superset's row-level security, which is all that limits an instructor to their courses.

Columns are always named with the table that they are of: in a subquery, a bare name would be the inner one.
"""

from collections.abc import Collection

import msgspec

ROLES = ("Instructor", "Tenant admin", "Analyst", "Operator")
# Superset holds a rule against everybody but these.
WHOLE_TENANT = ("Tenant admin", "Analyst", "Operator")
OPERATOR = ("Operator",)
NOTHING = "1 = 0"


class Rule(msgspec.Struct, frozen=True):
    clause: str
    except_roles: tuple[str, ...]


def rule_for(dataset: str, columns: Collection[str]) -> Rule:
    if dataset.startswith("ops_"):
        return Rule(NOTHING, OPERATOR)
    if "course_id" not in columns:
        return Rule(NOTHING, WHOLE_TENANT)
    return Rule(TAUGHT, WHOLE_TENANT)


TAUGHT = (
    "course_id in (select taught.course_id from lms.course_instructors as taught"
    " where taught.user_id = {{ taught_by() }} and taught.is_listed and taught.removed_at is null)"
)
