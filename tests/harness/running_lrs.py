"""An LRS process, and credentials of new tenants to knock with."""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.settings import Settings
from core.tenants import Tenant
from local.ports import find_free
from tests.harness.database import Database
from tests.harness.lrs import Client, Lrs, running_lrs


@dataclass(frozen=True)
class School:
    """A tenant, and a client that knocks with a credential of its own."""

    tenant: Tenant
    client: Client


@dataclass(frozen=True)
class RunningLrs:
    lrs: Lrs
    folder: Path
    log: Path
    clients: contextlib.ExitStack

    @property
    def pid(self) -> int:
        return self.lrs.process.pid

    def school(self, *, scopes: tuple[str, ...] = ("all",), version: str = "1.0.3") -> School:
        tenant = self.lrs.database.tenant(f"school-{secrets.token_hex(4)}")
        return School(tenant, self.client(tenant, scopes=scopes, version=version))

    def client(self, tenant: Tenant, *, scopes: tuple[str, ...] = ("all",), version: str = "1.0.3") -> Client:
        return self.clients.enter_context(self.lrs.client(tenant, scopes, version))

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
    objects, log = folder / "objects", folder / "lrs.log"
    given = {"LYCEUM_LRS_ATTACHMENTS": f"file://{objects}"} | variables
    with running_lrs(server, database, find_free(set()), log, **given) as lrs, contextlib.ExitStack() as clients:
        yield RunningLrs(lrs, objects, log, clients)
