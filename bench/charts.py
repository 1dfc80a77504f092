"""Dashboards over a filled database: what each chart's SQL takes uncached, and how long a dashboard is not there.

`python -m bench.charts --count 1000000 --homes FOLDER` prints what it saw. The home is one that `bench.marts` filled;
where there is none, it is filled.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from psycopg import Connection, connect

from bench.figures import Latency, latency
from bench.get import filled_home
from bench.machine import heading
from bench.school import tell_school
from bench.screens import chromium, open_dashboard, sign_in, sql_of
from bench.servers import Access, embedded_database, environment, run_lyceum, unused_port, wait_until_answers
from core.database.address import connect_admin, login_conninfo, role_conninfo
from core.people import NewPerson, create_person, give_password
from core.secrets import SecretKey
from core.settings import Settings
from core.tenants import Tenant, list_tenants
from dashboards.launch import OPERATOR
from dashboards.reading import read_assets
from orchestration.refresh import refresh

PATIENCE = 120
TEACHER = "teacher"
STAFF = """
insert into lms.users (tenant_id, user_id, email, full_name, role, batch_id)
values (%(tenant)s, 'teacher', 'teacher@bench.example', 'Terry Teacher', 'instructor', 0) on conflict do nothing;
"""
TAUGHT = """
insert into lms.course_instructors (tenant_id, course_id, user_id, is_listed, batch_id)
select tenant_id, course_id, 'teacher', true, 0 from marts.mart_course_comparison
where tenant_id = %(tenant)s order by enrolled desc, course_id limit 1
on conflict do nothing
"""


class Person(NamedTuple):
    role: str
    user_name: str
    password: str
    # Whose login to the database their charts have.
    conninfo: str


class Chart(NamedTuple):
    role: str
    dashboard: str
    title: str
    seconds: list[float]

    @property
    def latency(self) -> Latency:
        return latency(self.seconds)


class Seen(NamedTuple):
    charts: list[Chart]
    # By role and dashboard.
    opened: dict[tuple[str, str], list[float]]
    publish: float
    first_up: float


def measure(settings: Settings, access: Access, rounds: int) -> Seen:
    people = _people(settings, access)
    run_lyceum(settings.home, "superset", "setup")
    began = time.perf_counter()
    run_lyceum(settings.home, "dashboards", "publish")
    seen = Seen([], {}, time.perf_counter() - began, _first_up())
    titles = _titles(settings)
    with _serving(settings) as url, chromium() as browser:
        for person in people:
            page = sign_in(browser, url, person.user_name, person.password)
            for slug in _open_to(person.role):
                asked = open_dashboard(page, url, slug)
                seen.opened[person.role, slug] = [open_dashboard(page, url, slug).seconds for _ in range(rounds)]
                with connect(person.conninfo, autocommit=True) as connection:
                    for chart, payload in asked.payloads.items():
                        queries = sql_of(page, url, payload)
                        taken = [_ask(connection, queries) for _ in range(rounds + 1)][1:]
                        seen.charts.append(Chart(person.role, slug, titles[chart], taken))
                print(f"{person.role}, {slug}: {len(asked.payloads)} charts", flush=True)
    return seen


def _people(settings: Settings, access: Access) -> list[Person]:
    """Who sees most: the one who teaches the largest course, the tenant's admin, and the operator."""
    key = SecretKey(settings.secret_key)
    with connect_admin(settings.database, autocommit=True) as connection:
        tenant = next(one for one in list_tenants(connection) if one.tenant_id == access.tenant_id)
        connection.execute(STAFF, {"tenant": tenant.tenant_id})
        connection.execute(TAUGHT, {"tenant": tenant.tenant_id})
        reader = login_conninfo(settings.database, tenant.reader, key.reader_password(tenant.reader))
        made = (
            ("Instructor", NewPerson("instructor", "Terry Teacher", "teacher@bench.example", TEACHER), reader),
            ("Tenant admin", NewPerson("admin", "Ada Admin", "admin@bench.example"), reader),
            ("Operator", NewPerson("operator", "Olga Operator"), role_conninfo(settings.database, OPERATOR)),
        )
        return [Person(role, *_signing_in(connection, tenant, new), conninfo) for role, new, conninfo in made]


