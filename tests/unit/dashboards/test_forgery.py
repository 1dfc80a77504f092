from types import SimpleNamespace
from typing import Any

import pytest

from dashboards.server.forgery import is_forged, written_sql

STORED = """{
  "metrics": [{"expressionType": "SQL", "sqlExpression": "avg(progress)", "label": "Progress"}],
  "adhoc_filters": [
    {"expressionType": "SQL", "clause": "WHERE", "sqlExpression": "progress > 0"},
    {"expressionType": "SQL", "clause": "WHERE", "sqlExpression": "score > 0"}
  ]
}"""


def dataset(kind: str = "table") -> SimpleNamespace:
    columns = [
        SimpleNamespace(column_name=name, verbose_name=name.title()) for name in ("course_id", "progress", "day")
    ]
    chart = SimpleNamespace(params=STORED, query_context=None)
    return SimpleNamespace(
        type=kind, columns=columns, metrics=[SimpleNamespace(metric_name="learners")], slices=[chart]
    )


def query(**given: Any) -> SimpleNamespace:
    usual: dict[str, Any] = {
        "columns": [], "metrics": ["learners"], "orderby": [], "series_columns": [], "series_limit_metric": None,
        "extras": {}, "filter": [], "post_processing": [], "annotation_layers": [],
    }  # fmt: skip
    return SimpleNamespace(**usual | given)


def forged(kind: str = "table", **given: Any) -> bool:
    return is_forged(SimpleNamespace(datasource=dataset(kind), queries=[query(), query(**given)]))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"columns": ["course_id"], "filter": [{"col": "day", "op": "==", "val": "x"}]},
        {"metrics": [{"expressionType": "SQL", "sqlExpression": "avg(progress)", "label": "P"}]},
        {"metrics": [{"expressionType": "SIMPLE", "column": {"column_name": "progress"}, "aggregate": "SUM"}]},
        {"columns": [{"columnType": "BASE_AXIS", "sqlExpression": "day", "label": "day", "timeGrain": "P1D"}]},
        {"extras": {"where": "(progress > 0) AND (score > 0)", "having": ""}},
        {"metrics": [{"sqlExpression": "COUNT(*)", "label": "COUNT(*)"}]},
        {"columns": [{"sqlExpression": "day", "label": "When"}], "orderby": [("When", True)]},
    ],
)
def test_forged__what_a_chart_asks(given: dict[str, Any]) -> None:
    assert not forged(**given)


EVIL = "query_to_xml('select 1', true, true, '')"


@pytest.mark.parametrize(
    "given",
    [
        {"metrics": [{"expressionType": "SQL", "sqlExpression": EVIL, "label": "x"}]},
        {"columns": [{"expressionType": "SQL", "sqlExpression": EVIL, "label": "x"}]},
        {"columns": [EVIL]},
        {"metrics": [EVIL]},
        {"columns": [{"sqlExpression": "day", "label": EVIL}, EVIL]},
        {"extras": {"where": "1 = 1) or (1 = 1"}},
        {"extras": {"where": "(progress > 0)"}},
        {"extras": {"having": f"count(*) > 0 and {EVIL} is not null"}},
        {"filter": [{"col": {"sqlExpression": EVIL, "label": "x"}, "op": "==", "val": 1}]},
        {"orderby": [[EVIL, True]]},
        {"orderby": [({"sqlExpression": EVIL, "expressionType": "SQL", "label": "x"}, True)]},
        {"series_columns": [EVIL]},
        {"series_limit_metric": {"sqlExpression": EVIL}},
        {"series_limit_metric": EVIL},
        {"annotation_layers": [{"overrides": {"where": EVIL}}]},
    ],
)
def test_forged__sql_of_ones_own(given: dict[str, Any]) -> None:
    assert forged(**given)


@pytest.mark.parametrize("kind", ["query", "saved_query", "sl_table"])
def test_forged__somebody_elses_query_as_a_dataset(kind: str) -> None:
    assert forged(kind)


def test_written_sql__however_deep() -> None:
    assert list(written_sql({"a": [({"b": {"sqlExpression": "x"}},)], "extras": {"where": "y", "having": ""}})) == [
        "x",
        "y",
    ]
