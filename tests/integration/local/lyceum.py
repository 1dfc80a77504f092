"""The `lyceum` command in a home folder of its own."""

import os
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import psycopg
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from core.settings import Settings, load_settings
from local.home import Home
from local.leftovers import leftovers
from local.state import ProcessState, State, read_state
from tests.harness.waiting import wait_until

TOPIC = "kept"


@dataclass(frozen=True)
class Lyceum:
    folder: Path
    edition: str = "timescaledb"
    only: str = "database,kafka"

    @property
    def home(self) -> Home:
        return Home(self.folder)

    @property
    def settings(self) -> Settings:
        return load_settings({"LYCEUM_HOME": str(self.folder)}).settings

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(arguments), env=self._environment(variables), capture_output=True, text=True, check=False
        )

    def in_foreground(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self._command(arguments),
            env=self._environment({}),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def up(self) -> None:
        """Unless it is."""
        if not self.is_up():
            done = self.run("up", "--detach", "--only", self.only)
            assert done.returncode == 0, done.stdout + done.stderr

    def is_up(self) -> bool:
        return self.home.holder() is not None and self.state().is_up

    def state(self) -> State:
        state = read_state(self.home.state_file)
        assert state is not None
        return state

    def process(self, name: str) -> ProcessState:
        return next(process for process in self.state().processes if process.name == name)

    def supervisor(self) -> int:
        pid = self.home.holder()
        assert pid is not None
        return pid

    def kill(self, name: str) -> None:
        """And waits until it is back."""
        pid = self.process(name).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.is_up() and self.process(name).pid != pid)

    def kill_supervisor(self) -> None:
        os.kill(self.supervisor(), signal.SIGKILL)
        wait_until(self.nothing_remains)

    def nothing_remains(self) -> bool:
        return leftovers(self.folder) == []

    def remember_row(self) -> str:
        word = uuid.uuid4().hex
        with self.connect() as connection:
            connection.execute("create table if not exists kept (word text)")
            connection.execute("insert into kept values (%s)", [word])
        return word

    def rows(self) -> list[str]:
        with self.connect() as connection:
            return [word for (word,) in connection.execute("select word from kept")]

    def connect(self) -> psycopg.Connection:
        url = self.settings.database.url
        assert url is not None
        return psycopg.connect(url.get_secret_value())

    def remember_record(self) -> str:
        self._make_topic()
        word = uuid.uuid4().hex
        producer = KafkaProducer(bootstrap_servers=self.settings.kafka.bootstrap, acks="all")
        producer.send(TOPIC, word.encode()).get(timeout=10)
        producer.close()
        return word

    def records(self) -> list[str]:
        partition = TopicPartition(TOPIC, 0)
        consumer = KafkaConsumer(bootstrap_servers=self.settings.kafka.bootstrap, auto_offset_reset="earliest")
        consumer.assign([partition])
        end = consumer.end_offsets([partition])[partition]
        words: list[str] = []
        while consumer.position(partition) < end:
            words += [record.value.decode() for batch in consumer.poll(1000).values() for record in batch]
        consumer.close()
        return words

    def _make_topic(self) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.settings.kafka.bootstrap)
        if TOPIC not in admin.list_topics():
            admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
        admin.close()

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "cli", *arguments]

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        return {
            **os.environ, "LYCEUM_HOME": str(self.folder), "LYCEUM_DATABASE_EDITION": self.edition, **variables
        }  # fmt: skip
