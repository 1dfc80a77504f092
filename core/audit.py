"""The account of who did what to tenants and credentials."""

import os
import pwd
import socket
from collections.abc import Mapping
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb


def record_act(
    connection: Connection, tenant_id: int | None, action: str, subject: str, detail: Mapping[str, Any] | None = None
) -> None:
    connection.execute(
        "insert into control.audit (tenant_id, who, action, subject, detail) values (%s, %s, %s, %s, %s)",
        [tenant_id, acting_person(), action, subject, Jsonb(dict(detail or {}))],
    )


def acting_person() -> str:
    """The login on this machine, by its number, so that no variable of the environment can pretend."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return f"{name}@{socket.gethostname()}"
