"""Nobody of one tenant sees another's rows, whatever their role: what the database keeps, with Superset before it."""

from collections.abc import Callable, Iterator
from itertools import islice

import httpx
import pytest

from tests.harness.superset import Superset
from tests.security.superset.attempts import plain
from tests.security.superset.knocking import doors, post, rows_of
from tests.security.superset.sight import Sight, rows_to_see, sight_of_admin

ADMIN = "riverside/admin@riverside.example"
ANALYST = "riverside/analyst@riverside.example"
pytestmark = pytest.mark.timeout(300)

# An analyst may write any SQL: it is asked as their tenant's reader.
STATEMENTS = (
    "select * from lms.users",
    "select * from lms.courses",
    "select * from lms.course_instructors",
    "select * from lms.enrollments",
    "select * from lms.users where tenant_id <> (select tenant_id from control.tenants)",
    "select * from marts.dim_learner",
    "select * from marts.mart_learner_summary",
    "select * from marts.fct_statements",
    "select * from tenant.statements",
    "select * from control.tenants",
    "select * from control.people",
    "select * from control.credentials",
    "select * from control.reader_roles",
    "select * from control.dashboard_person('hillside/admin@hillside.example')",
    "select control.dashboard_password('operator')",
    "select * from control.sync_people(1)",
    "select * from superset.ab_user",
    "select * from superset.dbs",
    "select * from superset.query",
    "select * from xapi.statements",
    "select * from ingest.batches",
    "select * from ingest.dead_letters",
    "select * from intermediate.int_statements",
    "select * from staging.stg_lms__users",
    "select * from marts.ops_pipeline_health",
    "select * from marts.ops_unmapped",
    "select * from dagster.runs",
    "set role lyceum_transform; select * from lms.users",
    "set role lyceum_owner; select * from lms.users",
    "set role lyceum_operator; select * from marts.ops_pipeline_health",
    "set session authorization lyceum_transform; select * from lms.users",
    "reset role; select * from lms.users",
    "set row_security = off; select * from lms.users",
    "set lyceum.tenant = '2'; select * from lms.users",
    "select set_config('lyceum.tenant', '2', false); select * from lms.users",
    "select set_config('role', 'lyceum_transform', false); select * from lms.users",
    "select query_to_xml('select * from lms.users', true, true, '')",
    "select schema_to_xml('lms', true, true, '')",
    "select ts_stat('select to_tsvector(full_name) from lms.users')",
    "select * from pg_read_file('/etc/passwd')",
    "select lo_import('/etc/passwd')",
    "copy lms.users to '/tmp/users'",
    "copy (select 1) to program 'id'",
    "create table marts.mine as select * from lms.users",
    "create function marts.mine() returns int language sql security definer as 'select 1'",
    "insert into lms.users select * from lms.users",
    "update lms.users set full_name = 'x'",
    "delete from lms.users",
    "truncate lms.users",
    "grant select on lms.users to public",
    "alter role current_user with superuser",
    "select * from pg_authid",
    "select * from pg_stat_activity where query like '%hillside%'",
    "select * from pg_stats where schemaname = 'lms'",
    "select most_common_vals::text from pg_stats",
    "select dblink('dbname=postgres', 'select 1')",
    "with moved as (delete from lms.users returning *) select * from moved",
    "do $$ begin execute 'set role lyceum_transform'; end $$",
    "explain analyze select * from lms.users",
    "select * from lms.users; select * from lms.courses",
    "select * from {{ 'lms.users' }}",
    "select '{{ current_username() }}'",
    "select * from lms.users /* ; */ -- {% set x = 1 %}",
    "select * from information_schema.role_table_grants where table_schema = 'xapi'",
    "table lms.users",
)


@pytest.fixture(scope="module")
def admins_sight(superset: Superset) -> Sight:
    return sight_of_admin(superset.database, "riverside")


@pytest.fixture(scope="module")
def analyst(superset: Superset) -> Iterator[httpx.Client]:
    with superset.signed_in(ANALYST) as client:
        yield client


