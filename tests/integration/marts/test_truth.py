"""What the marts show of a simulated term is what the simulator planned, whether brought up to date or made anew."""

import random
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from simulator.parameters import Parameters, TenantName
from tests.harness.marts import Marts
from tests.harness.terms import Term, deliver, make_tenants, make_term
from tests.integration.marts.completion import COMPLETION
from tests.integration.marts.subjects import SUBJECTS

pytestmark = [pytest.mark.both_databases_at_full_size, pytest.mark.timeout(900)]

TRUTHS = {**COMPLETION, **SUBJECTS}

SLUG = "riverside"
# What the marts have no column for: who an unmatched actor is in the plan, which emitter spoke, how long a step lasts.
UNSAID = {"actor", "dialect", "lasts"}
ZONES = {1: "Europe/Berlin", 2: "America/Havana", 3: "Asia/Kolkata"}
PARTS = 3


@pytest.mark.parametrize("seed", ZONES)
def test_truth__every_cell(
    marts: Marts, tmp_path: Path, size: SimpleNamespace, proof: Callable[..., None], seed: int
) -> None:
    """Shuffled and in parts, with a refresh after each."""
    tenant = TenantName(SLUG, ZONES[seed])
    parameters = Parameters(
        statements=size.truth_statements, seed=seed, tenants=(tenant,), start=date(2025, 9, 1), trace=True
    )
    term = make_term(parameters, tmp_path / "term")
    tenants = make_tenants(marts.database, parameters)
    parcels = random.Random(seed).sample(term.parcels, len(term.parcels))
    for part in range(PARTS):
        deliver(marts.database, tenants, parcels[part::PARTS])
        marts.refresh(as_of=term.as_of)
    kept_up = wrong_cells(marts, term)
    marts.refresh(full=True, as_of=term.as_of)
    made_anew = wrong_cells(marts, term)
    assert kept_up == made_anew == []
    proof(seed=seed, statements=len(term.statements), cells=count_cells(term), wrong=0)


def wrong_cells(marts: Marts, term: Term) -> list[Any]:
    """Some of them, so that a failure can be read."""
    found = [
        (name, column, row[column], shown[column])
        for name, (key, query) in TRUTHS.items()
        for row, shown in pairs(key, term.truth(SLUG, name), marts.rows(query))
        for column in row.keys() - UNSAID
        if not is_same(row[column], shown[column])
    ]
    return found[:10]


def pairs(
    key: str, planned: list[dict[str, Any]], shown: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """By what names them. Strangers have no name, so all else that their rows say tells them apart."""
    columns = [*key.split(), *sorted(planned[0].keys() - UNSAID - set(key.split()))] if planned else []
    assert len(planned) == len(shown), key
    return list(zip(in_order(planned, columns), in_order(shown, columns), strict=True))


def in_order(rows: list[dict[str, Any]], columns: list[str]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [plain(row[column]) for column in columns])


def plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(round(value, 6)) if isinstance(value, float) else str(value)


def is_same(planned: Any, shown: Any) -> bool:
    if isinstance(planned, float) and isinstance(shown, float):
        return abs(planned - shown) <= 1e-9
    return bool(planned == shown) or (isinstance(shown, date) and planned == plain(shown))


def count_cells(term: Term) -> int:
    return sum(len(row.keys() - UNSAID) for name in TRUTHS for row in term.truth(SLUG, name))
