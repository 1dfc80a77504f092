"""dbt's models as assets, with keys and groups that mirror the folders, and its tests as checks of them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from dagster import AssetCheckSpec, AssetKey, AssetSpec, FreshnessPolicy
from dagster_dbt import DagsterDbtTranslator, build_dbt_asset_specs

from orchestration.manifest import MANIFEST

# Marts are refreshed at least every few minutes, since some of what they say depends on the time.
FRESH = FreshnessPolicy.time_window(fail_window=timedelta(minutes=30), warn_window=timedelta(minutes=15))


class Translator(DagsterDbtTranslator):
    """`marts/video/mart_video_summary.sql` is the asset of that path, in the group `marts_video`."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        return key_of(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        if dbt_resource_props["resource_type"] != "model":
            return str(dbt_resource_props["resource_type"])
        return "_".join(folders_of(dbt_resource_props))


def key_of(props: Mapping[str, Any]) -> AssetKey:
    match props["resource_type"]:
        case "source":
            return AssetKey([props["source_name"], props["name"]])
        case "seed":
            return AssetKey(["seeds", props["name"]])
        case _:
            return AssetKey([*folders_of(props), props["name"]])


def folders_of(props: Mapping[str, Any]) -> Sequence[str]:
    """Below `models/`."""
    return Path(props["original_file_path"]).parts[1:-1]


@cache
def manifest() -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(MANIFEST.read_bytes())
    return found


def model_specs() -> list[AssetSpec]:
    specs = build_dbt_asset_specs(manifest=manifest(), dagster_dbt_translator=Translator())
    return [spec.replace_attributes(freshness_policy=FRESH) if spec.key.path[0] == "marts" else spec for spec in specs]


def model_keys() -> dict[str, AssetKey]:
    """By the model's unique id."""
    return {
        name: key_of(node) for name, node in manifest()["nodes"].items() if node["resource_type"] in {"model", "seed"}
    }


def test_specs() -> dict[str, AssetCheckSpec]:
    """By the test's unique id: each a check of the model it is attached to, or of the first it looks at."""
    keys = model_keys()
    found = {}
    for name, node in manifest()["nodes"].items():
        if node["resource_type"] != "test":
            continue
        about = node.get("attached_node") or next((one for one in node["depends_on"]["nodes"] if one in keys), None)
        if about in keys:
            found[name] = AssetCheckSpec(node["name"], asset=keys[about], description=node.get("description") or None)
    return found


def source_specs() -> dict[str, AssetCheckSpec]:
    """By the source's unique id, where it says how often something comes."""
    return {
        name: AssetCheckSpec("fresh", asset=key_of(source), description="Whether something came of late.")
        for name, source in manifest()["sources"].items()
        if source["loaded_at_query"]
    }
