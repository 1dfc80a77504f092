"""Dagster's jobs and sensors, on a real database and Dagster's own storage in it."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from dagster import DagsterInstance, DagsterRunStatus, RunRequest, SkipReason, build_sensor_context

from core.settings import Settings
from orchestration.alerts import alert
from orchestration.definitions import defs
from orchestration.keeping import keep_marts, marts_are_kept, rest_after
from orchestration.pulse import BEAT_EVERY, BEGAN, DEAD_AFTER, DEAD_AFTER_RESTART, TAG, beating
from orchestration.rebuilding import tenants_are_known
from tests.harness.database import Database
from tests.harness.topics import TopicHand
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.timeout(300)


def run(instance: DagsterInstance, job: str, **given: Any) -> Any:
    return defs.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False, **given)


def test_watch__says_what_it_saw(surroundings: Settings, instance: DagsterInstance) -> None:
    done = run(instance, "watch")
    assert done.success
    seen = {one.check_name: one for one in done.get_asset_check_evaluations()}
    assert set(seen) >= {"ingest_lag", "ids_equal_statements", "dead_letters", "unmapped_share", "refresh_behind"}
    assert seen["ids_equal_statements"].passed
    assert seen["ids_equal_statements"].metadata["found"].value == 0


def test_watch__a_dead_letter_too_many_fails_with_what_to_do(
    surroundings: Settings, instance: DagsterInstance, database: Database
) -> None:
    with database.admin() as connection:
        connection.execute(
            "insert into ingest.dead_letters (reason, topic, topic_partition, record_offset, payload) "
            "select 'unreadable', 't', 0, n, '' from generate_series(1, 101) as n"
        )
    (found,) = (one for one in run(instance, "watch").get_asset_check_evaluations() if one.check_name == "dead_letters")
    assert (found.passed, found.metadata["found"].value) == (False, 101)
    assert "lyceum dead-letters list" in str(found.metadata["what to do"].value)


def test_check_marts__each_test_of_dbt_is_told(instance: DagsterInstance, database: Database) -> None:
    with database.admin() as connection:
        connection.execute(
            "insert into ingest.batches (source, created_at) values ('statements', now() - interval '2 days')"
        )
    told = list(run(instance, "check_marts").get_asset_check_evaluations())
    # Nothing ever came from the LMS here, so nothing is late.
    assert [("/".join(one.asset_key.path), one.check_name) for one in told if not one.passed] == [
        ("xapi/statements", "fresh")
    ]
    assert len(told) > 50


def test_upkeep__partitions_and_topics(surroundings: Settings, instance: DagsterInstance) -> None:
    assert not run(instance, "upkeep").success
    topics = TopicHand(surroundings.kafka)
    topics.create()
    assert run(instance, "upkeep").success
    topics.delete()


def test_sync_people__staff_of_every_tenant(instance: DagsterInstance, database: Database) -> None:
    for slug in ("school", "academy"):
        tenant = database.tenant(slug)
        with database.admin() as connection:
            connection.execute(
                "insert into lms.users (tenant_id, user_id, email, full_name, role, batch_id) "
                "values (%s, 'u1', 'Ann@school.example', 'Ann Lee', 'instructor', 0)",
                [tenant.tenant_id],
            )
    assert run(instance, "sync_people").success
    with database.admin() as connection:
        made = connection.execute("select user_name, role, source from control.people order by 1").fetchall()
    assert made == [
        ("academy/ann@school.example", "instructor", "lms"),
        ("school/ann@school.example", "instructor", "lms"),
    ]


def test_rebuild__one_tenant(surroundings: Settings, instance: DagsterInstance, database: Database) -> None:
    database.tenant("school")
    known = tenants_are_known(build_sensor_context(instance=instance))
    instance.add_dynamic_partitions("tenants", list(known.dynamic_partitions_requests[0].partition_keys))  # type: ignore[union-attr, index]
    assert set(instance.get_dynamic_partitions("tenants")) == {"school"}
    assert run(instance, "rebuild_tenant", partition_key="school").success
    with database.admin() as connection:
        modes = connection.execute("select mode from marts.refreshes order by finished_at").fetchall()
    assert [row[0] for row in modes] == ["full", "incremental", "tenant"]


def begin_run(instance: DagsterInstance) -> str:
    created = instance.create_run_for_job(keep_marts, status=DagsterRunStatus.STARTED)
    return created.run_id


def asked(instance: DagsterInstance) -> Any:
    return marts_are_kept(build_sensor_context(instance=instance))


def test_keeping__one_run_at_a_time_and_another_when_it_is_dead(instance: DagsterInstance) -> None:
    assert isinstance(asked(instance), RunRequest)
    run_id = begin_run(instance)
    with beating(instance, run_id):
        wait_until(lambda: TAG in tags(instance, run_id), BEAT_EVERY)
        assert isinstance(asked(instance), SkipReason)
    # As it is when its process was killed a while ago.
    instance.add_run_tags(run_id, {TAG: str(time.time() - DEAD_AFTER - 1)})
    assert isinstance(asked(instance), RunRequest)
    found = instance.get_run_by_id(run_id)
    assert found is not None
    assert found.status is DagsterRunStatus.FAILURE


@pytest.mark.parametrize(("seconds", "rest"), [(0.2, 1.0), (4.0, 4.0), (60.0, 10.0)])
def test_rest__as_long_again_but_not_for_ever(seconds: float, rest: float) -> None:
    assert rest_after(seconds) == rest


def test_keeping__after_a_restart_it_is_soon_known_who_is_gone(instance: DagsterInstance) -> None:
    """A run that has not been heard of since this code server began was the child of the one before."""
    run_id = begin_run(instance)
    instance.add_run_tags(run_id, {TAG: str(BEGAN - 1)})
    wait_until(lambda: isinstance(asked(instance), RunRequest), DEAD_AFTER_RESTART + 10)


def tags(instance: DagsterInstance, run_id: str) -> dict[str, str]:
    found = instance.get_run_by_id(run_id)
    assert found is not None
    return dict(found.tags)


class Hook(http.server.BaseHTTPRequestHandler):
    told: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        self.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


def test_alert__goes_to_the_address_that_is_set(
    surroundings: Settings, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LYCEUM_DAGSTER_ALERT_URL", hook)
    alert("a run failed", "for a reason")
    assert Hook.told == [{"subject": "a run failed", "text": "for a reason"}]
