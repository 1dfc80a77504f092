"""What the screen says is what the marts say."""

from collections import Counter

import pytest
from playwright.sync_api import Browser

from dashboards.reading import read_assets
from tests.harness.browser import Opened, signed_in
from tests.harness.superset import Superset
from tests.integration.dashboards.figures import BOARDS, Board

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.slug)
def test_numbers__are_what_the_marts_say(board: Board, browser: Browser, superset: Superset) -> None:
    with signed_in(browser, superset, board.person) as opened:
        opened.open(board.slug)
        assert [opened.figure(title) for title in board.tiles] == figures(superset, board, opened)
        shown = [tuple(cells) for cells in opened.rows(board.table)]
        told = rows(superset, board, opened)
        assert len(shown) == min(len(told), board.page) > 0
        assert Counter(shown) - Counter(told) == Counter()


def test_numbers__of_every_dashboard() -> None:
    assert {board.slug.replace("-", "_") for board in BOARDS} == read_assets().dashboards.keys()


def figures(superset: Superset, board: Board, opened: Opened) -> list[str]:
    with superset.database.admin() as connection:
        row = connection.execute(board.figures, {"course": opened.chosen("Course")}).fetchone()
    assert row is not None
    return [form(value) for form, value in zip(board.tiles.values(), row, strict=True)]


def rows(superset: Superset, board: Board, opened: Opened) -> list[tuple[str, ...]]:
    with superset.database.admin() as connection:
        found = connection.execute(board.rows, {"course": opened.chosen("Course")}).fetchall()
    return [tuple(form(value) for form, value in zip(board.columns, row, strict=True)) for row in found]
