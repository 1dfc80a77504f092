"""Every dashboard in a real browser: wide and narrow, light and dark, as those see it who may open it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from dashboards.reading import read_assets
from tests.harness.accessibility import grave_findings
from tests.harness.browser import Opened, signed_in
from tests.harness.superset import Superset

PEOPLE = {
    "Instructor": "riverside/teacher1@riverside.example",
    "Tenant admin": "riverside/admin@riverside.example",
    "Operator": "operator",
}
ASSETS = read_assets()

# Where the first course may have no grades yet. On a phone, filters are folded away.
OF_A_COURSE = {
    "course_overview": {"How are the grades spread?", "Pass rate"},
    "learners": {"How did the attempts go?"},
}
NARROW = 390
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


@dataclass(frozen=True)
class Sight:
    name: str
    role: str
    width: int = 1280
    scheme: str = "light"

    def __str__(self) -> str:
        return f"{self.name}-{self.role.replace(' ', '-').lower()}-{self.width}-{self.scheme}"

    @property
    def slug(self) -> str:
        return self.name.replace("_", "-")


def sights() -> Iterator[Sight]:
    """Each in all ways for one who may open it, and in the usual one for the others."""
    for name, dashboard in ASSETS.dashboards.items():
        first, *others = dashboard.roles
        yield from (Sight(name, first, width, scheme) for width in (1280, NARROW) for scheme in ("light", "dark"))
        yield from (Sight(name, role) for role in others)


Windows = Callable[[Sight], Opened]

# The first one makes what all look at.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def busy(superset: Superset) -> str:
    """A course in which there is something of everything."""
    with superset.database.admin() as connection:
        row = connection.execute(BUSY).fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture(scope="module", params=list(sights()), ids=str)
def sight(request: pytest.FixtureRequest) -> Sight:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def windows(browser: Browser, superset: Superset) -> Iterator[Windows]:
    """One for whoever looks at that width and in that theme, since a new one fetches everything anew."""
    with ExitStack() as stack:
        kept: dict[tuple[str, int, str], Opened] = {}

        def window(sight: Sight) -> Opened:
            key = (sight.role, sight.width, sight.scheme)
            if key not in kept:
                look = signed_in(browser, superset, PEOPLE[sight.role], width=sight.width, scheme=sight.scheme)
                kept[key] = stack.enter_context(look)
            return kept[key]

        yield window


@pytest.fixture(scope="module")
def opened(sight: Sight, busy: str, windows: Windows, superset: Superset) -> Opened:
    opened = windows(sight)
    opened.open(sight.slug)
    if sight.name in OF_A_COURSE and sight.width > NARROW:
        opened.choose("Course", busy)
    opened.page.screenshot(path=superset.pictures / f"{sight}.png")
    return opened


def test_screen__every_chart_is_drawn_and_has_data(sight: Sight, opened: Opened) -> None:
    assert opened.problems == []
    assert len(opened.told) == len([chart for row in ASSETS.dashboards[sight.name].rows for chart in row.charts])
    nothing = OF_A_COURSE if sight.width == NARROW else NOTHING_TO_TELL
    assert opened.empty(sight.slug) <= {**NOTHING_TO_TELL, **nothing}.get(sight.name, set())


def test_screen__nothing_is_cut(sight: Sight, opened: Opened) -> None:
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= sight.width
    assert opened.cut() == []


def test_screen__keeps_nobody_out(opened: Opened) -> None:
    assert grave_findings(opened.page) == []
