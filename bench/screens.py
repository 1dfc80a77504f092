"""Dashboards in a real browser: how long until the last chart is drawn, and what each chart asks."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, Request, Response, sync_playwright

PATIENCE = 120_000
WIDTH, HEIGHT = 1280, 3600
CHART = "[class*='dashboard-chart-id-']"
DATA = "/api/v1/chart/data"
LOADING = ".loading, [data-test='loading-indicator'], [aria-label='Loading']"

Payload = dict[str, Any]


class Asked(NamedTuple):
    seconds: float
    # By the id of a chart.
    payloads: dict[int, Payload]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def sign_in(browser: Browser, url: str, name: str, password: str) -> Page:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}/login/")
    page.fill("input#username, input[name='username']", name)
    page.fill("input[type='password']", password)
    page.click("button[type='submit']")
    page.wait_for_url(lambda address: "/login" not in address, wait_until="load")
    return page


def open_dashboard(page: Page, url: str, slug: str) -> Asked:
    asked: dict[int, Payload] = {}

    def hear(response: Response) -> None:
        if DATA in response.url and (chart := _chart_of(response.request)):
            asked[chart] = response.request.post_data_json or {}

    page.on("response", hear)
    began = time.perf_counter()
    page.goto(f"{url}/superset/dashboard/{slug}/", wait_until="commit")
    page.wait_for_selector(CHART)
    charts = page.locator(CHART).count()
    while len(asked) < charts or page.locator(LOADING).count():
        if (time.perf_counter() - began) * 1000 > PATIENCE:
            raise RuntimeError(f"of the dashboard {slug}, {len(asked)} of {charts} charts were drawn")
        page.wait_for_timeout(20)
    seconds = time.perf_counter() - began
    page.remove_listener("response", hear)
    return Asked(seconds, asked)


def sql_of(page: Page, url: str, payload: Payload) -> list[str]:
    """What the database would be asked for that person."""
    token = page.request.get(f"{url}/api/v1/security/csrf_token/").json()["result"]
    answer = page.request.post(
        f"{url}{DATA}",
        data=json.dumps(payload | {"result_type": "query"}),
        headers={"X-CSRFToken": token, "Content-Type": "application/json", "Referer": url},
    )
    return [str(one["query"]) for one in answer.json()["result"] if one.get("query")]


def _chart_of(request: Request) -> int | None:
    form = parse_qs(urlsplit(request.url).query).get("form_data")
    told: dict[str, Any] = json.loads(form[0]) if form else (request.post_data_json or {}).get("form_data", {})
    return told.get("slice_id")
