"""A connection on which nothing is heard any more does not hold up ingest for ever."""

import socket
import threading
from collections.abc import Iterator

import pytest
from psycopg import Connection, OperationalError, connect, sql
from psycopg.conninfo import make_conninfo

from core.database.address import role_conninfo
from ingest.connections import EVERY, Connections
from tests.harness.database import Database, port_of
from tests.harness.own_servers import free_ports
from tests.harness.proxy import Proxy
from tests.harness.waiting import wait_until

PATIENCE = 0.5


@pytest.fixture
def proxy(database: Database) -> Iterator[Proxy]:
    (port,) = free_ports(1)
    with Proxy(port, port_of(database.url)) as proxy:
        yield proxy


@pytest.fixture
def connections(database: Database, proxy: Proxy) -> Iterator[Connections]:
    conninfo = make_conninfo(role_conninfo(database.settings, "lyceum_ingest"), port=proxy.port)
    connections = Connections(conninfo, PATIENCE)
    connections.start()
    yield connections
    connections.stop()


def test_silence__is_broken_off(connections: Connections, proxy: Proxy) -> None:
    resting, waiting = connections.connect(), connections.connect()
    failures: list[Exception] = []

    def wait_for_an_answer() -> None:
        try:
            waiting.execute("select pg_sleep(60)")
        except OperationalError as error:
            failures.append(error)

    thread = threading.Thread(target=wait_for_an_answer)
    thread.start()
    # Long enough that it beats, and all are in use.
    wait_until(lambda: proxy.connections == 3)
    proxy.forget()
    wait_until(lambda: bool(failures), 15)
    thread.join()
    with pytest.raises(OperationalError):
        resting.execute("select 1")
    with connections.connect() as anew:
        assert anew.execute("select 1").fetchone() == (1,)


def test_silence__that_began_before_the_pulse_did(database: Database, proxy: Proxy) -> None:
    """The pulse's own connection was still being made, and the next one of it is well."""
    conninfo = make_conninfo(role_conninfo(database.settings, "lyceum_ingest"), port=proxy.port)
    connections = Connections(conninfo, PATIENCE)
    resting = connections.connect()
    wait_until(lambda: proxy.connections == 1)
    proxy.hole()
    connections.start()
    # It connects, and is not answered.
    wait_until(lambda: proxy.connections > 1)
    proxy.forget()
    proxy.heal()
    wait_until(lambda: is_broken(resting), 15)
    resting.close()
    connections.stop()


def test_refusal__leaves_alone_who_is_connected(database: Database, proxy: Proxy) -> None:
    """As where no connection is free: the pulse gets none, and the others are well."""
    conninfo = make_conninfo(role_conninfo(database.settings, "lyceum_ingest"), port=proxy.port)
    connections = Connections(conninfo, PATIENCE)
    with connections.connect() as resting:
        with connect(make_conninfo(database.url, dbname="postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("alter database {} allow_connections false").format(sql.Identifier(database.name)))
        connections.start()
        refused = proxy.connected + 3
        wait_until(lambda: proxy.connected > refused)
        connections.stop()
        assert resting.execute("select 1").fetchone() == (1,)


def is_broken(connection: Connection) -> bool:
    """As the kernel has it: nothing is asked on it."""
    with socket.socket(fileno=socket.dup(connection.fileno())) as copy:
        copy.settimeout(0.01)
        try:
            return copy.recv(1, socket.MSG_PEEK) == b""
        except TimeoutError:
            return False


def test_answers__however_late_others_are(connections: Connections) -> None:
    with connections.connect() as connection:
        assert connection.execute("select pg_sleep(%s)", [2 * EVERY + PATIENCE]).rowcount == 1
