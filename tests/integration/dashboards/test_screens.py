"""Every dashboard in a real browser, as those see it who may open it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from dashboards.reading import read_assets
from tests.harness.browser import chromium, signed_in
from tests.harness.superset import Superset

PEOPLE = {
    "Instructor": "riverside/teacher1@riverside.example",
    "Tenant admin": "riverside/admin@riverside.example",
    "Operator": "operator",
}
ASSETS = read_assets()
ROLES = [(name, role) for name, dashboard in ASSETS.dashboards.items() for role in dashboard.roles]

# Elsewhere, one with something to see is chosen at first.
OF_A_COURSE = ("course_overview", "learners")
BUSY = """
select comparison.title
from marts.mart_course_comparison as comparison
inner join lms.course_instructors as taught using (tenant_id, course_id)
inner join control.tenants using (tenant_id)
where taught.user_id = 'i1' and tenants.slug = 'riverside' and comparison.pass_rate is not null and at_risk > 0
order by comparison.enrolled desc, comparison.title
"""

# Of so few learners no question's discrimination is told; after one refresh nothing got old, and nothing was refused.
NOTHING_TO_TELL = {
    "assessments": {"Which questions are too hard, or tell nothing?"},
    "pipeline_health": {"Oldest marts", "Why were records refused?"},
}

# The first one makes what all look at.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def busy(superset: Superset) -> str:
    """A course in which there is something of everything."""
    with superset.database.admin() as connection:
        row = connection.execute(BUSY).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(("name", "role"), ROLES)
def test_dashboard__every_chart_has_data(name: str, role: str, busy: str, browser: Browser, superset: Superset) -> None:
    with signed_in(browser, superset, PEOPLE[role]) as opened:
        opened.open(name.replace("_", "-"))
        if name in OF_A_COURSE:
            opened.choose("Course", busy)
        opened.page.screenshot(path=superset.pictures / f"{name}-{role}-wide.png")
        assert opened.problems == []
        assert len(opened.told) == len(charts_of(name))
        assert opened.empty(name.replace("_", "-")) == NOTHING_TO_TELL.get(name, set())


@pytest.mark.parametrize("name", sorted(ASSETS.dashboards))
def test_dashboard__on_a_phone_in_the_dark(name: str, browser: Browser, superset: Superset) -> None:
    role = ASSETS.dashboards[name].roles[0]
    with signed_in(browser, superset, PEOPLE[role], width=390, scheme="dark") as opened:
        opened.open(name.replace("_", "-"))
        opened.page.screenshot(path=superset.pictures / f"{name}-{role}-phone.png")
        assert opened.problems == []
        assert len(opened.told) == len(charts_of(name))
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390


def charts_of(name: str) -> list[str]:
    return [chart for row in ASSETS.dashboards[name].rows for chart in row.charts]
