"""Who a tenant is: its row, its patterns, and the database login that sees its rows only."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection, errors, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from core.audit import record_act
from core.database.readers import create_reader, set_logins
from core.errors import UserError
from core.secrets import SecretKey

SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
PATTERN_GROUP = "(?<key>"
ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", re.ASCII)


@dataclass(frozen=True)
class Pattern:
    """Recognises a tenant's courses, lessons or assessments in activity IRIs."""

    names: str
    key_is: str
    pattern: str

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        names, _, rest = text.partition(":")
        key_is, _, pattern = rest.partition(":")
        if names not in {"course", "lesson", "assessment"} or key_is not in {"id", "slug", "external_id"}:
            raise UserError(
                f"The pattern {text!r} does not say what it names.",
                "Write course|lesson|assessment, a colon, id|slug|external_id, a colon and the regular expression.",
            )
        return cls(names, key_is, _check_expression(pattern))


@dataclass(frozen=True)
class NewTenant:
    slug: str
    name: str
    plan: str = "standard"
    time_zone: str = "UTC"
    settings: Mapping[str, Any] | None = None
    home_pages: Sequence[str] = ()
    patterns: Sequence[Pattern] = ()
    # Of a tenant that comes back, whose statements in the topic name it.
    tenant_uuid: UUID | None = None


@dataclass(frozen=True)
class Tenant:
    tenant_id: int
    tenant_uuid: UUID
    slug: str
    name: str
    plan: str
    time_zone: str
    settings: dict[str, Any]
    is_active: bool
    created_at: datetime
    reader: str
    home_pages: list[str]
    patterns: list[dict[str, str]]


SELECT_TENANTS = """
select
    tenants.tenant_id, tenants.tenant_uuid, tenants.slug, tenants.name, tenants.plan, tenants.time_zone,
    tenants.settings, tenants.is_active, tenants.created_at, reader_roles.role_name as reader,
    array(
        select home_page from control.home_pages where home_pages.tenant_id = tenants.tenant_id order by home_page
    ) as home_pages,
    coalesce((
        select jsonb_agg(jsonb_build_object('names', names, 'key_is', key_is, 'pattern', pattern) order by pattern)
        from control.iri_patterns where iri_patterns.tenant_id = tenants.tenant_id
    ), '[]') as patterns
from control.tenants
inner join control.reader_roles on tenants.tenant_id = reader_roles.tenant_id
"""


def create_tenant(connection: Connection, new: NewTenant, key: SecretKey) -> Tenant:
    if not SLUG.fullmatch(new.slug):
        raise UserError(
            f"{new.slug!r} cannot be a tenant's slug.",
            "Use 1 to 63 of a-z, 0-9 and hyphens, not beginning or ending with a hyphen.",
        )
    with connection.transaction():
        batch_id = _open_batch(connection)
        try:
            row = connection.execute(
                "insert into control.tenants (slug, name, plan, time_zone, settings, batch_id, tenant_uuid) "
                "values (%s, %s, %s, %s, %s, %s, coalesce(%s, gen_random_uuid())) returning tenant_id",
                [
                    new.slug, new.name, new.plan, new.time_zone, Jsonb(dict(new.settings or {})), batch_id,
                    new.tenant_uuid,
                ],
            ).fetchone()  # fmt: skip
        except errors.UniqueViolation as error:
            raise _taken(new, error) from error
        except errors.InvalidParameterValue as error:
            raise _unknown_time_zone(new.time_zone) from error
        tenant_id = row[0] if row else 0
        _touch(connection, tenant_id, batch_id)
        _insert_home_pages(connection, tenant_id, new.home_pages, batch_id)
        _insert_patterns(connection, tenant_id, new.patterns, batch_id)
        create_reader(connection, tenant_id, key)
        record_act(connection, tenant_id, "tenant.create", new.slug, {"name": new.name, "plan": new.plan})
        return find_tenant(connection, new.slug)


def _taken(new: NewTenant, error: errors.UniqueViolation) -> UserError:
    if error.diag.constraint_name == "tenants_tenant_uuid_key":
        return UserError(f"A tenant with the uuid {new.tenant_uuid} exists already.", "`lyceum tenants list` shows it.")
    return UserError(f"A tenant {new.slug!r} exists already.", "Choose another slug: slugs are never reused.")


def update_tenant(
    connection: Connection,
    slug: str,
    changes: Mapping[str, Any],
    home_pages: Sequence[str] = (),
    patterns: Sequence[Pattern] = (),
) -> Tenant:
    """Changes columns by name; home pages and patterns are added to those there are."""
    with connection.transaction():
        tenant = find_tenant(connection, slug)
        batch_id = _open_batch(connection)
        _touch(connection, tenant.tenant_id, batch_id)
        columns: dict[str, Any] = {**changes, "batch_id": batch_id}
        if "settings" in columns:
            columns["settings"] = Jsonb(columns["settings"])
        assignments = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in columns)
        try:
            connection.execute(
                sql.SQL("update control.tenants set {} where tenant_id = %s").format(assignments),
                [*columns.values(), tenant.tenant_id],
            )
        except errors.InvalidParameterValue as error:
            raise _unknown_time_zone(str(changes.get("time_zone"))) from error
        _insert_home_pages(connection, tenant.tenant_id, home_pages, batch_id)
        _insert_patterns(connection, tenant.tenant_id, patterns, batch_id)
        added = {"home_pages": list(home_pages), "patterns": [pattern.pattern for pattern in patterns]}
        record_act(connection, tenant.tenant_id, "tenant.update", slug, {**changes, **added})
        return find_tenant(connection, slug)


