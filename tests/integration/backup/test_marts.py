"""Marts come back with their position: the next refresh reads what is new, and gives what the source gives."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from backup.means import Means
from backup.restore import restore
from backup.take import take
from core.settings import Settings
from simulator.parameters import Parameters, TenantName
from tests.harness.database import Database
from tests.harness.marts import Marts, differences, make_marts, with_marts
from tests.harness.terms import deliver, make_tenants, make_term
from tests.integration.backup.contents import contents, rights

pytestmark = [pytest.mark.both_databases_at_full_size, pytest.mark.timeout(900)]

TENANTS = (TenantName("riverside", "Europe/Berlin"), TenantName("club", "Australia/Sydney"))


@pytest.fixture
def database(server: Settings, edition: str, server_folder: Path, worker_id: str) -> Iterator[Database]:
    with with_marts(server, edition, server_folder, worker_id) as database:
        yield database


@pytest.fixture
def parameters(size: SimpleNamespace) -> Parameters:
    return Parameters(statements=size.order_statements // 4, seed=5, tenants=TENANTS)


@pytest.fixture
def marts(server: Settings, database: Database, tmp_path: Path) -> Marts:
    return make_marts(server, database, tmp_path / "source")


@pytest.fixture
def again(server: Settings, restored: Database, tmp_path: Path) -> Marts:
    return make_marts(server, restored, tmp_path / "restored")


def test_restore__the_next_refresh_reads_what_is_new(
    marts: Marts, again: Marts, means: Means, parameters: Parameters, tmp_path: Path
) -> None:
    term, tenants = make_term(parameters, tmp_path / "term"), make_tenants(marts.database, parameters)
    middle = len(term.parcels) // 2
    deliver(marts.database, tenants, term.parcels[:middle])
    marts.refresh(as_of=term.as_of)

    take(marts.settings, tmp_path / "backup", means)
    restore(again.settings, tmp_path / "backup", means)
    with marts.database.admin() as ours, again.database.admin() as theirs:
        assert contents(theirs) == contents(ours)
        assert rights(theirs) == rights(ours)

    for one in (marts, again):
        deliver(one.database, tenants, term.parcels[middle:])
        result = one.refresh(as_of=term.as_of)
        assert (result.window.mode, result.rebuilt) == ("incremental", ())
        assert result.window.from_number > 0
    assert differences(marts.contents(), again.contents()) == {}
