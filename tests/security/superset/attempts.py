"""The attempts: what an instructor, or somebody of another tenant, may try at a dataset."""

from collections.abc import Iterator
from typing import Any

from tests.security.superset.knocking import Dataset, Door, Payload

COUNT = {"expressionType": "SQL", "sqlExpression": "COUNT(*)", "label": "n"}
EVERYTHING = "select * from marts.dim_learner"
# Each of these runs a query that stands in a text, where no row filter comes to it.
RUNNERS = (
    f"query_to_xml('{EVERYTHING}', true, true, '')::text",
    "table_to_xml('marts.dim_learner', true, true, '')::text",
    "schema_to_xml('lms', true, true, '')::text",
    f"ts_stat('select to_tsvector(name) from ({EVERYTHING}) as x')::text",
    f"(xpath('//name/text()', query_to_xml('{EVERYTHING}', true, true, '')))::text",
)
SUBQUERIES = (
    "(select string_agg(name, ',') from marts.dim_learner)",
    "(select count(*) from marts.mart_learner_summary)",
    "(with x as (select * from marts.dim_learner) select max(name) from x)",
)
BROKEN_OUT = (
    "1 = 1) or (1 = 1",
    "true or true",
    "1 = 1) union select * from marts.dim_learner --",
    "course_id is not null or 1 = 1 --",
    "/* */ 1 = 1) or ( /* */ 1 = 1",
    "{{ current_username() }} is not null",
    "'{{ taught_by() }}' = '' or true",
    "exists (select from marts.dim_learner)",
    "course_id in (select course_id from marts.dim_course)",
)


def sql(text: str, label: str = "x") -> dict[str, Any]:
    return {"expressionType": "SQL", "sqlExpression": text, "label": label}


def chosen(door: Door) -> list[str]:
    return list(door.dataset.columns)


def whose(door: Door) -> Payload:
    """Whose rows come, of all there are: few to send and to read."""
    return {"columns": [one for one in ("tenant_id", "course_id") if one in door.dataset.columns], "metrics": [COUNT]}


def plain(door: Door, foreign_courses: list[str]) -> Iterator[tuple[str, Payload]]:
    """What a browser may send: everything there is, narrowed and turned in every way."""
    columns = chosen(door)
    yield "all", door.ask({"columns": columns})
    yield "all, from the cache", door.ask({"columns": columns}, force=False)
    yield "drill to detail", door.ask({"columns": []}, result_type="drill_detail")
    yield "samples", door.ask({"columns": columns}, result_type="samples")
    yield "as CSV", door.ask({"columns": columns}, result_format="csv")
    yield "its SQL", door.ask({"columns": columns}, result_type="query")
    yield "with no limit", door.ask(whose(door) | {"row_limit": 0})
    yield "by the far end", door.ask({"columns": columns, "row_offset": 100})
    if "course_id" in columns:
        for value in (foreign_courses, foreign_courses[:1]):
            yield (
                f"of {len(value)} foreign courses",
                door.ask({"columns": columns, "filters": [{"col": "course_id", "op": "IN", "val": value}]}),
            )
        yield (
            "of no course that is theirs",
            door.ask(whose(door) | {"filters": [{"col": "course_id", "op": "NOT IN", "val": ["linear"]}]}),
        )
        yield (
            "of courses that are like any",
            door.ask(whose(door) | {"filters": [{"col": "course_id", "op": "LIKE", "val": "%"}]}),
        )
        yield (
            "of courses by an injected value",
            door.ask({"columns": columns, "filters": [{"col": "course_id", "op": "IN", "val": ["x') or (1 = 1) --"]}]}),
        )
        yield (
            "of courses by a template",
            door.ask({"columns": columns, "filters": [{"col": "course_id", "op": "==", "val": "{{ taught_by() }}"}]}),
        )
        yield "largest course", door.ask(
            {"columns": [], "metrics": [{"expressionType": "SIMPLE", "column": {"column_name": "course_id"},
                                         "aggregate": "MAX", "label": "course_id"}]}
        )  # fmt: skip


def written(door: Door) -> Iterator[tuple[str, Payload]]:
    """SQL of one's own, wherever a query has room for it."""
    for number, text in enumerate((*RUNNERS, *SUBQUERIES), 1):
        yield f"metric {number}", door.ask({"metrics": [sql(text)]})
        yield f"column {number}", door.ask({"columns": [sql(text)]})
        yield f"bare column {number}", door.ask({"columns": [text], "metrics": [COUNT]})
    for number, text in enumerate(BROKEN_OUT, 1):
        yield f"where {number}", door.ask({"columns": chosen(door), "extras": {"where": text}})
        yield f"having {number}", door.ask({"metrics": [COUNT], "extras": {"having": text}})
    yield "order", door.ask({"columns": chosen(door), "orderby": [[sql(RUNNERS[0]), True]]})
    yield "filter", door.ask({"columns": chosen(door), "filters": [{"col": sql(RUNNERS[0]), "op": "IS NOT NULL"}]})
    yield "series", door.ask({"columns": chosen(door), "series_limit": 3, "series_limit_metric": sql(RUNNERS[0])})
    yield "label", door.ask({"columns": [sql("course_id", RUNNERS[0]), RUNNERS[0]], "metrics": [COUNT]})


def by_other_doors(door: Door, foreign_dashboards: list[int]) -> Iterator[tuple[str, Payload]]:
    """The same rows, with forged papers."""
    query = whose(door)
    yield "no papers", door.ask(query, {})
    yield "a chart without a dashboard", door.ask(query, {"slice_id": door.chart})
    yield "a dashboard without a chart", door.ask(query, {"dashboardId": door.dashboard, "slice_id": 999_999})
    yield "another dataset's chart", door.ask(query, {"dashboardId": door.dashboard, "slice_id": door.chart + 1})
    yield (
        "drill by",
        door.ask(
            query, {"dashboardId": door.dashboard, "slice_id": 0, "chart_id": door.chart, "groupby": query["columns"]}
        ),
    )
    yield (
        "a filter that is none",
        door.ask(
            query, {"dashboardId": door.dashboard, "type": "NATIVE_FILTER", "native_filter_id": "NATIVE_FILTER-x"}
        ),
    )
    for number in foreign_dashboards:
        yield f"dashboard {number}", door.ask(query, {"dashboardId": number, "slice_id": door.chart})
    for kind in ("query", "saved_query", "sl_table"):
        yield f"as {kind}", door.ask(query) | {"datasource": {"id": door.dataset.number, "type": kind}}


def closed(dataset: Dataset, door: Door) -> Iterator[tuple[str, Payload]]:
    """A dataset that no dashboard of theirs shows, with the papers of one that does."""
    other = Door(dataset, door.chart, door.dashboard)
    yield f"{dataset.name} by {door.dataset.name}", other.ask({"columns": list(dataset.columns)})
    yield f"{dataset.name} without papers", other.ask({"columns": list(dataset.columns)}, {})
