"""Makes docs/pictures from a running demo: `python docs/pictures.py URL NAME PASSWORD [SLUG ...]`, as that person."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
SLUGS = ("course-overview", "learners", "assessments", "videos", "tenant-overview", "course-comparison", "compliance")
PATIENCE = 60_000
DRAWN = "() => !document.querySelector('.loading') && document.querySelectorAll('.slice_container').length > 3"


def main(url: str, name: str, password: str, *slugs: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1800})
        sign_in(page, url, name, password)
        for slug in slugs or SLUGS:
            page.goto(f"{url}/superset/dashboard/{slug}/")
            page.wait_for_selector(".dashboard-component-chart-holder", timeout=PATIENCE)
            page.wait_for_function(DRAWN, timeout=PATIENCE)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / f"{slug}.png")
        browser.close()


def sign_in(page: Page, url: str, name: str, password: str) -> None:
    page.goto(f"{url}/login/", wait_until="networkidle")
    page.fill("input[name='username']", name)
    page.fill("input[type='password']", password)
    page.click("button[type='submit']")
    page.wait_for_url(lambda address: "/login" not in address)


if __name__ == "__main__":
    main(*sys.argv[1:])
