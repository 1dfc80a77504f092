"""Names that are written to harm whoever looks: shown as they are, run nowhere, and no formula in a downloaded file."""

import csv
import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.harness.browser import signed_in
from tests.harness.superset import Superset
from tests.security.superset.knocking import doors, post

ADMIN = "riverside/admin@riverside.example"
RUNS = (
    "<img src=x onerror=window.harmed=1>",
    "<script>window.harmed=2</script>",
    "'\"><svg onload=window.harmed=3>",
    "<a href='https://harm.example/'>click</a>",
    "<style>body{display:none}</style>",
    "{{constructor.constructor('window.harmed=4')()}}",
    "javascript:window.harmed=5",
    "<iframe srcdoc='<script>parent.harmed=6</script>'></iframe>",
    "it's ! a (rison) 'name'",
)
FORMULAS = ("=1+cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)")
EVERYBODY, ATTENTION = "How far is each learner?", "Who needs attention, and why?"
RENAME = """
update marts.dim_learner set name = chosen.name
from (
    select learner_key, (%(names)s::text[])[1 + (row_number() over (order by learner_key)) %% %(count)s] as name
    from marts.dim_learner where tenant_id = %(tenant)s
) as chosen
where tenant_id = %(tenant)s and dim_learner.learner_key = chosen.learner_key
"""
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", autouse=True)
def _hostile(superset: Superset) -> Iterator[None]:
    """All learners of a school are called so, until the tests of this file are over."""
    names = [*RUNS, *FORMULAS]
    with superset.database.admin() as connection:
        (tenant,) = connection.execute("select tenant_id from control.tenants where slug = 'riverside'").fetchall()[0]
        before = connection.execute(
            "select learner_key, name from marts.dim_learner where tenant_id = %s", [tenant]
        ).fetchall()
        connection.execute(RENAME, {"names": names, "count": len(names), "tenant": tenant})
        connection.commit()
        yield
        connection.cursor().executemany(
            "update marts.dim_learner set name = %s where tenant_id = %s and learner_key = %s",
            [(name, tenant, key) for key, name in before],
        )


@pytest.mark.parametrize("dashboard", ["course-overview", "learners", "assessments"])
def test_dashboard__shows_them_as_text_and_runs_nothing(browser: Browser, superset: Superset, dashboard: str) -> None:
    with signed_in(browser, superset, ADMIN) as opened:
        opened.open(dashboard)
        assert opened.page.evaluate("window.harmed") is None
        assert opened.page.locator("a[href*='harm.example'], [srcdoc], svg[onload], img[onerror]").count() == 0
        # What Superset itself hands to the page as HTML, the page's policy refuses to run.
        assert [one for one in opened.problems if "has been blocked" not in one] == []
        if dashboard == "learners":
            assert len({row[0] for row in opened.rows(EVERYBODY)} & {*RUNS, *FORMULAS}) > 5


def test_link__takes_such_a_name_along(browser: Browser, superset: Superset) -> None:
    with signed_in(browser, superset, ADMIN) as opened:
        opened.open("course-overview")
        shown = [row[0] for row in opened.rows(ATTENTION)]
        name = next(one for one in shown if one in {*RUNS, *FORMULAS})
        opened.click(ATTENTION, name, changed="How many learn each day?")
        opened.follow("See the learners")
        opened.wait_chosen("Learner", name)
        assert {row[0] for row in opened.rows(EVERYBODY)} == {name}
        assert opened.page.evaluate("window.harmed") is None


def test_csv__has_no_cell_that_a_spreadsheet_would_compute(superset: Superset) -> None:
    seen: set[str] = set()
    with superset.signed_in(ADMIN) as client:
        for door in doors(superset.database, "Tenant admin"):
            if "learner" not in door.dataset.columns:
                continue
            answer = post(client, door.ask({"columns": ["learner"]}, result_format="csv"))
            assert answer.status_code == 200, answer.text
            head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
            assert [one.lower() for one in head] == ["learner"], head
            seen |= {row[0] for row in rows if row}
    # A bar within it is escaped, too.
    assert {f"'{formula[:4]}" for formula in FORMULAS} <= {one[:5] for one in seen}, seen
    assert [one for one in seen if one.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
