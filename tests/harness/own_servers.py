"""A broker and a database of a test's own, which it may kill, freeze and start again with the same data."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from core.settings import Settings, load_settings
from local.cache import cache_folder
from local.child import launch_arguments, marks_of
from local.command import Command
from local.home import Home
from local.kafka import Broker
from local.leftovers import end, leftovers
from local.ports import find_free
from local.postgres import Server
from local.preparation import Preparation
from local.process import Process
from tests.harness.waiting import wait_until

START_SECONDS = 90


@dataclass
class Servant:
    """A server as the supervisor would run it, but nobody starts it again on his own."""

    home: Home
    process: Process
    command: Command
    child: "subprocess.Popen[bytes] | None" = field(default=None)

    @classmethod
    def prepare(cls, home: Home, process: Process) -> "Servant":
        marks = marks_of(home.folder, process.name)
        return cls(home, process, process.prepare(Preparation(lambda _: None, marks)))

    def add_arguments(self, *arguments: str) -> None:
        self.command = replace(self.command, arguments=(*self.command.arguments, *arguments))

    def start(self) -> "Servant":
        assert self.child is None
        marks = marks_of(self.home.folder, self.process.name)
        with self.home.log(self.process.name).open("ab") as log:
            self.child = subprocess.Popen(
                launch_arguments(self.command, self.process.stop_signal, marks),
                env=None if self.command.environment is None else dict(self.command.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def restart(self) -> None:
        self.start()

    def wait_ready(self) -> "Servant":
        wait_until(self._answers, START_SECONDS, every=0.1)
        assert self.process.on_ready is not None
        self.process.on_ready()
        return self

    def kill(self) -> None:
        """With all that it has started, as a machine that loses power."""
        assert self.child is not None
        for process in self._all():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.child.wait()
        end(leftovers(self.home.folder, self.process.name))
        self.child = None

    def freeze(self) -> None:
        for process in self._all():
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def go_on(self) -> None:
        for process in self._all():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def stop(self) -> None:
        if self.child is not None:
            self.go_on()
            os.kill(self.child.pid, self.process.stop_signal)
            try:
                self.child.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def revive(self) -> None:
        """As the supervisor does it where it has ended; else it comes back by itself."""
        assert self.child is not None
        if self.child.poll() is not None:
            self.kill()
            self.start()

    @property
    def is_running(self) -> bool:
        return self.child is not None

    def _all(self) -> list[psutil.Process]:
        return leftovers(self.home.folder, self.process.name)

    def _answers(self) -> bool:
        assert self.process.ready is not None
        try:
            return self.process.ready()
        except Exception:  # noqa: BLE001 - whatever it says, it is not ready
            return False


@dataclass
class OwnServers:
    database: Servant
    broker: Servant
    folder: Path

    @property
    def settings(self) -> Settings:
        return load_settings({"LYCEUM_HOME": str(self.folder)}).settings

    def mend(self) -> None:
        """Whatever a test left behind: both run."""
        for servant in (self.database, self.broker):
            if servant.is_running:
                servant.go_on()
            else:
                servant.start()
        for servant in (self.database, self.broker):
            servant.wait_ready()


@contextmanager
def own_servers(folder: Path) -> Iterator[OwnServers]:
    with running(prepared(folder)) as servers:
        yield servers


def prepared(folder: Path) -> OwnServers:
    """Not started yet, so that a test can have them run otherwise."""
    home = Home(folder)
    home.create()
    home.keep_secrets()
    cache = cache_folder(Settings())
    ports = free_ports(3)
    database = Servant.prepare(home, Server(home, cache, "timescaledb", ports[0]).process())
    broker = Servant.prepare(home, Broker(home, cache, ports[1], ports[2], 256).process())
    return OwnServers(database, broker, folder)


@contextmanager
def running(servers: OwnServers) -> Iterator[OwnServers]:
    try:
        for servant in (servers.database.start(), servers.broker.start()):
            servant.wait_ready()
        yield servers
    finally:
        for servant in (servers.broker, servers.database):
            servant.stop()
        end(leftovers(servers.folder))


def free_ports(count: int) -> list[int]:
    ports: list[int] = []
    while len(ports) < count:
        ports.append(find_free(set(ports)))
    return ports
