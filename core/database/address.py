"""Where the database is, and as whom to log in."""

from urllib.parse import quote, urlencode

from psycopg import Connection, OperationalError, connect
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.errors import UserError
from core.settings import DatabaseSettings

SERVICE_ROLES = (
    "lyceum_lrs",
    "lyceum_ingest",
    "lyceum_transform",
    "lyceum_operator",
    "lyceum_dagster",
    "lyceum_superset",
)


class DatabaseUnreachableError(UserError):
    exit_code = 4


def admin_conninfo(database: DatabaseSettings) -> str:
    """As the login that may create roles: migrations, tenants and credentials are its business."""
    return make_conninfo(_url(database), connect_timeout=database.connect_timeout, application_name="lyceum-admin")


def role_conninfo(database: DatabaseSettings, role: str) -> str:
    password = getattr(database, password_setting(role))
    if password is None:
        raise UserError(
            f"The password of the database role {role} is not known.",
            f"Set LYCEUM_DATABASE_{password_setting(role).upper()}.",
        )
    return login_conninfo(database, role, password.get_secret_value())


def password_setting(role: str) -> str:
    return f"password_{role.removeprefix('lyceum_')}"


def login_conninfo(database: DatabaseSettings, login: str, password: str) -> str:
    return make_conninfo(
        _url(database),
        user=login,
        password=password,
        connect_timeout=database.connect_timeout,
        application_name=login,
    )


def sqlalchemy_url(conninfo: str, **query: str) -> str:
    """The driver is named: SQLAlchemy's own choice depends on its version, and one of them takes no parameters in
    NOTIFY, by which Dagster tells of events."""
    parts = {name: str(value) for name, value in conninfo_to_dict(conninfo).items()}
    login = f"{quote(parts['user'], safe='')}:{quote(parts['password'], safe='')}@" if parts.get("user") else ""
    place = f"{quote(parts.get('host', 'localhost'), safe='')}:{parts.get('port', '5432')}/{quote(parts['dbname'])}"
    given = {name: parts[name] for name in ("sslmode", "sslrootcert", "connect_timeout") if name in parts}
    return f"postgresql+psycopg2://{login}{place}?{urlencode(given | query)}"


def connect_admin(database: DatabaseSettings, *, autocommit: bool = False) -> Connection:
    conninfo = admin_conninfo(database)
    try:
        return connect(conninfo, autocommit=autocommit)
    except OperationalError as error:
        raise DatabaseUnreachableError(
            f"The database at {describe(conninfo)} cannot be reached: {_first_line(error)}.",
            "Is it running, and are the address and login in LYCEUM_DATABASE_URL right? `lyceum up` starts one.",
        ) from error


def describe(conninfo: str) -> str:
    """Host, port and name: never the password."""
    parts = conninfo_to_dict(conninfo)
    return f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"


def _url(database: DatabaseSettings) -> str:
    if database.url is None:
        raise DatabaseUnreachableError(
            "No database is known: LYCEUM_DATABASE_URL is not set and no embedded one is running.",
            "Start one with `lyceum up`, or set LYCEUM_DATABASE_URL.",
        )
    return database.url.get_secret_value()


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
