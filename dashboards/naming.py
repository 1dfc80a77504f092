"""What a chart's parameters, or a piece of SQL, name of a dataset."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

ONE_OR_MANY = (
    "all_columns", "columns", "entity", "groupby", "groupby_b", "groupbyColumns", "groupbyRows", "metric", "metrics",
    "metrics_b", "percent_metrics", "secondary_metric", "series", "size", "timeseries_limit_metric", "x", "x_axis",
    "x_axis_sort", "y",
)  # fmt: skip
TEXT = re.compile(r"'(?:[^']|'')*'")
TYPE = re.compile(r"::\s*[a-z_]+(\s+(precision|with time zone|without time zone))?")
NAME = re.compile(r"(?<![\w.\"])[a-z_][a-z_0-9]*(?![\w.])(?!\s*(?:\(|=>))")
# Each of the words of SQL that expressions here may hold.
KEYWORDS = frozenset({
    "and", "any", "as", "asc", "at", "between", "by", "case", "desc", "distinct", "double", "else", "end", "false",
    "filter", "first", "from", "group", "in", "interval", "is", "last", "like", "not", "null", "nulls", "or", "order",
    "over", "partition", "precision", "then", "time", "true", "when", "where", "with", "within", "zone",
})  # fmt: skip


def names_in_sql(sql: str) -> set[str]:
    bare = TYPE.sub("", TEXT.sub("", sql.lower()))
    return set(NAME.findall(bare)) - KEYWORDS


def named_by_chart(params: Mapping[str, Any]) -> set[str]:
    return {name for name in _named(params) if name}


def _named(params: Mapping[str, Any]) -> Iterator[str]:
    for key in ONE_OR_MANY:
        value = params.get(key)
        yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))
    for one in params.get("adhoc_filters", []):
        if one.get("expressionType") == "SIMPLE":
            yield str(one["subject"])
    yield from (json.loads(order)[0] for order in params.get("order_by_cols", []))
    yield from params.get("column_config", {})