def _signing_in(connection: Connection, tenant: Tenant, new: NewPerson) -> tuple[str, str]:
    name = f"{tenant.slug}/{new.email}" if new.email else new.role
    if connection.execute("select from control.people where user_name = %s", [name]).fetchone() is None:
        create_person(connection, tenant.slug if new.email else None, new)
    return name, give_password(connection, name)


@contextmanager
def _serving(settings: Settings) -> Iterator[str]:
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "cli", "superset", "web", "--port", str(port)]
    with (settings.home / "logs" / "superset.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment(settings.home), stdout=log, stderr=log)
    try:
        wait_until_answers(f"{url}/health", process, PATIENCE)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _open_to(role: str) -> list[str]:
    return [name.replace("_", "-") for name, one in read_assets().dashboards.items() if role in one.roles]


def _titles(settings: Settings) -> dict[int, str]:
    with connect_admin(settings.database) as connection:
        return dict(connection.execute("select id, slice_name from superset.slices").fetchall())


def _ask(connection: Connection, queries: Sequence[str]) -> float:
    began = time.perf_counter()
    for query in queries:
        connection.execute(query.encode()).fetchall()
    return time.perf_counter() - began


def _first_up() -> float:
    """Everything, with nothing there but what was downloaded before."""
    with tempfile.TemporaryDirectory(prefix="lyceum-bench-") as home:
        began = time.perf_counter()
        try:
            run_lyceum(Path(home), "up", "--detach")
            return time.perf_counter() - began
        finally:
            run_lyceum(Path(home), "down")


def report(seen: Seen, title: str, count: int) -> str:
    every = latency([second for chart in seen.charts for second in chart.seconds])
    opened = latency([second for seconds in seen.opened.values() for second in seconds])
    rows = (
        ("a chart's SQL, uncached", "p95 500 ms", "200 ms", f"p50 {every.p50:.0f} ms, p95 {every.p95:.0f} ms"),
        ("dashboard opened → last chart drawn, warm", "p95 4 s", "2 s",
         f"p50 {opened.p50 / 1e3:.1f} s, p95 {opened.p95 / 1e3:.1f} s"),
        ("publish of everything", "15 s", "8 s", f"{seen.publish:.1f} s"),
        ("first `up`, everything downloaded before", "120 s", "60 s", f"{seen.first_up:.0f} s"),
    )  # fmt: skip
    slowest = sorted(seen.charts, key=lambda chart: -chart.latency.p95)
    lines = [
        "# The dashboards", "", title, "",
        f"{count:,} statements; {len(seen.charts)} charts of {len(seen.opened)} dashboards.",
        "Who looks teaches the largest course, or is the tenant's admin, or the operator.", "",
        "| What | Reach | Aim | Seen |", "|---|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows), "",
        "| The slowest charts | dashboard | for | p50, ms | p95, ms |", "|---|---|---|---|---|",
    ]  # fmt: skip
    lines += [
        f"| {one.title} | {one.dashboard} | {one.role} | {one.latency.p50:.0f} | {one.latency.p95:.0f} |"
        for one in slowest[:5]
    ]
    lines += ["", "| Dashboard | for | p50, s | p95, s |", "|---|---|---|---|"]
    for (role, slug), seconds in seen.opened.items():
        seen_so = latency(seconds)
        lines.append(f"| {slug} | {role} | {seen_so.p50 / 1e3:.1f} | {seen_so.p95 / 1e3:.1f} |")
    return "\n".join([*lines, ""])


def run(count: int, rounds: int, homes: Path | None) -> str:
    with embedded_database(homes / str(count) if homes else None) as settings:
        access, filled = filled_home(settings, count)
        tell_school(settings, access, filled)
        refresh(settings)
        return report(measure(settings, access, rounds), heading(settings), count)


def main() -> None:
    parser = argparse.ArgumentParser(description="What looking at dashboards costs.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--homes", type=Path, help="keep filled databases here, for the next time")
    options = parser.parse_args()
    print(run(options.count, options.rounds, options.homes))


if __name__ == "__main__":
    main()
