"""What the marts show of a simulated term is what the simulator planned."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from simulator.parameters import Parameters
from tests.harness.marts import Marts
from tests.harness.terms import deliver, make_tenants, make_term

pytestmark = [pytest.mark.both_databases, pytest.mark.timeout(900)]

SLUG = "riverside"
# By truth: which columns name its rows, and the query that must say the same.
QUERIES = {
    "fct_lesson_completion": (
        "course lesson learner",
        (
            "select course_id as course, lesson_id as lesson, user_id as learner, completed_at, evidence "
            "from marts.fct_lesson_completion"
        ),
    ),
    "fct_course_completion": (
        "course learner",
        "select course_id as course, user_id as learner, completed_at, evidence from marts.fct_course_completion",
    ),
    "mart_course_completion": (
        "course",
        (
            "select course_id as course, enrolled, completed, completion_rate, withdrawn, waived, median_progress, "
            "median_days_to_complete from marts.mart_course_completion"
        ),
    ),
    "mart_course_funnel": (
        "course lesson",
        (
            "select course_id as course, lesson_id as lesson, position, enrolled, started, completed, drop_off "
            "from marts.mart_course_funnel"
        ),
    ),
    "mart_compliance": (
        "course learner",
        (
            "select course_id as course, user_id as learner, state, due_at, completed_at, evidence "
            "from marts.mart_compliance"
        ),
    ),
    "verbs": (
        "verb kind",
        "select verb_iri as verb, kind, count(*) as statements from marts.fct_statements group by 1, 2",
    ),
    "unmapped": (
        "activity",
        (
            "select object_iri as activity, count(*) as statements from marts.fct_statements "
            "where place_trouble is not null group by 1"
        ),
    ),
    "fct_statements": (
        "statement",
        (
            "select statement_id::text as statement, occurred_at, kind, verb_iri as verb, "
            "case place_trouble when 'unmapped' then 'none' when 'ambiguous' then 'ambiguous' else place end as level, "
            "course_id as course, lesson_id as lesson, assessment_id as assessment from marts.fct_statements"
        ),
    ),
    "fct_statement_learners": (
        "statement learner",
        "select statement_id::text as statement, user_id as learner, standing from marts.fct_statement_learners",
    ),
}
# What the marts have no column for: who an unmatched actor is in the plan, which emitter spoke, how long a step lasts.
UNSAID = {"actor", "dialect", "lasts"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_truth__every_cell(
    marts: Marts, tmp_path: Path, size: SimpleNamespace, proof: Callable[..., None], seed: int
) -> None:
    parameters = Parameters(statements=size.truth_statements, seed=seed, trace=True)
    term = make_term(parameters, tmp_path / "term")
    deliver(marts.database, make_tenants(marts.database, parameters), term.parcels)
    marts.refresh(as_of=term.as_of)
    cells = 0
    for name, (key, query) in QUERIES.items():
        planned = by_key(key, term.truth(SLUG, name))
        shown = by_key(key, marts.rows(query))
        assert shown.keys() == planned.keys(), name
        wrong = [
            (name, which, column, row[column], shown[which][column])
            for which, row in planned.items()
            for column in row.keys() - UNSAID
            if not is_same(row[column], shown[which][column])
        ]
        assert wrong == []
        cells += sum(len(row.keys() - UNSAID) for row in planned.values())
    proof(seed=seed, statements=len(term.statements), cells=cells, wrong=0)


def by_key(key: str, rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    named = {tuple(row[column] for column in key.split()): row for row in rows}
    assert len(named) == len(rows)
    return named


def is_same(planned: Any, shown: Any) -> bool:
    if isinstance(shown, float) and planned is not None:
        return bool(abs(planned - shown) <= 1e-9)
    if isinstance(shown, datetime):
        return bool(planned == shown.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    return bool(planned == shown)
