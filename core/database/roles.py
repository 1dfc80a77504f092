"""The roles of an installation. They belong to the database server, not to one database, so no migration makes them."""

from collections.abc import Mapping

from psycopg import Connection, errors, sql

from core.database.address import SERVICE_ROLES

OWNER = "lyceum_owner"
READER = "lyceum_reader"
GROUP_ROLES = (OWNER, READER)
WRITERS = ("lyceum_lrs", "lyceum_ingest")

# Said of new and old roles alike, so that what somebody loosened by hand is tight again after the next migration.
RESTRICTIONS = sql.SQL("nosuperuser nobypassrls nocreatedb nocreaterole noreplication")


def ensure_roles(connection: Connection) -> list[str]:
    """Makes the roles that are missing and returns their names."""
    made = [role for role in (*GROUP_ROLES, *SERVICE_ROLES) if _create(connection, role)]
    connection.execute(sql.SQL("grant {} to current_user with inherit true, set true").format(sql.Identifier(OWNER)))
    for writer in WRITERS:
        # Lets the owner's functions see when their transactions began; it cannot become them.
        membership = sql.SQL("grant {} to {} with inherit true, set false")
        connection.execute(membership.format(sql.Identifier(writer), sql.Identifier(OWNER)))
    return made


def set_passwords(connection: Connection, passwords: Mapping[str, str]) -> None:
    for role, password in passwords.items():
        set_password(connection, role, password)


def set_password(connection: Connection, role: str, password: str) -> None:
    # Hashed here, so that the password itself never reaches the server's log.
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("alter role {} with password {}").format(sql.Identifier(role), sql.Literal(hashed)))


def grant_database(connection: Connection) -> None:
    name = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("revoke all on database {} from public").format(name))
    connection.execute(sql.SQL("grant create on database {} to {}").format(name, sql.Identifier(OWNER)))
    for role in SERVICE_ROLES:
        connection.execute(sql.SQL("grant connect, temporary on database {} to {}").format(name, sql.Identifier(role)))
    connection.execute(sql.SQL("grant connect on database {} to {}").format(name, sql.Identifier(READER)))


def close_large_objects(connection: Connection) -> None:
    """They belong to no tenant, and everybody may make them unless a superuser takes that away."""
    row = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
    if row == (True,):
        for function in ("lo_creat(int)", "lo_create(oid)", "lo_from_bytea(oid, bytea)", "lo_put(oid, bigint, bytea)"):
            connection.execute(f"revoke execute on function pg_catalog.{function} from public")


def _create(connection: Connection, role: str) -> bool:
    login = sql.SQL("login" if role in SERVICE_ROLES else "nologin")
    name = sql.Identifier(role)
    try:
        with connection.transaction():
            connection.execute(sql.SQL("create role {} {} {}").format(name, login, RESTRICTIONS))
    except (errors.DuplicateObject, errors.UniqueViolation):
        return False
    return True
