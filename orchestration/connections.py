"""dbt's connections, kept for a whole run.

dbt opens one for each model and closes it again. A new session knows nothing of the catalogue yet, and has to log in.
"""

from dbt.adapters.contracts.connection import ConnectionState
from dbt.adapters.postgres.connections import PostgresConnectionManager
from dbt.adapters.postgres.impl import PostgresAdapter


class KeptConnections(PostgresConnectionManager):
    def release(self) -> None:
        """What a model left open is taken back, as closing would. All are closed when the run ends."""
        connection = self.get_if_exists()
        if connection is None or connection.state != ConnectionState.OPEN or connection.handle.closed:
            super().release()
        else:
            self._rollback_handle(connection)
            connection.transaction_open = False


def keep_connections() -> None:
    PostgresAdapter.ConnectionManager = KeptConnections
