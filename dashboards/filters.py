"""A dashboard's filters -> Superset's native filters."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.asset import Filter
from dashboards.layout import ROOT


def native_filters(
    filters: Sequence[Filter], dataset_uuids: Mapping[str, str], left_alone: Mapping[str, Sequence[int]]
) -> list[dict[str, Any]]:
    """`left_alone`: by a filter's label, the charts that it does not apply to."""
    return [_native(one, dataset_uuids, left_alone[one.label]) for one in filters]


def filter_id(label: str) -> str:
    return f"NATIVE_FILTER-{label.lower().replace(' ', '-')}"


def _native(one: Filter, dataset_uuids: Mapping[str, str], excluded: Sequence[int]) -> dict[str, Any]:
    kind = _dates(one) if one.column is None else _select(one, dataset_uuids)
    return {
        "id": filter_id(one.label),
        "type": "NATIVE_FILTER",
        "name": one.label,
        "description": one.about,
        "cascadeParentIds": [filter_id(parent) for parent in one.under],
        "scope": {"rootPath": [ROOT], "excluded": list(excluded)},
        **kind,
    }


def _dates(one: Filter) -> dict[str, Any]:
    state = {"extraFormData": {"time_range": one.default}, "filterState": {"value": one.default}}
    return {"filterType": "filter_time", "targets": [{}], "controlValues": {}, "defaultDataMask": state}


def _select(one: Filter, dataset_uuids: Mapping[str, str]) -> dict[str, Any]:
    first = one.default == "first"
    native: dict[str, Any] = {
        "filterType": "filter_select",
        # Applied as soon as it is known, without a click.
        "requiredFirst": first,
        "targets": [{"datasetUuid": dataset_uuids[one.dataset], "column": {"name": one.column}}],
        "controlValues": {
            "multiSelect": one.many,
            "defaultToFirstItem": first,
            "enableEmptyFilter": first,
            "sortAscending": not one.order,
            "searchAllOptions": False,
            "inverseSelection": False,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
    }
    if one.order:
        native["sortMetric"] = one.order
    if one.default is not None and not first:
        native["defaultDataMask"] = _chosen(one, [one.default])
    return native


def _chosen(one: Filter, values: list[Any]) -> dict[str, Any]:
    held = {"filters": [{"col": one.column, "op": "IN", "val": values}]}
    return {"extraFormData": held, "filterState": {"value": values}}
