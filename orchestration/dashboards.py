"""Publishes the dashboards after the marts they are made from, whenever their files say something new."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    DefaultSensorStatus,
    MaterializeResult,
    RetryPolicy,
    RunRequest,
    SensorEvaluationContext,
    SkipReason,
    define_asset_job,
    multi_asset,
    sensor,
)

from dashboards.publish import publish
from dashboards.reading import ASSETS
from orchestration.catalogue import manifest, model_keys
from orchestration.status import read_status
from orchestration.surroundings import settings, variables


@cache
def dashboard_specs() -> tuple[AssetSpec, ...]:
    """As dbt's exposures name them, and what they depend on."""
    keys = model_keys()
    return tuple(
        AssetSpec(
            AssetKey(["dashboards", said["name"]]),
            deps=[keys[node] for node in said["depends_on"]["nodes"] if node in keys],
            description=said["description"],
            group_name="dashboards",
            kinds={"superset"},
        )
        for said in manifest()["exposures"].values()
    )


@multi_asset(specs=dashboard_specs(), name="dashboards", retry_policy=RetryPolicy(max_retries=3, delay=30))
def dashboards(context: AssetExecutionContext) -> Iterator[MaterializeResult[None]]:
    """All at once: it is one bundle, whole or not at all."""
    done = publish(settings(), variables())
    context.log.info(f"added {done.added}, changed {done.changed}, removed {done.removed}")
    for spec in dashboard_specs():
        yield MaterializeResult(asset_key=spec.key, metadata={"changed": len(done.added) + len(done.changed)})


publish_dashboards = define_asset_job(
    "publish_dashboards", [dashboards], description="What the files say, in Superset."
)


@sensor(job=publish_dashboards, minimum_interval_seconds=60, default_status=DefaultSensorStatus.RUNNING)
def dashboards_follow_their_files(_context: SensorEvaluationContext) -> SkipReason | RunRequest:
    """Once for each state of the files, and not before there are marts."""
    if read_status(settings()).as_of is None:
        return SkipReason("the marts were never made")
    return RunRequest(run_key=digest(ASSETS))


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.*")):
        found.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
