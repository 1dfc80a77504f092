"""dbt's own tests, run whole at night and on demand: each one's outcome is a check of the model that it is about."""

from collections.abc import Iterator

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    multi_asset_check,
)

from orchestration.catalogue import test_specs
from orchestration.refresh import run_tests
from orchestration.surroundings import settings


def checking() -> AssetChecksDefinition:
    specs = test_specs()

    @multi_asset_check(name="dbt_tests", specs=list(specs.values()))
    def check(_: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
        for outcome in run_tests(settings()):
            spec = specs.get(outcome.unique_id)
            if spec is None:
                continue
            passed = outcome.status in {"pass", "warn"}
            yield AssetCheckResult(
                asset_key=spec.asset_key,
                check_name=spec.name,
                passed=passed,
                severity=AssetCheckSeverity.ERROR if outcome.status in {"error", "fail"} else AssetCheckSeverity.WARN,
                metadata={
                    "rows": outcome.failures or 0,
                    "seconds": outcome.seconds,
                    "said": outcome.message or outcome.status,
                },
            )

    return check
