"""One tenant's marts made anew from all its rows, or all of them: when somebody doubts, or a definition has changed."""

from dagster import (
    DefaultSensorStatus,
    DynamicPartitionsDefinition,
    OpExecutionContext,
    SensorEvaluationContext,
    SensorResult,
    job,
    op,
    sensor,
)

from orchestration.refresh import refresh
from orchestration.surroundings import connected, settings

TENANTS = DynamicPartitionsDefinition(name="tenants")


@op
def rebuild_tenant_marts(context: OpExecutionContext) -> None:
    done = refresh(settings(), tenant=context.partition_key)
    context.log.info(f"{context.partition_key}: in {done.seconds:.1f} s, batches through {done.window.through_number}")


@op
def rebuild_marts(context: OpExecutionContext) -> None:
    done = refresh(settings(), full=True)
    context.log.info(f"{len(done.rebuilt)} tables made anew in {done.seconds:.1f} s")


@job(partitions_def=TENANTS)
def rebuild_tenant() -> None:
    """One tenant's marts made anew, others untouched. A backfill over several does one after the other."""
    rebuild_tenant_marts()


@job
def rebuild_all() -> None:
    """All marts made anew."""
    rebuild_marts()


@sensor(job=rebuild_tenant, minimum_interval_seconds=60, default_status=DefaultSensorStatus.RUNNING)
def tenants_are_known(context: SensorEvaluationContext) -> SensorResult:
    """Keeps the list of partitions; starts nothing."""
    with connected("transform") as connection:
        slugs = {row[0] for row in connection.execute("select slug from control.tenants")}
    known = set(context.instance.get_dynamic_partitions("tenants"))
    add = [TENANTS.build_add_request(sorted(slugs - known))] if slugs - known else []
    delete = [TENANTS.build_delete_request(sorted(known - slugs))] if known - slugs else []
    return SensorResult(dynamic_partitions_requests=[*add, *delete])
