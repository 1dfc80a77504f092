from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.settings import Settings
from core.tenants import Tenant
from simulator.parameters import Parameters, TenantName
from tests.harness.database import Database
from tests.harness.marts import Marts, make_marts, with_marts
from tests.harness.terms import Term, make_tenants, make_term

TENANTS = (TenantName("riverside", "Europe/Berlin"), TenantName("club", "Australia/Sydney"))


@pytest.fixture
def database(server: Settings, edition: str, server_folder: Path, worker_id: str) -> Iterator[Database]:
    with with_marts(server, edition, server_folder, worker_id) as database:
        yield database


@pytest.fixture
def marts(server: Settings, database: Database, tmp_path: Path) -> Marts:
    return make_marts(server, database, tmp_path)


@pytest.fixture
def term(tmp_path: Path, size: SimpleNamespace) -> Term:
    return make_term(Parameters(statements=size.order_statements, seed=5, tenants=TENANTS), tmp_path / "term")


@pytest.fixture
def tenants(database: Database) -> dict[str, Tenant]:
    return make_tenants(database, Parameters(learners=1, tenants=TENANTS))
