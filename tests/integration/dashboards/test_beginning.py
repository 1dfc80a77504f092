"""Before the first refresh, when there are no marts yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from core.settings import Settings
from tests.harness.browser import chromium, signed_in
from tests.harness.database import Database
from tests.harness.superset import Superset, running_superset, with_dashboards
from tests.integration.dashboards.figures import ADMIN, TEACHER

MARTS = """
select relname from pg_class
where relnamespace = 'marts'::regnamespace and relkind = 'r' and relowner = 'lyceum_transform'::regrole
"""
IN_WORDS = "Nothing here yet, or nothing under these filters."

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def superset(server: Settings, edition: str, server_folder: Path, tmp_path: Path) -> Iterator[Superset]:
    with with_dashboards(server, edition, server_folder) as database:
        unmake_marts(database)
        with running_superset(server, database, tmp_path) as superset:
            yield superset


def unmake_marts(database: Database) -> None:
    with database.admin() as connection:
        names = [name for (name,) in connection.execute(MARTS).fetchall()]
        assert "mart_course_weeks" in names
        for name in names:
            connection.execute(sql.SQL("drop table {} cascade").format(sql.Identifier("marts", name)))


@pytest.mark.parametrize(("slug", "person"), [("course-overview", TEACHER), ("tenant-overview", ADMIN)])
def test_dashboard__says_so_in_words(slug: str, person: str, superset: Superset) -> None:
    with chromium() as browser, signed_in(browser, superset, person) as opened:
        opened.open(slug)
        assert opened.problems == []
        assert {answer["rowcount"] for answer in opened.told.values()} == {0}
        shown = opened.page.evaluate(
            "[...document.querySelectorAll('.ant-empty-description')]"
            ".map((one) => getComputedStyle(one, '::after').content)"
        )
        assert len(shown) > 5
        assert {one.strip('"') for one in shown} == {IN_WORDS}
        assert "does not exist" not in opened.page.inner_text("body")
