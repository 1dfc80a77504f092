"""Where the figures were seen."""

import platform
from datetime import UTC, datetime

import psutil
import psycopg

from core.database.address import connect_admin
from core.database.edition import detect_edition
from core.settings import Settings


def heading(settings: Settings) -> str:
    with connect_admin(settings.database) as connection:
        edition = detect_edition(connection)
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, "
        f"load before {psutil.getloadavg()[1]:.1f}; Python {platform.python_version()}, psycopg {psycopg.__version__}, "
        f"{edition.name}{f' {edition.timescaledb}' if edition.timescaledb else ''} on PostgreSQL "
        f"{edition.server_version // 10000}. LRS, database and load share the machine, all on loopback."
    )
