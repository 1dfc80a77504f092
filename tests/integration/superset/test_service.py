"""Superset as a browser meets it: signing in, headers, cookies, and what becomes of somebody who is signed in."""

from collections.abc import Iterator

import httpx
import pytest

from core.people import set_person_active
from tests.harness.superset import PASSWORD, Superset, csrf_token

ADMIN = "riverside/admin@riverside.example"
TEACHER = "riverside/teacher1@riverside.example"
OTHER_TEACHER = "riverside/teacher3@riverside.example"
ANALYST = "riverside/analyst@riverside.example"
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def teacher(superset: Superset) -> Iterator[httpx.Client]:
    with superset.signed_in(TEACHER) as client:
        yield client


def is_let_in(superset: Superset, user_name: str, password: str) -> bool:
    with superset.visitor() as client:
        form = {"username": user_name, "password": password, "csrf_token": csrf_token(client)}
        client.post("/login/", data=form)
        return client.get("/api/v1/me/").status_code == 200


def test_health__answers(superset: Superset) -> None:
    assert httpx.get(f"{superset.url}/health").text == "OK"


@pytest.mark.parametrize(
    ("user_name", "password"),
    [
        (TEACHER, "wrong"),
        (TEACHER, ""),
        ("riverside/nobody@riverside.example", PASSWORD),
        ("teacher1@riverside.example", PASSWORD),
        ("hillside/teacher1@riverside.example", PASSWORD),
        ("admin", "admin"),
        ("lyceum-publisher", "!"),
        ("", ""),
    ],
)
def test_sign_in__refused(superset: Superset, user_name: str, password: str) -> None:
    assert not is_let_in(superset, user_name, password)


def test_sign_in__the_name_in_any_case(superset: Superset) -> None:
    assert is_let_in(superset, TEACHER.upper(), PASSWORD)


def test_sign_in__needs_the_forms_token(superset: Superset) -> None:
    with superset.visitor() as client:
        client.post("/login/", data={"username": TEACHER, "password": PASSWORD})
        assert client.get("/api/v1/me/").status_code == 401


def test_sign_in__no_tokens_are_given(superset: Superset) -> None:
    asked = {"username": TEACHER, "password": PASSWORD, "provider": "db"}
    assert httpx.post(f"{superset.url}/api/v1/security/login", json=asked).status_code == 404


def test_headers__a_page_may_ask_this_host_only(superset: Superset) -> None:
    headers = httpx.get(f"{superset.url}/login/").headers
    policy = headers["content-security-policy"]
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_cookie__is_kept_from_scripts_and_other_sites(superset: Superset) -> None:
    cookie = httpx.get(f"{superset.url}/login/").headers["set-cookie"]
    assert cookie.startswith("lyceum_dashboards=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    ("user_name", "place"),
    [
        (TEACHER, "/superset/dashboard/course-overview/"),
        (ANALYST, "/sqllab/"),
    ],
)
def test_landing__is_what_the_role_comes_for(superset: Superset, user_name: str, place: str) -> None:
    with superset.signed_in(user_name) as client:
        assert client.get("/").headers["location"] == place


def test_disabled__is_out_with_the_next_click(superset: Superset) -> None:
    with superset.signed_in(OTHER_TEACHER) as client:
        assert client.get("/api/v1/me/").status_code == 200
        with superset.database.admin() as connection:
            set_person_active(connection, OTHER_TEACHER, is_active=False)
        assert client.get("/api/v1/me/").status_code == 401
        assert not is_let_in(superset, OTHER_TEACHER, PASSWORD)
        with superset.database.admin() as connection:
            set_person_active(connection, OTHER_TEACHER, is_active=True)
        assert client.get("/api/v1/me/").status_code == 200


