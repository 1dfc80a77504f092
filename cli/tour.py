"""`lyceum demo tour`: the path of one statement, looked at wherever it comes by."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.request import Request, urlopen

import msgspec
from psycopg import Connection

from cli.context import out, say, settings
from cli.dashboard_session import DashboardSession
from cli.demo_logins import SCHOOL, Logins, read_logins
from cli.example_statement import VERSION, Example, busiest_course, curl, find_example, newcomer
from cli.topic_records import Tail, tailing
from core.database.address import connect_admin
from core.envelope import unseal
from core.errors import UserError
from core.settings import Settings
from core.topics import topic_names
from local.home import Home
from orchestration.status import read_status
from simulator.demo import Files
from simulator.sinks.http import Credential

TIMEOUT = 30
LOOK_EVERY = 0.2
IN_TABLE_WITHIN = 60.0
# Dagster refreshes every few seconds; where it does not, the tour does.
PATIENCE_WITH_DAGSTER = 90.0
IN_MARTS_WITHIN = 240.0
ON_CHART_WITHIN = 60.0
CHART = "Where do learners drop off?"
DASHBOARD = "course-overview"

IN_TABLE = """
select statements.stored, statements.batch_id, statements.tableoid::regclass::text
from xapi.statement_ids as ids inner join xapi.statements using (tenant_id, stored, statement_id)
where ids.tenant_id = %s and ids.statement_id = %s
"""
FACT = """
select facts.kind, courses.title, lessons.title
from marts.fct_statements as facts
inner join marts.dim_course as courses using (tenant_id, course_id)
inner join marts.dim_lesson as lessons using (tenant_id, lesson_id)
where facts.tenant_id = %s and facts.statement_id = %s
"""
TAKEN_IN = """
select true from marts.refreshes inner join ingest.batches on batches.batch_id = %s
where refreshes.tenant_id is null and refreshes.through_number >= batches.number limit 1
"""
FIGURES = """
select learners.lessons_completed, steps.completed
from marts.mart_learner_summary as learners
inner join marts.mart_course_funnel as steps using (tenant_id, course_id)
where learners.tenant_id = %s and learners.course_id = %s and learners.user_id = %s and steps.lesson_id = %s
"""
# As anybody can ask, who puts the id in.
SHOWN_STATEMENT = "select stored, statement from tenant.statements where statement_id"
SHOWN_FACT = "select * from fct_statements where statement_id"
SHOWN_FUNNEL = (
    "select title, started, completed from mart_course_funnel join dim_lesson using (lesson_id) "
    "where mart_course_funnel.course_id"
)


class NotRunningError(UserError):
    exit_code = 3


class Seen(NamedTuple):
    """What a step has to show, and how to see that without it."""

    lines: list[str]
    yourself: str


class Figures(NamedTuple):
    of_learner: int
    of_lesson: int


def tour() -> None:
    """Lead through the path of one statement: sent, in Kafka, in the hypertable, a fact, in the marts, on a chart.

    A learner of the demo completes a lesson. Each step says how to see the same oneself, and how long it took.

    Example: `lyceum demo tour`
    """
    current = settings()
    home = Home(current.home)
    if home.holder() is None or not Files(home.demo).credentials.exists():
        raise NotRunningError("The demo does not run here.", "`lyceum demo` starts it; then take the tour.")
    with (
        connect_admin(current.database, autocommit=True) as connection,
        tailing(current.kafka, topic_names(current.kafka).statements) as tail,
    ):
        logins = read_logins(connection, home)
        example = find_example(connection, logins.instructor) or _example_of_newcomer(current, connection, logins)
        _lead(Tour(current, connection, tail, logins, example))


def read_credential(home: Home) -> Credential:
    text = Files(home.demo).credentials.read_bytes()
    return msgspec.json.decode(text, type=dict[str, Credential])[SCHOOL]


def dashboards_address(current: Settings) -> str:
    return current.superset.url or f"http://127.0.0.1:{current.superset.port}"


def _example_of_newcomer(current: Settings, connection: Connection, logins: Logins) -> Example:
    say("All learners have completed all lessons. Somebody new is enrolled, and the marts are waited for.")
    course_id = busiest_course(connection, logins.instructor)
    _post(f"{current.public_url}/api/v1/events", newcomer(course_id), read_credential(Home(current.home)))
    began = time.monotonic()
    with out.status("Enrolled …"):
        while (example := find_example(connection, logins.instructor)) is None:
            waited = time.monotonic() - began
            if waited > IN_MARTS_WITHIN:
                raise _not_in_marts(current, "The newcomer")
            if waited > PATIENCE_WITH_DAGSTER:
                _refresh(current)
            time.sleep(1)
    return example


def _lead(tour: "Tour") -> None:
    example, began = tour.example, time.monotonic()
    say(f"{example.learner}, of the school {SCHOOL}, completes “{example.lesson}” of “{example.course}”.")
    steps: list[tuple[str, Callable[[], Seen]]] = [
        ("Sent to the LRS", tour.send),
        ("In Kafka", tour.look_in_topic),
        ("In the hypertable", tour.look_in_table),
        ("A fact", tour.look_at_fact),
        ("In the marts", tour.look_in_marts),
        ("On the chart", tour.look_at_chart),
    ]
    for number, (title, look) in enumerate(steps, 1):
        _step(number, title, look)
    say("")
    say(f"From the request to the chart: {time.monotonic() - began:.1f} s. Again: `lyceum demo tour`")


def _step(number: int, title: str, look: Callable[[], Seen]) -> None:
    began = time.monotonic()
    with out.status(f"{title} …"):
        seen = look()
    say("")
    out.print(f"[bold]{number}  {title}[/bold]  after {time.monotonic() - began:.1f} s")
    for line in seen.lines:
        say(f"   {line}")
    say(f"   Yourself: {seen.yourself}")


class Tour:
    def __init__(self, current: Settings, connection: Connection, tail: Tail, logins: Logins, example: Example) -> None:
        self.example = example
        self._settings = current
        self._connection = connection
        self._tail = tail
        self._logins = logins
        self._credential = read_credential(Home(current.home))
        self._statement = example.statement_with_id()
        self._id = self._statement["id"]
        self._batch_id = 0
        self._dashboards = DashboardSession(dashboards_address(current), logins.instructor, logins.password)
        self._chart = self._dashboards.chart(DASHBOARD, CHART)
        self._before = self._figures()
        self._charted_before = self._charted()

    def send(self) -> Seen:
        endpoint = f"{self._settings.public_url}/xAPI"
        ids = _post(f"{endpoint}/statements", self._statement, self._credential)
        return Seen(
            [f"POST {endpoint}/statements", f"answered with its id: {ids[0]}"],
            curl(self.example.statement(), self._credential, endpoint),
        )

    def look_in_topic(self) -> Seen:
        found = self._tail.find(self._id.encode())
        wire = unseal(found.value)
        texts = [bytes(text) for text in wire.statements]
        (position,) = (number for number, text in enumerate(texts) if self._id.encode() in text)
        return Seen(
            [
                f"topic {found.topic}, partition {found.partition}, offset {found.offset}, key {found.key.decode()}",
                f"statement {position + 1} of {len(texts)} in the record, which is {len(found.value):,} bytes:",
                texts[position].decode(),
            ],
            f"lyceum topics show {found.topic} {found.partition} {found.offset}",
        )

    def look_in_table(self) -> Seen:
        stored, self._batch_id, chunk = self._wait(IN_TABLE, self._key, IN_TABLE_WITHIN, "`lyceum ingest status`")
        return Seen(
            [f"xapi.statements, in {chunk}", f"stored {_moment(stored)}, batch {self._batch_id}"],
            _sql(SHOWN_STATEMENT, self._id),
        )

    def look_at_fact(self) -> Seen:
        self._wait_until_taken_in()
        kind, course, lesson = self._wait(FACT, self._key, ON_CHART_WITHIN, "`lyceum marts status`")
        return Seen([f"fct_statements: {kind}, lesson “{lesson}”, course “{course}”"], _sql(SHOWN_FACT, self._id))

    def look_in_marts(self) -> Seen:
        example, before, after = self.example, self._before, self._figures()
        return Seen(
            [
                f"lessons that {example.learner} completed: {before.of_learner} → {after.of_learner}",
                f"learners who completed “{example.lesson}”: {before.of_lesson} → {after.of_lesson}",
            ],
            _sql(SHOWN_FUNNEL, self.example.course_id),
        )

    def look_at_chart(self) -> Seen:
        ends = time.monotonic() + ON_CHART_WITHIN
        while (now := self._charted()) <= self._charted_before:
            if time.monotonic() > ends:
                raise UserError(f"The chart “{CHART}” still shows {now}.", "`lyceum logs superset` may say why.")
            time.sleep(LOOK_EVERY)
        login = self._logins
        seen = f"“{CHART}”, at “{self.example.lesson}”: {self._charted_before} → {now} completed"
        address = f"{dashboards_address(self._settings)}/superset/dashboard/{DASHBOARD}/"
        return Seen([seen], f"{address} as {login.instructor}, password {login.password}")

    @property
    def _key(self) -> list[Any]:
        return [self.example.tenant_id, self._id]

    def _figures(self) -> Figures:
        example = self.example
        parameters = [example.tenant_id, example.course_id, example.user_id, example.lesson_id]
        return Figures(*self._wait(FIGURES, parameters, LOOK_EVERY, "`lyceum marts status`"))

    def _charted(self) -> int:
        rows = self._dashboards.rows(self._chart, ["step"], {"course": self.example.course})
        return sum(int(row["completed"]) for row in rows if row["step"].endswith(f"  {self.example.lesson}"))

    def _wait(self, query: str, parameters: list[Any], within: float, remedy: str) -> tuple[Any, ...]:
        row = self._look(query, parameters, within)
        if row is None:
            raise UserError(f"The statement {self._id} is not there after {within:.0f} s.", f"See {remedy}.")
        return row

    def _look(self, query: str, parameters: list[Any], within: float) -> tuple[Any, ...] | None:
        """None, where it is not there by then."""
        ends = time.monotonic() + within
        while (row := self._connection.execute(query, parameters).fetchone()) is None and time.monotonic() <= ends:
            time.sleep(LOOK_EVERY)
        return row

    def _wait_until_taken_in(self) -> None:
        if self._look(TAKEN_IN, [self._batch_id], PATIENCE_WITH_DAGSTER) is None:
            _refresh(self._settings)
            if self._look(TAKEN_IN, [self._batch_id], IN_MARTS_WITHIN) is None:
                raise _not_in_marts(self._settings, "The statement")


def _not_in_marts(current: Settings, what: str) -> UserError:
    status = read_status(current)
    under_way = "a refresh is under way" if status.is_refreshing else "no refresh is under way"
    return UserError(
        f"{what} is not in the marts after {IN_MARTS_WITHIN:.0f} s: they are as of {status.as_of}, "
        f"{status.waiting_batches} batches wait since {status.waiting_since}, and {under_way}.",
        "See `lyceum logs dagster-code`, or try `lyceum marts refresh`.",
    )


def _refresh(current: Settings) -> None:
    from orchestration.refresh import MartsBusyError, refresh  # noqa: PLC0415 - dbt takes a while to load

    with suppress(MartsBusyError):
        refresh(current)


def _post(url: str, body: object, credential: Credential) -> list[str]:
    headers = {
        "Authorization": credential.header, "Content-Type": "application/json", "X-Experience-API-Version": VERSION,
    }  # fmt: skip
    request = Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - our own address
    try:
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            ids: list[str] = json.loads(response.read())
    except URLError as error:
        raise UserError(f"The LRS did not take what was sent: {error}.", "Is it well? `lyceum status`") from error
    return ids


def _sql(query: str, wanted: str) -> str:
    return f"lyceum sql --tenant {SCHOOL} --command \"{query} = '{wanted}'\""


def _moment(stored: datetime) -> str:
    return f"{stored:%Y-%m-%d %H:%M:%S}.{stored.microsecond // 1000:03} {stored:%Z}"
