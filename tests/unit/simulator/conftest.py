from pathlib import Path

import pytest

from simulator.parameters import Parameters, TenantName
from simulator.simulate import simulate
from simulator.sinks.files import FileSink
from tests.unit.simulator.term import Term

# Days are 23 and 25 hours long in it, and the three names make Open edX know its learners in each of its ways.
TENANTS = (
    TenantName("riverside", "Europe/Berlin"), TenantName("lakeside", "America/New_York"),
    TenantName("seaside", "Asia/Kolkata"),
)  # fmt: skip


@pytest.fixture(scope="session", params=[1, 2])
def term(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Term:
    folder: Path = tmp_path_factory.mktemp("term")
    parameters = Parameters(seed=request.param, tenants=TENANTS, statements=20_000, stored=True)
    simulate(parameters, folder, FileSink(folder))
    return Term(parameters, folder)
