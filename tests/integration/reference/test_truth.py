"""The second implementation finds in a real database what the simulator knows to be true."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from simulator.parameters import Parameters, TenantName
from tests.harness.command import Command
from tests.harness.database import Database
from tests.reference.columns import KEYS
from tests.reference.compare import compare, report
from tests.reference.marts import marts
from tests.reference.read import read
from tests.reference.term import Term, Way, deliver, play, truths

# Of each seed: who, since when, and how the LMS tells what it knows.
TERMS: dict[int, tuple[tuple[TenantName, ...], date, Way]] = {
    1: ((TenantName("school", "Europe/Berlin"),), date(2026, 3, 2), "rows"),
    2: ((TenantName("school", "America/New_York"),), date(2025, 9, 1), "events"),
    3: ((TenantName("school", "Asia/Kolkata"), TenantName("club", "Australia/Sydney")), date(2026, 1, 26), "rows"),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", TERMS)
def test_marts__equal_the_truth(
    database: Database, lyceum: Command, tmp_path: Path, size: SimpleNamespace, proof: Callable[..., None], *, seed: int
) -> None:
    tenants, start, way = TERMS[seed]
    parameters = Parameters(
        seed=seed, tenants=tenants, start=start, statements=size.reference_statements, stored=True, trace=True
    )
    truth, found = put_and_count(play(parameters, tmp_path / "term"), database, lyceum, way)
    assert found.keys() - truth.keys() == {"dim_learner", "dim_course", "dim_lesson", "dim_assessment"}
    differences = [one for name in truth for one in compare(name, found[name], truth[name], KEYS[name])]
    assert not differences, report(differences)
    proof(statements=len(found["fct_statements"]), tables=len(truth), cells=cells(truth), different=0)


def put_and_count(
    terms: list[Term], database: Database, lyceum: Command, way: Way
) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """All tenants of the term together, as they lie in the database."""
    told_each = [truths(term, deliver(term, database, lyceum, way)) for term in terms]
    told = {name: pl.concat(each[name] for each in told_each) for name in told_each[0]}
    with database.admin() as connection:
        found = marts(read(connection), terms[0].as_of)
    told["statement_counts"] = counted(told["statement_counts"])
    return told, {name: as_told(name, frame, found) for name, frame in found.items()}


def counted(told: pl.DataFrame) -> pl.DataFrame:
    """Without what one sees only on the way: by which dialect, how often, how late, and what was voided."""
    on_the_way = ["duplicates", "late", "disordered", "skewed_devices", "voided", "voided_before_target"]
    return told.filter((pl.col("dimension") != "dialect") & ~pl.col("value").is_in(on_the_way))


def as_told(name: str, frame: pl.DataFrame, found: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """What the simulator does not tell: of courses that nobody is in, and how long each single statement lasted (of
    two at the same time it knows which came first, and the definitions go by their ids)."""
    if name == "fct_statements":
        return frame.drop("lasts")
    if name in {"mart_course_completion", "mart_course_comparison", "mart_course_funnel"}:
        enrolled = found["mart_course_completion"].filter(pl.sum_horizontal("enrolled", "withdrawn", "waived") > 0)
        return frame.join(enrolled.select("tenant_id", "course"), on=["tenant_id", "course"], how="semi")
    return frame


def cells(tables: dict[str, pl.DataFrame]) -> int:
    return sum(frame.height * frame.width for frame in tables.values())
