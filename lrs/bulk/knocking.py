"""In whose name a file is imported: that of a credential. No secret is asked for: who imports has the database's."""

from datetime import UTC, datetime

from psycopg import Connection, OperationalError, connect
from psycopg.rows import class_row

from core.database.address import DatabaseUnreachableError, role_conninfo
from core.errors import UserError
from core.settings import DatabaseSettings
from lrs.call import WRITE_STATEMENTS
from lrs.credentials import FIND, Credential, Found, in_force
from lrs.database import ROLE, AsReceived


def connect_lrs(database: DatabaseSettings) -> Connection:
    try:
        connection = connect(role_conninfo(database, ROLE), autocommit=True, prepare_threshold=2)
    except OperationalError as error:
        raise DatabaseUnreachableError(
            f"The database cannot be reached as {ROLE}: {str(error).strip().splitlines()[0]}.",
            "`lyceum doctor` says what is missing.",
        ) from error
    connection.adapters.register_loader("json", AsReceived)
    return connection


def find_writer(connection: Connection, slug: str, key_id: str) -> Credential:
    with connection.cursor(row_factory=class_row(Found)) as cursor:
        found = cursor.execute(FIND, [key_id]).fetchone()
    if found is None or found.slug != slug:
        raise _refused(slug, f"{slug} has no credential with the key {key_id!r}.")
    if not found.is_active:
        raise UserError(f"The tenant {slug} is disabled.", f"`lyceum tenants enable {slug}` lets it in again.")
    if found.revoked_at or (found.expires_at and found.expires_at <= datetime.now(UTC)):
        raise _refused(slug, f"The credential {key_id} is {'revoked' if found.revoked_at else 'expired'}.")
    credential = in_force(found)
    if not credential.scopes & (WRITE_STATEMENTS | {"all"}):
        raise _refused(slug, f"The credential {key_id} has not the scope {' or '.join(WRITE_STATEMENTS)}, or all.")
    return credential


def _refused(slug: str, message: str) -> UserError:
    return UserError(message, f"`lyceum credentials list {slug}` shows the credentials that there are.")
