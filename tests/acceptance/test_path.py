"""One statement, from the client that sends it to the chart that shows it, and back out again when it is voided."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import httpx
import pytest
from playwright.sync_api import Browser

from core.credentials import NewCredential, create_credential
from core.people import give_password, sync_people
from core.secrets import SecretKey
from core.settings import Settings, load_settings
from local.cache import cache_folder
from local.home import Home
from tests.harness.browser import Opened, browser_fixture, signed_in
from tests.harness.database import Database
from tests.harness.events import event_body, make_lesson
from tests.harness.lrs import V1
from tests.harness.node import Driver, driving, install_packages
from tests.harness.servers import clean_environment
from tests.harness.statements import make_statement
from tests.harness.superset import PASSWORD, Superset
from tests.harness.topics import TopicHand
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.timeout(900)

SCHOOL, COURSE, LESSON = "school", "Algebra", "https://lms.example/lessons/sets"
ADA = {"objectType": "Agent", "mbox": "mailto:ada@school.example"}
INSTRUCTOR = f"{SCHOOL}/bob@school.example"
IN_TIME = 120
STORED = """
select exists (select from xapi.statement_references where target_id = statements.statement_id and is_voiding)
from xapi.statements where statement_id = %s
"""
ENROLLED = "select exists (select from lms.enrollments)"
REFRESHED = "select exists (select from marts.refreshes)"
FACTS = "select count(*) from marts.fct_statements where statement_id = %s"
MART = "select completed from marts.mart_course_completion where course_id = %s"
IN_LAKE = "select count(*) filter (where not is_voided), count(*) filter (where is_voided) from statements where {}"
FACTS_IN_LAKE = "select count(*) from fct_statements where {}"

browser = browser_fixture()


@dataclass(frozen=True)
class Way:
    """What looks at each place that the statement comes by."""

    settings: Settings
    database: Database
    home: Home
    opened: Opened

    def ask(self, query: str, *parameters: Any) -> Any:
        with self.database.admin() as connection:
            row = connection.execute(query, parameters).fetchone()
        return None if row is None else row[0]

    def records(self, statement_id: str) -> int:
        """In how many of the topic's records it is named."""
        topics = TopicHand(self.settings.kafka)
        return sum(statement_id.encode() in record.value for record in topics.records(topics.statements))

    def wait_for_mart(self, completed: int) -> None:
        wait_until(lambda: self.ask(MART, "algebra") == completed, IN_TIME, every=0.2)

    def in_lake(self, statement_id: str) -> tuple[int, ...]:
        """As a statement that counts, as a voided one, and as a fact."""
        lyceum(self.home, "lake", "export", "--tenant", SCHOOL)
        catalogue = self.home.folder / "lake" / SCHOOL / "catalogue.duckdb"
        this = f"statement_id = '{statement_id}'"
        with duckdb.connect(str(catalogue), read_only=True) as lake:
            rows = [lake.execute(query.format(this)).fetchone() for query in (IN_LAKE, FACTS_IN_LAKE)]
        return tuple(number for row in rows for number in row or ())

    def wait_for_chart(self, figure: str) -> None:
        def shows() -> bool:
            self.opened.open("course-overview")
            return self.opened.figure("Completion rate") == figure

        wait_until(shows, IN_TIME, every=0.5)


