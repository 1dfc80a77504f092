"""The `lyceum` command as a user runs it: another process, its own environment."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from core.database.address import admin_conninfo
from core.settings import DatabaseSettings, Settings
from tests.harness.servers import clean_environment


@dataclass(frozen=True)
class Finished:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Command:
    server: Settings
    database: DatabaseSettings

    def __call__(self, *arguments: str, **variables: str) -> Finished:
        done = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env=self._environment(variables),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str, stdin: IO[bytes] | int | None = None, **variables: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "cli", *arguments],
            env=self._environment(variables),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        # The test server's own home, so that no secret of another installation gets mixed in.
        given = {
            "LYCEUM_HOME": str(self.server.home),
            "LYCEUM_DATABASE_URL": admin_conninfo(self.database),
            # Unless a test is about Kafka.
            "LYCEUM_LRS_PUBLISH": "false",
        }
        return {**clean_environment(), **given, **variables}
