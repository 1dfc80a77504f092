"""Which queries of charts are refused: those with SQL that no chart of the dataset has.

Row filters stand in a query's `where`. Whoever may add expressions of their own to a query can call a function there
that runs another query (`query_to_xml`, `ts_stat`), which has no filter. So a browser may choose among what was
published, and narrow it, but write nothing.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

# What Superset itself adds: the count of rows beside a sample of them.
ITS_OWN = frozenset({"COUNT(*)"})
WRITTEN_KEYS = ("sqlExpression", "where", "having")


def is_forged(query_context: Any) -> bool:
    if query_context.datasource.type != "table":
        return True
    known = names_of(query_context.datasource)
    allowed = known | stored_sql(query_context.datasource) | ITS_OWN
    return any(not _is_clean(query, known, allowed) for query in query_context.queries)


def names_of(dataset: Any) -> frozenset[str]:
    """Columns and metrics: what a query may name, whoever asks."""
    columns = {name for column in dataset.columns for name in (column.column_name, column.verbose_name) if name}
    return frozenset(columns | {metric.metric_name for metric in dataset.metrics} | {"__timestamp"})


def stored_sql(dataset: Any) -> frozenset[str]:
    """All that published charts of this dataset write themselves."""
    found: set[str] = set()
    for chart in dataset.slices:
        for text in (chart.params, chart.query_context):
            stored = json.loads(text) if text else {}
            found.update(written_sql(stored))
            found.update(_joined(stored.get("adhoc_filters") or []))
    return frozenset(found)


def written_sql(value: Any) -> Iterator[str]:
    """Every piece of SQL in a query, as deep as it may lie."""
    if isinstance(value, dict):
        yield from (str(value[key]) for key in WRITTEN_KEYS if value.get(key))
        for inner in value.values():
            yield from written_sql(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from written_sql(inner)


def _joined(filters: Iterable[dict[str, Any]]) -> Iterator[str]:
    """As a browser puts a chart's own filters of SQL together."""
    for clause in ("WHERE", "HAVING"):
        written = [one["sqlExpression"] for one in filters if one.get("clause") == clause and one.get("sqlExpression")]
        yield " AND ".join(f"({text})" for text in written)


def _is_clean(query: Any, known: frozenset[str], allowed: frozenset[str]) -> bool:
    asked = {name: value for name, value in vars(query).items() if name not in {"datasource", "applied_time_extras"}}
    if not set(written_sql(asked)) <= allowed:
        return False
    # A text that names nothing would be put into the query as it is.
    chosen = [*(query.columns or []), *(query.metrics or []), query.series_limit_metric]
    if not {one for one in chosen if isinstance(one, str)} <= known:
        return False
    labels = {one.get("label") for one in chosen if isinstance(one, dict)}
    ordered = [one[0] for one in query.orderby or [] if isinstance(one, list | tuple) and one]
    referred = {one for one in (*ordered, *(query.series_columns or [])) if isinstance(one, str)}
    return referred <= known | labels
