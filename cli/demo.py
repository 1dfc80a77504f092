"""`lyceum demo`: everything up on this machine, with a tenant to try."""

from cli.context import admin_connection, print_facts, say, settings
from cli.up import up
from core.database.address import describe
from core.secrets import SecretKey
from core.tenants import NewTenant, create_tenant, list_tenants
from local.home import Home

TENANT = NewTenant(
    "riverside", "Riverside School", time_zone="Europe/Berlin", home_pages=["https://lms.riverside.example"]
)


def demo() -> None:
    """Start everything in the background, make a tenant to try, and say where to go. Safe to repeat.

    Example: `lyceum demo`
    """
    if Home(settings().home).holder() is None:
        up(detached=True)
    _ensure_tenant()
    current = settings()
    database, broker = current.database.url, current.kafka.bootstrap
    say("")
    print_facts(
        {
            "database": describe(database.get_secret_value()) if database else None,
            "Kafka": broker,
            "LRS": f"{current.public_url}/xAPI",
            "tenant": TENANT.slug,
            "logins": f"{current.home}/run/endpoints.toml and {current.home}/secrets.toml",
        }
    )
    say("")
    say(f"Try: .venv/bin/lyceum status · .venv/bin/lyceum doctor · .venv/bin/lyceum tenants show {TENANT.slug}")
    say("Stop: .venv/bin/lyceum down")


def _ensure_tenant() -> None:
    with admin_connection() as connection:
        if TENANT.slug not in {tenant.slug for tenant in list_tenants(connection)}:
            create_tenant(connection, TENANT, SecretKey(settings().secret_key))
