"""A real browser in front of dashboards: what each chart was told, what is on the screen, what went wrong."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.harness.superset import Superset

PATIENCE = 60
LOADING = ".loading, [data-test='loading-indicator'], [aria-label='Loading']"
CHART = ".dashboard-component-chart-holder"
# A text is in a holder, too.
DRAWING = "[class*='dashboard-chart-id-']"
HEIGHT = 900
CUT = """
() => [...document.querySelectorAll(
    ".dashboard-component-chart-holder :is(.header-title, .header-line, .subheader-line, .subtitle-line)"
)].filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)
"""


@dataclass
class Opened:
    """A dashboard in the browser. By the id of a chart, what it `asked` and was `told` last."""

    page: Page
    url: str
    asked: dict[int, dict[str, Any]] = field(default_factory=dict)
    told: dict[int, dict[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    charts: int = 0
    _asked_before: dict[int, dict[str, Any]] = field(default_factory=dict)

    def open(self, slug: str) -> None:
        self.told.clear()
        self.problems.clear()
        self.page.goto(f"{self.url}/superset/dashboard/{slug}/", wait_until="domcontentloaded")
        self._arrive()

    def follow(self, link: str) -> None:
        """To another dashboard."""
        self.told.clear()
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.get_by_role("link", name=link).click()
        self._arrive()

    def _arrive(self) -> None:
        self.page.wait_for_selector(CHART, timeout=PATIENCE * 1000)
        self.charts = self.page.locator(DRAWING).count()
        self.settle()

    def settle(self, changed: str | None = None) -> None:
        """Charts that are not on the screen wait until they are. Not all of them ask anew if only one has `changed`."""
        height = self.page.evaluate("document.querySelector('.dashboard-content')?.scrollHeight ?? 0")
        self.page.set_viewport_size({"width": self.width, "height": max(HEIGHT, int(height) + 400)})
        ends = time.monotonic() + PATIENCE
        awaited = self.number(changed) if changed else None
        while not self._is_drawn(awaited):
            assert time.monotonic() < ends, f"{len(self.told)} of {self.charts} charts are drawn after {PATIENCE} s"
            # Not a sleep: meanwhile Playwright tells what it hears.
            self.page.wait_for_timeout(100)

    @property
    def width(self) -> int:
        size = self.page.viewport_size
        assert size is not None
        return size["width"]

    def holder(self, title: str) -> Locator:
        return self.page.locator(CHART).filter(has=self.page.get_by_text(title, exact=True)).first

    def figure(self, title: str) -> str:
        """What a tile says in large."""
        figure = self.holder(title).locator(".header-line")
        return figure.first.inner_text().replace("No data", "N/A") if figure.count() else "N/A"

    def choose(self, label: str, value: str, *, changed: str | None = None) -> None:
        """In one of the filters, and apply it."""
        self._filter(label).locator(".ant-select").first.click()
        self.page.keyboard.type(value)
        self.page.locator(f".ant-select-item-option[title='{value}']").first.click()
        self.page.keyboard.press("Escape")
        self._forget()
        self.page.locator("[data-test='filter-bar__apply-button']").click()
        self.settle(changed)

    def chosen(self, label: str) -> str | None:
        """In one of the filters, if there is one."""
        found = self._filter(label).locator(".ant-select-selection-item")
        return found.first.inner_text() if found.count() else None

    def wait_chosen(self, label: str, value: str) -> None:
        """A filter is drawn when it knows what there is to choose, which may be after the charts."""
        shown = self._filter(label).locator(".ant-select-selection-item").get_by_text(value, exact=True)
        shown.first.wait_for(timeout=PATIENCE * 1000)

    def rows(self, title: str) -> list[list[str]]:
        """Of the page of a table that is shown."""
        lines = self.holder(title).locator("tbody tr").all()
        return [[cell.strip() for cell in line.locator("td").all_inner_texts()] for line in lines]

    def click(self, title: str, text: str, *, changed: str) -> None:
        """On a name in a table, which narrows other charts to it, one of them `changed`."""
        self._forget()
        self.holder(title).locator("tbody td").get_by_text(text, exact=True).first.click()
        self.settle(changed)

    def cut(self) -> list[str]:
        """Titles, and what tiles say, that do not fit where they stand."""
        found: list[str] = self.page.evaluate(CUT)
        return found

    def number(self, title: str) -> int:
        """A chart's id."""
        drawing = self.holder(title).evaluate(
            f"one => (one.closest(`{DRAWING}`) ?? one.querySelector(`{DRAWING}`))?.className"
        )
        found = re.search(r"dashboard-chart-id-(\d+)", drawing or "")
        assert found, f"{title} has no chart"
        return int(found[1])

    def empty(self, slug: str) -> set[str]:
        """The titles of charts that were told of no rows."""
        listed = self.page.request.get(f"{self.url}/api/v1/dashboard/{slug}/charts").json()["result"]
        titles = {one["id"]: one["slice_name"] for one in listed}
        return {titles[chart] for chart, answer in self.told.items() if not answer["rowcount"]}

    def _filter(self, label: str) -> Locator:
        name = self.page.locator("[data-test='filter-control-name']").get_by_text(label, exact=True)
        return self.page.locator(".filter-item-wrapper").filter(has=name)

    def _forget(self) -> None:
        self.told.clear()
        self._asked_before = dict(self.asked)

    def _is_drawn(self, awaited: int | None) -> bool:
        is_told = len(self.told) >= self.charts if awaited is None else self._is_told_anew(awaited)
        return is_told and self.page.locator(LOADING).count() == 0

    def _is_told_anew(self, chart: int) -> bool:
        """A late answer to what was asked before is not the change that is waited for."""
        before, now = (of.get(chart, {}).get("queries") for of in (self._asked_before, self.asked))
        return chart in self.told and now != before

    def hear(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status} {response.url}")
        if "/api/v1/chart/data" in response.url and response.status == 200:
            chart = _chart_of(response)
            if chart is not None and (answers := _answers(response)):
                self.asked[chart] = response.request.post_data_json or {}
                self.told[chart] = max(answers, key=lambda one: int(one["rowcount"]))

    def hear_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(message.text)


