import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.settings import Settings
from local.cache import cache_folder
from local.ports import find_free
from tests.harness.database import Database, cloned
from tests.harness.lrs import V1, V2, Client, Lrs, running_lrs
from tests.harness.node import Driver, driving, install_packages


@pytest.fixture(scope="session")
def packages(server: Settings) -> Path:
    return install_packages(cache_folder(server), os.environ)


@pytest.fixture(scope="module")
def database(server: Settings, edition: str, server_folder: Path) -> Iterator[Database]:
    with cloned(server, edition, server_folder) as database:
        yield database


@pytest.fixture(scope="module")
def lrs(server: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lrs]:
    log = tmp_path_factory.mktemp("lrs") / "lrs.log"
    with running_lrs(server, database, find_free(set()), log) as lrs:
        yield lrs


@pytest.fixture(scope="module")
def driver(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    with driving("driver.mjs", packages, tmp_path_factory.mktemp("driver")) as driver:
        yield driver


@pytest.fixture(params=[V1, V2])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["axios", "fetch"])
def adapter(request: pytest.FixtureRequest) -> str:
    """What the client sends by: in Node the one uses http, the other the same `fetch` as browsers."""
    return str(request.param)


@pytest.fixture
def client(lrs: Lrs, version: str) -> Iterator[Client]:
    """Not the one under test: sees whether what that one did is really there."""
    with lrs.client(lrs.database.tenant(f"t-{uuid4().hex[:12]}"), version=version) as client:
        yield client


@dataclass(frozen=True)
class Xapi:
    """The real client of a school, and what it saw of each call."""

    driver: Driver
    config: dict[str, str]

    def __call__(self, method: str, **params: Any) -> Any:
        """The answer to what must succeed."""
        answer = self.driver(config=self.config, method=method, params=params)
        assert "refused" not in answer, answer
        return answer

    def refused(self, method: str, **params: Any) -> Any:
        answer = self.driver(config=self.config, method=method, params=params)
        assert "refused" in answer, answer
        return answer

    def with_auth(self, auth: str) -> "Xapi":
        return Xapi(self.driver, {**self.config, "auth": auth})


@pytest.fixture
def xapi(driver: Driver, lrs: Lrs, client: Client, version: str, adapter: str) -> Xapi:
    auth = "Basic " + base64.b64encode(":".join(client.credentials).encode()).decode()
    return Xapi(driver, {"endpoint": f"{lrs.url}/xAPI/", "auth": auth, "version": version, "adapter": adapter})