def with_origins(settings: Mapping[str, Any], origins: Sequence[str]) -> dict[str, Any]:
    """Settings that let browsers ask from these origins, too."""
    known = settings.get("allowed_origins", [])
    added = [_check_origin(origin) for origin in origins]
    return {**settings, "allowed_origins": sorted({*(known if isinstance(known, list) else []), *added})}


def with_retention(settings: Mapping[str, Any], days: int) -> dict[str, Any]:
    """Settings by which statements are deleted so many days after they were stored; 0: never."""
    others = {name: value for name, value in settings.items() if name != "retention_days"}
    return {**others, "retention_days": days} if days else others


def set_tenant_active(connection: Connection, slug: str, *, is_active: bool) -> Tenant:
    """Disabled: the door refuses its credentials, its reader and analysts cannot log in. Nothing is deleted."""
    with connection.transaction():
        tenant = find_tenant(connection, slug)
        batch_id = _open_batch(connection)
        _touch(connection, tenant.tenant_id, batch_id)
        connection.execute(
            "update control.tenants set is_active = %s, batch_id = %s where tenant_id = %s",
            [is_active, batch_id, tenant.tenant_id],
        )
        set_logins(connection, [tenant.reader, *_analysts(connection, tenant.tenant_id)], may_log_in=is_active)
        record_act(connection, tenant.tenant_id, "tenant.enable" if is_active else "tenant.disable", slug)
        return find_tenant(connection, slug)


def _analysts(connection: Connection, tenant_id: int) -> list[str]:
    rows = connection.execute(
        "select role_name from control.analysts where tenant_id = %s and disabled_at is null", [tenant_id]
    ).fetchall()
    return [row[0] for row in rows]


def find_tenant(connection: Connection, slug: str) -> Tenant:
    with connection.cursor(row_factory=class_row(Tenant)) as cursor:
        tenant = cursor.execute(f"{SELECT_TENANTS} where tenants.slug = %s", [slug]).fetchone()
    if tenant is None:
        raise UserError(f"There is no tenant {slug!r}.", "`lyceum tenants list` shows all.")
    return tenant


def list_tenants(connection: Connection) -> list[Tenant]:
    with connection.cursor(row_factory=class_row(Tenant)) as cursor:
        return cursor.execute(f"{SELECT_TENANTS} order by tenants.slug").fetchall()


def _open_batch(connection: Connection) -> int:
    row = connection.execute("select ingest.open_batch('settings', array[]::integer[])").fetchone()
    return int(row[0]) if row else 0


def _touch(connection: Connection, tenant_id: int, batch_id: int) -> None:
    # After the tenant's row, which a new tenant does not have when its batch is opened.
    connection.execute("insert into ingest.batch_tenants (tenant_id, batch_id) values (%s, %s)", [tenant_id, batch_id])


def _insert_home_pages(connection: Connection, tenant_id: int, home_pages: Sequence[str], batch_id: int) -> None:
    for home_page in home_pages:
        connection.execute(
            "insert into control.home_pages values (%s, %s, %s) on conflict do nothing",
            [tenant_id, home_page, batch_id],
        )


def _insert_patterns(connection: Connection, tenant_id: int, patterns: Sequence[Pattern], batch_id: int) -> None:
    for pattern in patterns:
        try:
            connection.execute(
                "insert into control.iri_patterns (tenant_id, pattern, names, key_is, batch_id) "
                "values (%s, %s, %s, %s, %s) on conflict (tenant_id, pattern, names) "
                "do update set key_is = excluded.key_is, batch_id = excluded.batch_id",
                [tenant_id, pattern.pattern, pattern.names, pattern.key_is, batch_id],
            )
        except errors.InvalidRegularExpression as error:
            raise UserError(
                f"PostgreSQL refuses the pattern {pattern.pattern!r}: {error.diag.message_primary}.",
                "Use groups, classes and repetitions only.",
            ) from error


def _check_expression(pattern: str) -> str:
    normal = pattern.replace("(?P<key>", PATTERN_GROUP)
    try:
        compiled = re.compile(normal.replace(PATTERN_GROUP, "(?P<key>"))
    except re.error as error:
        raise UserError(f"The pattern {pattern!r} is no regular expression: {error}.", "Mend it.") from error
    if normal.count(PATTERN_GROUP) != 1 or compiled.groups != 1:
        raise UserError(
            f"The pattern {pattern!r} does not have exactly one group, named key.",
            "Mark the key as (?<key>…) and write other groups as (?:…).",
        )
    return normal


def _check_origin(text: str) -> str:
    origin = text.lower()
    if origin != "*" and not ORIGIN.fullmatch(origin):
        raise UserError(
            f"{text!r} is no origin.", "Give scheme and host as browsers do, without a path: https://lms.example, or *."
        )
    return origin


def _unknown_time_zone(time_zone: str) -> UserError:
    return UserError(f"{time_zone!r} is no time zone.", "Use a name such as Europe/Berlin or UTC.")
