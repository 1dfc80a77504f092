"""TimescaleDB and PostgreSQL give the same marts, cell by cell."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from simulator.parameters import Parameters, TenantName
from tests.harness.marts import Marts, cells, differences, make_marts, with_marts
from tests.harness.servers import EDITIONS, run_pid, running_settings
from tests.harness.terms import deliver, make_tenants, make_term

TENANTS = (TenantName("riverside", "Europe/Berlin"), TenantName("club", "Australia/Sydney"))


@pytest.fixture
def both(server_folder: Path, worker_id: str, tmp_path: Path) -> Iterator[list[Marts]]:
    with ExitStack() as stack:
        found = []
        for edition in EDITIONS:
            server = running_settings(server_folder, edition, run_pid(worker_id))
            database = stack.enter_context(with_marts(server, edition, server_folder, worker_id))
            found.append(make_marts(server, database, tmp_path / edition))
        yield found


@pytest.mark.timeout(900)
def test_marts__are_equal_on_both_databases(
    both: list[Marts], tmp_path: Path, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    parameters = Parameters(statements=size.order_statements, seed=6, tenants=TENANTS)
    term = make_term(parameters, tmp_path / "term")
    for marts in both:
        tenants = make_tenants(marts.database, parameters)
        for part in range(2):
            deliver(marts.database, tenants, term.parcels[part::2])
            marts.refresh(as_of=term.as_of)
    timescale, postgres = (marts.contents() for marts in both)
    assert differences(timescale, postgres) == {}
    proof(statements=len(term.statements), cells=cells(timescale), different=0)
