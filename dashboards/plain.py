"""A chart's parameters as Superset keeps them -> what its file has to say of them."""

from collections.abc import Mapping
from typing import Any

from dashboards.asset import Chart, Dataset
from dashboards.bundle import dates_of, defaults

# Of the page on which a chart was edited, not of the chart; or said elsewhere in its file.
PAGE = frozenset({
    "dashboardId", "dashboards", "datasource", "extra_form_data", "force", "granularity_sqla", "label_colors",
    "map_label_colors", "own_color_scheme", "result_format", "result_type", "shared_label_colors", "slice_id",
    "slice_name", "time_range", "url_params", "viz_type", "dashboard_color_scheme",
})  # fmt: skip
# What its editor writes down although nobody touched it.
UNTOUCHED: Mapping[str, Any] = {
    "color_scheme": "supersetColors", "comparison_color_scheme": "Green", "comparison_type": "values",
    "currency_format": {}, "forecastInterval": 0.8, "forecastPeriods": 10, "markerSize": 6,
    "metric_name_font_size": 0.15, "only_total": True, "opacity": 0.2, "order_desc": True,
    "percent_metric_calculation": "row_limit", "percentage_threshold": 0, "rolling_type": "None", "seriesType": "line",
    "sort_by_metric": True, "sort_series_type": "sum", "subtitle_font_size": 0.15, "tooltipTimeFormat": "smart_date",
    "xAxisBounds": [None, None], "x_axis_sort_asc": True, "x_axis_sort_series": "name",
    "x_axis_sort_series_ascending": True, "x_axis_time_format": "smart_date", "x_axis_title_margin": 15,
    "y_axis_bounds": [None, None], "y_axis_format": "SMART_NUMBER", "y_axis_title_margin": 15,
    "y_axis_title_position": "Left",
}  # fmt: skip
NOTHING: tuple[Any, ...] = (None, "", [], {}, False)


def plain_params(params: Mapping[str, Any], viz: str, dataset: Dataset, before: Chart | None) -> dict[str, Any]:
    """What was in the file stays there, in its order, with the value of now; what is new comes after it."""
    usual = defaults().get(viz, {})
    said = dict(before.params) if before else {}
    now = _without_dates(params, dataset)
    kept = {key: now[key] for key in said if key in now}
    added = {
        key: value
        for key, value in now.items()
        if key not in said and key not in PAGE and value != usual.get(key) and not _is_untouched(key, value, usual)
    }
    return kept | added


def _is_untouched(key: str, value: Any, usual: Mapping[str, Any]) -> bool:
    return key not in usual and (value in NOTHING or value == UNTOUCHED.get(key))


def _without_dates(params: Mapping[str, Any], dataset: Dataset) -> dict[str, Any]:
    """Without the filter that puts it under the dashboard's dates: publishing adds that."""
    dates = dates_of(dataset)
    filters = [_narrow(one) for one in params.get("adhoc_filters") or []]
    return {**params, "adhoc_filters": [one for one in filters if one != dates]} if filters else dict(params)


def _narrow(one: Mapping[str, Any]) -> dict[str, Any]:
    dropped = {"filterOptionName", "isExtra", "isNew", "operatorId", "sqlExpression", "datasourceWarning"}
    return {key: value for key, value in one.items() if key not in dropped or (key == "sqlExpression" and value)}
