"""What has to be done from time to time: partitions and retention, topics, people, the lake."""

from dagster import Failure, OpExecutionContext, RetryPolicy, job, op

from core.errors import UserError
from core.kafka import BrokerUnreachableError
from core.people import sync_everybody
from core.topics import require_topics
from ingest.maintenance import maintain
from lake.export import export
from orchestration.surroundings import connected, settings

TRY_AGAIN = RetryPolicy(max_retries=2, delay=30)


@op(retry_policy=TRY_AGAIN)
def keep_partitions(context: OpExecutionContext) -> None:
    with connected("ingest") as connection:
        done = maintain(connection)
    context.log.info(
        f"{done.partitions} partitions made ahead, {done.forgotten} statements forgotten, {done.chunks} chunks dropped"
    )


@op(retry_policy=TRY_AGAIN)
def look_at_topics(context: OpExecutionContext) -> None:
    if settings().kafka.bootstrap is None:
        context.log.info("no broker is configured")
        return
    try:
        states = require_topics(settings().kafka)
    except BrokerUnreachableError:
        raise
    except UserError as error:
        # Waiting does not mend it.
        raise Failure(str(error), allow_retries=False) from error
    for state in states.values():
        context.log.info(f"{state.name}: {state.partitions} partitions, as it must be")


@op(retry_policy=TRY_AGAIN)
def write_lake(context: OpExecutionContext) -> None:
    for one in export(settings()):
        context.log.info(f"{one}")


@op(retry_policy=TRY_AGAIN)
def follow_staff(context: OpExecutionContext) -> None:
    with connected("ingest") as connection:
        for slug, done in sync_everybody(connection).items():
            context.log.info(f"{slug}: {done.made} made, {done.changed} changed, {done.ended} ended")


@job(tags={"lyceum/upkeep": "people"})
def sync_people() -> None:
    """People who look at dashboards, from the staff that the LMS tells of."""
    follow_staff()


@job(tags={"lyceum/upkeep": "lake"})
def export_lake() -> None:
    """Parquet files of what has changed since the last time."""
    write_lake()


@job(tags={"lyceum/upkeep": "upkeep"})
def upkeep() -> None:
    """Partitions ahead of time, retention of tenants, and whether topics are set up as they must be."""
    keep_partitions()
    look_at_topics()
