"""A migration is a file of SQL; its Python file gives only its place in the order."""

from pathlib import Path

from alembic import op


def run_sql_beside(python_file: str) -> None:
    statements = Path(python_file).with_suffix(".sql").read_text(encoding="utf-8")
    connection = op.get_bind().connection.driver_connection
    if connection is None:
        raise RuntimeError("a migration needs a connection: it cannot be printed as a script")
    # Straight through the driver, without parameters: several statements at once, and % stays %.
    connection.execute(statements)
