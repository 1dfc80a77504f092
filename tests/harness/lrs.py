"""A real LRS process on a database of the test's own, and clients that knock at it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from core.credentials import NewCredential, create_credential
from core.database.address import admin_conninfo
from core.settings import Settings
from core.tenants import Tenant
from tests.harness.database import Database
from tests.harness.servers import clean_environment

START_SECONDS = 30
V1, V2 = "1.0.3", "2.0.0"


class Client(httpx.Client):
    """Remembers with what it knocks."""

    credentials: tuple[str, str]


@dataclass
class Lrs:
    url: str
    database: Database
    process: "subprocess.Popen[bytes]"

    def client(
        self, tenant: Tenant, scopes: Sequence[str] = ("all",), version: str | None = V1, **binding: Any
    ) -> Client:
        name = f"{tenant.slug}-{os.urandom(6).hex()}"
        with self.database.admin() as connection:
            new = NewCredential(name, scopes, **binding)
            issued = create_credential(connection, tenant.slug, new, self.database.key, self.url)
        headers = {"X-Experience-API-Version": version} if version else {}
        credentials = issued.credential.key_id, issued.secret
        client = Client(base_url=f"{self.url}/xAPI", auth=credentials, headers=headers, timeout=30)
        client.credentials = credentials
        return client

    def wait_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the LRS did not become ready (exit code {self.process.poll()})")
            time.sleep(0.05)


@contextmanager
def running_lrs(server: Settings, database: Database, port: int, log: Path, **variables: str) -> Iterator[Lrs]:
    given = {
        "LYCEUM_HOME": str(server.home),
        "LYCEUM_DATABASE_URL": admin_conninfo(database.settings),
        "LYCEUM_LRS_PORT": str(port),
        # Unless a test is about Kafka.
        "LYCEUM_LRS_PUBLISH": "false",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "lrs", "serve"],
            env=clean_environment() | given | variables,
            stdout=output,
            stderr=output,
        )
    lrs = Lrs(f"http://127.0.0.1:{port}", database, process)
    try:
        lrs.wait_ready()
        yield lrs
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_consistent(client: httpx.Client, stored: str) -> None:
    """Until an ascending query is sure to see what was stored by then."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        header = client.get("/statements", params={"limit": 1}).headers["X-Experience-API-Consistent-Through"]
        if datetime.fromisoformat(header) >= datetime.fromisoformat(stored):
            return
    raise AssertionError(f"not consistent through {stored}")
