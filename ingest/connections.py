"""The connections of an ingest process.

One that a router has forgotten, or whose other end is gone without a word, is silent for ever. So the database is asked
again and again; when it says nothing, all connections are broken off, and whoever needs one makes it anew.
"""

import threading
from typing import Any
from weakref import WeakSet

import structlog
from psycopg import Connection, Error, connect
from psycopg.errors import ConnectionTimeout

from core.database.silence import break_off

EVERY = 1.0
PATIENCE = 5.0

log = structlog.get_logger("ingest.connections")


class Connections:
    def __init__(self, conninfo: str, patience: float = PATIENCE) -> None:
        self._conninfo = conninfo
        self._patience = patience
        self._lock = threading.Lock()
        self._open: WeakSet[Connection] = WeakSet()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def connect(self, **options: Any) -> Connection:
        connection = connect(self._conninfo, autocommit=True, **options)
        with self._lock:
            self._open.add(connection)
        return connection

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                with self.connect() as connection:
                    while not self._stop.wait(EVERY):
                        self._beat(connection)
            except ConnectionTimeout:
                # The next one of this thread may be well while the others, of before, stay silent.
                self._give_up()
            except (Error, OSError):
                # Refused, or ended by the other end: of that the others hear by themselves.
                continue

    def _beat(self, connection: Connection) -> None:
        timer = threading.Timer(self._patience, self._give_up)
        timer.start()
        try:
            connection.execute("select 1")
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        log.warning("the database is silent: connecting anew")
        with self._lock:
            silent = list(self._open)
        for connection in silent:
            break_off(connection)
