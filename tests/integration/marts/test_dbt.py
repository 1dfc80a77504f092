"""What dbt itself tests: the rules by their unit tests, and what must hold of each mart, on a simulated term."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from simulator.parameters import Parameters
from tests.harness.marts import Marts
from tests.harness.terms import deliver, make_tenants, make_term

pytestmark = [pytest.mark.both_databases, pytest.mark.timeout(900)]


def test_dbt__every_test_of_the_project(
    marts: Marts, tmp_path: Path, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    parameters = Parameters(statements=size.order_statements, seed=4)
    term = make_term(parameters, tmp_path / "term")
    deliver(marts.database, make_tenants(marts.database, parameters), term.parcels)
    marts.refresh(as_of=term.as_of)
    marts.dbt.run("test", ["resource_type:test", "resource_type:unit_test"])
    manifest = marts.dbt.manifest
    models = [node for node in manifest.nodes.values() if str(node.resource_type) == "model"]
    proof(models=len(models), unit_tests=len(manifest.unit_tests))
    assert [node.name for node in models if str(node.schema) == "marts" and not node.description] == []
