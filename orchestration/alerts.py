"""Tells somebody that a run failed: in the log, and by a POST to an address, where one is set."""

import json
from urllib.request import Request, urlopen

import structlog
from dagster import DefaultSensorStatus, RunFailureSensorContext, run_failure_sensor

from orchestration.surroundings import settings

WITHIN_SECONDS = 10

log = structlog.get_logger("orchestration")


def alert(subject: str, text: str) -> None:
    """The one place through which people are told: what notifies them otherwise, later, hooks in here."""
    log.error(subject, text=text)
    address = settings().dagster.alert_url
    if address is not None:
        body = json.dumps({"subject": subject, "text": text}).encode()
        request = Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 - the operator's own
        with urlopen(request, timeout=WITHIN_SECONDS):  # noqa: S310
            pass


@run_failure_sensor(default_status=DefaultSensorStatus.RUNNING, minimum_interval_seconds=15)
def tell_of_failures(context: RunFailureSensorContext) -> None:
    run = context.dagster_run
    alert(f"Lyceum: the job {run.job_name} failed", f"{context.failure_event.message} (run {run.run_id})")
