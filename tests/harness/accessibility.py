"""What axe-core finds in an open page that would keep somebody out."""

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = frozenset({"serious", "critical"})

# Of Superset's own, and out of reach of a theme, a style sheet or a setting: each with why it is let pass.
NOT_OURS: dict[str, str] = {}


def grave_findings(page: Page, not_ours: Sequence[str] = tuple(NOT_OURS)) -> list[str]:
    """A rule that is broken, with the first places where it is."""
    found: dict[str, Any] = Axe().run(page, {"exclude": [[place] for place in not_ours]} if not_ours else None).response
    return [_told(one) for one in found["violations"] if one["impact"] in GRAVE]


def _told(violation: dict[str, Any]) -> str:
    places = [f"{node['html'][:300]} ({' '.join(map(str, node['target']))})" for node in violation["nodes"][:3]]
    return f"{violation['id']}, {len(violation['nodes'])} times: {'; '.join(places)}"
