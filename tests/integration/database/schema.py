"""What a database's schema is, in rows that two databases can be compared by."""

from typing import Any

from psycopg import Connection

OURS = "('control', 'lms', 'xapi', 'ingest', 'tenant', 'request')"

# Partitions exist on PostgreSQL only, by design; with row-level security on what would be the hypertable.
NOT_A_PARTITION = "not class.relispartition"
NOT_STATEMENTS = "class.oid not in ('xapi.statements'::regclass, 'xapi.statement_relations'::regclass)"

SCHEMA_QUERIES = {
    "columns": f"""
        select class.oid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull,
            attidentity, attgenerated, pg_get_expr(adbin, adrelid)
        from pg_attribute inner join pg_class as class on attrelid = class.oid
        left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where relnamespace::regnamespace::text in {OURS} and relkind in ('r', 'p', 'v') and {NOT_A_PARTITION}
            and attnum > 0 and not attisdropped
        order by 1, 2""",
    "keys": f"""
        select class.oid::regclass::text, conname, contype, pg_get_constraintdef(pg_constraint.oid)
        from pg_constraint inner join pg_class as class on conrelid = class.oid
        where relnamespace::regnamespace::text in {OURS} and {NOT_A_PARTITION} and contype <> 'n'
        order by 1, 2""",
    "indexes": f"""
        select class.oid::regclass::text, regexp_replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
        from pg_index inner join pg_class as class on indrelid = class.oid
        where relnamespace::regnamespace::text in {OURS} and {NOT_A_PARTITION} order by 1, 2""",
    "policies": f"""
        select class.oid::regclass::text, polname, polcmd, polroles::regrole[]::text,
            pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
        from pg_policy inner join pg_class as class on polrelid = class.oid
        where {NOT_A_PARTITION} and {NOT_STATEMENTS} order by 1, 2""",
    "row security": f"""
        select class.oid::regclass::text, relrowsecurity, relforcerowsecurity, reloptions from pg_class as class
        where relnamespace::regnamespace::text in {OURS} and relkind in ('r', 'p', 'v')
            and {NOT_A_PARTITION} and {NOT_STATEMENTS}
        order by 1""",
    "grants": f"""
        select class.oid::regclass::text, grantee::regrole::text, privilege_type, is_grantable
        from pg_class as class cross join aclexplode(relacl)
        where relnamespace::regnamespace::text in {OURS} and {NOT_A_PARTITION} and privilege_type <> 'MAINTAIN'
        order by 1, 2, 3""",
    "functions": f"""
        select oid::regprocedure::text, pg_get_functiondef(oid), proacl::text from pg_proc
        where pronamespace::regnamespace::text in {OURS} order by 1""",
}


def describe_schema(connection: Connection, only: str | None = None) -> dict[str, list[Any]]:
    # With nothing on the search path, every name comes out whole.
    connection.execute("set search_path = ''")
    chosen = {only: SCHEMA_QUERIES[only]} if only else SCHEMA_QUERIES
    return {what: connection.execute(query).fetchall() for what, query in chosen.items()}
