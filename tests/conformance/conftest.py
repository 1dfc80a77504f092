from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from core.settings import Settings
from core.tenants import Tenant
from local.ports import find_free
from tests.harness.database import Database, cloned
from tests.harness.lrs import V1, V2, Client, Lrs, running_lrs


@pytest.fixture(scope="module")
def database(server: Settings, edition: str, server_folder: Path) -> Iterator[Database]:
    with cloned(server, edition, server_folder) as database:
        yield database


@pytest.fixture(scope="module")
def lrs(server: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lrs]:
    log = tmp_path_factory.mktemp("lrs") / "lrs.log"
    with running_lrs(server, database, find_free(set()), log) as lrs:
        yield lrs


@pytest.fixture(params=[V1, V2])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(lrs: Lrs, version: str) -> Iterator[httpx.Client]:
    """Of a tenant of its own, so that a test sees what it wrote."""
    with lrs.client(lrs.database.tenant(f"t-{uuid4().hex[:12]}"), version=version) as client:
        yield client


@pytest.fixture(scope="module")
def tenant(lrs: Lrs) -> Tenant:
    return lrs.database.tenant("school")


@pytest.fixture(scope="module")
def schools(lrs: Lrs, tenant: Tenant) -> Iterator[dict[str, Client]]:
    with lrs.client(tenant, version=V1) as one, lrs.client(tenant, version=V2) as two:
        yield {V1: one, V2: two}


@pytest.fixture
def school(schools: dict[str, Client], version: str) -> Client:
    """Of one tenant for the whole file, which costs less: for tests that name what no other test names."""
    return schools[version]
