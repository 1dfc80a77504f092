"""Each notebook runs from top to bottom on a simulated term, and draws what it says."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

from core.analysts import NewAnalyst, create_analyst
from core.database.address import login_conninfo
from core.settings import LakeSettings, Settings
from lake.export import export
from simulator.parameters import Parameters, TenantName
from tests.harness.database import Database
from tests.harness.marts import make_marts, with_marts
from tests.harness.terms import deliver, make_tenants, make_term

FOLDER = Path(__file__).parents[3] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
# How many charts each of them draws.
CHARTS = {"1": 2, "2": 2, "3": 2, "4": 3, "5": 3}


@pytest.fixture(scope="module")
def database(server: Settings, edition: str, server_folder: Path, worker_id: str) -> Iterator[Database]:
    with with_marts(server, edition, server_folder, worker_id) as database:
        yield database


@pytest.fixture(scope="module")
def parameters(
    server: Settings, database: Database, size: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What a person would write into the first cell."""
    folder = tmp_path_factory.mktemp("lake")
    simulated = Parameters(tenants=(TenantName("riverside", "Europe/Berlin"),), learners=size.notebook_learners)
    tenants = make_tenants(database, simulated)
    deliver(database, tenants, make_term(simulated, folder / "term").parcels)
    lake = LakeSettings(address=f"file://{folder}/lake")
    settings = server.model_copy(update={"database": database.settings, "home": folder, "lake": lake})
    make_marts(server, database, folder).refresh()
    export(settings)
    with database.admin() as connection:
        issued = create_analyst(connection, "riverside", NewAnalyst("Notebooks"))
    return {
        "address": login_conninfo(database.settings, issued.analyst.role_name, issued.password),
        "catalogue": f"{folder}/lake/riverside/catalogue.duckdb",
        "folder": f"{folder}/lake",
    }


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook__runs(path: Path, parameters: dict[str, str]) -> None:
    notebook = nbformat.read(path, as_version=4)
    replace_parameters(notebook, parameters)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(FOLDER)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [one for one in outputs if one.output_type == "stream" and one.name == "stderr"] == []
    drawn = sum("image/png" in one.get("data", {}) for one in outputs)
    assert drawn == CHARTS[path.stem[0]]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook__is_kept_without_what_it_printed(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    kept = [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]
    assert kept == []
    assert len(NOTEBOOKS) == len(CHARTS)


def replace_parameters(notebook: nbformat.NotebookNode, parameters: dict[str, str]) -> None:
    (cell,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    given = [f"{name} = {value!r}" for name, value in parameters.items() if f"{name} = " in cell.source]
    assert given, "a notebook that takes nothing looks at nothing"
    cell.source = "\n".join([cell.source, *given])
