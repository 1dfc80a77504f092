"""A Superset of the tests' own, set up and served as `lyceum up` does it, and people who sign in to it."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.database.address import SERVICE_ROLES, admin_conninfo, password_setting
from core.people import NewPerson, create_person, give_password, sync_people
from core.settings import Settings
from core.tenants import Tenant
from local.ports import find_free
from orchestration.refresh import refresh
from simulator.parameters import Parameters, TenantName
from tests.harness.database import Database, copied, ensure_template, once, sealed
from tests.harness.servers import clean_environment
from tests.harness.terms import deliver, make_tenants, make_term
from tests.harness.waiting import wait_until

TEMPLATE = "lyceum_dashboards"
# Long enough that its exams have been.
WEEKS = 10
TERM = Parameters(
    tenants=(TenantName("riverside", "Europe/Berlin"), TenantName("hillside", "Asia/Tokyo")),
    learners=160,
    weeks=WEEKS,
    # Dashboards show the last weeks at first.
    start=datetime.now(UTC).date() - timedelta(weeks=WEEKS),
)
MARK = " of hillside"
PASSWORD = "correct horse battery staple"
START_SECONDS = 120
SETUP_SECONDS = 240


@dataclass(frozen=True)
class Superset:
    url: str
    database: Database
    log: Path

    @property
    def pictures(self) -> Path:
        """Kept with the test's other files."""
        folder = self.log.parent / "pictures"
        folder.mkdir(exist_ok=True)
        return folder

    @contextmanager
    def signed_in(self, user_name: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
        """As a browser: with the cookie, and the token that forms carry."""
        with self.visitor() as client:
            form = {"username": user_name, "password": password, "csrf_token": csrf_token(client)}
            answer = client.post("/login/", data=form)
            assert answer.status_code == 302, answer.text
            assert "/login" not in answer.headers["location"], f"{user_name} is not let in"
            client.headers["X-CSRFToken"] = client.get("/api/v1/security/csrf_token/").json()["result"]
            yield client

    @contextmanager
    def visitor(self) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, timeout=60, headers={"Referer": self.url}) as client:
            yield client


def csrf_token(client: httpx.Client) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login/").text)
    assert found, "the page to sign in has no token"
    return found[1]


def set_up_superset(server: Settings, database: Database, home: Path) -> None:
    """Its tables, roles and dashboards."""
    command = [sys.executable, "-m", "cli", "superset", "setup"]
    done = subprocess.run(
        command,
        env=variables_of(server, database, home),
        capture_output=True,
        text=True,
        check=False,
        timeout=SETUP_SECONDS,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


@contextmanager
def running_superset(server: Settings, database: Database, home: Path, **variables: str) -> Iterator[Superset]:
    port = find_free(set())
    log = home / "superset.log"
    home.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "superset", "web", "--port", str(port)],
            env=variables_of(server, database, home) | {"LYCEUM_SUPERSET_WORKERS": "1", **variables},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: process.poll() is not None or _answers(url), START_SECONDS, every=0.1)
            assert process.poll() is None, log.read_text(encoding="utf-8")[-4000:]
            yield Superset(url, database, log)
        finally:
            process.terminate()
            process.wait(30)


def variables_of(server: Settings, database: Database, home: Path) -> dict[str, str]:
    """A home of its own, since its cache is there, and the secrets of the server that all tests share."""
    passwords = {
        f"LYCEUM_DATABASE_{password_setting(role).upper()}": getattr(server.database, password_setting(role))
        for role in SERVICE_ROLES
    }
    secrets = {"LYCEUM_SECRET_KEY": server.secret_key, **passwords}
    return {
        **clean_environment(),
        "LYCEUM_HOME": str(home),
        "LYCEUM_DATABASE_URL": admin_conninfo(database.settings),
        **{name: secret.get_secret_value() for name, secret in secrets.items() if secret is not None},
    }


def make_people(database: Database, slugs: list[str], also: Mapping[str, NewPerson] | None = None) -> None:
    """The LMS's staff, an analyst for each tenant and the operator, all with the same password."""
    with database.admin() as connection:
        for slug in slugs:
            sync_people(connection, slug)
            create_person(connection, slug, NewPerson("analyst", "Ana Lyst", f"analyst@{slug}.example"))
        create_person(connection, None, NewPerson("operator", "Olga Operator"))
        for slug, person in (also or {}).items():
            create_person(connection, slug, person)
        for (name,) in connection.execute("select user_name from control.people").fetchall():
            give_password(connection, name, PASSWORD)


@contextmanager
def with_dashboards(server: Settings, edition: str, folder: Path) -> Iterator[Database]:
    """A copy of two schools' term, with its marts, its people and Superset set up: made once for all tests of a run."""
    ensure_template(server, edition, folder)
    with once(folder / f"{edition}.{TEMPLATE}") as is_first:
        if is_first:
            with sealed(server, edition, TEMPLATE) as database:
                _fill(server, database, folder / TEMPLATE)
    with copied(server, edition, TEMPLATE) as database:
        yield database


def superset_fixture() -> Any:
    """One for a package's tests, with its own copy of the schools' term."""

    @pytest.fixture(scope="package")
    def superset(
        server: Settings, edition: str, server_folder: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Superset]:
        with (
            with_dashboards(server, edition, server_folder) as database,
            running_superset(server, database, tmp_path_factory.mktemp("superset")) as superset,
        ):
            yield superset

    return superset


def _fill(server: Settings, database: Database, folder: Path) -> None:
    tenants = make_tenants(database, TERM)
    deliver(database, tenants, make_term(TERM, folder / "term").parcels)
    _mark(database, tenants["hillside"])
    refresh(server.model_copy(update={"database": database.settings, "home": folder}))
    make_people(database, list(tenants))
    set_up_superset(server, database, folder)


def _mark(database: Database, tenant: Tenant) -> None:
    """The two schools' courses have the same titles, and their people much the same names: these say whose they are."""
    with database.admin() as connection:
        for table, column in (("courses", "title"), ("users", "full_name"), ("lessons", "title")):
            connection.execute(
                f"update lms.{table} set {column} = {column} || %s where tenant_id = %s", [MARK, tenant.tenant_id]
            )


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/login/", timeout=20).status_code == 200
    except httpx.TransportError:
        return False
