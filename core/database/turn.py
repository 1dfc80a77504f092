"""The marts' turn: a refresh holds it, and so does whoever reads meanwhile what a refresh would swap."""

from psycopg import Connection, errors

LOCK = "lock table intermediate.turn in share update exclusive mode"
# How long somebody waits for a refresh.
PATIENCE = "15min"


def take_turn(connection: Connection) -> bool:
    """Within a transaction, until which ends it is held. Whether it was free."""
    return _locks(connection, f"{LOCK} nowait")


def wait_for_turn(connection: Connection) -> bool:
    """The same, once whoever has it is done; not longer than there is patience."""
    connection.execute(f"set local lock_timeout = '{PATIENCE}'")
    return _locks(connection, LOCK)


def _locks(connection: Connection, statement: str) -> bool:
    try:
        # What goes wrong is taken back to here only.
        with connection.transaction():
            connection.execute(statement)
    except errors.LockNotAvailable:
        return False
    return True
