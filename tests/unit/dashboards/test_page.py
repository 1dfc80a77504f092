from pathlib import Path

from dashboards.page import page

DOCS = Path(__file__).parents[3] / "docs"


def test_page__is_as_the_files_say() -> None:
    assert (DOCS / "dashboards.md").read_text(encoding="utf-8") == page()
