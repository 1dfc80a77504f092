"""What is chosen changes what is shown: filters, a click on a name, and the way from a tenant to one learner."""

import pytest
from playwright.sync_api import Browser

from tests.harness.browser import signed_in
from tests.harness.superset import Superset
from tests.integration.dashboards.figures import ADMIN, OF_COURSE, TEACHER, TENANT

EVERYBODY, LESSONS, RANKING = "How far is each learner?", "Which lessons are done?", "Which courses are completed?"
IN_COHORT = f"select count(*) from marts.mart_learner_summary where {OF_COURSE} and cohort = %(cohort)s"
# Not the one that is shown at first.
AT_RISK_COURSE = f"""
select title from marts.mart_course_comparison where {TENANT} and at_risk > 3 and completed > 2
order by enrolled desc, title offset 1 limit 1
"""
DONE_BY = f"""
select to_char(completed_at at time zone 'Europe/Berlin', 'DD Mon YYYY HH24:MI')
from marts.fct_lesson_completion
inner join marts.dim_learner using (tenant_id, learner_key)
where {TENANT.replace("tenant_id", "fct_lesson_completion.tenant_id", 1)} and name = %(learner)s
    and course_id = (select course_id from marts.dim_course where {TENANT} and title = %(course)s)
order by completed_at desc limit 10
"""

pytestmark = pytest.mark.timeout(600)


def test_filter__narrows_every_chart_that_has_its_column(browser: Browser, superset: Superset) -> None:
    with signed_in(browser, superset, TEACHER) as opened:
        opened.open("learners")
        course, cohort = opened.chosen("Course"), opened.rows(EVERYBODY)[0][2]
        before = len(opened.rows(EVERYBODY))
        opened.choose("Cohort", cohort, changed=EVERYBODY)
        rows = opened.rows(EVERYBODY)
        assert {row[2] for row in rows} == {cohort}
        assert len(rows) == min(20, number(superset, IN_COHORT, course=course, cohort=cohort)) <= before
        assert opened.problems == []


def test_click__on_a_name_narrows_the_others_and_a_second_one_takes_it_back(
    browser: Browser, superset: Superset
) -> None:
    with signed_in(browser, superset, ADMIN) as opened:
        opened.open("tenant-overview")
        ranking = opened.number(RANKING)
        courses = opened.told[ranking]["rowcount"]
        assert courses > 1
        course = opened.rows("Which courses need attention?")[0][0]
        opened.click("Which courses need attention?", course, changed=RANKING)
        assert [row["course"] for row in opened.told[ranking]["data"]] == [course]
        opened.click("Which courses need attention?", course, changed=RANKING)
        assert opened.told[ranking]["rowcount"] == courses
        assert opened.problems == []


def test_drill__from_the_tenant_to_a_course_to_one_learners_days(browser: Browser, superset: Superset) -> None:
    with signed_in(browser, superset, ADMIN) as opened:
        opened.open("tenant-overview")
        course = text(superset, AT_RISK_COURSE)
        opened.click("Which courses need attention?", course, changed=RANKING)
        opened.follow("See one course")
        opened.wait_chosen("Course", course)
        learner = opened.rows("Who needs attention, and why?")[0][0]
        opened.click("Who needs attention, and why?", learner, changed="How many learn each day?")
        opened.follow("See the learners")
        opened.wait_chosen("Course", course)
        opened.wait_chosen("Learner", learner)
        assert {row[0] for row in opened.rows(EVERYBODY)} == {learner}
        shown = opened.rows(LESSONS)
        assert {row[1] for row in shown} <= {learner}
        assert [row[0] for row in shown] == column(superset, DONE_BY, course=course, learner=learner)
        assert opened.problems == []


def test_follow__takes_what_was_chosen_last_while_charts_were_still_drawn(browser: Browser, superset: Superset) -> None:
    with signed_in(browser, superset, ADMIN) as opened:
        opened.open("tenant-overview")
        names = opened.holder("Which courses need attention?").locator("tbody tr td:first-child")
        slow = {"offline": False, "latency": 800, "downloadThroughput": -1, "uploadThroughput": -1}
        opened.page.context.new_cdp_session(opened.page).send("Network.emulateNetworkConditions", slow)
        given_up, chosen = names.nth(0), names.nth(1)
        title = chosen.inner_text()
        assert given_up.inner_text() != title
        given_up.click()
        opened.page.wait_for_timeout(300)
        chosen.click()
        # Superset tries three times again what it gave up.
        opened.page.wait_for_timeout(6000)
        opened.follow("See one course")
        opened.wait_chosen("Course", title)


def number(superset: Superset, query: str, **given: str | None) -> int:
    return int(column(superset, query, **given)[0])


def text(superset: Superset, query: str, **given: str | None) -> str:
    return str(column(superset, query, **given)[0])


def column(superset: Superset, query: str, **given: str | None) -> list[str]:
    with superset.database.admin() as connection:
        return [str(row[0]) for row in connection.execute(query, given).fetchall()]
