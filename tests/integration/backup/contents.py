"""What a database holds, in texts that two databases can be compared by."""

from psycopg import Connection, sql

from backup.tables import list_tables

# Whatever the schema, chunks included: who may see which rows, and who may do what.
EVERYWHERE = {
    "policies": """
        select polrelid::regclass::text, polname, polcmd, polpermissive, polroles::regrole[]::text,
            pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
        from pg_policy""",
    "relations": """
        select class.oid::regclass::text, relkind, relowner::regrole::text, relrowsecurity, relforcerowsecurity,
            relacl::text[], reloptions,
            case when relkind = 'v' then pg_get_viewdef(class.oid) when relkind in ('i', 'I') then
                pg_get_indexdef(class.oid) end
        from pg_class as class inner join pg_namespace as namespace on relnamespace = namespace.oid
        where nspname !~ '^(pg_|information_schema)' and (nspname !~ '^_?timescaledb_' or relname ~ '_chunk$')""",
    "columns": """
        select attrelid::regclass::text, attname, attacl::text[] from pg_attribute where attacl is not null
            and attrelid > 16384""",
    "functions": """
        select pg_proc.oid::regprocedure::text, proowner::regrole::text, prosecdef, proacl::text[],
            pg_get_functiondef(pg_proc.oid)
        from pg_proc inner join pg_namespace as namespace on pronamespace = namespace.oid
        where nspname !~ '^(pg_|information_schema)' and nspname !~ '^_?timescaledb_' and nspname <> 'public'""",
    "schemas": """
        select nspname, nspowner::regrole::text, nspacl::text[] from pg_namespace
        where nspname !~ '^(pg_|information_schema)' and nspname !~ '^_?timescaledb_'""",
    "defaults": """
        select defaclrole::regrole::text, defaclnamespace::regnamespace::text, defaclobjtype, defaclacl::text[]
        from pg_default_acl""",
    "triggers": """
        select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal and tgname !~ '^ts_'""",
}


def contents(connection: Connection) -> dict[str, list[str]]:
    """Each row of each table."""
    return {f"{schema}.{table}": _rows(connection, schema, table) for schema, table in list_tables(connection)}


def rights(connection: Connection) -> dict[str, list[str]]:
    # With nothing on the search path, every name comes out whole.
    connection.execute("set search_path = ''")
    return {what: sorted(map(str, connection.execute(query).fetchall())) for what, query in EVERYWHERE.items()}


def _rows(connection: Connection, schema: str, table: str) -> list[str]:
    query = sql.SQL('select line::text from {} as line order by line::text collate "C"')
    return [line for (line,) in connection.execute(query.format(sql.Identifier(schema, table)))]
