"""Who may do what with which relation, as docs/database.md has it, and the attempts that hold the database to it."""

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from psycopg import Connection, Error, sql

from core.tenants import Tenant
from tests.harness.database import Database

# Select, insert, update, delete, truncate. The last rule that a relation's name matches holds; without one, nothing.
ALL = "SIUDT"
Rules = Mapping[str, str]
Login = Callable[[], Connection]
OPERATIONAL = (
    "users", "courses", "course_instructors", "modules", "lessons", "enrollments", "lesson_progress", "assessments",
    "submissions", "listings", "course_history", "lesson_history", "assessment_history", "enrollment_history",
    "lesson_progress_history", "submission_history",
)  # fmt: skip
DERIVED = (
    "learner_candidates", "learners", "activity_candidates", "content_periods", "imports", "learner_aliases",
    "activity_aliases", "verb_kinds",
)  # fmt: skip
OF_STATEMENTS = ("statement_ids", "statement_references", "verbs", "activities", "activity_definitions", "agents")
CHUNKS = "_timescaledb_internal._hyper_*"
READER: Rules = {
    "marts.*": "S",
    "marts.ops_*": "",
    "tenant.statements": "S",
    "control.tenants": "S",
    **{f"lms.{name}": "S" for name in OPERATIONAL},
}
LAW: dict[str, Rules] = {
    "reader": READER,
    "analyst": READER,
    "operator": {"marts.ops_*": "S"},
    "superset": {"superset.*": ALL},
    "dagster": {"dagster.*": ALL},
    "lrs": {
        "request.statements": "SI",
        "request.statement_relations": "SI",
        "request.credentials": "S",
        "control.tenants": "S",
        "lms.*": "SIU",
        **{f"lms.{name}": "S" for name in DERIVED},
        # Views that ask as who looks at them, and need what the LRS has no grant for.
        **{f"lms.{name}": "" for name in ("learner_candidates", "learners", "activity_candidates")},
        "lms.waiting_events": "SIUD",
        **{f"xapi.{name}": "SI" for name in (*OF_STATEMENTS, "attachments")},
        "xapi.activity_definitions": "SIU",
        "xapi.documents": "SIUD",
        "ingest.batches": "SI",
        "ingest.batch_tenants": "SI",
        "ingest.bulk_loads": "SIU",
        "ingest.outbox": "I",
    },
    "ingest": {
        "control.tenants": "S",
        "control.home_pages": "S",
        "control.iri_patterns": "S",
        "lms.*": "SIUD",
        **{f"xapi.{name}": "SI" for name in (*OF_STATEMENTS, "attachments", "statements", "statement_relations")},
        "xapi.activity_definitions": "SIU",
        CHUNKS: "SI",
        "ingest.batches": "SI",
        "ingest.batch_tenants": "SI",
        "ingest.ledger": "SIU",
        "ingest.dead_letters": "SIU",
        "ingest.bulk_loads": "SIU",
        "ingest.consumers": "SIUD",
        "ingest.outbox": "SUD",
    },
    "transform": {
        "control.tenants": "S",
        "control.home_pages": "S",
        "control.iri_patterns": "S",
        "control.lake_turn": "SU",
        "lms.*": "S",
        **{f"xapi.{name}": "S" for name in (*OF_STATEMENTS, "statements", "statement_relations")},
        CHUNKS: "S",
        "ingest.*": "S",
        "ingest.outbox": "",
        "ingest.batch_counter": "",
        "staging.*": ALL,
        "intermediate.*": ALL,
        "intermediate.refresh": "SIUD",
        "intermediate.built": "SIUD",
        "intermediate.turn": "SU",
        "intermediate.position": "SU",
        "marts.*": ALL,
        "marts.refreshes": "SI",
    },
}
# PostgreSQL's and TimescaleDB's own, which may be looked at; the settings are written as by SET.
FOREIGN = ("pg_catalog", "information_schema", "timescaledb_*", "_timescaledb_*")
SETTINGS = "pg_catalog.pg_settings"

RELATIONS = """
select
    namespace.nspname::text, class.relname::text,
    (
        select attname::text from pg_attribute
        where attrelid = class.oid and attnum > 0 and not attisdropped and attgenerated = '' and attidentity <> 'a'
        order by attnum limit 1
    )
from pg_class as class
inner join pg_namespace as namespace on class.relnamespace = namespace.oid
where class.relkind in ('r', 'p', 'v', 'm', 'f') and namespace.nspname !~ '^pg_(toast|temp)'
order by 1, 2
"""
ACTIONS = {
    "S": "select 1 from {relation} limit 0",
    "I": "insert into {relation} ({column}) select null where false",
    "U": "update {relation} set {column} = null where false",
    "D": "delete from {relation} where false",
    "T": "begin; truncate {relation}; rollback",
}
NOT_ALLOWED = "42501"
# A view that nobody can write to, a table that another refers to, a system's column.
NOT_POSSIBLE = {"0A000", "55000", "42809", "428C9"}


class Attempt(NamedTuple):
    role: str
    relation: str
    action: str
    is_allowed: bool
    outcome: str

    @property
    def is_lawful(self) -> bool:
        return self.outcome == ("" if self.is_allowed else NOT_ALLOWED)


def attempts(database: Database, logins: Mapping[str, Login]) -> list[Attempt]:
    """Each login with each relation there is, in each way."""
    with database.admin() as connection:
        relations = connection.execute(RELATIONS).fetchall()
    found: list[Attempt] = []
    for role, login in logins.items():
        with login() as connection:
            connection.execute("set default_transaction_read_only = off")
            for schema, name, column in relations:
                found += _try(connection, role, f"{schema}.{name}", sql.Identifier(schema, name), column)
    return found


def _try(
    connection: Connection, role: str, name: str, relation: sql.Identifier, column: str | None
) -> Iterator[Attempt]:
    for action, command in ACTIONS.items():
        if (action == "S" and is_foreign(name)) or (column is None and "{column}" in command):
            continue
        asked = sql.SQL(command).format(relation=relation, column=sql.Identifier(column or ""))
        found = outcome(connection, asked)
        if found not in NOT_POSSIBLE:
            yield Attempt(role, name, action, action in may(role, name), found)


def outcome(connection: Connection, command: sql.Composed) -> str:
    try:
        connection.execute(command)
    except Error as error:
        connection.rollback()
        return error.sqlstate or repr(error)
    return ""


def may(role: str, relation: str) -> str:
    if relation == SETTINGS:
        return "U"
    granted = [letters for pattern, letters in LAW[role].items() if fnmatchcase(relation, pattern)]
    return granted[-1] if granted else ""


def is_foreign(relation: str) -> bool:
    schema = relation.partition(".")[0]
    return any(fnmatchcase(schema, pattern) for pattern in FOREIGN) and not fnmatchcase(relation, CHUNKS)


def service_logins(database: Database) -> dict[str, Login]:
    services = [role for role in LAW if role not in {"reader", "analyst"}]
    return {role: lambda role=role: database.service(role, autocommit=True) for role in services}  # type: ignore[misc]


def reader_login(database: Database, tenant: Tenant) -> Login:
    return lambda: database.reader(tenant, autocommit=True)
