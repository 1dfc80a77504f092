import pytest

from core.settings import Settings
from core.settings.model import DagsterSettings, SupersetSettings
from lrs.landing import content_policy, places, wants_json


def test_places__on_ones_own_machine() -> None:
    settings = Settings(superset=SupersetSettings(port=8402), dagster=DagsterSettings(port=8401))
    assert places(settings) == {
        "Dashboards": "http://127.0.0.1:8402",
        "Dagster": "http://127.0.0.1:8401",
        "Metrics": "http://127.0.0.1:8400/metrics",
    }


def test_places__an_address_before_a_port() -> None:
    settings = Settings(superset=SupersetSettings(port=8402, url="https://boards.example"))
    assert places(settings)["Dashboards"] == "https://boards.example"


def test_places__what_does_not_run_is_not_named() -> None:
    assert list(places(Settings())) == ["Metrics"]


def test_policy__changes_with_what_is_written_in_the_page() -> None:
    page = "<style>a {}</style><script>one()</script>"
    assert content_policy(page) != content_policy(page.replace("one", "two"))
    assert content_policy(page) == content_policy(page + "<p>text</p>")


@pytest.mark.parametrize(
    ("accept", "wants"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", True),
        ("application/json, text/plain, */*", True),
        ("text/html,application/xhtml+xml,application/json;q=0.1", False),
    ],
)
def test_wants_json(accept: str, wants: bool) -> None:
    assert wants_json(accept) is wants