def test_role__another_holds_with_the_next_click(superset: Superset) -> None:
    changed = "update control.people set role = %s where user_name = %s"
    with superset.signed_in(OTHER_TEACHER) as client:
        assert set(client.get("/api/v1/me/roles/").json()["result"]["roles"]) == {"Instructor"}
        with superset.database.admin() as connection:
            connection.execute(changed, ["admin", OTHER_TEACHER])
        assert set(client.get("/api/v1/me/roles/").json()["result"]["roles"]) == {"Tenant admin"}
        with superset.database.admin() as connection:
            connection.execute(changed, ["instructor", OTHER_TEACHER])


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/database/",
        "/api/v1/dataset/",
        "/api/v1/saved_query/",
        "/api/v1/query/",
        "/api/v1/rowlevelsecurity/",
        "/api/v1/security/users/",
        "/api/v1/security/roles/",
        "/api/v1/log/",
        "/api/v1/report/",
        "/api/v1/assets/export/",
        "/api/v1/dashboard/export/?q=!(1)",
        "/api/v1/chart/export/?q=!(1)",
        "/api/v1/dataset/export/?q=!(1)",
        "/api/v1/database/export/?q=!(1)",
        "/api/v1/explore/?datasource_id=1&datasource_type=table",
        "/api/v1/sqllab/",
        "/users/list/",
        "/roles/list/",
        "/superset/explore_json/",
        "/datasource/get/table/1/",
        "/api/v1/datasource/table/1/column/course_id/values/",
        "/api/v1/embedded_dashboard/1",
        "/api/v1/tag/",
        "/api/v1/cachekey/",
        "/api/v1/openapi/_openapi",
        "/swagger/v1",
    ],
)
def test_instructor__has_no_other_doors(teacher: httpx.Client, path: str) -> None:
    answer = teacher.get(path)
    assert answer.status_code in (302, 401, 403, 404, 405), answer.text[:300]
    assert answer.headers.get("location", "/login/").startswith(("/", teacher.base_url.host))


@pytest.mark.parametrize("kind", ["dashboard", "chart"])
@pytest.mark.parametrize("relation", ["owners", "created_by", "changed_by"])
def test_related__lists_no_other_people(teacher: httpx.Client, kind: str, relation: str) -> None:
    answer = teacher.get(f"/api/v1/{kind}/related/{relation}")
    told = {one["text"] for one in answer.json().get("result", [])} if answer.status_code == 200 else set()
    assert len(told) <= 1, told
    assert "hillside" not in answer.text
    assert "analyst" not in answer.text


def test_dashboards__each_role_has_its_own(superset: Superset, teacher: httpx.Client) -> None:
    with superset.database.admin() as connection:
        rows = connection.execute(
            "select dashboards.slug, array_agg(role.name::text) from superset.dashboards "
            "inner join superset.dashboard_roles on dashboards.id = dashboard_roles.dashboard_id "
            "inner join superset.ab_role as role on dashboard_roles.role_id = role.id group by 1"
        ).fetchall()
    wanted = {
        user_name: {slug for slug, roles in rows if role in roles}
        for user_name, role in ((TEACHER, "Instructor"), (ADMIN, "Tenant admin"), ("operator", "Operator"))
    }
    for user_name, slugs in wanted.items():
        with superset.signed_in(user_name) as client:
            listed = client.get("/api/v1/dashboard/?q=(page_size:100)").json()["result"]
            assert {one["slug"] for one in listed} == slugs
            answers = {slug: client.get(f"/api/v1/dashboard/{slug}").status_code for slug, _ in rows}
            assert {slug for slug, code in answers.items() if code == 200} == slugs
    assert wanted[TEACHER]


def test_guessing__is_slowed_down(superset: Superset) -> None:
    """Last here: it spends the minute's tries of this address."""
    with superset.visitor() as client:
        form = {"username": TEACHER, "password": "", "csrf_token": csrf_token(client)}
        codes = [client.post("/login/", data=form).status_code for _ in range(70)]
    assert codes.count(429) >= 10
