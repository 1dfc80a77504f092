from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.harness.database import cloned
from tests.harness.running_lrs import RunningLrs, School, running


@pytest.fixture(scope="module")
def lrs_process(
    server: Settings, edition: str, server_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningLrs]:
    with (
        cloned(server, edition, server_folder) as database,
        running(database, server, tmp_path_factory.mktemp("lrs")) as lrs,
    ):
        yield lrs


@pytest.fixture
def school(lrs_process: RunningLrs) -> School:
    return lrs_process.school()
