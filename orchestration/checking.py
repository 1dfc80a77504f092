"""dbt's own tests, run whole at night and on demand: each outcome is a check of the model or source it is about."""

from collections.abc import Iterator

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    multi_asset_check,
)

from orchestration.catalogue import source_specs, test_specs
from orchestration.dbt import Dbt, Verdict
from orchestration.surroundings import settings


def checking() -> AssetChecksDefinition:
    specs = test_specs() | source_specs()

    @multi_asset_check(name="dbt_tests", specs=list(specs.values()))
    def check(_: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
        dbt = Dbt(settings())
        for verdict in (*dbt.test(), *dbt.look_at_sources()):
            if verdict.unique_id in specs:
                yield _result(specs[verdict.unique_id], verdict)

    return check


def _result(spec: AssetCheckSpec, verdict: Verdict) -> AssetCheckResult:
    return AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=verdict.status == "pass",
        severity=AssetCheckSeverity.WARN if verdict.status == "warn" else AssetCheckSeverity.ERROR,
        metadata={"rows": verdict.rows, "seconds": verdict.seconds, "said": verdict.said or verdict.status},
    )
