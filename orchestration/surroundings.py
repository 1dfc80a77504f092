"""What a process that Dagster makes knows of its surroundings: its main is not ours, so the variables are read here."""

import os
from pathlib import Path

from psycopg import Connection, connect

from core.database.address import role_conninfo
from core.settings import Settings, load_settings


def settings() -> Settings:
    """Read when something runs, never when definitions are loaded: that needs no secret and no network."""
    return load_settings(os.environ, Path()).settings


def variables() -> dict[str, str]:
    """For a process of our own, started from here."""
    return dict(os.environ)


def connected(role: str) -> Connection:
    """As one of the services' roles, without `lyceum_` before its name."""
    return connect(role_conninfo(settings().database, f"lyceum_{role}"), autocommit=True)