def run_sql(superset: Superset, client: httpx.Client, statement: str) -> httpx.Response:
    with superset.database.admin() as connection:
        (number,) = connection.execute("select id from superset.dbs").fetchall()[0]
    asked = {"database_id": number, "sql": statement, "runAsync": False, "schema": "marts", "queryLimit": 1000}
    return client.post("/api/v1/sqllab/execute/", json=asked)


def test_admin__sees_the_whole_tenant_and_no_other(
    superset: Superset, admins_sight: Sight, proof: Callable[..., None]
) -> None:
    attempts, leaks, differ = 0, {}, {}
    with superset.signed_in("hillside/admin@hillside.example") as other, superset.signed_in(ADMIN) as admin:
        for door in doors(superset.database, "Tenant admin"):
            for name, payload in islice(plain(door, ["linear", "films"]), 6):
                if "cache" in name:
                    post(other, payload)
                answer = post(admin, payload)
                attempts += 1
                if found := admins_sight.leaks(answer):
                    leaks[door.dataset.name, name] = found[:3]
                if name == "all":
                    expected = min(rows_to_see(superset.database, door.dataset, admins_sight), 5000)
                    if len(rows_of(answer)) != expected:
                        differ[door.dataset.name] = (len(rows_of(answer)), expected)
    assert leaks == {}
    assert differ == {}
    assert attempts > 60
    proof(attempts=attempts, leaks=0)


def test_analyst__reads_their_tenant(superset: Superset, analyst: httpx.Client) -> None:
    answer = run_sql(superset, analyst, "select count(*) as n, count(distinct tenant_id) as tenants from lms.users")
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()["data"]
    assert row["n"] > 50
    assert row["tenants"] == 1


@pytest.mark.parametrize("statement", STATEMENTS)
def test_analyst__in_sql_lab(superset: Superset, analyst: httpx.Client, admins_sight: Sight, statement: str) -> None:
    answer = run_sql(superset, analyst, statement)
    if answer.status_code != 200:
        return_to = answer.json()
        assert "errors" in return_to or "message" in return_to
    rows = answer.json().get("data", []) if answer.status_code == 200 else []
    assert [row["tenant_id"] for row in rows if row.get("tenant_id") not in (None, admins_sight.tenant_id)] == []
    shown = str(rows)
    assert [word for word in admins_sight.words if word in shown] == []


@pytest.mark.parametrize("role", ["instructor", "admin", "operator"])
def test_sql_lab__is_for_analysts(superset: Superset, role: str) -> None:
    name = {"instructor": "riverside/teacher1@riverside.example", "admin": ADMIN, "operator": "operator"}[role]
    with superset.signed_in(name) as client:
        assert run_sql(superset, client, "select 1 as one").status_code in (401, 403, 404)


def test_analyst__does_not_see_what_another_asked(superset: Superset, analyst: httpx.Client) -> None:
    with superset.signed_in("hillside/analyst@hillside.example") as other:
        done = run_sql(superset, other, "select 'secret of hillside' as secret")
        assert done.json()["data"] == [{"secret": "secret of hillside"}]
        saved = other.post("/api/v1/saved_query/", json={"db_id": done.json()["query"]["dbId"], "label": "of hillside",
                                                         "sql": "select 'secret of hillside'"})  # fmt: skip
        assert saved.status_code == 201, saved.text
    number, saved_number = done.json()["query_id"], saved.json()["id"]
    paths = [
        "/api/v1/query/",
        f"/api/v1/query/{number}",
        "/api/v1/saved_query/",
        f"/api/v1/saved_query/{saved_number}",
        f"/tabstateview/{number}",
        "/api/v1/query/updated_since?q=(last_updated_ms:0)",
        "/api/v1/log/recent_activity/",
    ]
    shown = {path: analyst.get(path).text for path in paths}
    assert [path for path, text in shown.items() if "of hillside" in text] == []
    asked = {
        "datasource": {"id": number, "type": "query"},
        "queries": [{"columns": ["secret"]}],
        "result_type": "query",
    }
    assert "of hillside" not in post(analyst, asked).text
