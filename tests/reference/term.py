"""A simulated term in a real database: the tenant, what the LMS knows, and every statement with its time of arrival."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from core.lms.events import parse_event
from core.lms.staging import prepare_staging
from core.lms.waiting import TenantEvent
from core.tenants import NewTenant, Pattern, Tenant, create_tenant
from ingest.imports.plain import find_sheets, plain_reader
from ingest.imports.run import Order, run_import
from simulator.parameters import Parameters
from simulator.simulate import simulate
from simulator.sinks.files import FileSink
from tests.harness.bulk import make_key
from tests.harness.command import Command
from tests.harness.database import Database
from tests.integration.lms.tables import put
from tests.reference.agents import Identity, key_of
from tests.reference.columns import COLUMNS
from tests.reference.read import Row

Way = Literal["events", "rows"]


@dataclass(frozen=True)
class Term:
    folder: Path
    described: dict[str, Any]

    @property
    def slug(self) -> str:
        return str(self.described["slug"])

    @property
    def as_of(self) -> datetime:
        return datetime.fromisoformat(self.described["as_of"])

    def file(self, *parts: str) -> Path:
        return self.folder.joinpath(*parts)


def play(parameters: Parameters, folder: Path) -> list[Term]:
    simulate(parameters, folder, FileSink(folder))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return [Term(folder, described) for described in manifest["tenants"]]


def deliver(term: Term, database: Database, lyceum: Command, way: Way = "rows") -> Tenant:
    tenant = _create(term, database)
    if way == "rows":
        _bring_rows(term, database, tenant)
    else:
        _tell_events(term, database, tenant)
    key = make_key(database, term.slug)
    path = term.file("statements", f"{term.slug}.ndjson")
    done = lyceum("statements", "import", str(path), "--tenant", term.slug, "--credential", key, "--keep-stored")
    assert done.code == 0, done.out + done.err
    return tenant


def _create(term: Term, database: Database) -> Tenant:
    described = term.described
    patterns = [Pattern.parse(f"{one['names']}:{one['key_is']}:{one['pattern']}") for one in described["patterns"]]
    new = NewTenant(
        term.slug, described["name"], time_zone=described["time_zone"], home_pages=described["home_pages"],
        patterns=patterns,
    )  # fmt: skip
    with database.admin() as connection:
        return create_tenant(connection, new, database.key)


def _bring_rows(term: Term, database: Database, tenant: Tenant) -> None:
    for folder in sorted(term.file("rows", term.slug).iterdir()):
        as_of = datetime.strptime(folder.name.partition("-")[2], "%Y-%m-%dT%H%M%S.%f%z")
        order = Order(tenant.tenant_id, tenant.time_zone, as_of, False)
        with database.service("ingest") as connection:
            run_import(connection, order, plain_reader(find_sheets(folder), None, is_complete=False), lambda _: None)


def _tell_events(term: Term, database: Database, tenant: Tenant) -> None:
    lines = term.file("events", f"{term.slug}.ndjson").read_bytes().splitlines()
    told = [TenantEvent(tenant.tenant_id, parse_event(line)) for line in lines]
    with database.service("ingest") as connection:
        prepare_staging(connection)
        applied = put(connection, told)
    assert applied.waiting == 0, applied


def truths(term: Term, tenant: Tenant) -> dict[str, pl.DataFrame]:
    """With our names for what the simulator knows by others: the tenant, and people whom no user fits."""
    folder = term.file("truth", term.slug)
    return {path.stem: _truth(path, tenant.tenant_id) for path in sorted(folder.iterdir()) if path.stem in COLUMNS}


def _truth(path: Path, tenant_id: int) -> pl.DataFrame:
    columns = {name: kind for name, kind in COLUMNS[path.stem].items() if name != "tenant_id"}
    with path.open(encoding="utf-8") as file:
        rows = [_typed(json.loads(line), columns, tenant_id) for line in file]
    return pl.DataFrame(rows, schema={"tenant_id": pl.Int64, **columns}, orient="row")


def _typed(row: Row, columns: dict[str, Any], tenant_id: int) -> Row:
    typed = {name: _value(row[name], kind) for name, kind in columns.items()}
    if "segments" in typed:
        typed["segments"] = sorted(typed["segments"])
    if typed.get("actor") is not None and typed.get("learner") is None:
        typed["actor"] = key_of(tenant_id, _identity(typed["actor"]))
    return {"tenant_id": tenant_id, **typed}


def _value(value: Any, kind: Any) -> Any:
    if value is None or not isinstance(value, str) or kind == pl.String:
        return value
    moment = datetime.fromisoformat(value)
    return moment.date() if kind == pl.Date else moment


def _identity(actor: str) -> Identity:
    kind, _, value = actor.partition(":")
    return kind, value
