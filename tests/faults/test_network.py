"""The network between our processes and the servers is slow, cut, and silent, under load, and then well again; or it
forgets the connections there are, on which nothing is ever heard again."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from psycopg.conninfo import make_conninfo

from core.database.address import admin_conninfo
from local.ports import HOST
from tests.harness.database import Database, port_of
from tests.harness.own_servers import OwnServers, free_ports, prepared, running
from tests.harness.pipeline import Pipeline, laid
from tests.harness.proxy import Proxy
from tests.harness.watched import Proof, topic_ids, watched

# A second way to the broker: who comes by it is sent to the proxy for everything else, too. What is said last holds.
LISTENERS = """
listeners=PLAINTEXT://{host}:{port},PROXIED://{host}:{behind},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port},PROXIED://{host}:{proxy}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
"""
# For each time that something is said, either way.
SLOW = 0.1


@dataclass(frozen=True)
class Network:
    servers: OwnServers
    broker: Proxy
    database: Proxy


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    servers = prepared(tmp_path_factory.mktemp("network"))
    behind, *ports = free_ports(3)
    with ExitStack() as stack:
        broker = stack.enter_context(Proxy(ports[0], behind))
        listen_behind(servers, broker.port, behind)
        stack.enter_context(running(servers))
        target = port_of(admin_conninfo(servers.settings.database))
        yield Network(servers, broker, stack.enter_context(Proxy(ports[1], target)))


def listen_behind(servers: OwnServers, proxy: int, behind: int) -> None:
    properties = servers.folder / "data" / "kafka" / "server.properties"
    said = dict(line.split("=", 1) for line in properties.read_text().splitlines() if "=" in line)
    port, controller_port = (one.rsplit(":", 1)[1] for one in said["listeners"].split(","))
    with properties.open("a") as file:
        file.write(LISTENERS.format(host=HOST, port=port, behind=behind, controller_port=controller_port, proxy=proxy))


@pytest.fixture
def shared_servers(network: Network) -> OwnServers:
    return network.servers


@pytest.fixture
def own_pipeline(network: Network, own_database: Database, tmp_path: Path) -> Iterator[Pipeline]:
    """Its processes know the proxies only."""
    with laid(network.servers.settings, own_database, tmp_path) as pipeline:
        pipeline.variables |= {
            "LYCEUM_KAFKA_BOOTSTRAP": f"{HOST}:{network.broker.port}",
            "LYCEUM_DATABASE_URL": make_conninfo(own_database.url, port=network.database.port),
        }
        yield pipeline


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("way", ["broker", "database"])
def test_network__slow_cut_and_silent(
    own_pipeline: Pipeline, network: Network, way: str, size: SimpleNamespace, proof: Proof
) -> None:
    own_pipeline.start()
    proxy: Proxy = getattr(network, way)
    faults = {"slow": lambda: proxy.slow(SLOW), "cut": proxy.cut, "silent": proxy.hole, "forgotten": proxy.forget}
    seen: dict[str, float] = {}
    with watched(own_pipeline, size, size.fault_pause) as together:
        for name in size.network_faults[way]:
            together.wait_more(50)
            passed = proxy.passed
            faults[name]()
            seen[f"accepted_while_{name}"] = together.accepted_for(size.fault_seconds)
            proxy.heal()
            seen[f"{name}_recovered_in_s"] = together.wait_recovered(time.monotonic())
            assert proxy.passed > passed
        together.finish(proof, seconds_each=size.fault_seconds, **seen)
    assert together.load.unknown == set()
    assert topic_ids(own_pipeline) >= together.load.acknowledged
