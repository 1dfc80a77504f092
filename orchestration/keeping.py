"""Keeps the marts fresh: one run that stays, and takes in what comes every few seconds.

A run for each small batch would cost many times what the batch does. So a run lives for a while, is started again by a
sensor when it is over or has died, and is seen, stopped and alerted on like any other.
"""

import time
from collections.abc import Iterator
from datetime import timedelta

from dagster import (
    AssetMaterialization,
    DagsterRunStatus,
    DefaultSensorStatus,
    OpExecutionContext,
    RetryPolicy,
    RunRequest,
    RunsFilter,
    SensorEvaluationContext,
    SkipReason,
    job,
    op,
    sensor,
)

from orchestration.catalogue import model_keys
from orchestration.pulse import beating, is_dead
from orchestration.refresh import Refreshed, is_due, refresh
from orchestration.surroundings import settings

LIFE = timedelta(hours=6)
LOOK_EVERY = 1.0
# What depends on the time of day is brought up to date this often, also if nothing comes.
AT_LEAST_EVERY = timedelta(minutes=5)
ONE_AT_A_TIME = {"lyceum/marts": "refresh"}
UNDER_WAY = [DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]


@op(retry_policy=RetryPolicy(max_retries=3, delay=5))
def take_in(context: OpExecutionContext) -> None:
    """Until this run is old: the next one goes on from the same position."""
    ends = time.monotonic() + LIFE.total_seconds()
    with beating(context.instance, context.run_id):
        while time.monotonic() < ends:
            if is_due(settings(), AT_LEAST_EVERY):
                for event in _events(refresh(settings())):
                    context.log_event(event)
            time.sleep(LOOK_EVERY)


def _events(done: Refreshed) -> Iterator[AssetMaterialization]:
    keys = model_keys()
    for model in done.models:
        if model.rows and model.unique_id in keys:
            yield AssetMaterialization(
                keys[model.unique_id],
                metadata={
                    "rows": model.rows,
                    "seconds": model.seconds,
                    "batches through": done.through,
                    "as of": done.as_of.isoformat(),
                },
            )


@job(tags=ONE_AT_A_TIME)
def keep_marts() -> None:
    """Take in what new batches touch, for as long as it runs."""
    take_in()


@sensor(job=keep_marts, minimum_interval_seconds=15, default_status=DefaultSensorStatus.RUNNING)
def marts_are_kept(context: SensorEvaluationContext) -> SkipReason | RunRequest:
    """Starts `keep_marts` when no run of it is under way; one that has died without a word is given up first."""
    for record in context.instance.get_run_records(RunsFilter(job_name=keep_marts.name, statuses=UNDER_WAY)):
        if not is_dead(record.dagster_run, record.start_time or record.create_timestamp.timestamp()):
            return SkipReason("a run is under way")
        context.instance.report_run_failed(record.dagster_run, "Nothing was heard of it: its process was killed.")
    return RunRequest()
