"""An LRS process, and credentials of new tenants to knock with."""

import contextlib
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class School:
    """A tenant, and a client that knocks with a credential of its own."""

    tenant: Tenant
    client: httpx.Client


@dataclass(frozen=True)
class RunningLrs:
    database: Database
    folder: Path
    log: Path
    url: str
    pid: int
    clients: contextlib.ExitStack

    def school(self, *, scopes: tuple[str, ...] = ("all",), version: str = "1.0.3") -> School:
        tenant = self.database.tenant(f"school-{secrets.token_hex(4)}")
        return School(tenant, self.client(tenant, scopes=scopes, version=version))

    def client(self, tenant: Tenant, *, scopes: tuple[str, ...] = ("all",), version: str = "1.0.3") -> httpx.Client:
        with self.database.admin() as connection:
            new = NewCredential(secrets.token_hex(4), scopes)
            issued = create_credential(connection, tenant.slug, new, self.database.key, "https://lrs.example")
        client = httpx.Client(
            base_url=f"{self.url}/xAPI",
            auth=(issued.credential.key_id, issued.secret),
            headers={"X-Experience-API-Version": version},
            timeout=30,
        )
        return self.clients.enter_context(client)

    @property
    def peak(self) -> int:
        """The most memory that the process had at once, in bytes, since `reset_peak`."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def reset_peak(self) -> int:
        """To what it has now."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        return self.peak


@contextlib.contextmanager
def running(database: Database, server: Settings, folder: Path, **variables: str) -> Iterator[RunningLrs]:
    port = _free_port()
    given = {
        "LYCEUM_HOME": str(server.home),
        "LYCEUM_DATABASE_URL": admin_conninfo(database.settings),
        "LYCEUM_LRS_PORT": str(port),
        "LYCEUM_LRS_ATTACHMENTS": f"file://{folder}/objects",
    }
    log = folder / "lrs.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "lrs", "serve"],
            env=clean_environment() | given | variables,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/health/ready", process)
        with contextlib.ExitStack() as clients:
            yield RunningLrs(database, folder / "objects", log, f"http://127.0.0.1:{port}", process.pid, clients)
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _wait_until_ready(url: str, process: "subprocess.Popen[Any]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url).status_code == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the LRS did not start, its exit code is {process.poll()}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
