"""The code location: all that Dagster knows of Lyceum. To load it takes no network, no secret and no database."""

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    Definitions,
    ScheduleDefinition,
    define_asset_job,
    in_process_executor,
)

from orchestration.alerts import tell_of_failures
from orchestration.catalogue import model_specs
from orchestration.checking import checking
from orchestration.dashboards import dashboards, dashboards_follow_their_files, publish_dashboards
from orchestration.keeping import keep_marts, marts_are_kept
from orchestration.rebuilding import rebuild_all, rebuild_tenant, tenants_are_known
from orchestration.sources import tables, topics
from orchestration.upkeep import export_lake, sync_people, upkeep
from orchestration.watching import watching

LOOKS, TESTS = watching(), checking()

watch = define_asset_job(
    "watch", AssetSelection.checks(*LOOKS), description="Lag, counts, dead letters, what is unmapped."
)
check_marts = define_asset_job(
    "check_marts", AssetSelection.checks(TESTS), description="All of dbt's tests, on all there is."
)


def _every(job: object, cron: str) -> ScheduleDefinition:
    return ScheduleDefinition(job=job, cron_schedule=cron, default_status=DefaultScheduleStatus.RUNNING)  # type: ignore[arg-type]


defs = Definitions(
    assets=[*topics(), *tables(), *model_specs(), dashboards],
    asset_checks=[*LOOKS, TESTS],
    jobs=[
        keep_marts,
        rebuild_tenant,
        rebuild_all,
        upkeep,
        sync_people,
        export_lake,
        watch,
        check_marts,
        publish_dashboards,
    ],
    schedules=[
        _every(watch, "*/10 * * * *"),
        _every(upkeep, "17 * * * *"),
        _every(sync_people, "27 * * * *"),
        _every(export_lake, "47 * * * *"),
        _every(check_marts, "40 3 * * *"),
    ],
    sensors=[marts_are_kept, tenants_are_known, dashboards_follow_their_files, tell_of_failures],
    executor=in_process_executor,
)
