"""The `lyceum` command as a user runs it: another process, its own environment."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

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
        # The test server's own home, so that no secret of another installation gets mixed in.
        given = {"LYCEUM_HOME": str(self.server.home), "LYCEUM_DATABASE_URL": admin_conninfo(self.database)}
        done = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env=clean_environment() | given | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Finished(done.returncode, done.stdout, done.stderr)
