"""What the screen says is what the marts say."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.harness.browser import Opened, chromium, signed_in
from tests.harness.superset import Superset

TEACHER = "riverside/teacher1@riverside.example"
COURSES = """
select comparison.title, comparison.enrolled, comparison.completion_rate, comparison.median_progress,
    comparison.pass_rate, comparison.at_risk
from marts.mart_course_comparison as comparison
inner join lms.course_instructors as taught using (tenant_id, course_id)
inner join control.tenants using (tenant_id)
where taught.user_id = 'i1' and tenants.slug = 'riverside' and comparison.enrolled > 0
order by comparison.enrolled desc, comparison.title
"""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_course_overview__is_what_the_marts_say_of_the_course(browser: Browser, superset: Superset) -> None:
    with superset.database.admin() as connection:
        courses = {row[0]: row[1:] for row in connection.execute(COURSES).fetchall()}
    with signed_in(browser, superset, TEACHER) as opened:
        opened.open("course-overview")
        first = chosen(opened)
        assert shown(opened) == said(courses[first])
        other = next(title for title in courses if title != first)
        opened.choose("Course", other)
        assert chosen(opened) == other
        assert shown(opened) == said(courses[other])


def chosen(opened: Opened) -> str:
    return opened.page.locator(".ant-select-selection-item").first.inner_text()


def shown(opened: Opened) -> list[str]:
    titles = ("Enrolled", "Completion rate", "Median progress", "Pass rate")
    return [opened.figure(title).replace("No data", "N/A") for title in titles]


def said(row: tuple[float | None, ...]) -> list[str]:
    enrolled, *shares = row[:4]
    return [f"{enrolled or 0:,.0f}", *("N/A" if share is None else f"{round(100 * share + 1e-9)}%" for share in shares)]
