"""The door for domain events."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.settings import Settings
from core.tenants import Tenant
from local.ports import find_free
from tests.harness.database import Database
from tests.harness.events import event_body
from tests.harness.lrs import Lrs, running_lrs

pytestmark = pytest.mark.both_databases

ENROLLED = {"courseId": "algebra"}
USER = {"role": "student", "email": "ada@school.example"}


@pytest.fixture
def lrs(server: Settings, database: Database, tmp_path: Path) -> Iterator[Lrs]:
    with running_lrs(server, database, find_free(set()), tmp_path / "lrs.log") as lrs:
        yield lrs


@pytest.fixture
def school(database: Database) -> Tenant:
    return database.tenant("school")


def post(lrs: Lrs, client: httpx.Client, *bodies: dict[str, Any], **options: Any) -> httpx.Response:
    return client.post(f"{lrs.url}/api/v1/events", json=list(bodies), **options)


def ask(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.service("ingest") as connection:
        return connection.execute(query).fetchall()


def test_post__events_are_applied_for_the_credentials_tenant(database: Database, lrs: Lrs, school: Tenant) -> None:
    database.tenant("other")
    user, enrolled = event_body("user.upserted", USER), event_body("student.enrolled", ENROLLED)
    with lrs.client(school, ["events/write"], version=None) as client:
        answer = post(lrs, client, user, enrolled, {**user, "tenantId": "school"})
        again = post(lrs, client, {**user, "tenantId": str(school.tenant_uuid)})
    assert (answer.status_code, answer.json()) == (200, [user["eventId"], enrolled["eventId"], user["eventId"]])
    assert again.status_code == 200
    assert ask(database, "select tenant_id, user_id from lms.users") == [(school.tenant_id, "ada")]
    assert ask(database, "select awaited_kind from lms.waiting_events") == [("course",)]
    batches = "select tenant_id from ingest.batches inner join ingest.batch_tenants using (batch_id)"
    assert ask(database, f"{batches} where source = 'events'") == [(school.tenant_id,)] * 2


def test_post__all_or_none_and_the_wrong_property_by_its_path(database: Database, lrs: Lrs, school: Tenant) -> None:
    wrong = event_body("student.enrolled", {**ENROLLED, "dueAt": "soon"})
    with lrs.client(school, ["events/write"]) as client:
        answer = post(lrs, client, event_body("user.upserted", USER), wrong)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_event")
    assert answer.json()["path"] == "events[1].payload.dueAt"
    assert ask(database, "select count(*) from lms.users") == [(0,)]


def test_post__another_tenants_event_is_refused(database: Database, lrs: Lrs, school: Tenant) -> None:
    other = database.tenant("other")
    with lrs.client(school, ["events/write"]) as client:
        for name in ("other", str(other.tenant_uuid), "nobody"):
            answer = post(lrs, client, event_body("user.upserted", USER, tenantId=name))
            assert (answer.status_code, answer.json()["error"]) == (403, "tenant")
    assert ask(database, "select count(*) from lms.users") == [(0,)]


@pytest.mark.parametrize(
    ("scopes", "binding", "status"),
    [
        (["events/write"], {}, 200),
        (["all", "events/write"], {}, 200),
        (["all"], {}, 403),
        (["statements/write"], {}, 403),
        (["events/write"], {"bound_actor": {"mbox": "mailto:ada@school.example"}}, 403),
    ],
)
def test_post__needs_its_scope_and_no_learners_key(
    lrs: Lrs, school: Tenant, scopes: list[str], binding: dict[str, Any], status: int
) -> None:
    with lrs.client(school, scopes, **binding) as client:
        assert post(lrs, client, event_body("user.upserted", USER)).status_code == status


def test_post__what_is_no_list_of_events(lrs: Lrs, school: Tenant) -> None:
    with lrs.client(school, ["events/write"]) as client:
        address = f"{lrs.url}/api/v1/events"
        assert client.post(address, json={}).json()["path"] == "events"
        assert client.post(address, content=b"[]", headers={"Content-Type": "text/csv"}).status_code == 400
        assert client.post(address, json=[]).json() == []
        assert client.get(address).status_code == 405
        assert httpx.post(address, json=[]).status_code == 401


def test_post__the_next_one_after_the_database_was_away_is_written(
    database: Database, lrs: Lrs, school: Tenant
) -> None:
    with lrs.client(school, ["events/write"]) as client:
        assert post(lrs, client, event_body("user.upserted", USER)).status_code == 200
        with database.admin(autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                "where usename = 'lyceum_lrs' and datname = current_database()"
            )
        answers = [post(lrs, client, event_body("user.upserted", USER, userId="bob")).status_code for _ in range(2)]
    assert answers[-1] == 200
    assert ask(database, "select count(*) from lms.users") == [(2,)]
