"""A database for each test: cloned from a template that is migrated once."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection, connect, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from core.database.address import admin_conninfo, connect_admin, login_conninfo, role_conninfo
from core.database.migrate import migrate
from core.database.roles import grant_database
from core.secrets import SecretKey
from core.settings import DatabaseSettings, Settings
from core.tenants import NewTenant, Tenant, create_tenant

TEMPLATE = "lyceum_template"
# Who waits for a lock that long in a test, waits for ever.
PATIENCE = "-c lock_timeout=15s"


@dataclass(frozen=True)
class Database:
    edition: str
    settings: DatabaseSettings
    key: SecretKey

    @property
    def url(self) -> str:
        return admin_conninfo(self.settings)

    @property
    def name(self) -> str:
        return str(conninfo_to_dict(self.url)["dbname"])

    def admin(self, **options: Any) -> Connection:
        return connect(self.url, **options)

    def service(self, role: str, **options: Any) -> Connection:
        return connect(role_conninfo(self.settings, f"lyceum_{role}"), options=PATIENCE, **options)

    def reader(self, tenant: Tenant, **options: Any) -> Connection:
        password = self.key.reader_password(tenant.reader)
        return connect(login_conninfo(self.settings, tenant.reader, password), **options)

    def tenant(self, slug: str) -> Tenant:
        with self.admin() as connection:
            return create_tenant(connection, NewTenant(slug, slug.title()), self.key)


@contextmanager
def cloned(server: Settings, edition: str, folder: Path) -> Iterator[Database]:
    ensure_template(server, edition, folder)
    with copied(server, edition, TEMPLATE) as database:
        yield database


@contextmanager
def copied(server: Settings, edition: str, template: str, name: str | None = None) -> Iterator[Database]:
    name = name or f"test_{secrets.token_hex(6)}"
    create = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
    with empty_database(server, name, create) as settings:
        # A clone has the template's tables, but not what was granted and revoked on the database itself.
        with connect_admin(settings) as connection:
            grant_database(connection)
        yield Database(edition, settings, SecretKey(server.secret_key))


@contextmanager
def empty_database(server: Settings, name: str, create: sql.Composed | None = None) -> Iterator[DatabaseSettings]:
    create = create or sql.SQL("create database {} template template0").format(sql.Identifier(name))
    with connect(_url(server, "postgres"), autocommit=True) as connection:
        connection.execute(create)
    try:
        yield _settings(server, name)
    finally:
        # On another connection: the test may have killed the server meanwhile.
        with connect(_url(server, "postgres"), autocommit=True) as connection:
            _drop(connection, name)


def ensure_template(server: Settings, edition: str, folder: Path) -> None:
    with once(folder / f"{edition}.template") as is_first:
        if is_first:
            with connect(_url(server, "postgres"), autocommit=True) as connection:
                connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(TEMPLATE)))
                migrate(_settings(server, TEMPLATE))
                _seal(connection, TEMPLATE)


@contextmanager
def once(note: Path) -> Iterator[bool]:
    """Whether no other worker has done it before; meanwhile none does it."""
    with note.open("a+") as made:
        fcntl.flock(made, fcntl.LOCK_EX)
        made.seek(0)
        is_first = not made.read()
        yield is_first
        if is_first:
            made.write("made")


@contextmanager
def sealed(server: Settings, edition: str, name: str) -> Iterator[Database]:
    """A template of one's own: filled inside, afterwards only to be copied from."""
    with connect(_url(server, "postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
        )
        with connect_admin(_settings(server, name)) as inside:
            grant_database(inside)
        yield Database(edition, _settings(server, name), SecretKey(server.secret_key))
        _seal(connection, name)


def _seal(connection: Connection, name: str) -> None:
    # Nobody, the extension's workers included, may be connected to a database that is being cloned.
    connection.execute(sql.SQL("alter database {} allow_connections false").format(sql.Identifier(name)))
    connection.execute("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s", [name])


def port_of(conninfo: str) -> int:
    return int(str(conninfo_to_dict(conninfo)["port"]))


def _drop(connection: Connection, name: str) -> None:
    connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _settings(server: Settings, name: str) -> DatabaseSettings:
    return server.database.model_copy(update={"url": SecretStr(_url(server, name))})


def _url(server: Settings, name: str) -> str:
    assert server.database.url is not None
    return make_conninfo(server.database.url.get_secret_value(), dbname=name)
