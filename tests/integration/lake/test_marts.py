"""The lake of a simulated term, with its real marts."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from psycopg import connect

from core.analysts import NewAnalyst, create_analyst
from core.database.address import login_conninfo
from core.settings import LakeSettings, Settings
from lake.export import export
from simulator.parameters import Parameters, TenantName
from tests.harness.database import Database
from tests.harness.marts import make_marts, with_marts
from tests.harness.terms import deliver, make_tenants, make_term

TENANTS = (TenantName("riverside", "Europe/Berlin"), TenantName("hillside", "Asia/Tokyo"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lake")


@pytest.fixture(scope="module")
def database(server: Settings, edition: str, server_folder: Path, worker_id: str) -> Iterator[Database]:
    with with_marts(server, edition, server_folder, worker_id) as database:
        yield database


@pytest.fixture(scope="module")
def settings(server: Settings, database: Database, folder: Path) -> Settings:
    """Filled, refreshed and exported."""
    parameters = Parameters(tenants=TENANTS, learners=12, weeks=6)
    tenants = make_tenants(database, parameters)
    deliver(database, tenants, make_term(parameters, folder / "term").parcels)
    lake = LakeSettings(address=f"file://{folder}/lake")
    settings = server.model_copy(update={"database": database.settings, "home": folder, "lake": lake})
    make_marts(server, database, folder).refresh()
    export(settings)
    return settings


def open_catalogue(folder: Path, slug: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(folder / "lake" / slug / "catalogue.duckdb"), read_only=True)


@pytest.mark.parametrize("slug", [tenant.slug for tenant in TENANTS])
def test_export__each_mart_has_its_tenants_rows(
    settings: Settings, database: Database, folder: Path, slug: str
) -> None:
    with database.admin() as connection, open_catalogue(folder, slug) as lake:
        (tenant_id,) = connection.execute("select tenant_id from control.tenants where slug = %s", [slug]).fetchall()
        views = [row[0] for row in lake.execute("select view_name from duckdb_views() where not internal").fetchall()]
        differ = {}
        for view in views:
            source = "xapi.statements" if view == "statements" else f"marts.{view}"
            mine = "true" if view == "dim_date" else f"tenant_id = {tenant_id[0]}"
            there = connection.execute(f"select count(*) from {source} where {mine}").fetchone()
            here = lake.execute(f"select count(*) from {view}").fetchone()
            if there != here:
                differ[view] = (there, here)
    assert differ == {}
    assert len(views) > 30
    assert [view for view in views if view.startswith("ops_")] == []


@pytest.mark.parametrize("slug", [tenant.slug for tenant in TENANTS])
def test_analyst__sees_in_each_mart_what_the_lake_holds(
    settings: Settings, database: Database, folder: Path, slug: str
) -> None:
    with database.admin() as connection:
        issued = create_analyst(connection, slug, NewAnalyst("Ada"))
    login = login_conninfo(database.settings, issued.analyst.role_name, issued.password)
    with connect(login) as analyst, open_catalogue(folder, slug) as lake:
        views = [row[0] for row in lake.execute("select view_name from duckdb_views() where not internal").fetchall()]
        counts = {view: analyst.execute(f"select count(*) from {view}").fetchone() for view in views}
        assert counts == {view: lake.execute(f"select count(*) from {view}").fetchone() for view in views}
        tenants = analyst.execute("select array_agg(distinct tenant_id) from fct_statements").fetchone()
        assert tenants == analyst.execute("select array_agg(tenant_id) from control.tenants").fetchone()


def test_catalogue__of_one_tenant_names_nobody_of_the_other(settings: Settings, folder: Path) -> None:
    with open_catalogue(folder, "riverside") as ours, open_catalogue(folder, "hillside") as theirs:
        ids = "select statement_id from statements"
        mine, others = set(ours.execute(ids).fetchall()), set(theirs.execute(ids).fetchall())
    assert mine
    assert others
    assert mine.isdisjoint(others)
