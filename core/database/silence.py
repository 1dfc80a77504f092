"""A connection on which nothing is heard any more."""

import socket
from contextlib import suppress

from psycopg import AsyncConnection, Connection, Error


def break_off(connection: AsyncConnection | Connection) -> None:
    """Whoever waits for an answer on it hears that there will be none."""
    with suppress(Error, OSError), socket.socket(fileno=socket.dup(connection.fileno())) as copy:
        copy.shutdown(socket.SHUT_RDWR)
