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

from core.settings import Settings
from orchestration.catalogue import model_keys
from orchestration.dbt import Dbt
from orchestration.pulse import beating, is_dead
from orchestration.refresh import MartsBusyError, RefreshResult, refresh
from orchestration.surroundings import connected, settings

LIFE = timedelta(hours=6)
LOOK_EVERY = 1.0
# Others have the machine for half of the time, but nobody waits much longer for that.
REST_AT_MOST = 10.0
# What depends on the time is brought up to date this often, also if nothing comes.
AT_LEAST_EVERY = timedelta(minutes=5)
# What Dagster keeps of refreshes it keeps for ever: not every one of them.
TELL_EVERY = 300.0
ONE_AT_A_TIME = {"lyceum/marts": "refresh"}
UNDER_WAY = [DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]

IS_DUE = """
select exists (
    select from ingest.batches where number is null or number > (select through_number from intermediate.position)
) or not exists (
    select from marts.refreshes where tenant_id is null and as_of > now() - %s
)
"""


@op(retry_policy=RetryPolicy(max_retries=3, delay=5))
def take_in(context: OpExecutionContext) -> None:
    """Until this run is old: the next one goes on from the same position."""
    current = settings()
    dbt, ends, told_at = Dbt(current), time.monotonic() + LIFE.total_seconds(), 0.0
    with beating(context.instance, context.run_id):
        while time.monotonic() < ends:
            began = time.monotonic()
            done = _refresh_if_due(context, current, dbt)
            if done is not None and began - told_at > TELL_EVERY:
                told_at = began
                for event in _events(done):
                    context.log_event(event)
            time.sleep(rest_after(time.monotonic() - began))


def rest_after(seconds: float) -> float:
    return min(max(LOOK_EVERY, seconds), REST_AT_MOST)


def _refresh_if_due(context: OpExecutionContext, current: Settings, dbt: Dbt) -> RefreshResult | None:
    with connected("transform") as connection:
        row = connection.execute(IS_DUE, [AT_LEAST_EVERY]).fetchone()
    if row is None or not row[0]:
        return None
    try:
        return refresh(current, dbt=dbt)
    except MartsBusyError:
        context.log.info("somebody else refreshes the marts")
        return None


def _events(done: RefreshResult) -> Iterator[AssetMaterialization]:
    said: dict[str, str | int | float] = {
        "batches through": done.window.through_number,
        "as of": done.window.as_of.isoformat(),
        "seconds": done.seconds,
    }
    for key in model_keys().values():
        if key.path[0] == "marts":
            yield AssetMaterialization(key, metadata=said)


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