@contextmanager
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "chromium is missing: python3 requirements/install.py dev"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def browser_fixture() -> Any:
    """One for a file's tests."""

    @pytest.fixture(scope="module")
    def browser() -> Iterator[Browser]:
        with chromium() as browser:
            yield browser

    return browser


@contextmanager
def signed_in(
    browser: Browser, superset: Superset, user_name: str, *, width: int = 1280, scheme: str = "light"
) -> Iterator[Opened]:
    with superset.signed_in(user_name) as client:
        agent = client.headers["User-Agent"]
        cookies = [{"name": name, "value": value, "url": superset.url} for name, value in client.cookies.items()]
    # A session holds for the browser it began in, so this one calls itself the same.
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme="dark" if scheme == "dark" else "light",
        user_agent=agent,
    )
    try:
        context.add_cookies(cookies)  # type: ignore[arg-type]
        opened = Opened(context.new_page(), superset.url)
        opened.page.on("response", opened.hear)
        opened.page.on("console", opened.hear_console)
        opened.page.on("pageerror", lambda error: opened.problems.append(str(error)))
        yield opened
    finally:
        context.close()


def _answers(response: Response) -> list[dict[str, Any]]:
    try:
        result: list[dict[str, Any]] = response.json()["result"]
    except PlaywrightError:
        # The page went elsewhere before it had all of it.
        return []
    return result


def _chart_of(response: Response) -> int | None:
    """None: a filter that asks what there is to choose."""
    form = parse_qs(urlsplit(response.url).query).get("form_data")
    told: dict[str, Any] = json.loads(form[0]) if form else (response.request.post_data_json or {})["form_data"]
    return told.get("slice_id")
