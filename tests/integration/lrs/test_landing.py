"""The page at the root: for people and for scripts, with nothing in it that is anybody's secret."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page
from pydantic import SecretStr

from core.settings import Settings
from local.ports import find_free
from tests.harness.browser import browser_fixture
from tests.harness.database import Database
from tests.harness.lrs import Lrs, running_lrs
from tests.harness.statements import make_statement
from tests.harness.waiting import wait_until

JSON = {"Accept": "application/json"}
# A text on what is behind it, of the normal size: WCAG's AA.
LEAST_CONTRAST = 4.5
CONTRASTS = """() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (text) => {
    const [r, g, b] = channels(text).slice(0, 3)
      .map((one) => one / 255).map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("h1, h2, p, li, dt, dd, a, code, span")].map((node) => {
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
    return [node.textContent, (a + 0.05) / (b + 0.05)];
  });
}"""

browser = browser_fixture()


def test_landing__is_a_page_that_fetches_nothing(lrs: Lrs) -> None:
    answer = httpx.get(f"{lrs.url}/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "src=" not in answer.text
    assert f"{lrs.url}/xAPI" not in answer.headers["content-security-policy"]


def test_landing__tells_scripts_the_same(lrs: Lrs) -> None:
    answer = httpx.get(f"{lrs.url}/", headers=JSON)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["vary"] == "Accept"
    told = answer.json()
    assert told["status"] == "ok"
    assert told["database"] == "ok"
    assert told["endpoint"].endswith("/xAPI")
    assert told["statements_per_minute"] == 0


def test_landing__counts_what_came_within_a_minute(lrs: Lrs) -> None:
    with lrs.client(lrs.database.tenant("school")) as client:
        assert client.post("/statements", json=[make_statement() for _ in range(7)]).status_code == 200
    wait_until(lambda: httpx.get(f"{lrs.url}/", headers=JSON).json()["statements_per_minute"] == 7, 5)


def test_landing__names_no_tenant_and_no_secret(lrs: Lrs, server: Settings) -> None:
    with lrs.client(lrs.database.tenant("secretive")) as client:
        client.post("/statements", json=make_statement())
        texts = [httpx.get(f"{lrs.url}/", headers=headers).text for headers in ({}, JSON)]
        hidden = ["secretive", *client.credentials, str(server.home)]
    secrets = [server.secret_key, server.database.password_lrs, server.database.url]
    hidden += [secret.get_secret_value() for secret in secrets if secret]
    assert [word for word in hidden for text in texts if word in text] == []


def test_landing__head_and_cors_as_elsewhere(lrs: Lrs) -> None:
    head = httpx.head(f"{lrs.url}/", headers={"Origin": "https://content.example"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["access-control-allow-origin"] == "https://content.example"
    assert httpx.options(f"{lrs.url}/").headers["allow"] == "GET, HEAD, OPTIONS"
    refused = httpx.post(f"{lrs.url}/")
    assert (refused.status_code, refused.json()["error"]) == (405, "method_not_allowed")


def test_landing__in_production_only_what_is_public(server: Settings, database: Database, tmp_path: Path) -> None:
    given = {
        "LYCEUM_MODE": "production",
        "LYCEUM_SECRET_KEY": "k" * 40,
        "LYCEUM_KAFKA_BOOTSTRAP": "127.0.0.1:9",
        "LYCEUM_PUBLIC_URL": "https://learn.example",
        "LYCEUM_SUPERSET_URL": "https://boards.example",
        "LYCEUM_SUPERSET_PORT": "8402",
        "LYCEUM_DAGSTER_PORT": "8401",
        "LYCEUM_DATABASE_PASSWORD_LRS": password(server.database.password_lrs),
    }
    with running_lrs(server, database, find_free(set()), tmp_path / "lrs.log", **given) as lrs:
        told = httpx.get(f"{lrs.url}/", headers=JSON)
        assert told.json()["places"] == {"Dashboards": "https://boards.example"}
        assert told.json()["endpoint"] == "https://learn.example/xAPI"
        assert "127.0.0.1" not in told.text + httpx.get(f"{lrs.url}/").text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_landing__in_a_browser(width: int, scheme: str, lrs: Lrs, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page, problems = context.new_page(), []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(message.text)

    page.on("console", hear)
    page.goto(f"{lrs.url}/")
    with lrs.client(lrs.database.tenant("school")) as client:
        client.post("/statements", json=[make_statement() for _ in range(3)])
    page.get_by_text("3", exact=True).wait_for(timeout=10_000)
    page.screenshot(path=tmp_path / f"landing-{scheme}-{width}.png", full_page=True)
    assert problems == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faint_texts(page) == []
    context.close()


def faint_texts(page: Page) -> list[str]:
    return [text for text, contrast in page.evaluate(CONTRASTS) if contrast < LEAST_CONTRAST]


def password(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