def lyceum(home: Home, *arguments: str) -> None:
    environment = clean_environment() | {"LYCEUM_HOME": str(home.folder)}
    command = [sys.executable, "-m", "cli", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    try:
        lyceum(home, "up", "--detach")
        yield home
    finally:
        lyceum(home, "down")


@pytest.fixture
def settings(home: Home) -> Settings:
    return load_settings({"LYCEUM_HOME": str(home.folder)}, home.folder).settings


@pytest.fixture
def database(settings: Settings) -> Database:
    return Database("timescaledb", settings.database, SecretKey(settings.secret_key))


@pytest.fixture
def client(settings: Settings, database: Database) -> Iterator[httpx.Client]:
    database.tenant(SCHOOL)
    with database.admin() as connection:
        new = NewCredential("content", ("all", "events/write"))
        issued = create_credential(connection, SCHOOL, new, database.key, settings.public_url)
    login = issued.credential.key_id, issued.secret
    headers = {"X-Experience-API-Version": V1}
    with httpx.Client(base_url=settings.public_url, auth=login, headers=headers, timeout=30) as client:
        client.headers["Authorization"] = "Basic " + base64.b64encode(":".join(login).encode()).decode()
        yield client


@pytest.fixture
def instructor(database: Database, client: httpx.Client) -> str:
    """Of a course with one lesson, which its one learner has not completed."""
    tell_of_course(client)
    with database.admin(autocommit=True) as connection:
        wait_until(lambda: connection.execute(ENROLLED).fetchone() == (True,), IN_TIME)
        sync_people(connection, SCHOOL)
        give_password(connection, INSTRUCTOR, PASSWORD)
    return INSTRUCTOR


@pytest.fixture
def xapi(settings: Settings, tmp_path: Path) -> Iterator[Driver]:
    packages = install_packages(cache_folder(settings), os.environ)
    with driving("driver.mjs", packages, tmp_path) as driver:
        yield driver


@pytest.fixture
def path(settings: Settings, database: Database, home: Home, instructor: str, browser: Browser) -> Iterator[Way]:
    superset = Superset(f"http://127.0.0.1:{settings.superset.port}", database, home.log("superset"))
    with signed_in(browser, superset, instructor) as opened:
        yield Way(settings, database, home, opened)


def tell_of_course(client: httpx.Client) -> None:
    module = {"moduleId": "one", "title": "One", "position": 1, "lessons": [make_lesson("sets", activityIri=LESSON)]}
    course = {
        "courseId": "algebra", "title": COURSE, "status": "published", "instructors": ["bob"], "modules": [module],
        "assessments": [],
    }  # fmt: skip
    bodies = [
        event_body("user.upserted", {"role": "instructor", "email": "bob@school.example"}, userId="bob"),
        event_body("user.upserted", {"role": "student", "email": "ada@school.example"}),
        event_body("course.upserted", course, userId=None),
        event_body("student.enrolled", {"courseId": "algebra"}),
    ]
    answer = client.post("/api/v1/events", json=bodies)
    assert answer.status_code == 200, answer.text


def test_path__of_one_statement_to_the_chart_and_out_again(path: Way, xapi: Driver, client: httpx.Client) -> None:
    config = {
        "endpoint": f"{path.settings.public_url}/xAPI/", "auth": client.headers["Authorization"], "version": V1,
    }  # fmt: skip
    statement_id = str(uuid4())
    wait_until(lambda: path.ask(REFRESHED) is True, IN_TIME, every=0.2)
    path.wait_for_mart(0)

    statement = make_statement(id=statement_id, actor=ADA, object={"id": LESSON}, result={"completion": True})
    sent = xapi(config=config, method="sendStatement", params={"statement": statement})
    assert sent["data"] == [statement_id], sent
    assert read(client, statement_id) == 200
    assert path.records(statement_id) == 1
    wait_until(lambda: path.ask(STORED, statement_id) is False, IN_TIME)
    path.wait_for_mart(1)
    assert path.ask(FACTS, statement_id) == 1
    assert path.in_lake(statement_id) == (1, 0, 1)
    path.wait_for_chart("100%")

    voided = xapi(config=config, method="voidStatement", params={"actor": ADA, "statementId": statement_id})
    assert voided["status"] == 200, voided
    wait_until(lambda: path.ask(STORED, statement_id) is True, IN_TIME)
    assert read(client, statement_id) == 404
    # In the topic both stay, the one that voids behind the other.
    assert path.records(statement_id) == 2
    path.wait_for_mart(0)
    assert path.ask(FACTS, statement_id) == 0
    assert path.in_lake(statement_id) == (0, 1, 0)
    path.wait_for_chart("0%")


def read(client: httpx.Client, statement_id: str) -> int:
    return client.get("/xAPI/statements", params={"statementId": statement_id}).status_code
