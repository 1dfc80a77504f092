"""Makes docs/pictures from a running demo: `python docs/pictures.py URL NAME PASSWORD [SLUG ...]`, as that person."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
SLUGS = ("course-overview", "learners", "assessments", "videos", "tenant-overview", "course-comparison", "compliance")
PATIENCE = 60_000
DRAWN = "() => !document.querySelector('.loading') && document.querySelector('.slice_container')"


def main(url: str, name: str, password: str, *slugs: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 3600})
        sign_in(page, url, name, password)
        for slug in slugs or SLUGS:
            page.goto(f"{url}/superset/dashboard/{slug}/")
            page.wait_for_selector(".dashboard-component-chart-holder", timeout=PATIENCE)
            page.wait_for_function(DRAWN, timeout=PATIENCE)
            # Lines and bars grow for a moment.
            page.wait_for_timeout(2000)
            page.screenshot(path=PICTURES / f"{slug}.png", clip={"x": 0, "y": 0, "width": 1280, "height": 1800})
        browser.close()


def sign_in(page: Page, url: str, name: str, password: str) -> None:
    page.goto(f"{url}/login/")
    page.wait_for_selector("input[type='password']", timeout=PATIENCE)
    page.fill("input#username, input[name='username']", name)
    page.fill("input[type='password']", password)
    page.click("button[type='submit']")
    page.wait_for_url(lambda address: "/login" not in address)


if __name__ == "__main__":
    main(*sys.argv[1:])
