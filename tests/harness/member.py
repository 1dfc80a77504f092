"""One process of the pipeline, in the hands of a test: killed, frozen, let go on."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from local.child import launch_arguments
from local.command import Command
from tests.harness.servers import clean_environment
from tests.harness.waiting import wait_until

START_SECONDS = 60
STOP_SECONDS = 20


@dataclass
class Member:
    """Started from the main thread only: it ends with the thread that made it."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    port: int
    log: Path
    process: "subprocess.Popen[bytes]"

    @classmethod
    def start(cls, arguments: tuple[str, ...], variables: dict[str, str], port: int, log: Path) -> "Member":
        environment = clean_environment() | variables
        return cls(arguments, environment, port, log, _spawn(arguments, environment, log))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def wait_ready(self, within: float = START_SECONDS) -> "Member":
        wait_until(lambda: self.is_ready() or self.process.poll() is not None, within)
        assert self.process.poll() is None, f"{self.arguments} ended:\n{self.log.read_text()[-2000:]}"
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """A new process in the place of the one that is gone."""
        assert self.process.poll() is not None
        self.process = _spawn(self.arguments, self.environment, self.log)

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(STOP_SECONDS)

    def wait_end(self, within: float = START_SECONDS) -> int:
        return self.process.wait(within)

    def end(self) -> None:
        """Whatever state it is in."""
        if self.process.poll() is not None:
            return
        self.go_on()
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def metric(self, name: str) -> float:
        """Over all labels."""
        text = httpx.get(f"{self.url}/metrics", timeout=5).text
        found = re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
        return sum(float(value) for value in found)

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")


def _spawn(arguments: tuple[str, ...], environment: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    command = Command((sys.executable, "-m", "cli", *arguments))
    with log.open("ab") as output:
        return subprocess.Popen(
            launch_arguments(command, signal.SIGKILL, {}),
            env=dict(environment),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
