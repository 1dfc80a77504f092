from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.harness.superset import Superset, running_superset, with_dashboards


@pytest.fixture(scope="package")
def superset(
    server: Settings, edition: str, server_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Superset]:
    with (
        with_dashboards(server, edition, server_folder) as database,
        running_superset(server, database, tmp_path_factory.mktemp("superset")) as superset,
    ):
        yield superset
