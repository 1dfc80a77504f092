"""An instructor sees the courses they teach, and nothing else: what Superset alone keeps."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.harness.superset import Superset
from tests.security.superset.attempts import by_other_doors, closed, plain, written
from tests.security.superset.knocking import Door, datasets, doors, post, rows_of
from tests.security.superset.sight import Sight, rows_to_see, sight_of_instructor

TEACHER = "riverside/teacher1@riverside.example"
ADMIN = "riverside/admin@riverside.example"
pytestmark = pytest.mark.timeout(300)
MOST = 5000


@pytest.fixture(scope="module")
def teacher(superset: Superset) -> Iterator[httpx.Client]:
    with superset.signed_in(TEACHER) as client:
        yield client


@pytest.fixture(scope="module")
def sight(superset: Superset) -> Sight:
    return sight_of_instructor(superset.database, "riverside", "i1")


@pytest.fixture(scope="module")
def open_doors(superset: Superset) -> list[Door]:
    return doors(superset.database, "Instructor")


def foreign_courses(superset: Superset, sight: Sight) -> list[str]:
    with superset.database.admin() as connection:
        known = {row[0] for row in connection.execute("select distinct course_id::text from lms.courses")}
    assert sight.courses
    return sorted(known - sight.courses)


def test_all_rows__are_those_of_the_courses_taught(
    superset: Superset, teacher: httpx.Client, sight: Sight, open_doors: list[Door]
) -> None:
    differ = {}
    for door in open_doors:
        seen = len(rows_of(post(teacher, door.ask({"columns": list(door.dataset.columns)}))))
        expected = min(rows_to_see(superset.database, door.dataset, sight), MOST)
        if seen != expected:
            differ[door.dataset.name] = (seen, expected)
    assert differ == {}
    assert len(open_doors) > 10


def test_attempts__in_all_the_ways_a_browser_has(
    superset: Superset,
    teacher: httpx.Client,
    sight: Sight,
    open_doors: list[Door],
    proof: Callable[..., None],
) -> None:
    attempts, answered, leaks = 0, 0, {}
    foreign = foreign_courses(superset, sight)
    with superset.signed_in(ADMIN) as admin:
        for door in open_doors:
            for name, payload in plain(door, foreign):
                # First for somebody who sees it all.
                if "cache" in name:
                    post(admin, payload)
                answer = post(teacher, payload)
                attempts, answered = attempts + 1, answered + (answer.status_code == 200)
                if found := sight.leaks(answer):
                    leaks[door.dataset.name, name] = found[:3]
    assert leaks == {}
    assert attempts > 100
    assert answered > attempts / 2, "most of these are no offence, and must be answered"
    proof(attempts=attempts, leaks=0)


def test_attempts__with_sql_of_ones_own(
    teacher: httpx.Client, sight: Sight, open_doors: list[Door], proof: Callable[..., None]
) -> None:
    attempts, let_in = 0, {}
    for door in open_doors[:5]:
        for name, payload in written(door):
            answer = post(teacher, payload)
            attempts += 1
            if answer.status_code < 400 or sight.leaks(answer):
                let_in[door.dataset.name, name] = answer.text[:200]
    assert let_in == {}
    assert attempts > 200
    proof(attempts=attempts, leaks=0)


def test_attempts__with_forged_papers(
    superset: Superset, teacher: httpx.Client, sight: Sight, open_doors: list[Door], proof: Callable[..., None]
) -> None:
    with superset.database.admin() as connection:
        known = {row[0] for row in connection.execute("select id from superset.dashboards").fetchall()}
    attempts, leaks = 0, {}
    for door in open_doors:
        for name, payload in by_other_doors(door, sorted(known - {door.dashboard})):
            attempts += 1
            if found := sight.leaks(post(teacher, payload)):
                leaks[door.dataset.name, name] = found[:3]
    assert leaks == {}
    assert attempts > 100
    proof(attempts=attempts, leaks=0)


def test_attempts__at_what_no_dashboard_of_theirs_shows(
    superset: Superset, teacher: httpx.Client, open_doors: list[Door]
) -> None:
    shown = {door.dataset.number for door in open_doors}
    others = [one for one in datasets(superset.database) if one.number not in shown]
    answers = {
        name: len(rows_of(post(teacher, payload)))
        for dataset in others
        for door in open_doors[:3]
        for name, payload in closed(dataset, door)
    }
    assert {name: count for name, count in answers.items() if count} == {}


def test_samples__are_nobodys(superset: Superset, teacher: httpx.Client, open_doors: list[Door]) -> None:
    places = [
        f"datasource_type=table&datasource_id={dataset.number}&dashboard_id={dashboard}"
        for dataset in datasets(superset.database)
        for dashboard in {door.dashboard for door in open_doors}
    ]
    answers = {place: teacher.post(f"/datasource/samples?{place}", json={}).status_code for place in places}
    assert {place: code for place, code in answers.items() if code not in (403, 404)} == {}


def test_instructor__who_does_not_teach_any_more_sees_nothing_at_once(
    superset: Superset, open_doors: list[Door]
) -> None:
    door = next(door for door in open_doors if door.dataset.name == "mart_learner_summary")
    payload = door.ask({"columns": list(door.dataset.columns)}, force=False)
    with superset.signed_in("riverside/teacher2@riverside.example") as client:
        before = len(rows_of(post(client, payload)))
        again = post(client, payload)
        with superset.database.admin() as connection:
            connection.execute(
                "update lms.course_instructors set removed_at = now() where user_id = 'i2' and tenant_id = "
                "(select tenant_id from control.tenants where slug = 'riverside')"
            )
        after = post(client, payload)
    assert before > 0
    assert again.json()["result"][0]["is_cached"] is True
    assert rows_of(after) == []


def test_rules__none_of_the_datasets_is_without_one(superset: Superset) -> None:
    """A base filter holds for every role that it does not name."""
    with superset.database.admin() as connection:
        open_datasets = connection.execute(
            "select table_name from superset.tables where not exists ("
            "  select from superset.rls_filter_tables as held"
            "  inner join superset.row_level_security_filters as rule on held.rls_filter_id = rule.id"
            "  where held.table_id = tables.id and rule.filter_type = 'Base' and not exists ("
            "    select from superset.rls_filter_roles as spared"
            "    inner join superset.ab_role as role on spared.role_id = role.id"
            "    where spared.rls_filter_id = rule.id and role.name = 'Instructor'))"
        ).fetchall()
    assert open_datasets == []
