"""A lake in a test's hands: schools with statements, and what DuckDB reads of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from core.envelope import Envelope
from core.settings import LakeSettings, Settings
from core.tenants import Tenant
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import write
from lake.export import Exported, export
from lake.store import Store
from tests.harness.database import Database
from tests.harness.statements import accept

CREDENTIAL = str(UUID(int=7))


@dataclass(frozen=True)
class Lake:
    server: Settings
    database: Database
    folder: Path

    def settings(self, **changes: Any) -> Settings:
        lake = LakeSettings(address=f"file://{self.folder}", **changes)
        return self.server.model_copy(update={"database": self.database.settings, "home": self.folder, "lake": lake})

    def export(self, *, tenant: str | None = None, full: bool = False, store: Store | None = None) -> list[Exported]:
        return export(self.settings(), tenant=tenant, full=full, store=store)

    def put(self, tenant: Tenant, stored: datetime, *statements: Mapping[str, Any]) -> None:
        """One batch."""
        with self.database.service("ingest") as connection:
            prepare_staging(connection)
            row = connection.execute("select ingest.open_batch('statements', %s)", [[tenant.tenant_id]]).fetchone()
            assert row is not None
            accepted = [accept(tenant.tenant_id, statement) for statement in statements]
            envelope = Envelope(tenant.tenant_id, CREDENTIAL, stored, accepted)
            write(connection, "xapi", row[0], [(envelope, stored)], Vocabulary())

    def ask(self, slug: str, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / slug / "catalogue.duckdb"), read_only=True) as catalogue:
            return catalogue.execute(query).fetchall()

    def responses(self, slug: str) -> list[str]:
        return [row[0] for row in self.ask(slug, "select response from statements order by response")]

    def months(self, slug: str, table: str = "statements") -> list[str]:
        return [path.name[:7] for path in self.files(slug, table)]

    def files(self, slug: str, table: str = "**") -> list[Path]:
        return sorted((self.folder / slug).glob(f"{table}/*.parquet"))

    def make_mart(self, name: str, columns: str, rows: Iterable[tuple[Any, ...]] = ()) -> None:
        """As the transforming role, which owns the marts."""
        with self.database.service("transform") as connection:
            connection.execute(f"create table marts.{name} ({columns})")
            connection.execute(f"call control.isolate_tenants('marts.{name}')")
            connection.execute(f"grant select on marts.{name} to lyceum_reader")
            for row in rows:
                connection.execute(f"insert into marts.{name} values ({', '.join(['%s'] * len(row))})", row)

    def change(self, command: str) -> None:
        with self.database.service("transform") as connection:
            connection.execute(command)
