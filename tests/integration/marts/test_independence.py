"""The marts say what a second implementation says that was written from the definitions, and not from the SQL."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from simulator.parameters import Parameters, TenantName
from tests.harness.marts import Marts
from tests.harness.terms import deliver, make_tenants, make_term
from tests.integration.marts.completion import COMPLETION
from tests.integration.marts.subjects import SUBJECTS
from tests.reference.columns import COLUMNS, KEYS
from tests.reference.compare import Difference, compare, report
from tests.reference.marts import marts as count_again
from tests.reference.read import read

pytestmark = pytest.mark.timeout(900)

TERMS = {
    1: (TenantName("school", "Europe/Berlin"), date(2026, 3, 2)),
    2: (TenantName("school", "America/New_York"), date(2025, 9, 1)),
    3: (TenantName("school", "Australia/Sydney"), date(2026, 1, 26)),
}
QUERIES = {**COMPLETION, **SUBJECTS}
# How long each single statement lasts, no mart shows.
UNSHOWN = {"lasts"}
# Where somebody has no name, the agent's key stands for it.
ACTOR = "a:"


@pytest.mark.parametrize("seed", TERMS)
def test_marts__every_cell_is_counted_twice(
    marts: Marts, tmp_path: Path, size: SimpleNamespace, proof: Callable[..., None], seed: int
) -> None:
    tenant, start = TERMS[seed]
    parameters = Parameters(seed=seed, tenants=(tenant,), start=start, statements=size.reference_statements)
    term = make_term(parameters, tmp_path / "term")
    deliver(marts.database, make_tenants(marts.database, parameters), term.parcels)
    marts.refresh(as_of=term.as_of)
    with marts.database.admin() as connection:
        counted = count_again(read(connection), term.as_of)
    differences: list[Difference] = []
    cells = 0
    for name, (_, query) in QUERIES.items():
        ours, theirs = shown(name, marts.rows(query)), named(of_the_enrolled(name, counted))
        assert set(COLUMNS[name]) - UNSHOWN - set(ours.columns) <= {"tenant_id", "actor"}, name
        keys = [key for key in ("learner", *KEYS[name]) if key in ours.columns]
        differences += compare(name, ours, theirs, list(dict.fromkeys(keys)))
        cells += ours.height * len(set(ours.columns) & set(theirs.columns))
    assert differences == [], report(differences)
    proof(seed=seed, statements=len(term.statements), tables=len(QUERIES), cells=cells, different=0)


def shown(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """As the marts have it, in the types of the other."""
    wanted = {column: kind for column, kind in COLUMNS[name].items() if column not in {"tenant_id", "actor"}}
    there = {column: kind for column, kind in wanted.items() if not rows or column in rows[0]}
    data = {column: [row[column] for row in rows] for column in there}
    if "segments" in data:
        data["segments"] = [sorted(segments) for segments in data["segments"]]
    frame = pl.DataFrame(data, schema=there, strict=False)
    if "actor" in COLUMNS[name] and rows and "learner_key" in rows[0]:
        actors = [row["learner_key"].removeprefix(ACTOR) if row["learner"] is None else None for row in rows]
        frame = frame.with_columns(pl.Series("actor", actors, dtype=pl.String))
    return frame


def of_the_enrolled(name: str, counted: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """A course that nobody is enrolled in has no rates, and no row with them."""
    if name not in {"mart_course_completion", "mart_course_comparison", "mart_course_funnel"}:
        return counted[name]
    enrolled = counted["mart_course_completion"].filter(pl.sum_horizontal("enrolled", "withdrawn", "waived") > 0)
    return counted[name].join(enrolled.select("course"), on="course", how="semi")


def named(frame: pl.DataFrame) -> pl.DataFrame:
    """Who has a name needs no agent's key."""
    if not {"actor", "learner"} <= set(frame.columns):
        return frame
    return frame.with_columns(pl.when(pl.col("learner").is_null()).then(pl.col("actor")).alias("actor"))
